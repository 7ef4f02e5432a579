"""What a terminal shows, cell by cell: taken from an app without one, or from a screen of pyte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyte
from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual._compositor import LayoutUpdate
from textual.app import App

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Cell:
    """One character; a wide one is followed by an empty cell."""

    text: str
    foreground: Rgb
    background: Rgb
    bold: bool = False
    italic: bool = False
    underlined: bool = False


Grid = list[list[Cell]]

_DARK_SIXTEEN: list[Rgb] = [
    (0, 0, 0),
    (205, 74, 74),
    (78, 154, 60),
    (196, 160, 40),
    (80, 130, 200),
    (160, 100, 170),
    (60, 160, 165),
    (208, 208, 208),
    (110, 110, 110),
    (240, 110, 110),
    (130, 205, 110),
    (240, 210, 95),
    (125, 170, 240),
    (205, 145, 215),
    (110, 210, 215),
    (255, 255, 255),
]
# A terminal as many people have it: light grey on nearly black.
SIXTEEN = TerminalTheme((20, 20, 20), (208, 208, 208), _DARK_SIXTEEN[:8], _DARK_SIXTEEN[8:])


def of_app(app: App[Any]) -> Grid:
    """What the app's screen shows, with everything that lies over it."""
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens, simplify=True)
    assert isinstance(update, LayoutUpdate)
    rows: Grid = []
    for strips in update.strips:
        row: list[Cell] = []
        for strip in strips:
            for text, style, _ in strip:
                for character in text:
                    _add(row, character, _cell(character, style or Style()))
        rows.append(row)
    return rows


def of_screen(screen: pyte.Screen) -> Grid:
    """What a screen of pyte shows; it does not know of dim text."""
    rows: Grid = []
    for y in range(screen.lines):
        row: list[Cell] = []
        for x in range(screen.columns):
            char = screen.buffer[y][x]
            style = Style(
                color=_named(char.fg),
                bgcolor=_named(char.bg),
                bold=char.bold,
                italic=char.italics,
                underline=char.underscore,
                reverse=char.reverse,
            )
            row.append(_cell(char.data, style))
        rows.append(row)
    return rows


def _add(row: list[Cell], character: str, cell: Cell) -> None:
    width = cell_len(character)
    if width == 0 and row:
        last = row[-1]
        row[-1] = Cell(last.text + character, last.foreground, last.background, last.bold, last.italic, last.underlined)
    elif width:
        row.append(cell)
        row.extend([Cell("", cell.foreground, cell.background)] * (width - 1))


def _cell(text: str, style: Style) -> Cell:
    foreground = _rgb(style.color, foreground=True)
    background = _rgb(style.bgcolor, foreground=False)
    if style.reverse:
        foreground, background = background, foreground
    if style.dim:
        foreground = mixed(foreground, background, 0.55)
    return Cell(text, foreground, background, bool(style.bold), bool(style.italic), bool(style.underline))


def mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    """`share` of the one colour, the rest of the other."""
    red, green, blue = (round(share * a + (1 - share) * b) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _rgb(color: Color | None, *, foreground: bool) -> Rgb:
    found = (color or Color.default()).get_truecolor(SIXTEEN, foreground=foreground)
    return found.red, found.green, found.blue


def _named(name: str) -> str:
    if name in ("default", "black", "red", "green", "blue", "magenta", "cyan", "white"):
        return name
    if name == "brown":
        return "yellow"
    if name.startswith("bright"):
        return f"bright_{'yellow' if name == 'brightbrown' else name.removeprefix('bright')}"
    return f"#{name}"


def texts(grid: Sequence[Sequence[Cell]]) -> list[str]:
    """The rows as text."""
    return ["".join(cell.text for cell in row).rstrip() for row in grid]
