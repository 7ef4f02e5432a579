"""Draws a grid of cells as a picture."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.pictures.grid import Cell, Rgb, mixed

_WIDTH, _HEIGHT, _SIZE = 12, 24, 20
_FONT_PLACES = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
)
# Parts of a cell that fonts do not fill to its edges: left, top, right, bottom, in eighths.
_BLOCKS = {
    "█": (0, 0, 8, 8),
    "▀": (0, 0, 8, 4),
    "▐": (4, 0, 8, 8),
    "▔": (0, 0, 8, 1),
    "▕": (7, 0, 8, 8),
    **{chr(0x2581 + n): (0, 7 - n, 8, 8) for n in range(7)},
    **{chr(0x2589 + n): (0, 0, 7 - n, 8) for n in range(7)},
}
_SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}


class NoFont(Exception):
    """There is no font to draw with; the message says which and where it was looked for."""


def png(rows: Sequence[Sequence[Cell]], path: Path) -> None:
    """Draws the cells, 12 by 24 pixels each, into a PNG file. Raises NoFont."""
    picture = Image.new("RGB", (_WIDTH * max(map(len, rows)), _HEIGHT * len(rows)))
    pen = ImageDraw.Draw(picture)
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            left, top = x * _WIDTH, y * _HEIGHT
            pen.rectangle((left, top, left + _WIDTH - 1, top + _HEIGHT - 1), fill=cell.background)
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            _draw(pen, cell, x * _WIDTH, y * _HEIGHT)
    picture.save(path, optimize=True)


def _draw(pen: ImageDraw.ImageDraw, cell: Cell, left: int, top: int) -> None:
    if cell.text in _SHADES:
        _fill(pen, (0, 0, 8, 8), left, top, mixed(cell.foreground, cell.background, _SHADES[cell.text]))
    elif cell.text in _BLOCKS:
        _fill(pen, _BLOCKS[cell.text], left, top, cell.foreground)
    elif cell.text.strip():
        pen.text((left, top), cell.text, font=_font(cell.bold, cell.italic), fill=cell.foreground)
    if cell.underlined:
        pen.line((left, top + _HEIGHT - 3, left + _WIDTH - 1, top + _HEIGHT - 3), fill=cell.foreground)


def _fill(pen: ImageDraw.ImageDraw, part: tuple[int, int, int, int], left: int, top: int, colour: Rgb) -> None:
    x1, y1, x2, y2 = part
    pen.rectangle(
        (
            left + x1 * _WIDTH // 8,
            top + y1 * _HEIGHT // 8,
            left + max(x2 * _WIDTH // 8, x1 * _WIDTH // 8 + 1) - 1,
            top + y2 * _HEIGHT // 8 - 1,
        ),
        fill=colour,
    )


@cache
def _font(bold: bool, italic: bool) -> ImageFont.FreeTypeFont:
    kind = {(False, False): "", (True, False): "-Bold", (False, True): "-Oblique", (True, True): "-BoldOblique"}
    name = f"DejaVuSansMono{kind[bold, italic]}.ttf"
    for place in (Path(each).expanduser() for each in _FONT_PLACES):
        for directory, _, files in os.walk(place):
            if name in files:
                return ImageFont.truetype(str(Path(directory, name)), _SIZE)
    raise NoFont(
        f"{name} is in none of {', '.join(_FONT_PLACES)}; install DejaVu Sans Mono (fonts-dejavu-core on Debian)"
    )
