"""A line in one style, with marks in others on top of it."""

from __future__ import annotations

from itertools import pairwise

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Mark = tuple[int, int, Style]


def marked(text: str, base: Style, marks: list[Mark]) -> Strip:
    """`text` in one style, with others on top of it from one character to before another."""
    bounds = {0, len(text)} | {min(max(at, 0), len(text)) for begin, end, _ in marks for at in (begin, end)}
    cuts = sorted(bounds)
    segments: list[Segment] = []
    for begin, end in pairwise(cuts):
        style = base
        for first, last, over in marks:
            if first <= begin and end <= last:
                style += over
        segments.append(Segment(text[begin:end], style))
    return Strip(segments)
