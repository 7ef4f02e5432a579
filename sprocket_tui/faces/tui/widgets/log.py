"""A window on a log file: only what is seen is read and drawn, and only a line that came is drawn again.

While it follows, a full window jumps on by two thirds of itself: a line costs the terminal a line then, not a screen.
Long lines are scrolled sideways, never wrapped.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar, cast

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from textual.events import MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from sprocket_tui.faces.tui.logfile import LogFile
from sprocket_tui.faces.tui.logrows import Rows
from sprocket_tui.faces.tui.widgets.marked import Mark, marked

_WHEEL = 3
_STAMP = "%H:%M:%S  "
_NO_STAMP = " " * 10
_CUT = "…"
# Set without what would follow: nothing around the view depends on how much there is to scroll through.
_VIRTUAL_SIZE = cast("Reactive[Size]", ScrollView.virtual_size)
_SCROLL_Y, _TARGET_Y = (cast("Reactive[float]", each) for each in (ScrollView.scroll_y, ScrollView.scroll_target_y))


class LogView(ScrollView, can_focus=True):
    """The lines of one log file. `tick` takes in what came; until it is called again nothing moves.

    With `footer` its last row says how many lines are below while it does not follow.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"log--quiet", "log--hit", "log--current"}
    DEFAULT_CSS = """
    LogView { height: 1fr; width: 1fr; overflow: scroll scroll; scrollbar-size: 0 0; }
    LogView > .log--quiet { color: $quiet; &:ansi { text-style: dim; } }
    LogView > .log--hit { color: $accent; text-style: underline; }
    LogView > .log--current { color: $accent; text-style: reverse; }
    """
    ALLOW_SELECT = True

    @dataclass
    class Changed(Message):
        """A person moved, or a search or filter came to something: a status line may have to say so."""

        view: LogView

        def can_replace(self, message: Message) -> bool:
            """Only the last of several is of interest."""
            return isinstance(message, LogView.Changed)

    def __init__(self, file: LogFile, *, footer: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = Rows(file)
        self.following = True
        self._seeking = False
        self._times = False
        self._footer = footer
        self._footer_said = ""
        self._widest = 0

    @property
    def top(self) -> int:
        """The first row that is shown."""
        return self.scroll_offset.y

    @property
    def below(self) -> int:
        """How many rows lie below what is shown."""
        return max(self.rows.count - self.top - self._height, 0)

    def tick(self) -> None:
        """Takes in what the file, the filter and the search have new, and draws that alone."""
        if not self.size:
            return
        was_busy = self.rows.busy
        grown = self.rows.advance()
        if grown.anew:
            self.follow()
        elif grown.before:
            self._shift(grown.before)
        self._take_in()
        if self._seeking:
            self._seek()
        self._say_below()
        if was_busy and not self.rows.busy:
            self.post_message(self.Changed(self))

    def follow(self) -> None:
        """Goes to the end and stays there."""
        self.following = True
        self._place(self._bottom, 0)
        self.refresh()
        self.post_message(self.Changed(self))

    def toggle_times(self) -> None:
        """Shows when each line came, or no longer."""
        self._times = not self._times
        self.refresh()

    def look_for(self, text: str) -> None:
        """Begins a search, at what is shown first; with nothing to look for it ends the one there is."""
        self.rows.look_for(text)
        self._seeking = bool(text)
        self.refresh()
        self.post_message(self.Changed(self))

    def let_pass(self, text: str) -> None:
        """Shows only lines that hold `text`, the last ones first; with nothing, all of them, around what was shown."""
        here = self.rows.number(self.top)
        self.rows.let_pass(text)
        if text or self.following:
            self.follow()
        else:
            self._place(min(here, self._bottom))
            self.refresh()
            self.post_message(self.Changed(self))

    def cancel(self) -> bool:
        """Stops a search or filter that is under way; what it found stays. Whether there was one."""
        stopped = self.rows.cancel()
        self.post_message(self.Changed(self))
        return stopped

    def next_hit(self, step: int) -> None:
        """Goes to the next hit, or with -1 to the one before; round at the ends."""
        here = self.rows.number(self.top) if self.rows.hit is None else self.rows.hit
        if (number := self.rows.next_hit(here, step)) is not None:
            self._go(number)

    def copied(self) -> tuple[str, int]:
        """The selected text, else the lines that are shown, uncut; and how many lines that is."""
        if (selection := self.text_selection) is not None:
            text, _ = self.get_selection(selection)
            return text, text.count("\n") + 1
        numbers = [self.rows.number(row) for row in range(self.top, self._until)]
        return "\n".join(self.rows.file.full(number) for number in numbers), len(numbers)

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """The selected text as it is shown; a selection without an end ends with what is shown."""
        first = self.top if selection.start is None else selection.start.y
        last = self._until - 1 if selection.end is None else min(selection.end.y, self.rows.count - 1)
        chosen: list[str] = []
        for row in range(first, last + 1):
            begin, end = selection.get_span(row) or (0, -1)
            shown = self._shown(row)
            chosen.append(shown[begin : len(shown) if end == -1 else end])
        return "\n".join(chosen), "\n"

    def render_line(self, y: int) -> Strip:
        """One row of the window."""
        left, top = self.scroll_offset
        width, row = self.size.width, top + y
        if y >= self._height:
            return marked(self._footer_said, self._style("quiet"), []).crop_extend(0, width, self.rich_style)
        if row >= self.rows.count:
            return Strip.blank(width, self.rich_style)
        return self._drawn(row, left, width).apply_offsets(left, row)

    def on_resize(self, event: Resize) -> None:
        """Keeps the end where it follows, else the first row."""
        if self.rows.take_in() != self.rows.count:
            self.refresh()
        self._place(self._bottom if self.following else self.top)

    def on_unmount(self) -> None:
        """Ends what runs beside the screen."""
        self.rows.cancel()

    def action_scroll_up(self) -> None:
        """One line up."""
        self._move(-1)

    def action_scroll_down(self) -> None:
        """One line down."""
        self._move(1)

    def action_page_up(self) -> None:
        """A window up."""
        self._move(1 - self._height)

    def action_page_down(self) -> None:
        """A window down."""
        self._move(self._height - 1)

    def action_scroll_home(self) -> None:
        """To the first line."""
        self._place(self.top, 0)
        self._move(-self.rows.count)

    def action_scroll_end(self) -> None:
        """To the end, and stay there."""
        self.follow()

    def action_scroll_left(self) -> None:
        """Half a window to the left."""
        self._place(self.top, self.scroll_offset.x - self.size.width // 2)

    def action_scroll_right(self) -> None:
        """Half a window to the right, as far as a line that was shown goes."""
        self._place(self.top, self.scroll_offset.x + self.size.width // 2)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """The wheel moves without an animation."""
        event.prevent_default().stop()
        self._move(-_WHEEL)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """The wheel moves without an animation."""
        event.prevent_default().stop()
        self._move(_WHEEL)

    @property
    def _height(self) -> int:
        """Rows for lines."""
        return max(self.size.height - (self._footer and not self.following), 1)

    @property
    def _bottom(self) -> int:
        """The first row of a window whose last one is the last there is."""
        return max(self.rows.count - self._height, 0)

    @property
    def _until(self) -> int:
        """The row behind the last that is shown."""
        return min(self.top + self._height, self.rows.count)

    def _shift(self, before: int) -> None:
        """Lines came in front of those that are shown: a windowful of these stays where it stands, and is not drawn."""
        if self.text_selection is not None:
            self.screen.clear_selection()
        if self.rows.filter is None:
            full = self.rows.count >= self._height
            self.rows.count += before
            self._stand(self.top + before)
            if not full:
                self._place(self._bottom)

    def _take_in(self) -> None:
        before = self.rows.take_in()
        came, top = self.rows.count - before, self.top
        if came <= 0:
            return
        was = self._widths(before)
        if self.following and self.below:
            room = 2 * self._height // 3
            # Where more came than that, an emptied window would hide what there is.
            top = self._bottom + (room if came < room else 0)
        moved = top != self.top
        self._stand(top)
        taken = [max(each) for each in zip(was, self._widths(self.rows.count), strict=True)]
        regions = [Region(0, y, wide, 1) for y, wide in enumerate(taken) if wide and (moved or top + y >= before)]
        if regions:
            self.refresh(*regions)

    def _widths(self, count: int) -> list[int]:
        """How many cells each row of the window takes up, when there are `count` rows."""
        left, width = self.scroll_offset.x, self.size.width
        rows = range(self.top, self.top + self._height)
        return [min(max(cell_len(self._shown(row)) - left, 0), width) if row < count else 0 for row in rows]

    def _seek(self) -> None:
        """Shows the first hit as soon as there is one."""
        number = self.rows.first_hit(self.rows.number(self.top))
        if number is not None:
            self._seeking = False
            self._go(number)
        elif not self.rows.busy:
            self._seeking = False

    def _go(self, number: int) -> None:
        """Shows a hit, in the middle of the window where it is not in it already."""
        before, self.rows.hit = self.rows.hit, number
        self.rows.take_in()
        self._leave()
        row = self.rows.row(number)
        if not self.top <= row < self.top + self._height:
            self._place(min(row - self._height // 2, self._bottom))
        for each in (before, number):
            if each is not None:
                self.refresh_line(self.rows.row(each))
        self._show_column(row)
        self.post_message(self.Changed(self))

    def _show_column(self, row: int) -> None:
        """Scrolls sideways where the hit in a row is not to be seen."""
        left, width = self.scroll_offset.x, self.size.width
        for begin, end in self.rows.found(self._shown(row))[:1]:
            if not left <= begin <= end <= left + width:
                self._widest = max(self._widest, end + width // 2)
                self._place(self.top, 0 if end <= width else begin - width // 2)

    def _move(self, lines: int) -> None:
        """Scrolls by a person's wish: up leaves the end, down to the end follows it again."""
        if lines < 0:
            self._leave()
            self._place(self.top + lines)
        else:
            self._place(max(min(self.top + lines, self._bottom), self.top))
            if not self.below and not self.following:
                self.following = True
                self._place(max(self._bottom, self.top))
                self._refresh_last()
        self.post_message(self.Changed(self))

    def _leave(self) -> None:
        """Follows no longer."""
        if self.following:
            self.following = False
            self._refresh_last()

    def _place(self, top: int, left: int | None = None) -> None:
        """Puts the window at a row and a column; what lies beyond the last line is empty."""
        top = max(top, 0)
        self.set_reactive(_VIRTUAL_SIZE, self._room(top))
        self.scroll_target_y = self.scroll_y = top
        if left is not None:
            self.scroll_target_x = self.scroll_x = max(left, 0)

    def _stand(self, top: int) -> None:
        """The same without drawing anything."""
        self.set_reactive(_VIRTUAL_SIZE, self._room(top))
        self.set_reactive(_SCROLL_Y, top)
        self.set_reactive(_TARGET_Y, top)

    def _room(self, top: int) -> Size:
        return Size(max(self._widest, self.size.width), max(self.rows.count, top + self.size.height))

    def _say_below(self) -> None:
        said = f"+{self.below:,} lines   End follows" if self.below else ""
        if said != self._footer_said:
            self._footer_said = said
            if not self.following:
                self._refresh_last()

    def _refresh_last(self) -> None:
        if self._footer:
            self.refresh(Region(0, self.size.height - 1, self.size.width, 1))

    def _shown(self, row: int) -> str:
        """The whole text of a row, with its time where that is wanted."""
        line = self.rows.file.line(self.rows.number(row))
        if not self._times:
            return line.text
        return (_NO_STAMP if line.at is None else time.strftime(_STAMP, time.localtime(line.at))) + line.text

    def _drawn(self, row: int, left: int, width: int) -> Strip:
        shown = self._shown(row)
        marks = self._marks(row, shown)
        wide = cell_len(shown)
        self._widest = max(self._widest, wide)
        # No wider than its characters: what is left and right of the window needs no look.
        narrow = shown.isascii()
        if wide > left + width:
            # What is cut says so; sideways there is more of it.
            end = left + width - 1
            shown, wide = (shown[:end] if narrow else set_cell_size(shown, end)) + _CUT, end + 1
        # Filled up in the text's own segment: another one would tell the terminal the colours again.
        filled = shown + " " * (left + width - wide)
        if narrow:
            marks = [(begin - left, end - left, style) for begin, end, style in marks]
            return marked(filled[left : left + width], self.rich_style, marks)
        return marked(filled, self.rich_style, marks).crop_extend(left, left + width, self.rich_style)

    def _marks(self, row: int, shown: str) -> list[Mark]:
        """What of a line looks different: its time, what was looked for, what is selected."""
        marks = [(0, len(_NO_STAMP), self._style("quiet"))] if self._times else []
        if found := self.rows.found(shown):
            style = self._style("current" if self.rows.number(row) == self.rows.hit else "hit")
            marks += [(begin, end, style) for begin, end in found]
        if (selection := self.text_selection) is not None and (span := selection.get_span(row)) is not None:
            style = self.screen.get_component_rich_style("screen--selection")
            marks.append((span[0], len(shown) if span[1] == -1 else span[1], style))
        return marks

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"log--{part}", partial=True)
