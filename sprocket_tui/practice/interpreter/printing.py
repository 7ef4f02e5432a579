"""`echo`, `printf` and `pwd`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sprocket_tui.practice.interpreter.limits import checked
from sprocket_tui.practice.interpreter.system import Run
from sprocket_tui.practice.interpreter.unknown import NotKnown

_ESCAPE = re.compile(r"\\(0[0-7]{0,3}|[1-7][0-7]{0,2}|[abfnrtv\\c]|$|.)", re.DOTALL)
_DIGITS = 20
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_FORMAT = re.compile(r"%(?:%|([-0+ #]*)(\d*)(?:\.(\d+))?([sdiuxXobc]))")


def pwd(run: Run) -> int:
    """The directory; there are no links to be seen through."""
    if run.words not in ([], ["-P"], ["-L"]):
        raise NotKnown(" ".join(run.argv))
    run.out(f"{run.directory}\n")
    return 0


def echo(run: Run) -> int:
    """As dash has it: escapes are understood, and -n."""
    words = run.words
    ending = b"\n"
    if words[:1] == ["-n"]:
        words, ending = words[1:], b""
    text, stopped = _unescaped(" ".join(words), zero=True)
    run.out(text + (b"" if stopped else ending))
    return 0


def printf(run: Run) -> int:
    """The format, again and again until the arguments are used up."""
    words = run.words
    if words[:1] == ["--"]:
        words = words[1:]
    if not words or words[0].startswith("-v"):
        raise NotKnown(" ".join(run.argv))
    template, *rest = words
    arguments = iter(rest)
    left, found = len(rest), bytearray()
    while True:
        used = 0
        for piece, taken in _formatted(run, template, arguments):
            found += piece
            used += taken
            checked(len(found))
        left -= used
        if left <= 0 or not used:
            break
    run.out(bytes(found))
    return 0


def _formatted(run: Run, template: str, arguments: Iterator[str]) -> Iterator[tuple[bytes, int]]:
    """The pieces of one pass over the format, each with how many arguments it took."""
    at = 0
    for match in _FORMAT.finditer(template):
        between, _ = _unescaped(template[at : match.start()])
        if b"%" in between:
            raise NotKnown(f"{run.name} {template}")
        yield between, 0
        at = match.end()
        if match[0] == "%%":
            yield b"%", 0
            continue
        given = next(arguments, None)
        yield _converted(run, match, given or ""), given is not None
    rest, _ = _unescaped(template[at:])
    if b"%" in rest:
        raise NotKnown(f"{run.name} {template}")
    yield rest, 0


def _converted(run: Run, match: re.Match[str], given: str) -> bytes:
    flags, width, precision, kind = match.groups()
    # The digits first: a number of any length is none to Python.
    checked(len((width or "") + (precision or "")), _DIGITS)
    checked(int(width or 0))
    if kind in "diuxXo":
        try:
            number = int(given or "0", 0)
        except ValueError as error:
            raise NotKnown(f"{run.name}: {given}") from error
        text = format(number, {"i": "d", "u": "d"}.get(kind, kind)).encode()
        if "0" in flags and "-" not in flags and width:
            return text.zfill(int(width))
    elif kind == "b":
        text, _ = _unescaped(given, zero=True)
    else:
        text = given.encode(errors="surrogateescape")
        text = text[:1] if kind == "c" else text if precision is None else text[: int(precision)]
    size = int(width or 0)
    return text.ljust(size) if "-" in flags else text.rjust(size)


def _unescaped(text: str, *, zero: bool = False) -> tuple[bytes, bool]:
    """The bytes, and whether a `\\c` ended them. With `zero` an octal number begins with a 0."""
    found, at = bytearray(), 0
    for match in _ESCAPE.finditer(text):
        found += text[at : match.start()].encode(errors="surrogateescape")
        at = match.end()
        what = match[1]
        if what == "c":
            return bytes(found), True
        if what[:1].isdecimal() and what[0] < "8" and (not zero or what[0] == "0"):
            found.append(int(what[-3:] if zero else what, 8) & 0xFF)
        elif what in _LETTERS:
            found += _LETTERS[what].encode()
        else:
            found += match[0].encode(errors="surrogateescape")
    return bytes(found) + text[at:].encode(errors="surrogateescape"), False
