"""The whole log over the walk: its lines, what is looked for in them, and the keys for it."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from sprocket_tui.faces.tui.keys import LOG
from sprocket_tui.faces.tui.logfile import LogFile
from sprocket_tui.faces.tui.logrows import Rows
from sprocket_tui.faces.tui.logsearch import Scan
from sprocket_tui.faces.tui.spans import Line
from sprocket_tui.faces.tui.views.once import Once
from sprocket_tui.faces.tui.widgets.lines import Lines
from sprocket_tui.faces.tui.widgets.log import LogView
from sprocket_tui.faces.tui.widgets.status import Status

# How often the status line follows a stream at most, in seconds: it costs the terminal as much as a line.
STATUS = 1.0
# What an action of the log's is to Textual, where its name alone does not say it.
_DOES = {
    "search": "ask('search')",
    "next": "hit(1)",
    "before": "hit(-1)",
    "filter": "ask('filter')",
    "help": "app.help",
}
_KEYS = " / search  n N hits  f filter  t times  End follow  y copy  ? help  q Esc back"


class LogScreen(Once[None]):
    """Shows one log file under a title. The app calls `tick` ten times a second, or once where the line is slow."""

    DEFAULT_CSS = """
    LogScreen { layout: vertical; }
    LogScreen > Static { height: 1; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
    LogScreen > LogView { margin: 0 0 0 1; }
    LogScreen > #log-title { text-style: bold; }
    LogScreen > #log-keys { color: $quiet; &:ansi { text-style: dim; } }
    LogScreen > Input { height: 1; border: none; padding: 0 1; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(",".join(each.keys), _DOES.get(each.name, each.name), each.label, id=f"log.{each.name}", show=False)
            for each in LOG
        ),
        Binding("ctrl+c", "app.interrupt", show=False, priority=True),
    ]
    AUTO_FOCUS = "LogView"

    @dataclass
    class CopyAsked(Message):
        """A person wants this text outside; `lines` is how many it has."""

        text: str
        lines: int

    def __init__(self, title: str, file: LogFile, head: Sequence[Line] = ()) -> None:
        """`head` stands above everything: where this is."""
        super().__init__()
        self._title, self._file, self._head = title, file, head
        self._asks = ""
        self._said_at = 0.0

    def compose(self) -> ComposeResult:
        """Everything is there from the start; the field stands in place of the keys while it is asked."""
        yield Lines(id="head")
        yield Static(Content(f" {self._title}"), id="log-title")
        yield LogView(self._file)
        yield Status()
        yield Input(id="log-asked", compact=True, select_on_focus=False)
        yield Static(Content(_KEYS), id="log-keys")

    def on_mount(self) -> None:
        """A blinking cursor would write to the line twice a second."""
        self.query_one(Input).cursor_blink = False
        self.query_one("#head", Lines).show(self._head)

    def on_unmount(self) -> None:
        """The file is nobody else's."""
        self._file.close()

    @property
    def view(self) -> LogView:
        """The lines."""
        return self.query_one(LogView)

    def tick(self) -> None:
        """Takes in what is new. The status line follows at most once a second."""
        if not (self.query(LogView) and self.query(Status)):
            return  # on its way in, or out
        nothing = not self.view.rows.count
        self.view.tick()
        if not self.view.size:
            # Nothing was looked at yet, so that nothing is known.
            return
        if (nothing and self.view.rows.count) or time.monotonic() - self._said_at >= STATUS:
            self._say()

    @on(LogView.Changed)
    def _changed(self) -> None:
        self._say()

    def action_ask(self, what: str) -> None:
        """Opens the field for what to look for, or what to let pass."""
        field = self.query_one(Input)
        rows = self.view.rows
        scan = rows.search if what == "search" else rows.filter
        field.value = scan.needles[-1] if scan is not None else ""
        field.placeholder = f"{what}: text, in any case; nothing ends it"
        self._asks = what
        self._show_field(True)
        # At once, and with what was looked for before selected: the letters of who types ahead are here already.
        field.select_all()
        self.set_focus(field)

    @on(Input.Submitted)
    def _asked(self, event: Input.Submitted) -> None:
        event.stop()
        self._close()
        if self._asks == "search":
            self.view.look_for(event.value)
        else:
            self.view.let_pass(event.value)

    def action_hit(self, step: int) -> None:
        """The next hit, or the one before."""
        self.view.next_hit(step)

    def action_times(self) -> None:
        """Shows when each line came, or no longer."""
        self.view.toggle_times()

    def action_follow(self) -> None:
        """Goes to the end, and stays there."""
        self.view.follow()

    def action_copy(self) -> None:
        """Asks for a copy of what is selected, else of what is shown."""
        text, lines = self.view.copied()
        if lines:
            self.post_message(self.CopyAsked(text, lines))

    def action_back(self) -> None:
        """Closes the field, else stops what is under way, else goes back."""
        if self.query_one(Input).display:
            self._close()
        elif not self.view.cancel():
            self.dismiss()

    def _close(self) -> None:
        self._show_field(False)
        self.view.focus()

    def _show_field(self, shown: bool) -> None:
        self.query_one(Input).display, self.query_one("#log-keys").display = shown, not shown

    def _say(self) -> None:
        self._said_at = time.monotonic()
        self.query_one(Status).say(f" {status(self.view)}")


def status(view: LogView) -> str:
    """What there is to know of the view in one line: where it is, the filter, the search."""
    rows = view.rows
    parts = [_counted(rows.count, "line")]
    if view.following or view.below:
        parts.append("following" if view.following else f"+{_counted(view.below, 'line')}")
    if rows.file.reading is not None:
        parts.append(f"reading the beginning, {rows.file.reading:.0%}")
    if rows.filter is not None:
        parts.append(f"filter {rows.filter.needles[0]!r}{_under_way(rows.filter)}")
    if rows.search is not None:
        parts.append(_found(rows, rows.search))
    return "   ".join(parts)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _found(rows: Rows, search: Scan) -> str:
    so_far = _under_way(search)
    if not rows.hits:
        return f"{search.needles[-1]!r} not found{so_far}" if search.done else f"searching{so_far}"
    if rows.hit is None:
        return f"{_counted(len(rows.hits), 'hit')}{so_far}"
    return f"{bisect_left(rows.hits, rows.hit) + 1:,} of {len(rows.hits):,}{so_far}"


def _under_way(scan: Scan) -> str:
    if scan.cancelled:
        return ", cancelled"
    return "" if scan.done else f", {scan.progress:.0%}, Esc stops"
