"""Four themes and the choice between them; views name states, never colours."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

from sprocket_tui.errors import SprocketError

VARIABLE = "SPROCKET_TUI_THEME"

# What views may use: `$accent` is where you are, `$quiet` labels, then the states and the environments.
VARIABLES = ("accent", "quiet", "pass", "warn", "fail", "unknown", "production", "practice")


def _theme(
    name: str,
    *,
    dark: bool,
    background: str,
    foreground: str,
    accent: str,
    raised: str,
    states: Mapping[str, str],
    ansi: bool = False,
    others: Mapping[str, str] | None = None,
) -> Theme:
    """A theme of ours; `raised` is the background under the cursor and under what is selected."""
    return Theme(
        name=name,
        dark=dark,
        ansi=ansi,
        primary=accent,
        secondary=accent,
        accent=accent,
        background=background,
        surface=background,
        panel=background,
        boost=background,
        foreground=foreground,
        success=states["pass"],
        warning=states["warn"],
        error=states["fail"],
        variables={
            **states,
            "border": accent,
            "border-blurred": states["quiet"],
            "block-cursor-background": raised,
            "block-cursor-foreground": foreground,
            "block-cursor-text-style": "bold",
            "block-cursor-blurred-background": background,
            "block-cursor-blurred-foreground": foreground,
            "block-cursor-blurred-text-style": "none",
            "block-hover-background": background,
            "input-cursor-background": foreground,
            "input-cursor-foreground": background,
            "input-selection-background": raised,
            "screen-selection-background": raised,
            "screen-selection-foreground": foreground,
            "scrollbar": states["quiet"],
            "scrollbar-hover": states["quiet"],
            "scrollbar-active": accent,
            "scrollbar-background": background,
            "scrollbar-background-hover": background,
            "scrollbar-background-active": background,
            "scrollbar-corner-color": background,
            "footer-background": background,
            "footer-foreground": foreground,
            "footer-key-foreground": accent,
            **(others or {}),
        },
    )


DARK = _theme(
    "dark",
    dark=True,
    background="#181a1f",
    foreground="#d5d8dd",
    accent="#7fb0e0",
    raised="#2a303a",
    states={
        "quiet": "#959ca7",
        "pass": "#8dbb74",
        "warn": "#dcb25c",
        "fail": "#ec7b73",
        "unknown": "#cfa86e",
        "production": "#ff7068",
        "practice": "#e3bd4f",
    },
)
LIGHT = _theme(
    "light",
    dark=False,
    background="#fbfbf9",
    foreground="#24272c",
    accent="#1c5d9c",
    raised="#e2e8ef",
    states={
        "quiet": "#5d646e",
        "pass": "#2f6b1f",
        "warn": "#805700",
        "fail": "#b3261e",
        "unknown": "#76591f",
        "production": "#b3261e",
        "practice": "#735500",
    },
)
HIGH_CONTRAST = _theme(
    "high-contrast",
    dark=True,
    background="#000000",
    foreground="#ffffff",
    accent="#7cc8ff",
    raised="#202020",
    states={
        "quiet": "#d0d0d0",
        "pass": "#6dea6d",
        "warn": "#ffd23f",
        "fail": "#ff9d94",
        "unknown": "#ffd23f",
        "production": "#ff9d94",
        "practice": "#ffe566",
    },
)
TERMINAL = _theme(
    "terminal",
    dark=True,
    ansi=True,
    background="ansi_default",
    foreground="ansi_default",
    # Blue is next to black on many a terminal.
    accent="ansi_cyan",
    raised="ansi_default",
    states={
        # Of all terminals' colours the least dependable; `Sixteen` shows the usual one dimmed in its place.
        "quiet": "ansi_bright_black",
        "pass": "ansi_green",
        "warn": "ansi_yellow",
        "fail": "ansi_red",
        "unknown": "ansi_yellow",
        "production": "ansi_red",
        "practice": "ansi_yellow",
    },
    others={
        # The terminal's own two colours are all that is known to be readable together, whichever way round.
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "block-cursor-text-style": "bold reverse",
        "input-cursor-text-style": "reverse",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_cyan",
        "screen-selection-foreground": "ansi_black",
        "scrollbar": "ansi_bright_black",
        "scrollbar-hover": "ansi_bright_black",
        "border-blurred": "ansi_bright_black",
    },
)
THEMES = {theme.name: theme for theme in (DARK, LIGHT, HIGH_CONTRAST, TERMINAL)}

# How a role of a page is drawn where it is not as plain as its name: which colour, and with what.
_LOOKS = {
    "plain": ("", Style()),
    "title": ("", Style(bold=True)),
    "skipped": ("quiet", Style()),
    "found": ("accent", Style(bold=True, underline=True)),
    "production": ("production", Style(bold=True)),
    "practice": ("practice", Style(bold=True)),
}


@lru_cache
def role(theme: str, name: str) -> Style:
    """How a part of a page with this role is drawn over what lies below it.

    Not by a class of CSS, which Textual would work out for every widget that draws lines, whenever one comes.
    """
    variable, style = _LOOKS.get(name, (name, Style()))
    if not variable:
        return style
    shown = THEMES.get(theme, DARK)
    return Style(color=Color.parse({"accent": shown.accent, **shown.variables}[variable]).rich_color) + style


def choose(wanted: str = "", environ: Mapping[str, str] = os.environ, *, low_bandwidth: bool = False) -> str:
    """The theme's name: what is wanted by option or environment, else what this terminal can show.

    Raises SprocketError for a name that is none of ours.
    """
    if colourless(environ):
        return TERMINAL.name
    name = wanted or environ.get(VARIABLE, "")
    if name and name not in THEMES:
        raise SprocketError(f"there is no theme {name}", remedy=f"choose one of {', '.join(THEMES)}")
    if name:
        return name
    # Sixteen colours take half the bytes, and are what a terminal has that does not claim more.
    if low_bandwidth or environ.get("COLORTERM") not in ("truecolor", "24bit"):
        return TERMINAL.name
    return LIGHT.name if environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15") else DARK.name


def colourless(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether colours are unwanted (no-color.org: set and not empty)."""
    return bool(environ.get("NO_COLOR"))


