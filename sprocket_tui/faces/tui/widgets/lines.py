"""Two widgets that draw lines: one as tall as they are, one that scrolls. Only a line that changed is drawn again."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from sprocket_tui.faces.tui import themes
from sprocket_tui.faces.tui.records import literal
from sprocket_tui.faces.tui.spans import Line


class Lines(Widget):
    """Lines that are all shown; the widget is as tall as they are."""

    DEFAULT_CSS = "Lines { height: auto; width: 1fr; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []

    def show(self, lines: Sequence[Line]) -> None:
        """Replaces the lines."""
        before, self._lines = self._lines, list(lines)
        if len(before) != len(self._lines):
            self.refresh(layout=True)
        else:
            _refresh_changed(self, before, self._lines, 0)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many as there are lines."""
        return len(self._lines)

    def render_line(self, y: int) -> Strip:
        """One line at the widget's width."""
        return drawn(self, self._lines[y] if y < len(self._lines) else ())


class Page(ScrollView, can_focus=False):
    """Lines that scroll where there are more of them than rows."""

    DEFAULT_CSS = "Page { height: 1fr; width: 1fr; scrollbar-size: 0 0; }"

    class Fitted(Message):
        """The page has another height than before."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []
        # The first line that nobody has seen yet, read from the top without a gap.
        self._unseen_from = 0
        self._rows = 0

    def on_resize(self) -> None:
        """What is hidden depends on the height; a page that was turned to its end stays there."""
        top, before, self._rows = self.scroll_offset.y, self._rows, self.size.height
        self.virtual_size = Size(self.size.width, len(self._lines))
        if top > 0 and top + before >= len(self._lines):
            self.scroll_to(y=len(self._lines) - self._rows, animate=False, immediate=True)
        self.post_message(self.Fitted())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """What was shown until now was seen; what comes is, once it has stood there."""
        super().watch_scroll_y(old_value, new_value)
        self._see(int(old_value))

    def unread(self) -> None:
        """Begins at its beginning again, and nothing of it has been seen."""
        self._unseen_from = 0
        self.scroll_to(y=0, animate=False, immediate=True)

    @property
    def unseen(self) -> int:
        """How many lines nobody has seen yet; what stands there now is seen by whoever asks for it."""
        self._see(self.scroll_offset.y)
        return max(len(self._lines) - self._unseen_from, 0)

    def turn(self) -> None:
        """Shows the first of the lines that nobody has seen, with one before it."""
        self.scroll_to(y=max(self._unseen_from - 1, 0), animate=False, immediate=True)

    def _see(self, top: int) -> None:
        if top <= self._unseen_from:
            self._unseen_from = max(self._unseen_from, top + self.size.height)

    @property
    def hidden_below(self) -> int:
        """How many lines lie below what is shown."""
        return max(len(self._lines) - self.scroll_offset.y - self.size.height, 0)

    def show(self, lines: Sequence[Line], *, top: bool = False) -> None:
        """Replaces the lines; with `top` the page begins at its beginning again."""
        before, self._lines = self._lines, list(lines)
        if len(before) != len(self._lines):
            self.virtual_size = Size(self.size.width, len(self._lines))
            self.refresh()
        if top:
            self.scroll_to(y=0, animate=False, immediate=True)
        _refresh_changed(self, before, self._lines, self.scroll_offset.y)

    @property
    def lines(self) -> Sequence[Line]:
        """All of them."""
        return self._lines

    def see(self, line: int | None) -> None:
        """Scrolls to where that line is in the middle, if there is such a one below what is shown."""
        if line is not None and line >= self.scroll_offset.y + self.size.height:
            # At once, also where the page has had no time yet to learn that it scrolls.
            self.scroll_to(y=line - self.size.height // 2, animate=False, immediate=True, force=True)

    def text(self) -> str:
        """The words of the page."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self._lines)

    def render_line(self, y: int) -> Strip:
        """The line at row `y` of what is shown."""
        index = y + self.scroll_offset.y
        return drawn(self, self._lines[index] if index < len(self._lines) else ())


def _refresh_changed(widget: Widget, before: Sequence[Line], after: Sequence[Line], offset: int) -> None:
    if len(before) != len(after):
        return
    changed = [index for index, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    regions = [Region(0, index - offset, widget.size.width, 1) for index in changed if index >= offset]
    if regions:
        widget.refresh(*regions)


def drawn(widget: Widget, line: Line) -> Strip:
    """A line as Textual draws it, filled up to the widget's width."""
    width = widget.size.width
    base, theme = widget.rich_style, widget.app.theme  # pyright: ignore[reportUnknownMemberType]
    segments = [Segment(literal(text), base + themes.role(theme, role)) for text, role in line]
    return Strip(segments).crop_extend(0, width, base)
