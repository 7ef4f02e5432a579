"""`test` and `[`."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable

from sprocket_tui.practice.interpreter.system import Run
from sprocket_tui.practice.interpreter.unknown import NotKnown

_WRONG = 2


def test(run: Run) -> int:
    """0 when it holds, 1 when not."""
    words = run.words
    if run.name == "[":
        if words[-1:] != ["]"]:
            return run.complain("missing ]", _WRONG)
        words = words[:-1]
    try:
        return 0 if _holds(run, words) else 1
    except _NoNumber as error:
        return run.complain(f"Illegal number: {error}", _WRONG)


class _NoNumber(Exception):
    pass


def _holds(run: Run, words: list[str]) -> bool:
    match words:
        case []:
            return False
        case [word]:
            return word != ""
        case ["!", *rest] if len(rest) != 2 or rest[0] not in _TWO:
            return not _holds(run, rest)
        case [operator, word] if operator in _ONE:
            return _ONE[operator](run, word)
        case [left, operator, right] if operator in _TWO:
            return _TWO[operator](run, left, right)
        case ["(", *rest, ")"]:
            return _holds(run, rest)
        case _:
            raise NotKnown(" ".join(run.argv))


def _mode(run: Run, path: str) -> int:
    found = run.files.exists(path, run.directory)
    return found.st_mode if found else 0


def _filled(run: Run, path: str) -> bool:
    found = run.files.exists(path, run.directory)
    return found is not None and found.st_size > 0


def _executable(run: Run, path: str) -> bool:
    mode = _mode(run, path)
    return stat.S_ISDIR(mode) or bool(mode & 0o111)


def _newer(run: Run, left: str, right: str) -> bool:
    one, other = (run.files.exists(path, run.directory) for path in (left, right))
    return one is not None and other is not None and one.st_mtime_ns > other.st_mtime_ns


def _same(run: Run, left: str, right: str) -> bool:
    one, other = (run.files.exists(path, run.directory) for path in (left, right))
    return one is not None and other is not None and os.path.samestat(one, other)


def _number(text: str) -> int:
    if not re.fullmatch(r"\s*[-+]?\d+\s*", text):
        raise _NoNumber(text)
    return int(text)


# Root may read and write everything here, and all of it is its own; there are no links.
_ONE: dict[str, Callable[[Run, str], bool]] = {
    "-n": lambda run, word: word != "",
    "-z": lambda run, word: word == "",
    "-d": lambda run, word: stat.S_ISDIR(_mode(run, word)),
    "-f": lambda run, word: stat.S_ISREG(_mode(run, word)),
    "-e": lambda run, word: _mode(run, word) != 0,
    "-r": lambda run, word: _mode(run, word) != 0,
    "-w": lambda run, word: _mode(run, word) != 0,
    "-O": lambda run, word: _mode(run, word) != 0,
    "-s": _filled,
    "-x": _executable,
    "-L": lambda run, word: False,
    "-h": lambda run, word: False,
}
_TWO: dict[str, Callable[[Run, str, str], bool]] = {
    "=": lambda run, left, right: left == right,
    "!=": lambda run, left, right: left != right,
    "-eq": lambda run, left, right: _number(left) == _number(right),
    "-ne": lambda run, left, right: _number(left) != _number(right),
    "-lt": lambda run, left, right: _number(left) < _number(right),
    "-le": lambda run, left, right: _number(left) <= _number(right),
    "-gt": lambda run, left, right: _number(left) > _number(right),
    "-ge": lambda run, left, right: _number(left) >= _number(right),
    "-nt": _newer,
    "-ot": lambda run, left, right: _newer(run, right, left),
    "-ef": _same,
}
