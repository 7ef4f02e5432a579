"""`check --watch`: measures again what expires, and shows what changed, until a person ends it."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sprocket_tui.checks.runner import Cache
from sprocket_tui.commands import delivery
from sprocket_tui.commands.delivery import Wanted
from sprocket_tui.commands.judging import Judged, Judging
from sprocket_tui.commands.measuring import Found, Measuring
from sprocket_tui.commands.stopping import Stopping
from sprocket_tui.errors import SprocketError
from sprocket_tui.faces.tui.fit import fit
from sprocket_tui.reports.diff import difference
from sprocket_tui.reports.formats import render
from sprocket_tui.reports.schema import Report
from sprocket_tui.reports.states import summary
from sprocket_tui.reports.style import style_of
from sprocket_tui.reports.table import table
from sprocket_tui.terminal import one_line

# What could not be measured has no time to live of its own.
_RETRY = 60.0
# What expires within this time of each other is measured together: a target is entered once for all of it.
_TOGETHER = 5.0
# How late a laptop that slept notices; one wait after the other costs nothing.
_SLICE = 30.0
# A clock that is read a moment too early would find all of it still good.
_AFTER = 0.05

# Shows the reports, what changed of them by the position of the report, and when it is measured again (epoch seconds).
_Show = Callable[[Sequence[Report], "Sequence[Change]", float], None]


@dataclass(frozen=True)
class Change:
    """A check that is not as it was: the position of its report, its state's word, and what was observed."""

    report: int
    id: str
    state: str
    observed: str


def watch(measuring: Measuring, judging: Judging, documents: Sequence[Wanted]) -> list[Judged]:
    """Measures until a signal comes, prints what changes, writes the files; what the targets came to in the end.

    Where the signal came before all was measured once, that is not complete, and nothing was printed or written of it.
    Raises SprocketError, after the summary, when a file could not be written, or that of the waivers not be read.
    """
    files = [each for each in documents if each.output is not None]
    found: dict[str, Found] = {}
    judged: list[Judged] = []
    due = measuring
    lost: SprocketError | None = None
    with _shown() as show:
        while True:
            found |= {each.goal.url: each for each in due.found()}
            stopped = measuring.stopping.number
            if stopped and judged:
                break
            before = [each.report for each in judged]
            now = [judging.judged(found[goal.url], stopped) for goal in measuring.goals]
            lost = next((each.refused for each in now if each.refused), None)
            if lost and judged:
                # Without the waivers that can be read no longer what they answer for would look like news.
                break
            judged = now
            if stopped:
                return judged
            reports = [each.report for each in judged]
            ends = {report.target: _ends(measuring.caches[report.target], report) for report in reports}
            wake = _wake([end for each in ends.values() for end in each])
            try:
                delivery.deliver(files, lambda name, style, reports=reports: render(name, reports, style))
            except SprocketError as error:
                lost = error
            show(reports, changes(before, reports), wake)
            if lost or not _waited(measuring.stopping, wake):
                break
            goals = [goal for goal in measuring.goals if min(ends[goal.url]) <= wake]
            # Nothing is to be written over what is shown.
            due = replace(measuring, goals=goals, progress=None)
    _conclude([each.report for each in judged])
    if lost:
        raise lost
    return judged


def changes(before: Sequence[Report], after: Sequence[Report]) -> list[Change]:
    """Every check at first, then those that are not as they were, as `report diff` has it."""
    if not before:
        return [Change(at, row.id, row.state, row.observed) for at, each in enumerate(after) for row in each.checks]
    return [
        Change(at, change.id, change.after.state or "gone", change.after.observed)
        for at, (old, new) in enumerate(zip(before, after, strict=True))
        for change in difference(old, new).changes
    ]


def _ends(cache: Cache, report: Report) -> list[float]:
    """When something of a target is to be measured again; what the cache holds and nothing asks any more goes."""
    now = time.time()
    # What expired while the rest was measured and written is due at once.
    kept = [max(each.until, now) for each in cache.values()]
    for key in [key for key, each in cache.items() if each.until <= now]:
        del cache[key]
    unknown = [now + min(_RETRY, row.ttl or _RETRY) for row in report.checks if row.state == "unknown" and row.reason]
    return kept + unknown or [now + _RETRY]


def _wake(ends: Sequence[float]) -> float:
    """When to measure next: what is due a little later than the first is waited for."""
    first = max(min(ends), time.time() + 1)
    return max(end for end in (first, *ends) if end <= first + _TOGETHER)


def _waited(stopping: Stopping, until: float) -> bool:
    """Waits until then; no when a signal came first."""
    try:
        with stopping.raised():
            while (left := until - time.time()) > -_AFTER:
                time.sleep(min(left + _AFTER, _SLICE))
    except KeyboardInterrupt:
        return False
    return True


def _conclude(reports: Sequence[Report]) -> None:
    """The summary; on a terminal, whose picture is gone, with all that it rests on."""
    if sys.stdout.isatty():
        sys.stdout.write(table(reports, style_of(sys.stdout)))
    else:
        several = len(reports) > 1
        sys.stdout.writelines(f"{f'{each.target}: ' if several else ''}{summary(each)}\n" for each in reports)


@contextmanager
def _shown() -> Generator[_Show]:
    """A picture that is kept up to date where there is a terminal for it, else a line for each change."""
    if fit(sys.stdin, sys.stdout):
        yield _lines
        return
    from sprocket_tui.reports.live import Picture  # noqa: PLC0415 Rich is only loaded to be shown

    since: dict[tuple[str, str], datetime] = {}
    with Picture(sys.stdout) as picture:

        def show(reports: Sequence[Report], changed: Sequence[Change], wake: float) -> None:
            now = datetime.now(UTC)
            since.update({(reports[each.report].target, each.id): now for each in changed})
            again = datetime.fromtimestamp(wake).astimezone()
            told = f"Measured at {now.astimezone():%H:%M:%S}, again at {again:%H:%M:%S}; Ctrl-C ends it."
            picture.show(reports, since, told)

        resized = signal.signal(signal.SIGWINCH, lambda _number, _frame: picture.redraw())
        try:
            yield show
        finally:
            signal.signal(signal.SIGWINCH, resized)


def _lines(reports: Sequence[Report], changed: Sequence[Change], _wake: float) -> None:
    """Time, state, id, what was observed; with several targets the target before the state."""
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    for each in changed:
        target = f"{reports[each.report].target} " if len(reports) > 1 else ""
        sys.stdout.write(f"{now} {target}{each.state} {each.id} {one_line(each.observed)}\n")
    sys.stdout.flush()
