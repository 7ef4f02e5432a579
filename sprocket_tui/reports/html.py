"""Reports as one HTML file: nothing is fetched, no script runs, every text is escaped by the template engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from sprocket_tui.reports import states
from sprocket_tui.reports.schema import CheckRow, Report
from sprocket_tui.terminal import clean, one_line

# In percent of the run: what took no time at all is still to be seen.
_THINNEST = 0.6


@dataclass(frozen=True)
class Bar:
    """When a check was measured within its run: `left` and `width` in percent of the whole."""

    row: CheckRow
    anchor: str
    left: float
    width: float


@dataclass(frozen=True)
class Part:
    """One target's section: its checks by checklist, each with the anchor that leads to it, and its timeline."""

    report: Report
    anchor: str
    lists: tuple[tuple[str, tuple[tuple[str, CheckRow], ...]], ...]
    bars: tuple[Bar, ...]


def html(reports: Sequence[Report]) -> str:
    """A page with the verdict and what it rests on, the run in time, and every check; targets side by side."""
    parts = [_part(report, f"t{number}") for number, report in enumerate(reports, 1)]
    return _template().render(parts=parts, pairs=states.paired(reports) if len(reports) > 1 else {})


def _part(report: Report, anchor: str) -> Part:
    anchored = [(f"{anchor}c{number}", row) for number, row in enumerate(report.checks, 1)]
    lists = tuple((name, tuple(rows)) for name, rows in groupby(anchored, key=lambda each: each[1].checklist))
    return Part(report, anchor, lists, tuple(_bars(report, anchored)))


def _bars(report: Report, rows: Sequence[tuple[str, CheckRow]]) -> Iterator[Bar]:
    """The measurements in the order in which they began; the run is as long as all of them together."""
    timed = [(anchor, row, row.measured_at) for anchor, row in rows if row.measured_at]
    begun = [(_began(row, at), at, anchor, row) for anchor, row, at in timed]
    if not begun:
        return
    first = min(began for began, *_ in begun)
    whole = max((max(at for _, at, *_ in begun) - first).total_seconds(), 0.001)
    for began, at, anchor, row in sorted(begun, key=lambda each: each[:3]):
        left = (began - first).total_seconds() / whole * 100
        width = max((at - began).total_seconds() / whole * 100, _THINNEST)
        yield Bar(row, anchor, min(left, 100 - _THINNEST), min(width, 100 - min(left, 100 - _THINNEST)))


def _began(row: CheckRow, at: datetime) -> datetime:
    try:
        return at - timedelta(seconds=row.seconds)
    except OverflowError:
        # A report can be edited; no measurement takes longer than there are dates.
        return at


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(clean=clean, line=one_line, sentence=states.sentence, moment=states.moment)
    told: dict[str, Any] = {
        "practice": states.PRACTICE,
        "glyph": states.glyph,
        "opened": states.opened,
        "differ": states.differ,
        "counts": states.counts,
        "rests_on": states.rests_on,
        "left_out": states.left_out,
        "waived": states.waived,
        "where": states.where,
    }
    return environment.get_template("report.html.j2", globals=told)
