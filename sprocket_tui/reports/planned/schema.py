"""The document of `plan`, published and versioned; `docs/plan.schema.json` is made from here.

Times are ISO 8601 with offset, durations minutes, money US dollars.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from sprocket_tui.guide.planning import Experience, Likely
from sprocket_tui.planning.line import Chapter
from sprocket_tui.reports.schema import GuideRow, Row, StateText, VerdictText, WaiverRow, published
from sprocket_tui.values import JSON

SCHEMA = "sprocket-tui/plan/1"
Moment = AwareDatetime | None


class RangeRow(Row):
    """What it comes to at least and at most."""

    at_least: float
    at_most: float


class WindowRow(Row):
    """From when to when; `soonest_end` where all takes as little as it can. `said` is the same in words."""

    said: str
    starts: AwareDatetime
    soonest_end: AwareDatetime
    ends: AwareDatetime


class StageRow(Row):
    """A part of the deployment, in minutes. What is `prepared` before the window has no times of its own."""

    id: str
    title: str
    prepared: bool
    minutes: RangeRow
    starts: Moment
    ends: Moment


class CostRow(Row):
    """What something costs `per` month, year or once; `adds` is its share, and the price is of the day `dated`."""

    id: str
    title: str
    per: Literal["month", "year", "once"]
    adds: RangeRow
    source: str
    dated: date


class CostsRow(Row):
    """The sums; `hours` are those of the people, in hours."""

    month: RangeRow
    year: RangeRow
    once: RangeRow
    hours: RangeRow
    items: tuple[CostRow, ...]


class RiskRow(Row):
    """What could make it longer by `impact` minutes; checks by id have raised or lowered how likely it is."""

    id: str
    title: str
    likely: Likely
    usually: Likely
    impact: RangeRow
    prevention: str
    raised_by: tuple[str, ...]
    lowered_by: tuple[str, ...]


class LineRow(Row):
    """What the verdict rests on: `measured` is when it was found out, null where nobody has.

    `command` is one shell-quoted line that does what `remedy` says, `where` where it runs; both empty without one.
    `waiver` says who answers for it until the window is over, so that it does not count.
    """

    id: str
    chapter: Chapter
    title: str
    state: StateText
    blocking: bool
    observed: str
    expected: str
    why: str
    remedy: str
    command: str
    where: Literal["here", "droplet", ""]
    source: str
    measured: Moment
    valid_until: Moment
    guide: tuple[str, ...]
    waiver: WaiverRow | None


class AfterRow(Row):
    """What is to be done once it is deployed."""

    id: str
    title: str
    work: tuple[str, ...]


class PlanDocument(Row):
    """A date, judged. `sentence` is the verdict with its reasons; `missing` and `weakest` are ids of lines.

    `latest_start` is when the window must begin to end within business hours of that day, as far as the calendar allows
    it; null where it cannot, or a day is too short. `next_window` is a better one, if there is. `understood` says which
    day was taken for a word ("next friday"), and is empty where none was given. `exit_code` is that of the verdict, or
    128 and the number of the signal that cut the measuring short; `complete` says that none did.
    """

    schema_: Annotated[Literal["sprocket-tui/plan/1"], Field(alias="schema")] = SCHEMA
    practice: bool
    target: str
    verdict: VerdictText
    exit_code: Annotated[int, Field(ge=0, le=255)]
    complete: bool
    sentence: str
    made: AwareDatetime
    timezone: str
    guide: GuideRow
    people: int
    experience: Experience
    understood: str
    window: WindowRow
    latest_start: Moment
    next_window: WindowRow | None
    stages: tuple[StageRow, ...]
    costs: CostsRow
    risks: tuple[RiskRow, ...]
    lines: tuple[LineRow, ...]
    missing: tuple[str, ...]
    weakest: str | None
    after: tuple[AfterRow, ...]


def schema() -> dict[str, JSON]:
    """The JSON schema of the document, as it is published."""
    return published(PlanDocument, SCHEMA)
