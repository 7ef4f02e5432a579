"""The first question as lines of text: where to deploy, by number."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sprocket_tui.faces.tui.offer import NEW, PRODUCTION, Offer
from sprocket_tui.terminal import one_line

ASKS = "Number, c or l and a number, or q: "
NAME = "Name of the environment, as in staging (empty: none): "
NONE_MADE = "No profile was made."
# Below the names, beside the numbers.
_INDENT = " " * 5
_WIDEST = 100


@dataclass(frozen=True)
class Taken:
    """An offer, and the command line that was chosen of it."""

    offer: Offer
    line: tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """What stands at an offer is looked at first."""

    offer: Offer


@dataclass(frozen=True)
class New:
    """A new target."""


@dataclass(frozen=True)
class Left:
    """Nothing was chosen."""


@dataclass(frozen=True)
class Wrong:
    """An answer that is none, and what would be."""

    said: str


def question(guide: str, offered: Sequence[Offer], said: str) -> Iterator[str]:
    """Every offer with its number and what is known of it; `said` is about what was chosen before."""
    width = min(shutil.get_terminal_size().columns, _WIDEST) - 1
    yield ""
    yield f"sprocket-tui, guide {guide}"
    yield "Where do we deploy?"
    for number, each in enumerate((*offered, NEW), start=1):
        what = ", ".join(filter(None, [PRODUCTION if each.production else "", *each.what.split("  ")]))
        yield from _wrapped(f"{each.name}: {what}", width, f"{number:3}  ")
        yield from _wrapped(by_number(each.known), width, _INDENT)
    # Next to what is typed, where it is read.
    yield from _wrapped(by_number(said), width, "")
    yield "A number opens that one; c2 only checks it, l2 looks what is there; q leaves."


def by_number(text: str) -> str:
    """What is said of Enter on a screen, of the number that stands for it here."""
    return re.sub(r"\bEnter (?=[a-z])", "Its number ", text)


def answer(said: str, offered: Sequence[Offer]) -> Taken | Look | New | Left | Wrong:
    """What a line that was typed means."""
    if said.lower() in ("q", "quit", "exit"):
        return Left()
    found = re.fullmatch(r"(?P<does>[cl]?)\s*(?P<number>[0-9]{1,4})", said.lower())
    number = int(found["number"]) if found else 0
    if found is None or not 1 <= number <= len(offered) + 1:
        return Wrong(f"Type a number from 1 to {len(offered) + 1}, c or l before one, or q to leave.")
    does = found["does"]
    if number == len(offered) + 1:
        return Wrong("A new target has nothing to be checked or looked at yet.") if does else New()
    offer = offered[number - 1]
    if does == "l":
        return Look(offer) if offer.look is not None else Wrong(f"{offer.name} is not looked at; its number opens it.")
    if not does:
        return Taken(offer, offer.opens)
    return Taken(offer, offer.checks) if offer.checks else Wrong(f"{offer.name} has no checks of its own.")


def _wrapped(text: str, width: int, lead: str) -> list[str]:
    indent = " " * len(lead)
    return textwrap.wrap(one_line(text), width, initial_indent=lead, subsequent_indent=indent, break_on_hyphens=False)
