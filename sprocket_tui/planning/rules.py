"""The guide's rules of the calendar, each applied to one window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sprocket_tui.checks.observation import State
from sprocket_tui.checks.rollup import worst
from sprocket_tui.guide.planning import Rule
from sprocket_tui.planning.calendar import Calendar, later
from sprocket_tui.planning.line import Judgement, Measured, few
from sprocket_tui.planning.when import DAYS
from sprocket_tui.planning.window import Timed, Window, ending, said, window

# A window is looked for in so many days.
AHEAD = 120


def judge(rule: Rule, held: Window, calendar: Calendar, measured: Measured, now: datetime) -> Judgement:
    """What a rule says of a window. `now` is when that is asked."""
    if rule.kind == "settled":
        return _settled(rule, held, measured, now)
    broken = next(_broken(rule, held, calendar), "")
    if broken:
        return Judgement(State(rule.state), broken, remedy=_instead(rule, held, calendar))
    unknown = _unknown(rule, calendar)
    if unknown:
        return Judgement(State.UNKNOWN, *unknown)
    return Judgement(State.PASS, _kept(rule, held, calendar))


def next_window(
    rules: Sequence[Rule], stages: Sequence[Timed], calendar: Calendar, after: datetime, now: datetime, lead: float
) -> Window | None:
    """The next window from an opening of business on that no rule minds, else the next that none forbids.

    It begins after `after`, and `lead` hours after `now` at the earliest. None where 120 days have none.
    """
    kept: Window | None = None
    earliest = max(after, later(now, lead * 60).astimezone(calendar.zone))
    for days in range(AHEAD):
        held = window(stages, calendar.opening(earliest.date() + timedelta(days=days)), calendar)
        broken = {rule.state for rule in rules for _ in _broken(rule, held, calendar)}
        if held.starts <= earliest or "fail" in broken:
            continue
        if not broken:
            return held
        kept = kept or held
    return kept


@dataclass(frozen=True)
class Latest:
    """When to begin on a day at the latest, None where that day has no such moment; `why` says what limits it."""

    moment: datetime | None
    why: str


def latest_start(rules: Sequence[Rule], stages: Sequence[Timed], day: date, calendar: Calendar) -> Latest:
    """The last moment of the day from which all of it ends in business hours, and that no rule forbids."""
    last = ending(stages, calendar.closing(day))
    if last < calendar.opening(day):
        free = calendar.off(day)
        return Latest(None, f"nobody works on that day ({free})" if free else "it takes more than one business day")
    forbidding = [rule for rule in rules if rule.state == "fail"]

    def broken(moment: datetime) -> list[Rule]:
        held = window(stages, moment, calendar)
        return [rule for rule in forbidding if next(_broken(rule, held, calendar), "")]

    minded = broken(last)
    if not minded:
        return Latest(last, "to end inside business hours that day")
    for rule in minded:
        limit = datetime.combine(day, rule.after, calendar.zone) if rule.after else None
        earlier = limit and (limit if rule.kind == "start" else ending(stages, limit))
        if earlier and earlier < last and not broken(earlier):
            return Latest(earlier, f"because of the rule: {rule.title}")
    return Latest(None, f"the calendar forbids that day ({'; '.join(rule.title for rule in minded)})")


def _broken(rule: Rule, held: Window, calendar: Calendar) -> Iterator[str]:
    """Every way in which a window breaks a rule, in words; `settled` has none that a calendar knows."""
    match rule.kind:
        case "business-hours":
            yield from _outside(held, calendar)
        case "weekday":
            for begins, ends in held.stretches:
                for day in _days(begins, ends):
                    after = datetime.combine(day, rule.after, calendar.zone) if rule.after else None
                    if DAYS[day.weekday()] in rule.days and (after is None or ends > after):
                        yield f"{_day(day)}{f', and it may last until {ends:%H:%M}' if after else ''}"
        case "start":
            latest = datetime.combine(held.starts.date(), rule.after or calendar.hours.closes, calendar.zone)
            if held.starts > latest:
                yield f"it begins at {held.starts:%H:%M}, later than {latest:%H:%M}"
        case "before-days-off":
            yield from _before(rule, held, calendar)
        case "critical-period":
            for day in _every_day(held):
                period = calendar.period(day)
                if period:
                    why = f" ({period.why})" if period.why else ""
                    yield f"{_day(day)} is in the period from {_day(period.first)} to {_day(period.last)}{why}"
        case "settled":
            pass


def _outside(held: Window, calendar: Calendar) -> Iterator[str]:
    open_ = f"{calendar.hours.opens:%H:%M}-{calendar.hours.closes:%H:%M}"
    for begins, ends in held.stretches:
        off = calendar.off(begins.date())
        if off:
            yield (
                f"{_day(begins.date())} is {off}"
                if off != f"{begins:%A}"
                else f"{_day(begins.date())} is no working day"
            )
        elif begins < calendar.opening(begins.date()) or begins >= calendar.closing(begins.date()):
            yield f"{said(begins)} is outside business hours, {open_}"
        elif ends > calendar.closing(begins.date()):
            yield f"it may last until {said(ends)}; business hours are {open_}"


def _instead(rule: Rule, held: Window, calendar: Calendar) -> str:
    """What to do where the rule's own remedy would not help: nothing is early enough before business opens."""
    day = held.starts.date()
    if rule.kind != "business-hours" or (not calendar.off(day) and held.starts >= calendar.opening(day)):
        return ""
    opens = f"{calendar.hours.opens:%H:%M}"
    return (
        f"Begin on a working day, from {opens} on." if calendar.off(day) else f"Begin when business opens, at {opens}."
    )