def register(app: App[Any], name: str) -> None:
    """Makes ours the only themes of `app`, and `name` the one shown."""
    for theme in THEMES.values():
        app.register_theme(theme)
    app.theme = name
    for other in set(app.available_themes) - set(THEMES):
        app.unregister_theme(other)


def defaults() -> dict[str, str]:
    """Our variables for an app that shows a theme of somebody else."""
    return {name: DARK.variables[name] for name in VARIABLES if name in DARK.variables}


class Sixteen(LineFilter):
    """Says no more than the terminal theme means: the terminal's own colours where it has them anyway, quiet as dim."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            Segment(text, None if style is None else _of_sixteen(style), control) for text, style, control in segments
        ]


class Colourless(LineFilter):
    """Leaves no colour at all; what had a background of its own is shown reversed, what is quiet dimmed."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(text, None if style is None else _of_none(style), control) for text, style, control in segments]


_BRIGHT_BLACK = 8


@lru_cache(1024)
def _of_sixteen(style: Style) -> Style:
    foreground, ground = _own(style.color), _own(style.bgcolor)
    dimmed = foreground is not None and foreground.number == _BRIGHT_BLACK
    plain = style.without_color + Style.from_color(None if dimmed else foreground, ground)
    return plain + Style(dim=True) if dimmed else plain


@lru_cache(1024)
def _of_none(style: Style) -> Style:
    foreground, marked = _own(style.color), _own(style.bgcolor) is not None
    dimmed = foreground is not None and foreground.number == _BRIGHT_BLACK
    return style.without_color + Style(dim=True if dimmed else None, reverse=True if marked else None)


def _own(color: RichColor | None) -> RichColor | None:
    return None if color is None or color.is_default else color
