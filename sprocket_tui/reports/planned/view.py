"""A plan as rows of words, which every format of it shows the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sprocket_tui.checks.observation import State
from sprocket_tui.checks.rollup import effective
from sprocket_tui.guide.planning import Range
from sprocket_tui.planning.costs import dollars, share
from sprocket_tui.planning.line import Line
from sprocket_tui.planning.plan import Plan
from sprocket_tui.planning.rules import AHEAD
from sprocket_tui.planning.window import said
from sprocket_tui.reports import states
from sprocket_tui.reports.schema import WaiverRow
from sprocket_tui.terminal import clean, one_line

PRACTICE = "PRACTICE: a rehearsal's droplet was measured; this says nothing about a real one."
CHECKS = "Checks"
_CHAPTERS = {
    "calendar": "Calendar",
    "people": "People",
    "cost": "Cost",
    "prerequisites": "Before a date is set",
    "checks": CHECKS,
}


@dataclass(frozen=True)
class Row:
    """A line of the verdict in words; `command` runs at `where`, both empty where there is none."""

    id: str
    state: str
    title: str
    observed: str
    expected: str
    why: str
    remedy: str
    command: str
    where: str
    measured: str
    until: str
    blocking: bool
    waived: str

    @property
    def found(self) -> str:
        """What was observed, and who answers for it."""
        return f"{self.observed}; waived {self.waived}" if self.waived else self.observed


@dataclass(frozen=True)
class Table:
    """A table: its head, and its rows as wide as the head."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def row(line: Line) -> Row:
    """A line, cleaned: what was observed came from elsewhere."""
    verdict, remedy, waiver = line.verdict, line.verdict.remedy, waived(line)
    found, ends = line.times
    return Row(
        id=verdict.id,
        state=effective(verdict).value,
        title=one_line(verdict.title),
        observed=one_line(verdict.observed),
        expected=one_line(verdict.expected),
        why=one_line(verdict.why),
        remedy=one_line(remedy.text) if remedy else "",
        command=clean(remedy.line) if remedy else "",
        where=remedy.where if remedy and remedy.command else "",
        measured=found,
        until=ends,
        blocking=verdict.blocking,
        waived=states.answered(waiver) if waiver else "",
    )


def rows(lines: Sequence[Line]) -> list[Row]:
    """Lines as rows; a reason for which several checks are unknown is told once, and the others name the first."""
    first: dict[str, str] = {}
    found: list[Row] = []
    for line in lines:
        each = row(line)
        if line.chapter == "checks" and each.state == State.UNKNOWN:
            same = first.get(each.observed)
            if same:
                each = replace(each, observed=f"for the same reason as {same}", why="", remedy="", command="", where="")
            else:
                first[each.observed] = each.title
        found.append(each)
    return found


def waived(line: Line) -> WaiverRow | None:
    """Who answers for a line, as every report says it."""
    given = line.waiver
    return WaiverRow(by=given.by, reason=given.reason, until=given.until) if given else None


def chapters(plan: Plan) -> list[tuple[str, list[Row]]]:
    """The lines by chapter, those of the checks only where something was measured."""
    found = [(title, rows([each for each in plan.lines if each.chapter == key])) for key, title in _CHAPTERS.items()]
    return [(title, rows) for title, rows in found if rows]


def facts(plan: Plan) -> list[tuple[str, str]]:
    """What stands at the head of every format."""
    window = plan.window
    people = f"{plan.crew.people} {'person' if plan.crew.people == 1 else 'people'}"
    times = "first time" if plan.crew.experience == "first" else "experienced"
    latest = f"{said(plan.latest.moment)}, " if plan.latest.moment else "none: "
    found = [
        ("window", f"{window}, {plan.zone}" + (f"; done at {said(window.soonest)} at the soonest")),
        ("latest start", latest + plan.latest.why),
        ("people", f"{people}, {times}"),
        ("cost", f"{dollars(plan.costs.month)} a month, {dollars(plan.costs.once)} once"),
        ("measured", plan.target or "nothing: no target or profile was given"),
        ("guide", f"{plan.guide.name} {plan.guide.version}"),
    ]
    if plan.looked:
        found.insert(1, ("better", better(plan)))
    if plan.understood:
        found.insert(1, ("asked for", one_line(plan.understood)))
    if twice := _twice(window.starts):
        found.insert(1, ("clocks", twice))
    return found


def better(plan: Plan) -> str:
    """The next good window, for a date that the calendar minds."""
    return str(plan.better) if plan.better else f"none in the next {AHEAD} days"


