"""How a walk is laid out at a width, in cells: the page alone, the chapters beside it, the output beside that."""

from __future__ import annotations

LEAST = (60, 15)
WIDE, BROAD = 100, 140
SIDE, BESIDE = 34, 56


def too_small(size: tuple[int, int]) -> bool:
    """Whether nothing but one sentence is shown at this width and height."""
    return size[0] < LEAST[0] or size[1] < LEAST[1]


def page_width(width: int, *, output: bool) -> int:
    """What is left for the page; with `output` there is something to stand beside it, a column apart."""
    return width - (SIDE if width >= WIDE else 0) - (BESIDE + 1 if output and width >= BROAD else 0)
