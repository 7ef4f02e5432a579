"""A screen around one page: the keys that move it, and what of it was seen."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from sprocket_tui.faces.tui.widgets.lines import Page


class Paged(Screen[None], inherit_bindings=False):
    """Its page has the id "page"."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_by(-1)", show=False),
        Binding("down,j", "scroll_by(1)", show=False),
        Binding("pageup", "scroll_page(-1)", show=False),
        Binding("pagedown,space", "scroll_page(1)", show=False),
        Binding("home", "scroll_page(-1000)", show=False),
        Binding("end", "scroll_page(1000)", show=False),
    ]

    @property
    def page(self) -> Page:
        """The one page."""
        return self.query_one("#page", Page)

    def page_text(self) -> str:
        """The words of the page, to be copied."""
        return self.page.text()

    def action_scroll_by(self, by: int) -> None:
        """By lines."""
        self.page.scroll_relative(y=by, animate=False, immediate=True)
        self.page_moved()

    def action_scroll_page(self, by: int) -> None:
        """By what is shown at once, but for a line."""
        self.action_scroll_by(by * max(self.page.size.height - 1, 1))

    def page_moved(self) -> None:
        """Called where other lines of the page are shown than before."""

    def turn_unread(self) -> str:
        """Shows what of the page was not seen yet, and says so; nothing where all was seen."""
        if not self.page.unseen:
            return ""
        self.page.turn()
        self.page_moved()
        # How much is left stands in the line below the page, once this sentence has taken its own room.
        return "Not answered yet: this part had not been seen. Read it, then answer again."
