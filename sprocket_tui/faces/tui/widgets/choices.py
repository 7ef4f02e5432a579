"""A short list of choices: arrows move, Enter takes, each has a letter of its own.

What there is no room for beside a label goes on below itself, so that a row of the list may be several lines.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from sprocket_tui.faces.tui.spans import Line, Span, amid, flat, line, width_of, wrap
from sprocket_tui.faces.tui.widgets.lines import Lines

# What stands before a label, in cells, and how short one is never made.
_BEFORE, _LEAST = 6, 30


@dataclass(frozen=True)
class Choice:
    """`letter` takes it at once; `detail` stands beside it in a quiet shade.

    `mark` is a word before the detail that must not be missed; with one, its `role` is that of the label too.
    """

    value: str
    letter: str
    label: str
    detail: str = ""
    mark: Span = ("", "plain")


class Choices(Lines, can_focus=True, inherit_css=True):
    """Choices, one a row; the first is the safe one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("k", "by_letter(-1)", show=False),
        Binding("j", "by_letter(1)", show=False),
        Binding("enter", "take", show=False),
    ]

    @dataclass
    class Taken(Message):
        """A choice was made."""

        value: str

    @dataclass
    class Moved(Message):
        """Another row is under the cursor."""

        value: str

    def __init__(self, cursor: str, id: str | None = None) -> None:
        super().__init__(id=id)
        self._cursor = cursor
        self._choices: tuple[Choice, ...] = ()
        self._at = 0
        self._gate = False
        # The line that each row begins at, and behind the last one the line after it.
        self._tops = [0]
        self._drawn_at = 0

    def offer(self, choices: Sequence[Choice], at: int = 0, *, gate: bool = False) -> None:
        """Shows these, with the cursor on the one at `at`; a `gate` is left by arrows only, and never round an end."""
        self._choices, self._at, self._gate = tuple(choices), at, gate
        self._draw()

    @property
    def current(self) -> Choice | None:
        """The one under the cursor."""
        return self._choices[self._at] if self._choices else None

    @property
    def choices(self) -> tuple[Choice, ...]:
        """All of them, a row each."""
        return self._choices

    @property
    def row(self) -> int:
        """The row of the cursor."""
        return self._at

    def lines_of(self, row: int) -> Region:
        """The lines of a row, of those that are drawn here."""
        begin, *end = self._tops[row : row + 2]
        return Region(0, begin, 1, end[0] - begin if end else 0)

    def row_at(self, line: int) -> int:
        """The row that a line is of; -1 for one before the first."""
        return bisect_right(self._tops, line) - 1

    def action_move(self, by: int) -> None:
        """Moves the cursor, round the ends but at a gate: nobody comes to yes by going up from no."""
        if self._choices:
            last = len(self._choices) - 1
            self.go_to(min(max(self._at + by, 0), last) if self._gate else (self._at + by) % (last + 1))

    def action_by_letter(self, by: int) -> None:
        """Moves the cursor by a letter, which at a gate may be of a word that was meant for elsewhere."""
        if not self._gate:
            self.action_move(by)

    def go_to(self, row: int) -> None:
        """Puts the cursor on a row."""
        self._at = row
        self._draw()
        self.post_message(self.Moved(self._choices[row].value))

    def action_take(self) -> None:
        """Takes the one under the cursor."""
        if self.current is not None:
            self.post_message(self.Taken(self.current.value))

    def on_key(self, event: events.Key) -> None:
        """A choice's letter takes it."""
        for choice in self._choices:
            if choice.letter and event.character == choice.letter:
                event.stop()
                event.prevent_default()
                self.post_message(self.Taken(choice.value))

    def on_focus(self) -> None:
        """The cursor is drawn where answers are taken."""
        self._draw()

    def on_blur(self) -> None:
        """Without focus there is no cursor."""
        self._draw()

    def on_resize(self) -> None:
        """How much of a long label is shown depends on the width."""
        if self._width != self._drawn_at:
            self._draw()

    @property
    def _width(self) -> int:
        return self.size.width or self.screen.size.width

    def _draw(self) -> None:
        detail = max((len(each.detail) + 2 for each in self._choices if each.detail), default=0)
        self._drawn_at = self._width
        room = max(self._drawn_at - _BEFORE - detail - 1, _LEAST)
        choices = [replace(each, label=amid(each.label, room)) for each in self._choices]
        wide = max((len(each.label) for each in choices), default=0) + 2
        rows = [self._row(index, each, wide) for index, each in enumerate(choices)]
        self._tops = list(accumulate(map(len, rows), initial=0))
        self.show([each for row in rows for each in row])

    def _row(self, index: int, choice: Choice, wide: int) -> list[Line]:
        here = index == self._at
        mark = self._cursor if here else " "
        word, role = choice.mark
        usual = "title" if here else "plain"
        beside = bool(word or choice.detail)
        label = (choice.label.ljust(wide) if beside else choice.label, role if word else usual)
        letter = (f"{choice.letter or ' '}  ", "quiet") if any(each.letter for each in self._choices) else ("", "quiet")
        head = line((f" {mark} ", "accent"), letter, label, (f"{word}  " if word else "", role))
        before = width_of(head)
        first, *others = wrap(flat(choice.detail), self._width - before - 1)
        return [line(*head, (first, "quiet")), *(line((" " * before + each, "quiet")) for each in others)]


class LongChoices(Choices):
    """Choices of a screen of their own, of which there may be more than rows: the keys of a page move the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("home", "leap(-1, True)", show=False),
        Binding("end", "leap(1, True)", show=False),
        Binding("pageup", "leap(-1)", show=False),
        Binding("pagedown", "leap(1)", show=False),
    ]

    @property
    def seen(self) -> bool:
        """Whether the cursor's row is on the screen."""
        around = cast("Listed", self.parent)
        return 0 <= self.lines_of(self.row).y - around.scroll_offset.y < around.size.height

    def render_line(self, y: int) -> Strip:
        """A row; nothing where the list is just about to be scrolled, so that it is not drawn twice."""
        return super().render_line(y) if self.seen else Strip.blank(self.size.width, self.rich_style)

    def action_leap(self, by: int, all_the_way: bool = False) -> None:
        """Moves the cursor by a page, or to the first or last row; not round the ends."""
        if self.choices:
            last = len(self.choices) - 1
            page = max(cast("Widget", self.parent).size.height - 1, 1)
            there = by * last if all_the_way else self.row_at(self.lines_of(self.row).y + by * page)
            self.go_to(min(max(there, 0), last))


class Listed(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Choices that scroll under the cursor, so that it is always to be seen."""

    DEFAULT_CSS = "Listed { scrollbar-size: 0 0; }"

    class Placed(Message):
        """The cursor's row is where it is to be seen, for the first time."""

    def __init__(self, cursor: str) -> None:
        super().__init__()
        self._choices = LongChoices(cursor)

    def compose(self) -> ComposeResult:
        yield self._choices

    def on_mount(self) -> None:
        self.call_after_refresh(self._place)

    def _place(self) -> None:
        self.see()
        self.call_after_refresh(self.post_message, self.Placed())

    def on_resize(self) -> None:
        """Fewer rows may have left it outside."""
        self.call_after_refresh(self.see)

    @on(Choices.Moved)
    def see(self) -> None:
        """Keeps the cursor's row on the screen."""
        unseen = not self._choices.seen
        self.scroll_to_region(self._choices.lines_of(self._choices.row), animate=False, immediate=True)
        if unseen:
            # Rows that were not drawn may be among those that are shown now.
            self._choices.refresh()
