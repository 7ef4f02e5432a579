"""The search in the guide over the walk: a field, and what has the words that stand in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.widgets import Input

from sprocket_tui.faces.tui.guidesearch import Hit
from sprocket_tui.faces.tui.keys import REGISTRY, shown
from sprocket_tui.faces.tui.pages import chrome
from sprocket_tui.faces.tui.pages import found as pages
from sprocket_tui.faces.tui.pages.look import Look
from sprocket_tui.faces.tui.spans import Line, line
from sprocket_tui.faces.tui.views.once import Once
from sprocket_tui.faces.tui.widgets.lines import Lines, Page

# Letters are looked for here.
_HELP = [key for action in REGISTRY if action.name == "help" for key in action.keys if len(shown(key)) > 1]
_KEYS = [("Enter", "look"), ("Up Down", "choose")], [(shown(_HELP[0]), "help"), ("Esc", "back")]
_PAGE = 5


class SearchScreen(Once[Hit]):
    """The step that is chosen is the result; there is none where nobody chose one."""

    AUTO_FOCUS = "Input"
    DEFAULT_CSS = "SearchScreen Input { height: 1; border: none; padding: 0 1; background: $surface; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", f"move(-{_PAGE})", show=False),
        Binding("pagedown", f"move({_PAGE})", show=False),
        Binding("escape", "back", show=False),
        Binding(",".join(_HELP), "app.help", show=False),
        Binding("ctrl+c", "app.interrupt", show=False, priority=True),
    ]

    def __init__(
        self,
        find: Callable[[str], list[Hit]],
        head: Sequence[Line],
        look: Callable[[], Look],
        read: Callable[[Hit], None],
    ) -> None:
        """`find` searches; `head` says where this is; `look` is how a page is drawn now; `read` shows a hint."""
        super().__init__()
        self._find, self._head, self._look, self._read = find, head, look, read
        self._hits: list[Hit] = []
        self._at = 0

    def compose(self) -> ComposeResult:
        yield Lines(id="head")
        yield Input(compact=True, placeholder="Words to search the guide for")
        yield Lines(id="counted")
        yield Page()
        yield Lines(id="foot")

    def on_mount(self) -> None:
        """The field has the keys before anything is drawn: those of who types ahead are here already."""
        field = self.query_one(Input)
        self.set_focus(field)
        # A blinking cursor would write to the line twice a second.
        field.cursor_blink = False
        self.query_one("#head", Lines).show(
            [*self._head, line((" Search the guide", "title"), ("  Looking changes nothing.", "quiet"))]
        )

    def on_resize(self) -> None:
        """Another width cuts the rows elsewhere."""
        self._draw()

    @on(Page.Fitted)
    def _fitted(self) -> None:
        self._draw()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._hits, self._at = self._find(event.value), 0
        self._draw()

    @on(Input.Submitted)
    def _taken(self, event: Input.Submitted) -> None:
        event.stop()
        if not self._hits:
            return
        hit = self._hits[self._at]
        if hit.hint is None:
            self.dismiss(hit)
        else:
            self._read(hit)

    def action_move(self, by: int) -> None:
        """Another one, as far as there are any."""
        if self._hits:
            self._at = min(max(self._at + by, 0), len(self._hits) - 1)
            self._draw()

    def action_back(self) -> None:
        """Nothing is chosen."""
        self.dismiss(None)

    def _draw(self) -> None:
        look, page = self._look(), self.query_one(Page)
        typed = self.query_one(Input).value
        self.query_one("#counted", Lines).show([line((f" {pages.counted(self._hits)}", "quiet"))])
        page.show(pages.found(self._hits, typed, self._at, look), top=not self._at)
        row = Region(0, pages.ROWS * self._at, 1, pages.ROWS)
        page.scroll_to_region(row, animate=False, immediate=True)
        self.query_one("#foot", Lines).show([chrome.rule(look, page.hidden_below), chrome.keys(*_KEYS, look)])
