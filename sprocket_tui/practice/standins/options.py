"""Options as the GNU programs read them: letters together, options among the words, and their words for a wrong one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class Misuse(Exception):
    """What a program says about an option or word that it does not take, behind its name."""


@dataclass(frozen=True)
class Flag:
    """An option by all its spellings, and whether a value follows."""

    names: tuple[str, ...]
    takes: bool = False


@dataclass(frozen=True)
class Line:
    """A command line that was understood. `given` is by the first spelling; the last value counts."""

    words: list[str]
    given: dict[str, str]

    def has(self, name: str) -> bool:
        """Whether an option was given."""
        return name in self.given


def flags(text: str) -> tuple[Flag, ...]:
    """Options as "-h,--help -B,--block-size=": spellings with commas between, "=" where a value follows."""
    return tuple(Flag(tuple(each.removesuffix("=").split(",")), each.endswith("=")) for each in text.split())


def quoted(text: str) -> str:
    """The text in the marks that the GNU programs put around what they name."""
    return f"\u2018{text}\u2019"


def read(argv: Sequence[str], known: Sequence[Flag], most: int | None = None) -> Line:
    """Words and options; no more than `most` words. Raises Misuse."""
    rest, line = list(argv), Line([], {})
    while rest:
        word = rest.pop(0)
        if word == "--":
            line.words.extend(rest)
            break
        if word.startswith("--"):
            _long(word, rest, known, line)
        elif word.startswith("-") and word != "-":
            _letters(word[1:], rest, known, line)
        else:
            line.words.append(word)
    if most is not None and len(line.words) > most:
        raise Misuse(f"extra operand {quoted(line.words[most])}")
    return line


def _long(word: str, rest: list[str], known: Sequence[Flag], line: Line) -> None:
    name, given, value = word.partition("=")
    flag = next((each for each in known if name in each.names), None)
    if flag is None:
        raise Misuse(f"unrecognized option '{word}'")
    if given and not flag.takes:
        raise Misuse(f"option '{name}' doesn't allow an argument")
    if flag.takes and not given:
        if not rest:
            raise Misuse(f"option '{name}' requires an argument")
        value = rest.pop(0)
    line.given[flag.names[0]] = value


def _letters(letters: str, rest: list[str], known: Sequence[Flag], line: Line) -> None:
    for number, letter in enumerate(letters):
        flag = next((each for each in known if f"-{letter}" in each.names), None)
        if flag is None:
            raise Misuse(f"invalid option -- '{letter}'")
        if not flag.takes:
            line.given[flag.names[0]] = ""
            continue
        value = letters[number + 1 :]
        if not value and not rest:
            raise Misuse(f"option requires an argument -- '{letter}'")
        line.given[flag.names[0]] = value or rest.pop(0)
        return
