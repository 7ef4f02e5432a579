"""Patterns of the shell and of POSIX's regular expressions, as those of Python."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from sprocket_tui.practice.interpreter.unknown import NotKnown

# A text and whether it is quoted: then nothing in it means anything but itself.
Piece = tuple[str, bool]
_CLASSES = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "punct": re.escape("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    "xdigit": "0-9A-Fa-f",
}


def has_pattern(pieces: Iterable[Piece]) -> bool:
    """Whether an unquoted * ? or [ is in it."""
    return any(not quoted and set(text) & set("*?[") for text, quoted in pieces)


def shell(pieces: Iterable[Piece]) -> str:
    """A pattern of `case`, of `${x#...}` and of names, as an expression to be matched in full."""
    marked = [(char, quoted) for text, quoted in pieces for char in text]
    found, at = list[str](), 0
    while at < len(marked):
        char, quoted = marked[at]
        at += 1
        if quoted:
            found.append(re.escape(char))
        elif char == "*":
            found.append(".*")
        elif char == "?":
            found.append(".")
        elif char == "\\" and at < len(marked):
            found.append(re.escape(marked[at][0]))
            at += 1
        elif char == "[":
            text = "".join("\\" + each if is_quoted and each in "]\\-^!" else each for each, is_quoted in marked[at:])
            bracket = _bracket(text, escapes=True)
            if bracket is None:
                found.append(r"\[")
            else:
                expression, length = bracket
                found.append(expression)
                # Quoted characters were lengthened by their backslash.
                while length > 0:
                    each, is_quoted = marked[at]
                    length -= 2 if is_quoted and each in "]\\-^!" else 1
                    at += 1
        else:
            found.append(re.escape(char))
    return "(?s:" + "".join(found) + ")"


@lru_cache(maxsize=256)
def posix(pattern: str, *, extended: bool, fixed: bool = False, fold: bool = False) -> re.Pattern[str]:
    """A regular expression of `grep` and `sed`. Raises NotKnown for what we do not translate."""
    text = re.escape(pattern) if fixed else _translated(pattern, extended=extended)
    try:
        return re.compile(text, re.IGNORECASE if fold else 0)
    except re.error as error:
        raise NotKnown(f"the expression {pattern}") from error


def _translated(pattern: str, *, extended: bool) -> str:
    found, at = list[str](), 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "[":
            bracket = _bracket(pattern[at:], escapes=False)
            if bracket is None:
                raise NotKnown(f"the expression {pattern}")
            found.append(bracket[0])
            at += bracket[1]
        elif char == "\\":
            following = pattern[at : at + 1]
            at += 1
            if not following or (following.isalnum() and following not in "n"):
                raise NotKnown(f"the expression {pattern}")
            special = not extended and following in "(){}+?|"
            found.append(following if special else "\n" if following == "n" else re.escape(following))
        elif char in "(){}+?|" and not extended:
            found.append(re.escape(char))
        elif char == "*" and not extended and (not found or found[-1] in ("(", "|", "^")):
            found.append(r"\*")
        elif char == "^" and not extended and found and found[-1] not in ("(", "|"):
            found.append(r"\^")
        elif char == "$" and not extended and at < len(pattern) and not pattern.startswith((r"\)", r"\|"), at):
            found.append(r"\$")
        elif char == "$":
            # Python's own would match before a last newline too.
            found.append(r"\Z")
        else:
            found.append(char)
    return "".join(found)


def _bracket(text: str, *, escapes: bool) -> tuple[str, int] | None:
    """The set that begins after a `[`, and how long it is with its `]`; None where it does not end."""
    at, negated, found = 0, False, list[str]()
    if text[:1] in ("^", "!" if escapes else "^") and text:
        at, negated = 1, True
    first = True
    while at < len(text):
        char = text[at]
        if char == "]" and not first:
            return "[" + ("^" if negated else "") + "".join(found) + "]", at + 1
        first = False
        if text.startswith("[:", at) and (end := text.find(":]", at)) > 0:
            name = text[at + 2 : end]
            if name not in _CLASSES:
                raise NotKnown(f"[:{name}:]")
            found.append(_CLASSES[name])
            at = end + 2
            continue
        if text.startswith(("[.", "[="), at):
            raise NotKnown(text[at : at + 2])
        if char == "\\" and escapes and at + 1 < len(text):
            at += 1
            found.append(re.escape(text[at]))
        else:
            found.append(char if char == "-" and 0 < at < len(text) - 1 and text[at + 1] != "]" else re.escape(char))
        at += 1
    return None
