"""Command lines of programs: their options, and what is left. Anything unknown ends the program with 126."""

from __future__ import annotations

import getopt
from collections.abc import Sequence

from sprocket_tui.practice.interpreter.system import Run
from sprocket_tui.practice.interpreter.unknown import NotKnown


def read(
    run: Run, short: str = "", long: Sequence[str] = (), *, first: bool = False
) -> tuple[dict[str, str], list[str]]:
    """Options by name without dashes ("" where one takes no value), and the other words.

    With `first` the options end at the first other word, which begins another command line. Raises NotKnown.
    """
    found, rest = pairs(run, short, long, first=first)
    return dict(found), rest


def pairs(
    run: Run, short: str = "", long: Sequence[str] = (), *, first: bool = False
) -> tuple[list[tuple[str, str]], list[str]]:
    """The same, where an option may be given again."""
    parse = getopt.getopt if first else getopt.gnu_getopt
    try:
        found, rest = parse(run.words, short, list(long))
    except getopt.GetoptError as error:
        raise NotKnown(f"{run.name}: {error.msg}") from error
    return [(name.lstrip("-"), value) for name, value in found], rest


def whole(run: Run, text: str) -> int:
    """A whole number, perhaps with a sign. Raises NotKnown."""
    try:
        return int(text)
    except ValueError as error:
        raise NotKnown(f"{run.name}: {text}") from error


def seconds(run: Run, text: str) -> float:
    """A time in seconds, as `sleep` and `timeout` take it. Raises NotKnown."""
    unit = {"s": 1, "m": 60, "h": 3600}.get(text[-1:], 0)
    try:
        return float(text[:-1]) * unit if unit else float(text)
    except ValueError as error:
        raise NotKnown(f"{run.name}: {text}") from error
