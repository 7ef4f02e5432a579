"""How Doppler refuses, and the tables that it draws."""

from __future__ import annotations

import json
from collections.abc import Sequence

# How wide a table may get where no terminal says so, and what stands between two columns.
_WIDEST, _BETWEEN = 80, 3


class Refused(Exception):
    """What could not be done, and why: the first may be more lines or none."""

    def __init__(self, why: str, what: str = "") -> None:
        super().__init__(why)
        self.why, self.what = why, what

    def shown(self, *, as_json: bool) -> str:
        """As it is said on stderr."""
        if as_json:
            return compact({"error": self.why})
        return f"{self.what}\nDoppler Error: {self.why}" if self.what else f"Doppler Error: {self.why}"


def compact(value: object) -> str:
    """JSON as Doppler prints it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in a frame; what is too long goes on below."""
    most = _widths(rows, len(headings))
    lines = [[heading.upper() for heading in headings], *(line for row in rows for line in _wrapped(row, most))]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]

    def rule(left: str, middle: str, right: str) -> str:
        return left + middle.join("─" * (width + 2) for width in widths) + right

    cells = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    shown = [f"│ {' │ '.join(line)} │" for line in cells]
    return "\n".join([rule("┌", "┬", "┐"), shown[0], rule("├", "┼", "┤"), *shown[1:], rule("└", "┴", "┘")])


def _widths(rows: Sequence[Sequence[str]], columns: int) -> list[int]:
    """Every column an equal share; what one leaves goes to those after it."""
    share, left = _WIDEST // columns - _BETWEEN, 0
    widths = list[int]()
    for column in range(columns):
        wanted = max(len(row[column].encode()) for row in rows)
        more = min(left, wanted - share)
        left -= more
        widths.append(share + more)
    return widths


def _wrapped(row: Sequence[str], widths: Sequence[int]) -> list[list[str]]:
    parts = [
        [cell[start : start + width] for start in range(0, len(cell), width or 1)] or [""]
        for cell, width in zip(row, widths, strict=True)
    ]
    deep = max(len(each) for each in parts)
    return [[each[line] if line < len(each) else "" for each in parts] for line in range(deep)]
