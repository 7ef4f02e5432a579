"""Runs checks: expands them, measures everything at once, then judges in the order of their needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from sprocket_tui.checks import judge
from sprocket_tui.checks.measure import Measurement, Target, measure
from sprocket_tui.checks.observation import Observation, State, Verdict
from sprocket_tui.checks.rollup import effective, worst
from sprocket_tui.checks.vars import expanded, in_scope
from sprocket_tui.guide import templates
from sprocket_tui.guide.conditions import Missing
from sprocket_tui.guide.model import Check
from sprocket_tui.guide.resolve import Expanded, applies, expand_for_each
from sprocket_tui.secret import Secret
from sprocket_tui.target.link import Link, Privilege
from sprocket_tui.values import JSON

_CONNECT = "Restore the connection to the target, then check this again."


@dataclass(frozen=True)
class Measured:
    """An observation and when it was made, on the runner's own clock (seconds)."""

    observation: Observation
    at: float


Cache = dict[str, Measured]


@dataclass(frozen=True)
class _Planned:
    """A check as it will be run. Without a measurement it lacks the variable `missing`, or does not apply."""

    item: Expanded[Check]
    measurement: Measurement | None = None
    missing: str = ""
    parents: frozenset[str] = field(default_factory=frozenset[str])

    @property
    def id(self) -> str:
        return self.item.element.id


def run_checks(
    checks: Sequence[Check],
    *,
    link: Link | None,
    values: Mapping[str, JSON],
    secrets: Mapping[str, Secret],
    path: tuple[str, ...] = (),
    privilege: Privilege | None = None,
    deadline: float = 60,
    unreachable: str = "there is no connection to the target",
    cache: Cache | None = None,
    on_verdict: Callable[[Verdict], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
) -> tuple[Verdict, ...]:
    """Every check's verdict, in the order given, elements of a `for_each` side by side.

    All droplet commands share one channel of `link`; without a link those checks are unknown with `unreachable` as the
    reason, and a connection lost on the way is a reason like any other. `secrets` are masked in all that was seen. No
    command may take longer than `deadline` seconds. What stands in `cache` and is younger than its check's ttl is not
    measured again; new measurements are put there. `on_verdict` is called with each verdict as it is made, needs first.
    """
    plans = [plan for check in checks for plan in _plans(check, values)]
    plans = _with_parents(plans)
    known: Cache = {} if cache is None else cache
    fresh = {
        plan.measurement.key
        for plan in plans
        if plan.measurement
        and plan.measurement.key in known
        and clock() - known[plan.measurement.key].at < plan.item.element.ttl
    }
    wanted = [plan.measurement for plan in plans if plan.measurement and plan.measurement.key not in fresh]
    target = Target(link, unreachable, path, privilege or Privilege())
    observed = measure(wanted, target=target, secrets=secrets, deadline=deadline, wall=wall)
    observed |= {key: known[key].observation for key in fresh}
    now = clock()
    known.update({key: Measured(seen, now) for key, seen in observed.items() if seen.measured and key not in fresh})

    made: dict[str, Verdict] = {}
    by_id = {plan.id: plan for plan in plans}
    for id_ in TopologicalSorter({plan.id: plan.parents for plan in plans}).static_order():
        made[id_] = _judged(by_id[id_], observed, made, plans, connected=link is not None)
        if on_verdict:
            on_verdict(made[id_])
    return tuple(made[plan.id] for plan in plans)


def _plans(check: Check, values: Mapping[str, JSON]) -> list[_Planned]:
    return [_plan(item) for item in expand_for_each(check, values)]


def _plan(item: Expanded[Check]) -> _Planned:
    check = item.element
    if item.missing:
        return _Planned(item, missing=item.missing)
    # What depends on other checks' states is decided after measuring; a plain no spares the measurement.
    if check.when and not _on_checks(check) and check.when.holds(in_scope(item.values, {})) is False:
        return _Planned(item)
    try:
        return _Planned(item, Measurement(expanded(check.probe, item.values), check.where))
    except templates.MissingVar as error:
        return _Planned(item, missing=error.name)


def _on_checks(check: Check) -> set[str]:
    """The checks whose states `when` refers to."""
    found = check.when.references() if check.when else set[str]()
    return {name.removeprefix("check.") for name in found if name.startswith("check.")}


def _with_parents(plans: Sequence[_Planned]) -> list[_Planned]:
    """Each plan with the ids that must be judged before it: its needs and the checks of its `when`, as far as here."""
    ids = {plan.id for plan in plans}
    bases: dict[str, set[str]] = {}
    for plan in plans:
        bases.setdefault(plan.item.base, set()).add(plan.id)

    def parents(plan: _Planned) -> frozenset[str]:
        check = plan.item.element
        suffix = check.id.removeprefix(plan.item.base)
        found: set[str] = set()
        for name in {*check.needs, *_on_checks(check)}:
            # An element of a list needs its own sibling of the same item, where there is one.
            found |= {name + suffix} if name + suffix in ids else bases.get(name, set())
        return frozenset(found - {check.id})

    return [_Planned(plan.item, plan.measurement, plan.missing, parents(plan)) for plan in plans]


def _judged(
    plan: _Planned,
    observed: Mapping[str, Observation],
    made: Mapping[str, Verdict],
    plans: Sequence[_Planned],
    *,
    connected: bool,
) -> Verdict:
    check, values = plan.item.element, plan.item.values
    blocker = _blocker(plan, made, plans)
    if blocker:
        return judge.skipped(check, values, because=f"blocked by {blocker}", blocked_by=blocker)
    if check.when:
        look = in_scope(values, _states(made, plans))
        apply = applies(check.when, look)
        if apply is False:
            return judge.skipped(check, values, because="does not apply here")
        if apply is None:
            names = ", ".join(sorted(name for name in check.when.references() if isinstance(look(name), Missing)))
            reason = f"whether it applies depends on {names}, which is not known"
            return judge.unknown(check, Observation(reason=reason), values, to_do=_give(names))
    if plan.missing:
        reason = Observation(reason=f"the variable {plan.missing} has no value")
        return judge.unknown(check, reason, values, to_do=_give(plan.missing))
    assert plan.measurement
    observation = observed[plan.measurement.key]
    if not observation.measured and check.where == "droplet" and not connected:
        return judge.unknown(check, observation, values, to_do=_CONNECT)
    return judge.judge(check, observation, values)


def _blocker(plan: _Planned, made: Mapping[str, Verdict], plans: Sequence[_Planned]) -> str:
    """The root cause that keeps this check from being asked: a need that failed, or what blocked that need."""
    needs = set(plan.item.element.needs)
    for parent in sorted(plan.parents):
        base = next(other.item.base for other in plans if other.id == parent)
        if base not in needs and parent not in needs:
            continue
        verdict = made[parent]
        if effective(verdict) in {State.FAIL, State.UNKNOWN}:
            return verdict.blocked_by or verdict.id
    return ""


def _states(made: Mapping[str, Verdict], plans: Sequence[_Planned]) -> dict[str, State]:
    """States by id, and by the id in the guide for lists: the worst of its elements."""
    states = {id_: effective(verdict) for id_, verdict in made.items()}
    for base in {plan.item.base for plan in plans} - set(states):
        of_base = [states[plan.id] for plan in plans if plan.item.base == base and plan.id in states]
        if of_base:
            states[base] = worst(of_base)
    return states


def _give(names: str) -> str:
    return f"Give {names} in the profile or the answers, then check this again."