def stages(plan: Plan) -> Table:
    """When each stage is, should everything take as long as it may; what is prepared has no time of its own."""
    spots = {spot.timed.stage.id: spot for spot in plan.window.spots}
    rows: list[tuple[str, ...]] = []
    for each in plan.stages:
        spot = spots.get(each.stage.id)
        when = f"{said(spot.starts)} to {spot.ends:%H:%M}" if spot else "on a day before"
        rows.append((each.stage.title, hours(each.minutes), when, each.stage.why))
    second = " ".join(f"A second person: {team.second}" for team in plan.guide.planning.teams)
    return Table("Window", ("Stage", "Takes", "When, at the latest", "What"), tuple(rows), second)


def prices(plan: Plan) -> Table:
    """Every price with its day and who said it, and the sums."""
    rows: list[tuple[str, ...]] = []
    for each in plan.guide.planning.costs:
        amount = share(each, plan.costs.hours) if each.hourly else each.amount
        dated = f"{each.price.source}, {each.price.dated:%B %Y}"
        rows.append(
            (each.title, dollars(amount) if amount else "", f"per {each.per}".replace("per once", "once"), dated)
        )
    once = f"with {hours(_minutes(plan.costs.hours))} of work"
    rows.append(("All of it a month", dollars(plan.costs.month), "per month", "computed"))
    rows.append(("All of it a year", dollars(plan.costs.year), "per year", "computed"))
    rows.append((f"All of it once, {once}", dollars(plan.costs.once), "once", "computed"))
    others = "; ".join(
        f"{each.title} {dollars(each.amount)} a month ({each.note.rstrip('.')})"
        for each in plan.guide.planning.alternatives
    )
    return Table("Costs", ("Item", "Price", "Paid", "Price of"), tuple(rows), f"Instead: {others}." if others else "")


def risks(plan: Plan) -> Table:
    """The risks of this run, the likely ones first."""
    rows = tuple(
        (
            each.risk.title,
            each.likely + (f" (usually {each.usual})" if each.likely != each.usual else ""),
            f"+{hours(each.risk.impact)}",
            each.risk.prevention + (f" Here: {one_line(each.because)}." if each.because else ""),
        )
        for each in plan.risks
    )
    return Table("Risks", ("Risk", "Likely", "Takes longer", "What prevents it"), rows)


def skills(plan: Plan) -> Table:
    rows = tuple((each.title, each.importance, each.why) for each in plan.guide.planning.skills)
    return Table("Skills", ("Skill", "Importance", "Why"), rows)


def corrections(plan: Plan) -> list[tuple[str, str, str, str]]:
    """Where the written guide is wrong about planning: element, what it says, what is true, why."""
    return [
        (part.title, part.corrects.says, part.corrects.true, part.corrects.why)
        for _, _, part in plan.guide.planning.parts()
        if part.corrects
    ]


def counts(plan: Plan) -> str:
    """ "28 lines: 12 pass, 1 fail, 15 unknown; 1 waived"."""
    found = [effective(line.verdict) for line in plan.lines]
    told = ", ".join(f"{found.count(state)} {state}" for state in State if state in found)
    return f"{len(found)} lines: {told}{states.counted_waived(sum(line.waiver is not None for line in plan.lines))}"


def hours(minutes: Range) -> str:
    """ "15-30 min", "1-2 h", "1.5-3 h"."""
    if minutes.at_most < 100:
        return _between(minutes.at_least, minutes.at_most, "min")
    return _between(minutes.at_least / 60, minutes.at_most / 60, "h")


def moment(when: datetime | None) -> str:
    return when.strftime("%Y-%m-%d %H:%M") if when else ""


def _twice(starts: datetime) -> str:
    """Which of two is meant, where clocks show that time twice, and nothing where they do not."""
    first, second = (starts.replace(fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return ""
    which, offset = "second" if starts.fold else "first", starts.isoformat(timespec="minutes")[-6:]
    return f"they show {starts:%H:%M} twice that day; meant is the {which}, UTC{offset}"


def _between(low: float, high: float, unit: str) -> str:
    ends: Sequence[str] = [f"{round(each, 1):g}" for each in (low, high)]
    return f"{ends[0]} {unit}" if ends[0] == ends[1] else f"{ends[0]}-{ends[1]} {unit}"


def _minutes(hours_: Range) -> Range:
    return Range(at_least=hours_.at_least * 60, at_most=hours_.at_most * 60)
