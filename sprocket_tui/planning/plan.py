"""A plan for one date: its lines, the window, and the verdict with the weakest evidence behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.checks.rollup import effective, verdict_of
from sprocket_tui.checks.waivers import Waiver, Waivers
from sprocket_tui.exits import Exit
from sprocket_tui.guide.model import Guide
from sprocket_tui.guide.planning import Rule
from sprocket_tui.planning import costs as money
from sprocket_tui.planning import people, rules
from sprocket_tui.planning.calendar import Calendar
from sprocket_tui.planning.costs import Costs
from sprocket_tui.planning.line import Line, Measured, alike, verdict, weakest
from sprocket_tui.planning.risks import Weighed, weighed
from sprocket_tui.planning.settings import Settings
from sprocket_tui.planning.window import Crew, Timed, Window, timed, total, window


@dataclass(frozen=True)
class Plan:
    """Everything a planner is told. `target` is empty where nothing was measured.

    `better` is the next good window, None where none was looked for or, with `looked`, none is near.
    `understood` is how the date was taken, empty where nothing had to be. `stopped` is the signal that cut the
    measuring short, 0 without one.
    """

    guide: Guide
    settings: Settings
    zone: str
    now: datetime
    crew: Crew
    stages: tuple[Timed, ...]
    window: Window
    latest: rules.Latest
    better: Window | None
    looked: bool
    costs: Costs
    risks: tuple[Weighed, ...]
    lines: tuple[Line, ...]
    word: str
    code: Exit
    weakest: Line | None
    target: str = ""
    practice: bool = False
    stopped: int = 0
    understood: str = ""

    @property
    def missing(self) -> tuple[Line, ...]:
        """What is not as it should be and nobody answers for, what blocks first."""
        open_ = [line for line in self.lines if effective(line.verdict) not in {State.PASS, State.SKIPPED}]
        open_ = [line for line in open_ if line.waiver is None]
        worst = list(State)
        return tuple(sorted(open_, key=lambda line: (not line.verdict.blocking, worst.index(effective(line.verdict)))))

    @property
    def sentence(self) -> str:
        """The verdict, what it rests on least, and when to measure that again."""
        decides = State.FAIL if self.code is Exit.FAILED else State.UNKNOWN
        reasons = alike(
            [each for each in self.missing if each.verdict.blocking and effective(each.verdict) is decides], self.lines
        )
        said = f"{self.word[0].upper()}{self.word[1:]} for {self.window}{': ' if reasons else ''}{'; '.join(reasons)}."
        if self.stopped:
            said += " The measuring was interrupted."
        if self.weakest is None:
            return said
        line = self.weakest
        rests = f"{said} Weakest evidence: {line.verdict.title}"
        if effective(line.verdict) is State.UNKNOWN:
            return f"{rests}: {line.verdict.observed.rstrip('.')}."
        if line.until is None or line.measured is None:
            return f"{rests}."
        found, ends = line.times
        again = (
            " That ends before the window does: look again shortly before it." if line.until < self.window.ends else ""
        )
        return f"{rests}, found {found}, valid until {ends}.{again}"


def plan(
    guide: Guide,
    settings: Settings,
    crew: Crew,
    at: datetime,
    now: datetime,
    verdicts: Sequence[Verdict] = (),
    *,
    target: str = "",
    practice: bool = False,
    waivers: Waivers | None = None,
    stopped: int = 0,
    understood: str = "",
) -> Plan:
    """The plan to begin at `at`, as it stands `now`; without `verdicts` calendar, people and cost are judged alone.

    `waivers` are those that hold now, by a check's id; one that ends before the window does not hold then.
    """
    planning, zone = guide.planning, settings.zone()
    at, now = at.astimezone(zone), now.astimezone(zone)
    calendar = Calendar(settings, zone)
    stages = timed(planning, crew)
    held = window(stages, at, calendar)
    holding = {id_: each for id_, each in (waivers or {}).items() if each.until >= held.ends.date()}
    measured = Measured(guide, verdicts, frozenset(holding))
    sums = money.costs(planning.costs, total(stages), crew)
    lines = [
        *(_rule(rule, held, calendar, measured, now) for rule in planning.rules),
        *(people.crewed(team, crew, now, held.ends) for team in planning.teams),
        *money.judged(planning.costs, sums, settings.budget, now, held),
        *(people.prepared(each, settings.told, measured, now, held) for each in planning.prerequisites),
        *(_check(each, (waivers or {}).get(each.id), held, measured, now) for each in verdicts),
    ]
    word, code = verdict_of([line.verdict for line in lines], {line.verdict.id for line in lines if line.waiver})
    forbidden = any(_minded(line) for line in lines)
    return Plan(
        guide=guide,
        settings=settings,
        zone=zone.key,
        now=now,
        crew=crew,
        stages=stages,
        window=held,
        latest=rules.latest_start(planning.rules, stages, at.date(), calendar),
        better=rules.next_window(planning.rules, stages, calendar, at, now, _lead(lines, planning.rules))
        if forbidden
        else None,
        looked=forbidden,
        costs=sums,
        risks=weighed(planning.risks, measured, crew),
        lines=tuple(lines),
        word=word,
        code=code,
        weakest=weakest(lines),
        target=target,
        practice=practice,
        stopped=stopped,
        understood=understood,
    )


def _rule(rule: Rule, held: Window, calendar: Calendar, measured: Measured, now: datetime) -> Line:
    judged = rules.judge(rule, held, calendar, measured, now)
    found = verdict(
        rule,
        judged,
        expected=rule.title,
        why=f"The guide: {rule.says}.",
        remedy=rule.remedy,
        prefix="calendar",
        blocking=rule.state == "fail",
    )
    rests = measured.of(rule) if rule.kind == "settled" else []
    at, until = measured.span(rests, now) if rests else (now, held.ends)
    unknown = judged.state is State.UNKNOWN
    return Line(
        "calendar",
        found,
        "measured" if rule.kind == "settled" else "computed",
        None if unknown else at,
        None if unknown else until,
    )


def _minded(line: Line) -> bool:
    """Whether another date would be a better one; what can still be put right before this one is no reason."""
    judged = line.verdict.state in {State.FAIL, State.WARN}
    return (
        line.chapter == "calendar" and judged and not (line.source == "measured" and line.verdict.state is State.WARN)
    )


def _check(each: Verdict, waiver: Waiver | None, held: Window, measured: Measured, now: datetime) -> Line:
    at, until = measured.times(each, now)
    if waiver and waiver.until < held.ends.date():
        void = f"the waiver of {waiver.by} ends on {waiver.until}, before the window does"
        return Line("checks", replace(each, observed=f"{each.observed} ({void})"), "measured", at, until)
    return Line("checks", each, "measured", at, until, waiver)


def _lead(lines: Sequence[Line], every: Sequence[Rule]) -> float:
    """The hours that what is not settled yet needs, should it be put right now."""
    open_ = {line.verdict.id for line in lines if line.verdict.state is not State.PASS}
    return max((rule.hours or 0 for rule in every if f"calendar.{rule.id}" in open_), default=0)
