"""Screens over the walk: a list to choose from, and a page to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from sprocket_tui.faces.tui.pages import chrome
from sprocket_tui.faces.tui.pages.look import Look
from sprocket_tui.faces.tui.running import TerminalApp
from sprocket_tui.faces.tui.spans import Line, line
from sprocket_tui.faces.tui.views.once import Once
from sprocket_tui.faces.tui.widgets.choices import Choice, Choices, Listed
from sprocket_tui.faces.tui.widgets.lines import Lines, Page


class ChoosingScreen(Once[str]):
    """A few lines, then choices; the one that is taken is the result, Esc gives `stay`."""

    DEFAULT_CSS = "ChoosingScreen Listed { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stay", show=False),
        Binding("f", "app.jump", id="jump", show=False),
        Binding("ctrl+c", "twice", show=False, priority=True),
    ]

    def __init__(
        self,
        head: Sequence[Line],
        choices: Sequence[Choice],
        foot: Sequence[Line],
        cursor: str,
        *,
        stay: str,
        twice: str,
        at: int = 0,
    ) -> None:
        """`twice` is the result of Ctrl-C; the cursor begins at the choice number `at`."""
        super().__init__()
        self._head, self._choices, self._foot = head, choices, foot
        self._cursor, self._stay, self._twice, self._at = cursor, stay, twice, at

    def compose(self) -> ComposeResult:
        yield Lines(id="head")
        yield Listed(self._cursor)
        yield Lines(id="foot")

    def on_mount(self) -> None:
        """Painted once the list has been scrolled to its cursor, and not before as well."""
        self._over.hold(self)
        self.query_one("#head", Lines).show(self._head)
        self.query_one(Choices).offer(self._choices, self._at)
        self.query_one("#foot", Lines).show(self._foot)
        self.query_one(Choices).focus()

    def _compositor_refresh(self) -> None:
        """Draws nothing that would not be painted."""
        if not self._over.holds(self):
            super()._compositor_refresh()

    @property
    def _over(self) -> TerminalApp:
        return cast("TerminalApp", self.app)  # pyright: ignore[reportUnknownMemberType] any app may show a screen

    @on(Listed.Placed)
    def _placed(self) -> None:
        self._over.placed(self)

    def on_unmount(self) -> None:
        """Whatever lies below is not to wait for it."""
        self._placed()

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        self.dismiss(event.value)

    def action_stay(self) -> None:
        """Nothing is chosen."""
        self.dismiss(self._stay)

    def action_twice(self) -> None:
        """The second Ctrl-C."""
        self.dismiss(self._twice)


class ReadingScreen(Once[None]):
    """A page that scrolls; Esc, q and Enter close it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,question_mark,ctrl+o,f1,ctrl+c", "close", show=False),
        Binding("up,k", "scroll_by(-1)", show=False),
        Binding("down,j", "scroll_by(1)", show=False),
        Binding("pageup", "scroll_by(-20)", show=False),
        Binding("pagedown,space", "scroll_by(20)", show=False),
    ]

    def __init__(self, lines: Sequence[Line], keys: str, head: Sequence[Line], look: Callable[[], Look]) -> None:
        """`keys` stand in the last line, `head` above everything; `look` is how a page is drawn now."""
        super().__init__()
        self._shown, self._keys, self._head, self._look = lines, keys, head, look

    def compose(self) -> ComposeResult:
        yield Lines(id="head")
        yield Page()
        yield Lines(id="foot")

    def on_mount(self) -> None:
        self.query_one("#head", Lines).show(self._head)
        self.query_one(Page).show(self._shown)
        self._draw_foot()

    @on(Page.Fitted)
    def _draw_foot(self) -> None:
        """How much lies below is known once the page is laid out."""
        rule = chrome.rule(self._look(), self.query_one(Page).hidden_below)
        self.query_one("#foot", Lines).show([rule, line((f" {self._keys}", "quiet"))])

    def action_close(self) -> None:
        """Back to where it was opened."""
        self.dismiss(None)

    def action_scroll_by(self, by: int) -> None:
        """Scrolls the page by so many lines."""
        self.query_one(Page).scroll_relative(y=by, animate=False, immediate=True)
        self._draw_foot()
