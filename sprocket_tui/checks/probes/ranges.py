"""The ranges of versions that npm writes under "engines": ">=20", "^18.12 || 20.x", "14 - 16"."""

from __future__ import annotations

import re
from itertools import pairwise

Version = tuple[int, int, int]
_PARTIAL = r"v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:[-+][\w.+-]+)?"
_COMPARATOR = re.compile(rf"(>=|<=|>|<|\^|~>?|=?)\s*{_PARTIAL}")
_HYPHEN = re.compile(rf"{_PARTIAL}\s+-\s+{_PARTIAL}")
_FIRST: Version = (0, 0, 0)
_ENDLESS: Version = (1 << 62, 0, 0)


def satisfies(version: Version, text: str) -> bool | None:
    """Whether a release lies in a range, or None where the range cannot be read."""
    answers = [_in_all(version, each.strip()) for each in text.split("||")]
    if any(answers):
        return True
    return None if None in answers else False


def _in_all(version: Version, text: str) -> bool | None:
    if hyphen := _HYPHEN.fullmatch(text):
        parts = hyphen.groups()
        return _lowest(parts[:3]) <= version < _above(parts[3:])
    comparators = list(_COMPARATOR.finditer(text))
    between = [text[one.end() : other.start()] for one, other in pairwise(comparators)]
    ends = [text[: comparators[0].start()], text[comparators[-1].end() :]] if comparators else [text]
    if any(rest.strip() for rest in (*between, *ends)) or any(not rest for rest in between):
        return None
    return all(_holds(version, each[1], each.groups()[1:]) for each in comparators)


def _holds(version: Version, operator: str, parts: tuple[str | None, ...]) -> bool:
    low, above = _lowest(parts), _above(parts)
    ends = {
        ">=": (low, _ENDLESS),
        ">": (above, _ENDLESS),
        "<": (_FIRST, low),
        "<=": (_FIRST, above),
        "^": (low, _next_of_caret(parts, above)),
        "~": (low, _above(parts[:2])),
        "~>": (low, _above(parts[:2])),
        "=": (low, above),
        "": (low, above),
    }
    first, beyond = ends[operator]
    return first <= version < beyond


def _numbers(parts: tuple[str | None, ...]) -> list[int]:
    """The numbers before the first that is left out."""
    numbers: list[int] = []
    for part in parts:
        if part is None or not part.isdecimal():
            break
        numbers.append(int(part))
    return numbers


def _lowest(parts: tuple[str | None, ...]) -> Version:
    major, minor, patch = [*_numbers(parts), 0, 0, 0][:3]
    return major, minor, patch


def _above(parts: tuple[str | None, ...]) -> Version:
    """The first version above all that `parts` names; a part left out names every one."""
    numbers = _numbers(parts)
    if not numbers:
        return _ENDLESS
    numbers[-1] += 1
    major, minor, patch = [*numbers, 0, 0][:3]
    return major, minor, patch


def _next_of_caret(parts: tuple[str | None, ...], above: Version) -> Version:
    """The first number that is not 0 stays as it is."""
    numbers = _numbers(parts)
    for count, number in enumerate(numbers, 1):
        if number:
            return _above(parts[:count])
    return above
