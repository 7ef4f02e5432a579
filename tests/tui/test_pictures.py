"""Pictures of screens: what is drawn is what the app shows, in its colours."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PIL import Image

from sprocket_tui.faces.tui.themes import LIGHT
from tests.pictures import drawing
from tests.pictures.drawing import NoFont, png
from tests.pictures.grid import Cell, Grid, of_app, of_screen, texts
from tests.tui.tiny import Tiny

BLACK, WHITE, RED = (0, 0, 0), (255, 255, 255), (255, 0, 0)


def grid_of(theme: str) -> Grid:
    async def shown() -> Grid:
        app = Tiny(theme=theme)
        async with app.run_test(size=(60, 16)) as pilot:
            await pilot.press("j")
            await pilot.pause()
            return of_app(app)

    return asyncio.run(shown())


def test_a_grid_has_the_rows_of_the_app_and_its_colours(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    grid = grid_of("light")
    assert [len(row) for row in grid] == [60] * 16
    assert "keys 1." in texts(grid)
    failing = next(row for row in grid if texts([row]) == ["fail"])
    assert "#{:02x}{:02x}{:02x}".format(*failing[0].foreground) == LIGHT.variables["fail"]
    assert "#{:02x}{:02x}{:02x}".format(*failing[0].background) == LIGHT.background


def test_quiet_text_of_the_terminals_own_colours_is_dimmed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    grid = grid_of("terminal")
    rows = {text: row for text, row in zip(texts(grid), grid, strict=True) if text}
    assert sum(rows["quiet"][0].foreground) < sum(rows["keys 1."][0].foreground)


def test_a_picture_fills_blocks_to_the_edge_and_leaves_the_ground_of_the_others(tmp_path: Path):
    png([[Cell("█", RED, BLACK), Cell(" ", RED, WHITE), Cell("▌", RED, BLACK)]], tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.size == (36, 24)
        assert [picture.getpixel((x, 12)) for x in (0, 11, 12, 23, 24, 29, 30)] == [
            RED, RED, WHITE, WHITE, RED, RED, BLACK,
        ]  # fmt: skip


def test_a_letter_is_drawn(tmp_path: Path):
    png([[Cell("M", WHITE, BLACK)]], tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as picture:
        assert any(picture.getpixel((x, y)) == WHITE for x in range(12) for y in range(24))


def test_a_screen_of_a_real_terminal_can_be_drawn_too():
    import pyte

    screen = pyte.Screen(20, 3)
    pyte.Stream(screen).feed("\x1b[31mred\x1b[0m \x1b[7mback\x1b[0m \x1b[38;2;1;2;3mrgb")
    grid = of_screen(screen)
    assert texts(grid)[0] == "red back rgb"
    assert grid[0][9].foreground == (1, 2, 3)
    assert grid[0][4].foreground == grid[0][0].background


def test_without_the_font_it_is_said_which_one_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    drawing._font.cache_clear()
    monkeypatch.setattr(drawing, "_FONT_PLACES", (str(tmp_path),))
    with pytest.raises(NoFont, match=r"DejaVuSansMono\.ttf"):
        png([[Cell("M", WHITE, BLACK)]], tmp_path / "out.png")
    drawing._font.cache_clear()
