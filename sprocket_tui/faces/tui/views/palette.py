"""Textual's command palette, as calm as the rest of the screen."""

from __future__ import annotations

from textual.command import CommandPalette, SearchIcon
from textual.widgets import Input

from sprocket_tui.faces.tui.views.once import Once


class Palette(CommandPalette, Once[None]):  # pyright: ignore[reportIncompatibleMethodOverride]  Textual's own
    """Every action by its name; while nothing is typed nothing is drawn."""

    # Of what it is made of Textual takes the styles of the first alone.
    DEFAULT_CSS = Once.DEFAULT_CSS.replace("Once", "Palette")

    def __init__(self, sign: str) -> None:
        """`sign` stands before the field: Textual's own is none that every terminal has."""
        # The name by which Textual knows that it is open.
        super().__init__(id="--command-palette")
        self._sign = sign

    def on_mount(self) -> None:
        """A blinking cursor would write to the line twice a second."""
        self.query_one(Input).cursor_blink = False
        self.query_one(SearchIcon).icon = self._sign
