"""Whether there are people enough, and whether what must be so before a date is so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from sprocket_tui.checks.observation import State
from sprocket_tui.checks.rollup import worst
from sprocket_tui.guide.planning import Prerequisite, Team
from sprocket_tui.planning.line import Judgement, Line, Measured, verdict
from sprocket_tui.planning.settings import Told
from sprocket_tui.planning.window import Crew, Window


def crewed(team: Team, crew: Crew, now: datetime, until: datetime) -> Line:
    """Whether these are enough people for what they know."""
    wise: int = getattr(team, crew.experience)
    times = "for the first time" if crew.experience == "first" else "with experience"
    observed = f"{crew.people} {'person' if crew.people == 1 else 'people'}, {times}"
    judged = Judgement(State.PASS if crew.people >= wise else State.WARN, observed)
    found = verdict(
        team,
        judged,
        expected=f"{wise} or more",
        why=f"The guide: {team.says}.",
        remedy=f"Find somebody. {team.second}",
        prefix="people",
        blocking=False,
    )
    return Line("people", found, "as given", now, until)


def prepared(each: Prerequisite, told: Mapping[str, Told], measured: Measured, now: datetime, held: Window) -> Line:
    """A prerequisite by what was measured of it, else by what somebody told, if that holds until the window is over."""
    found = measured.of(each)
    # One that fails decides, whatever else is not known and whatever anybody said.
    decides = [one for one in found if measured.state(one) is State.FAIL]
    if not decides and all(measured.state(one) is not State.UNKNOWN for one in found):
        decides = found
    if decides:
        state = worst(measured.state(one) for one in decides)
        wrong = "; ".join(f"{one.title}: {one.observed}" for one in decides if measured.state(one) is not State.PASS)
        passed = sum(one.id not in measured.waived for one in decides)
        checks = f"{passed} check{'' if passed == 1 else 's'} passed{measured.but_for(decides)}"
        judged = Judgement(state, wrong or (checks if passed else f"it is waived: {measured.answered_for(decides)}"))
        return _line(each, judged, "measured", *measured.span(decides, now))
    word = told.get(each.id)
    if word is None:
        lacking = "what was measured does not tell it" if found else "nobody has told it"
        said = f"{each.remedy} Then write it into plan.yaml (told: {each.id})."
        return _line(each, Judgement(State.UNKNOWN, lacking, blocking=False, remedy=said), "nobody", None, None)
    ends = word.until or word.said + timedelta(days=each.valid_days)
    moment = datetime.combine(word.said, time(), now.tzinfo)
    who = f"{word.who} said so" if word.who else "said"
    if not word.holds:
        # A no does not get old: it holds until somebody says yes.
        judged = Judgement(State.FAIL if each.blocking else State.WARN, f"no, {who} on {word.said}")
        return _line(each, judged, word.who or "told", moment, None)
    until = datetime.combine(ends, time(23, 59), now.tzinfo)
    if until < max(held.ends, now):
        over = f"that held until {ends}" if until < now else f"that holds until {ends}; the window is {held}"
        judged = Judgement(State.UNKNOWN, f"yes, {who} on {word.said}; {over}", blocking=False)
    else:
        judged = Judgement(State.PASS, f"yes, {who} on {word.said}")
    return _line(each, judged, word.who or "told", moment, until)


def _line(each: Prerequisite, judged: Judgement, source: str, moment: datetime | None, until: datetime | None) -> Line:
    found = verdict(
        each,
        judged,
        expected="so, before a date is set",
        why=each.why,
        remedy=each.remedy,
        prefix="prerequisite",
        blocking=each.blocking,
    )
    return Line("prerequisites", found, source, moment, until)
