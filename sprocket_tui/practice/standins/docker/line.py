"""Command lines as Docker reads them: flags before or among the words, and its words for what it does not know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.docker.words import NO_DAEMON, Refused
from sprocket_tui.practice.world import State

_TRUE, _FALSE = ("1", "t", "T", "true", "TRUE", "True"), ("0", "f", "F", "false", "FALSE", "False")


@dataclass(frozen=True)
class Flag:
    """An option: its name without dashes, its letter, and what it takes."""

    name: str
    letter: str = ""
    takes: Literal["nothing", "text", "filter", "number", "port", "mount"] = "nothing"


@dataclass(frozen=True)
class Command:
    """A subcommand. It takes at least `least` words, and no more than `most` where that is given."""

    path: str
    words: str
    least: int
    most: int | None
    flags: tuple[Flag, ...]
    run: Callable[[Request], int]
    # Flags after the first word belong to the program in the container.
    ends_at_word: bool = False

    @property
    def usage(self) -> str:
        """Its usage, as it follows an error."""
        return f"\n\nUsage:  {' '.join(('docker', *self.path.split(), *self.words.split(' '))).strip()}\n\n"


@dataclass(frozen=True)
class Request:
    """A command with the words and flags that were given; a flag given twice has two values."""

    call: Call
    command: Command
    words: list[str]
    given: dict[str, list[str]]

    def on(self, name: str) -> bool:
        """Whether a flag that takes nothing was given."""
        return self.given.get(name, ["false"])[-1] in _TRUE

    def text(self, name: str, default: str = "") -> str:
        """The last value of a flag."""
        return self.given.get(name, [default])[-1]

    def filters(self) -> list[tuple[str, str]]:
        """The filters, in order."""
        return [(each.split("=", 1)[0], each.split("=", 1)[1]) for each in self.given.get("filter", [])]

    def read(self) -> State:
        """The world, from a daemon that runs. Raises Refused when it does not."""
        state = self.call.world.read()
        if not state["docker"]["running"]:
            raise Refused(NO_DAEMON)
        return state

    def change(self) -> AbstractContextManager[State]:
        """The world, to be changed, from a daemon that runs. Raises Refused when it does not."""
        self.read()
        return self.call.world.change()


def parse(call: Call, command: Command, argv: Sequence[str]) -> Request:
    """What was asked. Raises Refused in Docker's words for what it does not take."""
    words: list[str] = []
    given: dict[str, list[str]] = {}
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if word == "--":
            words += rest
            break
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            flag = next((each for each in command.flags if each.name == name), None)
            if flag is None:
                raise usage_error(command, f"unknown flag: --{name}")
            _take(command, flag, value if equals else None, f"--{name}", rest, given)
        elif word.startswith("-") and word != "-":
            _letters(command, word[1:], rest, given)
        elif command.ends_at_word:
            words += [word, *rest]
            break
        else:
            words.append(word)
    _count(command, len(words))
    return Request(call, command, words, given)


def usage_error(command: Command, message: str) -> Refused:
    """A message about flags, with the usage under it."""
    path = f"docker {command.path}".strip()
    return Refused(f"{message}{command.usage}Run '{path} --help' for more information", 125)


def _letters(command: Command, letters: str, rest: list[str], given: dict[str, list[str]]) -> None:
    for number, letter in enumerate(letters):
        flag = next((each for each in command.flags if each.letter == letter), None)
        if flag is None:
            raise usage_error(command, f"unknown shorthand flag: '{letter}' in -{letters[number:]}")
        after = letters[number + 1 :]
        if flag.takes != "nothing":
            value = after.removeprefix("=") if after else None
            _take(command, flag, value, f"'{letter}' in -{letters[number:]}", rest, given)
            return
        if after.startswith("="):
            _take(command, flag, after[1:], letter, rest, given)
            return
        _take(command, flag, None, letter, rest, given)


def _take(
    command: Command, flag: Flag, value: str | None, shown: str, rest: list[str], given: dict[str, list[str]]
) -> None:
    if value is None:
        if flag.takes == "nothing":
            value = "true"
        elif rest:
            value = rest.pop(0)
        else:
            raise usage_error(command, f"flag needs an argument: {shown}")
    wrong = _wrong(flag, value)
    if wrong:
        names = f"-{flag.letter}, --{flag.name}" if flag.letter else f"--{flag.name}"
        raise usage_error(command, f'invalid argument "{value}" for "{names}" flag: {wrong}')
    given.setdefault(flag.name, []).append(value)


def _wrong(flag: Flag, value: str) -> str:
    if flag.takes == "nothing" and value not in _TRUE + _FALSE:
        return f'strconv.ParseBool: parsing "{value}": invalid syntax'
    if flag.takes == "filter" and "=" not in value:
        return "bad format of filter (expected name=value)"
    if flag.takes == "number" and not value.isdecimal():
        return f'strconv.ParseUint: parsing "{value}": invalid syntax'
    if flag.takes == "port" and "=" not in value and not all(part.isdecimal() for part in value.split(":")):
        return f"invalid containerPort: {value.rpartition(':')[2]}"
    return ""


def _count(command: Command, count: int) -> None:
    if count >= command.least and (command.most is None or count <= command.most):
        return
    if command.most == 0:
        takes = "accepts no arguments"
    else:
        number = f"{command.least} argument" + ("s" if command.least > 1 else "")
        takes = f"requires {number}" if command.most == command.least else f"requires at least {number}"
    see = "Run" if command.most == command.least else "See"
    if command.most and not command.least:
        # Docker's own slip of the pen.
        takes, see = f"requires at most {command.most} argument", "SRun"
    path = f"docker {command.path}"
    raise Refused(f"docker: '{path}' {takes}{command.usage}{see} '{path} --help' for more information")
