"""Themes, glyphs, and whether there can be a screen at all."""

from __future__ import annotations

import io
from dataclasses import astuple, fields

import pytest
from rich.cells import cell_len
from textual.color import Color

from sprocket_tui.errors import SprocketError
from sprocket_tui.faces.tui.fit import fit
from sprocket_tui.faces.tui.glyphs import ERRORS, Glyphs, encoding, glyphs
from sprocket_tui.faces.tui.spans import ROLES
from sprocket_tui.faces.tui.themes import THEMES, VARIABLES, choose, role


class Stream(io.StringIO):
    """A stream that says of itself what a test wants."""

    def __init__(self, *, terminal: bool = True, encoding: str = "utf-8") -> None:
        super().__init__()
        self._terminal, self._encoding = terminal, encoding

    def isatty(self) -> bool:
        return self._terminal

    @property
    def encoding(self) -> str:
        return self._encoding


@pytest.mark.parametrize(
    ("reads", "shows", "name", "why"),
    [
        (True, True, "xterm-256color", ""),
        (True, True, "dumb", "TERM is dumb"),
        (True, True, "", "TERM is not set"),
        (True, False, "xterm", "the output is not a terminal"),
        (False, True, "xterm", "the input is not a terminal"),
    ],
)
def test_a_screen_needs_a_terminal_on_both_sides(reads: bool, shows: bool, name: str, why: str):
    assert fit(Stream(terminal=reads), Stream(terminal=shows), {"TERM": name} if name else {}) == why


def luminance(color: Color) -> float:
    """Relative luminance (WCAG 2)."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_every_role_of_a_page_has_a_look_in_every_theme(theme: str):
    shown = THEMES[theme]
    assert role(theme, "found").color == role(theme, "accent").color == Color.parse(shown.accent).rich_color
    for name in ROLES:
        style = role(theme, name)
        state = "quiet" if name == "skipped" else name
        expected = Color.parse(shown.variables[state]).rich_color if state in shown.variables else None
        assert style.color == (role(theme, "accent").color if name in ("accent", "found") else expected), name
    bold = {name for name in ROLES if role(theme, name).bold}
    assert bold == {"title", "found", "production", "practice"}


def variables(name: str) -> dict[str, str]:
    """What style sheets may refer to in that theme."""
    return {**THEMES[name].to_color_system().generate(), **THEMES[name].variables}


@pytest.mark.parametrize(("name", "least"), [("dark", 4.5), ("light", 4.5), ("high-contrast", 7)])
def test_every_word_is_readable_on_the_ground_and_under_the_cursor(name: str, least: float):
    colours = variables(name)
    for variable in (*VARIABLES, "foreground"):
        for ground in ("background", "block-cursor-background"):
            assert contrast(colours[variable], colours[ground]) >= least, (variable, ground)


def test_every_theme_has_every_variable():
    for name in THEMES:
        assert set(VARIABLES) <= set(variables(name)), name


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"COLORTERM": "truecolor"}, "dark"),
        ({"COLORTERM": "truecolor", "COLORFGBG": "0;15"}, "light"),
        ({"COLORTERM": "truecolor", "COLORFGBG": "15;default;0"}, "dark"),
        ({}, "terminal"),
        ({"COLORTERM": "truecolor", "NO_COLOR": "1"}, "terminal"),
        ({"COLORTERM": "truecolor", "NO_COLOR": ""}, "dark"),
        ({"SPROCKET_TUI_THEME": "high-contrast"}, "high-contrast"),
    ],
)
def test_the_theme_is_what_the_terminal_can_show_or_what_was_asked_for(environ: dict[str, str], name: str):
    assert choose(environ=environ) == name


def test_the_option_goes_before_the_environment_and_before_a_slow_line():
    assert choose("light", {"SPROCKET_TUI_THEME": "dark"}, low_bandwidth=True) == "light"
    assert choose(environ={"COLORTERM": "truecolor"}, low_bandwidth=True) == "terminal"


def test_a_theme_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(SprocketError) as caught:
        choose("solarised", {})
    assert "high-contrast" in caught.value.remedy


def test_glyphs_are_one_cell_each_in_both_sets():
    for each in (glyphs("UTF-8"), glyphs("ascii")):
        for part in fields(each):
            if part.name != "arrows":
                assert cell_len(getattr(each, part.name)) == 1, part.name


def test_an_encoding_without_our_signs_gets_ascii():
    assert glyphs("utf8") == Glyphs()
    for name in ("ascii", "latin-1", "no such encoding"):
        assert "".join(astuple(glyphs(name))).isascii()


def test_a_stream_in_another_encoding_than_utf_8_is_believed():
    assert encoding(Stream(encoding="iso8859-1")) == "iso8859-1"


@pytest.mark.parametrize("text", ["┌─┐│█░", "naïve ✓ 日本 x\u0301", "\u200bzero", "“quoted” — long"])
def test_text_that_an_encoding_lacks_keeps_its_width(text: str):
    shown = text.encode("ascii", ERRORS).decode()
    assert cell_len(shown) == cell_len(text)
