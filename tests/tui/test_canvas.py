"""What is sent of a frame: only what is different, and the terminal shows the same as if all of it had been sent."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pyte
import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from sprocket_tui.faces.tui.canvas import Canvas, Erasing

WIDTH, HEIGHT = 40, 8
STYLES = [
    Style.parse(each)
    for each in (
        "#d5d8dd on #181a1f",
        "#959ca7 on #181a1f",
        "bold #d5d8dd on #181a1f",
        "bold italic #7fb0e0 on #2a303a",
        "reverse #7fb0e0 on #181a1f",
        "underline red",
        "default on default",
    )
]


class Screen:
    """A terminal that is painted through a canvas, and one that gets every frame whole."""

    def __init__(self, *, coloured: bool, counted: bool = True) -> None:
        self.canvas = Canvas(Erasing(coloured, counted))
        self.shown, self.whole = pyte.Screen(WIDTH, HEIGHT), pyte.Screen(WIDTH, HEIGHT)
        self._streams = [pyte.Stream(self.shown), pyte.Stream(self.whole)]

    def paint(self, update: LayoutUpdate | ChopsUpdate) -> str:
        said = self.canvas.paint(update, WIDTH, HEIGHT, ColorSystem.TRUECOLOR)
        self._streams[0].feed(said)
        # Textual's way: all of it, each part with its look before and without one after.
        for y, x, strip in _strips(update):
            self._streams[1].feed(f"\x1b[{y + 1};{x + 1}H")
            for text, style, _ in strip:
                codes = style._make_ansi_codes(ColorSystem.TRUECOLOR) if style else ""
                self._streams[1].feed(f"\x1b[{codes}m{text}\x1b[0m")
        return said


def _strips(update: LayoutUpdate | ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    if isinstance(update, LayoutUpdate):
        for y, (strip,) in enumerate(update.strips, update.region.y):
            yield y, update.region.x, strip
    else:
        for y, begin, _end in update.spans:
            yield y, begin, update.chops[y][begin]


def cells(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    """What is to be seen: of a blank its ground, and what is drawn where there is no character."""
    return [[_seen(screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


def _seen(cell: pyte.screens.Char) -> tuple[object, ...]:
    if cell.data == " " and not (cell.reverse or cell.underscore):
        return (" ", cell.bg)
    return tuple(cell)


def text(*parts: str, style: Style = STYLES[0], width: int = WIDTH) -> Strip:
    return Strip([Segment(each, style) for each in parts]).adjust_cell_length(width, style)


def frame(*rows: Strip, x: int = 0, y: int = 0) -> LayoutUpdate:
    return LayoutUpdate([[each] for each in rows], Region(x, y, rows[0].cell_length, len(rows)))


def drawn(chance: random.Random, width: int) -> Strip:
    """A row of words and blanks in any looks, as wide as it is to be."""
    parts: list[Segment] = []
    while sum(len(each.text) for each in parts) < width:
        word = chance.choice(["a", "bold", "─" * 5, " " * chance.randint(1, 20), "words in a row "])
        parts.append(Segment(word, chance.choice(STYLES)))
    return Strip(parts).crop(0, width)


@pytest.mark.parametrize("coloured", [True, False])
@pytest.mark.parametrize("seed", range(20))
def test_after_any_frames_the_terminal_shows_what_it_would_if_each_had_been_sent_whole(seed: int, coloured: bool):
    chance, screen = random.Random(seed), Screen(coloured=coloured, counted=seed % 2 == 0)
    sent = 0
    for number in range(40):
        if chance.random() < 0.5:
            x, y = chance.randrange(WIDTH), chance.randrange(HEIGHT)
            wide, high = chance.randint(1, WIDTH - x), chance.randint(1, HEIGHT - y)
            update = frame(*(drawn(chance, wide) for _ in range(high)), x=x, y=y)
        else:
            rows = sorted(chance.sample(range(HEIGHT), 3))
            begin = chance.randrange(WIDTH - 1)
            end = chance.randint(begin + 1, WIDTH)
            chops = [{begin: drawn(chance, end - begin)} if y in rows else {} for y in range(HEIGHT)]
            update = ChopsUpdate(chops, [(y, begin, end) for y in rows], [[end]] * HEIGHT)
        sent += len(screen.paint(update))
        assert cells(screen.shown) == cells(screen.whole), number
    assert sent


def test_what_stands_there_already_is_not_sent():
    screen = Screen(coloured=True)
    assert screen.paint(frame(text("one"), text("two")))
    assert screen.paint(frame(text("one"), text("two"))) == ""
    assert screen.paint(frame(text("o", "n", "e"))) == ""


def test_of_a_row_only_the_cells_that_are_different_are_sent():
    screen = Screen(coloured=True)
    screen.paint(frame(text("running 0:41 of 3 h")))
    said = screen.paint(frame(text("running 0:42 of 3 h")))
    assert "2" in said
    assert "running" not in said
    assert "of" not in said


def test_blanks_are_erased_where_an_erased_cell_has_their_colour_and_written_where_it_may_not():
    before, after = frame(text("x" * WIDTH)), frame(text("x"))
    for coloured in (True, False):
        screen = Screen(coloured=coloured)
        screen.paint(before)
        said = screen.paint(after)
        assert ("\x1b[K" in said) is coloured
        assert (" " * (WIDTH - 1) in said) is not coloured
    plain = Screen(coloured=False)
    plain.paint(frame(text("x" * WIDTH, style=STYLES[-1])))
    assert "\x1b[K" in plain.paint(frame(text("x", style=STYLES[-1])))


def test_within_a_row_blanks_are_only_erased_where_the_terminal_can():
    before, after = frame(text("x" * WIDTH)), frame(text("x" + " " * (WIDTH - 2) + "x"))
    for counted in (True, False):
        screen = Screen(coloured=True, counted=counted)
        screen.paint(before)
        said = screen.paint(after)
        assert (f"\x1b[{WIDTH - 2}X" in said) is counted
        assert (" " * (WIDTH - 2) in said) is not counted


def test_what_is_drawn_alike_is_sent_together_where_that_is_shorter():
    screen = Screen(coloured=True)
    rows = [
        Strip([Segment(" pass  ", STYLES[3]), Segment(f"row {y}", STYLES[0])]).adjust_cell_length(WIDTH, STYLES[0])
        for y in range(HEIGHT)
    ]
    said = screen.paint(frame(*rows))
    assert cells(screen.shown) == cells(screen.whole)
    assert said.count("38;2;") == len({STYLES[3], STYLES[0]})


def test_a_frame_in_the_size_from_before_a_resize_neither_scrolls_nor_wraps_and_the_next_one_is_whole():
    screen = Screen(coloured=True)
    late = [text(f"row {y} " + "x" * (WIDTH + 20), width=WIDTH + 20) for y in range(HEIGHT + 3)]
    screen.paint(frame(*late))
    assert screen.shown.display == [f"row {y} {'x' * WIDTH}"[:WIDTH] for y in range(HEIGHT)]
    screen.paint(frame(*(text(f"row {y}") for y in range(HEIGHT))))
    assert screen.shown.display == [f"row {y}".ljust(WIDTH) for y in range(HEIGHT)]


def test_after_the_terminal_was_in_other_hands_all_is_sent_again():
    screen = Screen(coloured=True)
    screen.paint(frame(text("one")))
    screen.canvas.forget()
    assert "one" in screen.paint(frame(text("one")))


@pytest.mark.parametrize("wide", ["漢字", "e\u0301", "\U0001f468\u200d\U0001f469", "\u2764\ufe0f"])
def test_a_row_with_characters_that_terminals_draw_differently_wide_is_sent_whole(wide: str):
    screen = Screen(coloured=True)
    screen.paint(frame(text(f"{wide} before"), text("below")))
    said = screen.paint(frame(text(f"{wide} beyond"), text("below")))
    assert f"{wide} beyond" in said
    assert "below" not in said
    assert screen.paint(frame(text(f"{wide} beyond"))) == ""
    # And so is the row that comes in its place.
    assert "plain beyond" in screen.paint(frame(text("plain beyond")))
