"""What it costs a month and once: added up from the guide's prices, each with its day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sprocket_tui.checks.observation import State
from sprocket_tui.guide.planning import Cost, Part, Range
from sprocket_tui.planning.line import Judgement, Line, verdict
from sprocket_tui.planning.settings import Budget
from sprocket_tui.planning.window import Crew, Window, said

_MONTHS = 12
_MONTH = Part(id="month", title="Costs a month", guide=("G010", "G033"))
_ONCE = Part(id="once", title="Costs once", guide=("G009", "G020"))
_LOOK_UP = "Look them up at the provider, and put them into the guide (screens/planning.yaml)."
_APPROVED = "The guide: Budget not yet approved for monthly recurring costs."


@dataclass(frozen=True)
class Costs:
    """Dollars a month (what is paid each year in twelfths), and once. `hours` are those that all people work."""

    month: Range
    once: Range
    hours: Range

    @property
    def year(self) -> Range:
        return Range(at_least=self.month.at_least * _MONTHS, at_most=self.month.at_most * _MONTHS)


def costs(items: Sequence[Cost], work: Range, crew: Crew) -> Costs:
    """The sums, with `work` in minutes for each person."""
    hours = Range(at_least=work.at_least / 60 * crew.people, at_most=work.at_most / 60 * crew.people)
    month = [share(each, hours) for each in items if each.per != "once"]
    once = [share(each, hours) for each in items if each.per == "once"]
    return Costs(_sum(month), _sum(once), hours)


def share(cost: Cost, hours: Range) -> Range:
    """What one item adds to its sum: a twelfth of what is paid each year, an hourly rate for all hours."""
    if cost.hourly is not None:
        return Range(at_least=cost.hourly.at_least * hours.at_least, at_most=cost.hourly.at_most * hours.at_most)
    amount = cost.amount or Range(at_least=0, at_most=0)
    parts = _MONTHS if cost.per == "year" else 1
    return Range(at_least=amount.at_least / parts, at_most=amount.at_most / parts)


def judged(items: Sequence[Cost], found: Costs, budget: Budget, now: datetime, held: Window) -> Iterator[Line]:
    """Whether both sums are within the budget, and whether the prices are still good when the window is over."""
    if not items:
        return
    ends = max(held.ends, now)
    until = min(_until(each, now) for each in items)
    for part, amount, most, why, once in (
        (_MONTH, found.month, budget.month, _APPROVED, False),
        (_ONCE, found.once, budget.once, "Whoever pays should know it before.", True),
    ):
        good = min((_until(each, now) for each in items if (each.per == "once") is once), default=ends)
        judgement = _held(_within(amount, most), good, now, held)
        dated = min((_dated(each, now) for each in items if (each.per == "once") is once), default=now)
        yield _line(part, judgement, most, why, dated, good, blocking=not once)
    old = [each for each in items if _until(each, now) < ends]
    named = ", ".join(f"{each.title} ({each.price.source}, {each.price.dated})" for each in old)
    oldest = min(each.price.dated for each in items)
    aged = (
        Judgement(State.WARN, f"older than they may be{'' if until < now else f' by {said(held.ends)}'}: {named}")
        if old
        else Judgement(State.PASS, f"the oldest is of {oldest}")
    )
    part = Part(id="prices", title="Prices are not too old", guide=("G010",))
    found_ = verdict(
        part,
        aged,
        expected="prices that were looked up within a year",
        why="What is computed from old prices is a guess.",
        remedy=_LOOK_UP,
        prefix="cost",
        blocking=False,
    )
    yield Line("cost", found_, "guide", min(_dated(each, now) for each in items), until)


def dollars(amount: Range, *, cents: bool = False) -> str:
    """ "$132" or "$810-2,415", and "$132.25" with `cents`."""
    low, high = (f"{each:,.2f}" if cents else f"{round(each):,}" for each in (amount.at_least, amount.at_most))
    return f"${low}" if low == high else f"${low}-{high}"


def _within(amount: Range, budget: float | None) -> Judgement:
    if budget is None:
        return Judgement(State.UNKNOWN, f"{dollars(amount)}; the settings name no budget", blocking=False)
    most = Range(at_least=budget, at_most=budget)
    # To the dollar a sum and a budget that it does not keep to may look alike.
    ends = (amount.at_least, amount.at_most)
    cents = any(round(each) == round(budget) and round(each, 2) != round(budget, 2) for each in ends)
    said = f"{dollars(amount, cents=cents)}, of {dollars(most, cents=cents)}"
    if round(amount.at_most, 2) <= round(budget, 2):
        return Judgement(State.PASS, said)
    beyond = amount.at_most - budget
    if round(amount.at_least, 2) > round(budget, 2):
        over = Range(at_least=amount.at_least - budget, at_most=beyond)
        return Judgement(State.FAIL, f"{said}: {dollars(over, cents=cents)} too much")
    return Judgement(
        State.WARN, f"{said}: up to {dollars(Range(at_least=beyond, at_most=beyond), cents=cents)} too much"
    )


def _held(judgement: Judgement, good: datetime, now: datetime, held: Window) -> Judgement:
    """A sum within the budget counts while the prices are `good`; what it is by later ones nobody knows."""
    if judgement.state is not State.PASS or good >= max(held.ends, now):
        return judgement
    until = (
        f"were good until {good:%Y-%m-%d}" if good < now else f"are good until {good:%Y-%m-%d}; the window is {held}"
    )
    said = f"{judgement.observed}, by prices that {until}"
    return Judgement(State.UNKNOWN, said, blocking=False, remedy=_LOOK_UP)


def _line(
    part: Part,
    judgement: Judgement,
    budget: float | None,
    why: str,
    dated: datetime,
    until: datetime,
    *,
    blocking: bool,
) -> Line:
    """`dated` is the day of the oldest price in it: what is added up is no younger."""
    found = verdict(
        part,
        judgement,
        expected="within the budget",
        why=why,
        remedy="Agree on a budget, and put it into the settings (budget: {month: ..., once: ...}).",
        prefix="cost",
        blocking=blocking,
    )
    return Line("cost", found, "computed", dated, None if budget is None else until)


def _sum(amounts: Sequence[Range]) -> Range:
    return Range(at_least=sum(each.at_least for each in amounts), at_most=sum(each.at_most for each in amounts))


def _dated(cost: Cost, now: datetime) -> datetime:
    """The day of its price, by the clock of the plan."""
    return datetime.combine(cost.price.dated, time(), now.tzinfo)


def _until(cost: Cost, now: datetime) -> datetime:
    """How long its price is good."""
    return _dated(cost, now) + timedelta(days=cost.price.valid_days)
