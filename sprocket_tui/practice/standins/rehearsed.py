"""What the real tool has and its stand-in has not: said in one sentence, never as if the tool itself lacked it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from sprocket_tui.practice.standins import INTERNAL, MODULES, SOFTWARE
from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.options import Flag

STATUS = 126
_LINE = "practice: {} is not in this rehearsal{}; a real droplet {} it"


class NotRehearsed(Exception):
    """A command line that the real tool takes; `certain` is False where it does so only with a plugin.

    `because` says of the rehearsal what keeps it from that: "which ...".
    """

    def __init__(self, what: str, because: str = "", *, certain: bool = True) -> None:
        super().__init__(_LINE.format(what, because and f", {because}", "has" if certain else "may have"))


@dataclass(frozen=True)
class Vocabulary:
    """The commands and options of a real tool, by command path; options under "" are those of every other command."""

    words: Mapping[str, Sequence[str]]
    options: Mapping[str, Sequence[str]]
    plugins: Sequence[str]

    def of(self, path: str) -> Sequence[str]:
        """The options of one command."""
        return self.options.get(path, self.options.get("", ()))


@dataclass(frozen=True)
class StandIn:
    """What a stand-in takes: flags by command path, other names of commands, commands whose words end its own flags."""

    program: str
    takes: Mapping[str, Sequence[Flag]]
    aliases: Mapping[str, str]
    ends: Sequence[str]

    @classmethod
    def of(cls, program: str, module: ModuleType) -> StandIn:
        """As its module tells it."""
        takes = getattr(module, "TAKES", {}).get(program, {})
        return cls(program, takes, getattr(module, "ALIASES", {}), getattr(module, "ENDS_AT_WORD", ()))

    def path(self, path: str, word: str) -> str | None:
        """The command that a word leads to; None where there is none here."""
        whole = f"{path} {word}".strip()
        whole = self.aliases.get(whole, whole)
        return whole if any(each == whole or each.startswith(f"{whole} ") for each in self.takes) else None

    def flag(self, path: str, name: str) -> Flag | None:
        """The flag of a command, or of the whole program."""
        every = (*self.takes.get(path, ()), *self.takes.get("", ()))
        return next((each for each in every if name in each.names), None)


def answer(call: Call) -> int:
    """Has a stand-in answer; what only the real tool has ends with 126 and a sentence."""
    name = MODULES.get(call.program) or INTERNAL[call.program]
    module = import_module(f"sprocket_tui.practice.standins.{name}")
    try:
        if call.program not in SOFTWARE or call.program in call.world.read()["software"]:
            check(StandIn.of(call.program, module), call.argv)
        return module.main(call)
    except NotRehearsed as what:
        call.stdout.flush()
        return call.fail(str(what), STATUS)


def check(stand_in: StandIn, argv: Sequence[str]) -> None:
    """Raises NotRehearsed for the first word that only the real tool takes; what neither takes is not ours to say."""
    path, rest, choosing = "", list(argv), True
    while rest and rest[0] != "--":
        word = rest.pop(0)
        if word.startswith("-") and word != "-":
            for name, takes in _flags(stand_in, path, word):
                if takes is None:
                    _known_option(stand_in, path, name)
                    return
                if takes and rest:
                    del rest[0]
        elif choosing and (deeper := stand_in.path(path, word)) is not None:
            path = deeper
        elif choosing:
            _known_word(stand_in, path, word)
            choosing = False
            if path in stand_in.ends:
                return


def _flags(stand_in: StandIn, path: str, word: str) -> Iterator[tuple[str, bool | None]]:
    """The flags in a word, each with whether the next word is its value; None where it is not taken here."""
    name, given, _ = word.partition("=")
    if (flag := stand_in.flag(path, name)) or word.startswith("--") or name in vocabulary(stand_in.program).of(path):
        yield name, (flag.takes and not given) if flag else None
        return
    for number, letter in enumerate(word[1:], 2):
        flag = stand_in.flag(path, f"-{letter}")
        yield f"-{letter}", (flag.takes and number == len(word)) if flag else None
        if flag is None or flag.takes:
            return


def _known_option(stand_in: StandIn, path: str, name: str) -> None:
    if name in vocabulary(stand_in.program).of(path):
        raise NotRehearsed(" ".join(each for each in (stand_in.program, path, name) if each))


def _known_word(stand_in: StandIn, path: str, word: str) -> None:
    known = vocabulary(stand_in.program)
    if word in known.words.get(path, ()) or (not path and word in known.plugins):
        whole = " ".join(each for each in (stand_in.program, path, word) if each)
        raise NotRehearsed(whole, certain=word not in known.plugins)


@cache
def vocabulary(program: str) -> Vocabulary:
    """Of one tool; empty for one that answers for itself."""
    file = Path(__file__).parent / "vocabulary" / f"{program}.json"
    if not file.exists():
        return Vocabulary({}, {}, ())
    held = json.loads(file.read_text(encoding="utf-8"))
    words, options = ({path: tuple(text.split()) for path, text in held[kind].items()} for kind in ("words", "options"))
    return Vocabulary(words, options, tuple(held.get("plugins", "").split()))
