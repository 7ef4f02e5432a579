"""Without a command: where to deploy is chosen first, on a screen or by lines; what cannot begin leads back there."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sprocket_tui import settings
from sprocket_tui.commands import profiles
from sprocket_tui.commands.offers import offers
from sprocket_tui.errors import NeedsAnswer, SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.faces import first
from sprocket_tui.faces.tui.fit import fit
from sprocket_tui.faces.tui.offer import Chosen, Found, Offer
from sprocket_tui.faces.tui.spans import sentence
from sprocket_tui.guide.loader import load_guide

# Those that are a screen unless they are told otherwise.
_SHOWN = ("practice", "run", "resume")
# How often is asked whether a look has ended, in seconds.
_POLL = 0.1


class Choosing:
    """What was chosen, and why that could not begin; empty until then."""

    def __init__(self, theme: str = "", *, low_bandwidth: bool = False) -> None:
        """`theme` and `low_bandwidth` are those of the first screen, and of the walk that is begun there."""
        self.chosen = Chosen()
        self.refused = ""
        self._theme, self._low_bandwidth = theme, low_bandwidth

    def choose(self, _options: argparse.Namespace) -> int:
        """Asks for a command line, empty where somebody leaves, and returns the exit code. Raises SprocketError."""
        refused, self.refused = self.refused, ""
        if fit(sys.stdin, sys.stdout):
            self.chosen = _by_lines(refused)
            return Exit.GO
        # Textual is imported only where a screen is shown.
        from sprocket_tui.commands import connect  # noqa: PLC0415

        code, chosen = connect.choose(self.chosen, refused, self._theme, low_bandwidth=self._low_bandwidth)
        if chosen.line and chosen.line[0] in _SHOWN:
            chosen = replace(chosen, line=(*chosen.line, *self._appearance()))
        self.chosen = chosen
        return code

    def _appearance(self) -> tuple[str, ...]:
        """How the screen looks, as options of a command that is one."""
        return (*(("--theme", self._theme) if self._theme else ()), *(("--low-bandwidth",) * self._low_bandwidth))

    def refuse(self, error: SprocketError) -> None:
        """What was chosen cannot begin: it is told where something else can be chosen."""
        self.refused = " ".join(sentence(each) for each in (error.message, error.remedy) if each)


def _by_lines(refused: str) -> Chosen:
    guide, said = load_guide(), refused
    # What a look found to be the way to open a target, by its name.
    opens: dict[str, tuple[str, ...]] = {}
    while True:
        offered = _as_found(offers(guide), opens)
        for line in first.question(f"{guide.name} {guide.version}", offered, said):
            sys.stdout.write(f"{line}\n")
        match _answer(offered):
            case first.Taken(offer, line):
                return Chosen((line[0], "--plain", *line[1:]) if line[0] in _SHOWN else line, offer.name)
            case first.Look(offer):
                found = _look(offer)
                said = " ".join(found.told)
                if found.opens:
                    opens[offer.name] = found.opens
            case first.New():
                said = _new()
            case first.Left():
                return Chosen()


def _as_found(offered: Sequence[Offer], opens: Mapping[str, tuple[str, ...]]) -> list[Offer]:
    return [replace(each, opens=opens.get(each.name, each.opens)) for each in offered]


def _look(offer: Offer) -> Found:
    """Waits for a look, which ends by itself, and says what it does meanwhile. An interrupt ends it and the program."""
    assert offer.look
    looking, told = offer.look(), ""
    try:
        while (found := looking.found()) is None:
            if looking.doing != told:
                told = looking.doing
                sys.stdout.write(f"{offer.name}: {told}\n")
                sys.stdout.flush()
            time.sleep(_POLL)
    finally:
        looking.stop()
    return found


def _answer(offered: Sequence[Offer]) -> first.Taken | first.Look | first.New | first.Left:
    """What is typed, asked for again until it is an answer."""
    while True:
        found = first.answer(_line(first.ASKS), offered)
        if not isinstance(found, first.Wrong):
            return found
        sys.stdout.write(f"{found.said}\n")


def _new() -> str:
    """Makes a profile by questions, and says so; what does not fit is said instead."""
    name = _line(first.NAME)
    if not name:
        return first.NONE_MADE
    if wrong := profiles.bad_name(name, settings.profiles()):
        return sentence(wrong)
    return sentence(f"saved profile {name} in {settings.save(name, profiles.by_questions())}")


def _line(asks: str) -> str:
    sys.stdout.write(asks)
    sys.stdout.flush()
    said = sys.stdin.readline()
    if not said:
        sys.stdout.write("\n")
        raise NeedsAnswer("target", "the terminal was closed; nothing was begun")
    return said.strip()
