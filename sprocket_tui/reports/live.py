"""Reports as one picture of a terminal, for somebody who watches: what needs attention first, one line a check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import TextIO

from rich.console import Console, Group, OverflowMethod, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sprocket_tui.checks.observation import State
from sprocket_tui.reports import states
from sprocket_tui.reports.schema import CheckRow, Report
from sprocket_tui.reports.style import style_of
from sprocket_tui.reports.table import mark, plain
from sprocket_tui.terminal import one_line

_STYLES = {
    State.PASS: "green",
    State.WARN: "yellow",
    State.FAIL: "red",
    State.UNKNOWN: "magenta",
    State.SKIPPED: "dim",
}

# By target and check: when it came to be as it is.
Since = Mapping[tuple[str, str], datetime]


class Picture:
    """Lends the terminal from the first picture until it is left; draws when it is told, and nothing in between."""

    def __init__(self, stream: TextIO) -> None:
        self._unicode = style_of(stream).unicode
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)
        self._live = Live(console=self._console, screen=True, auto_refresh=False)
        self._shown: tuple[Sequence[Report], Since, str] | None = None

    def __enter__(self) -> Picture:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, reports: Sequence[Report], since: Since, told: str) -> None:
        """Draws the reports, with `told` above them: when they were made and what comes next."""
        self._shown = (reports, since, told)
        self._live.start()
        self.redraw()

    def redraw(self) -> None:
        """Draws the same once more, for a terminal of another size."""
        if self._shown:
            drawn = picture(*self._shown, height=self._console.size.height, unicode=self._unicode)
            self._live.update(drawn, refresh=True)


def picture(reports: Sequence[Report], since: Since, told: str, *, height: int, unicode: bool = True) -> RenderableType:
    """`height` lines at most: a summary for each target, and as many checks as there is room for, the worst first."""
    several = len(reports) > 1
    head = [
        *(line for number, report in enumerate(reports, 1) for line in _target(report, number if several else 0)),
        told,
    ]
    pairs = sorted(states.paired(reports).items(), key=lambda pair: _worst(pair[1]))
    room = max(1, height - len(head) - 1)
    left = len(pairs) - room if len(pairs) <= room else len(pairs) - room + 1
    rows = Table(box=None, expand=True, padding=(0, 1, 0, 0), pad_edge=False)
    for number in range(1, len(reports) + 1):
        rows.add_column(f"[{number}]" if several else "State", width=9, no_wrap=True)
    cut: OverflowMethod = "ellipsis" if unicode else "crop"
    rows.add_column("Check", ratio=2, no_wrap=True, overflow=cut)
    rows.add_column("Observed", ratio=3, no_wrap=True, overflow=cut)
    rows.add_column("Since", width=8, no_wrap=True)
    for id_, each in islice(pairs, len(pairs) - max(0, left)):
        rows.add_row(*_cells(id_, each, reports, since, unicode))
    more = [f"and {left} more"] if left > 0 else []
    return Group(*(_line(line, unicode) for line in head), rows, *(_line(line, unicode) for line in more))


def _target(report: Report, number: int) -> Iterator[str]:
    if report.practice:
        yield states.PRACTICE
    lead = f"[{number}] " if number else ""
    yield f"{lead}{one_line(report.target)}: {states.sentence(report.verdict)}. {states.counts(report)}."


def _cells(
    id_: str, rows: Sequence[CheckRow | None], reports: Sequence[Report], since: Since, unicode: bool
) -> Iterator[RenderableType]:
    for row in rows:
        found = row and states.state(row)
        yield Text(mark(found, unicode=unicode), style=_STYLES[found]) if found else Text()
    title = next(one_line(row.title) for row in rows if row)
    times = [since[report.target, id_] for report in reports if (report.target, id_) in since]
    yield _line(title, unicode)
    yield _line(states.beside(rows), unicode)
    yield Text(f"{max(times).astimezone():%H:%M:%S}" if times else "")


def _line(text: str, unicode: bool) -> Text:
    return (
        Text(text, no_wrap=True, overflow="ellipsis") if unicode else Text(plain(text), no_wrap=True, overflow="crop")
    )


def _worst(rows: Sequence[CheckRow | None]) -> int:
    return min(list(State).index(states.state(row)) for row in rows if row)