def _before(rule: Rule, held: Window, calendar: Calendar) -> Iterator[str]:
    for day in _every_day(held):
        following = day + timedelta(days=1)
        free = calendar.days_off_from(following)
        if calendar.off(day):
            continue
        if named := calendar.holiday(following):
            yield f"the next day, {_day(following)}, is {named}"
        elif free >= (rule.days_off or 0):
            yield f"{free} days without work follow {_day(day)}"


def _unknown(rule: Rule, calendar: Calendar) -> tuple[str, bool, str] | None:
    """Why a rule that is not broken may be all the same, that this does not block, and what to do about it."""
    if rule.kind == "before-days-off" and not calendar.knows_holidays:
        said = "which days are holidays is not known; the settings name no country"
        return said, False, "Write `country: DE`, or yours, into plan.yaml."
    if rule.kind == "critical-period" and calendar.periods is None:
        said = "the settings do not say which periods are critical"
        return said, False, "Write critical_periods into plan.yaml, as [] where there is none."
    return None


def _kept(rule: Rule, held: Window, calendar: Calendar) -> str:
    match rule.kind:
        case "business-hours":
            assumed = " (assumed; the settings say none)" if calendar.hours_assumed else ""
            return f"{held}, in {calendar.hours.opens:%H:%M}-{calendar.hours.closes:%H:%M}{assumed}"
        case "before-days-off":
            following = held.ends.date() + timedelta(days=1)
            free = calendar.off(following)
            return f"{_day(following)} is {f'{free}, and no long weekend' if free else 'a working day'}"
        case _:
            return str(held)


def _settled(rule: Rule, held: Window, measured: Measured, now: datetime) -> Judgement:
    hours = rule.hours or 0
    by = later(held.starts, -hours * 60)
    over = by < now
    found = measured.of(rule)
    until = f"they must be right by {said(by)}" + (", which has passed" if over else "")
    if not measured.verdicts:
        return Judgement(State.UNKNOWN, f"not measured; {until}", blocking=False)
    if not found:
        return Judgement(State.SKIPPED, "nothing of it applies here")
    state = worst(measured.state(each) for each in found)
    titles = few([each.title for each in found if measured.state(each) is state])
    if state in {State.PASS, State.WARN}:
        seen, _ = measured.span(found, now)
        at = (seen or now).astimezone(held.starts.tzinfo)
        # That they are right now does not say since when.
        late = f", and whether they were by {said(by)} nobody measured" if at > by else ""
        return Judgement(State.PASS, f"right at {said(at)}{late}{measured.but_for(found)}")
    word = "wrong" if state is State.FAIL else "unknown"
    if not over:
        return Judgement(State.WARN, f"{word} now, and {until}: {titles}")
    return Judgement(State(rule.state) if state is State.FAIL else State.UNKNOWN, f"{word}, and {until}: {titles}")


def _days(begins: datetime, ends: datetime) -> Iterator[date]:
    day = begins.date()
    while day <= ends.date() and (datetime.combine(day, ends.min.time(), ends.tzinfo) < ends or day == begins.date()):
        yield day
        day += timedelta(days=1)


def _every_day(held: Window) -> Iterator[date]:
    for begins, ends in held.stretches:
        yield from _days(begins, ends)


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
