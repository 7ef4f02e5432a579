"""Runs checks: expands them, measures everything at once, then judges in the order of their needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter

from sprocket_tui.checks import judge
from sprocket_tui.checks.lacking import because, undecided, without
from sprocket_tui.checks.measure import Measurement, Target, measure
from sprocket_tui.checks.observation import Observation, State, Verdict
from sprocket_tui.checks.once import Once
from sprocket_tui.checks.pace import INTERRUPTED, Pace
from sprocket_tui.checks.rollup import effective, worst
from sprocket_tui.checks.vars import expanded, in_scope
from sprocket_tui.guide import templates
from sprocket_tui.guide.model import Check, Var
from sprocket_tui.guide.resolve import Elements, Expanded, applies, expand_for_each, measured
from sprocket_tui.redaction import Redactor
from sprocket_tui.secret import Secret
from sprocket_tui.target.link import Link, Privilege
from sprocket_tui.values import JSON

# What only looks is measured at once; what changes something waits until it is known that it is to be asked.
_WAITS = Observation(reason=INTERRUPTED)
_CONNECT = "Restore the connection to the target, then check this again."


@dataclass(frozen=True)
class Measured:
    """An observation, when it was made, and until when it counts for the strictest check, on the runner's own clock."""

    observation: Observation
    at: float
    until: float


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


@dataclass(frozen=True)
class _Names:
    """What a person calls things: the variables by name, and by a check's id the step of the walk that measures it."""

    variables: Mapping[str, Var]
    steps: Mapping[str, str]


def run_checks(
    checks: Sequence[Check],
    *,
    link: Link | None,
    values: Mapping[str, JSON],
    secrets: Mapping[str, Secret],
    variables: Sequence[Var] = (),
    beside: Sequence[Check] = (),
    elements: Elements | None = None,
    steps: Mapping[str, str] | None = None,
    path: tuple[str, ...] = (),
    privilege: Privilege | None = None,
    deadline: float = 60,
    unreachable: str = "there is no connection to the target",
    cache: Cache | None = None,
    once: Once[Observation] | None = None,
    pace: Pace | None = None,
    on_verdict: Callable[[Verdict], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
) -> tuple[Verdict, ...]:
    """Every check's verdict, in the order given, `elements` of a `for_each` side by side.

    All droplet commands share one channel of `link`; without a link those checks are unknown with `unreachable` as the
    reason, and a connection lost on the way is a reason like any other. `secrets` are masked in all that was seen. No
    command may take longer than `deadline` seconds. What stands in `cache` and is younger than its check's ttl is not
    measured again; new measurements are put there. `once` is shared with the runs on other targets at the same time:
    what is measured from here is measured for all of them. `on_verdict` is called with each verdict, needs first. What
    one of these checks measures of `variables` is known to the others; one whose command needs it is measured after it,
    and so is one that changes something where it measures, once it is known to apply and what it needs passed.
    Checks of `beside` are measured and judged likewise, but not returned. `steps` says which step measures a check.
    `pace` may end it early, for all rounds together: what was not measured by then is unknown.
    """
    known: Cache = {} if cache is None else cache
    target = Target(link, unreachable, path, privilege or Privilege())
    values, observed = dict(values), dict[str, Observation]()
    meant = elements or Elements()
    names = _Names({var.name: var for var in variables}, steps or {})
    due: set[str] = set()
    while True:
        plans = _with_parents([plan for check in (*beside, *checks) for plan in _plans(check, values, meant)])
        wanted = [
            plan
            for plan in plans
            if plan.measurement
            and plan.measurement.key not in observed
            and (plan.id in due or not plan.measurement.words.leaves)
        ]
        fresh = {
            plan.measurement.key: known[plan.measurement.key].observation
            for plan in wanted
            if plan.measurement
            and plan.measurement.key in known
            and clock() - known[plan.measurement.key].at < plan.item.element.ttl
        }
        asked = [plan.measurement for plan in wanted if plan.measurement and plan.measurement.key not in fresh]
        if pace and pace.teller:
            names_of = {plan.measurement.key: _title(plan) for plan in wanted if plan.measurement}
            pace.teller.wanted({each.key: names_of[each.key] for each in asked})
        left = min(deadline, max(1.0, pace.until - time.monotonic())) if pace else deadline
        ended = bool(pace and pace.stopped())
        answered = (
            {each.key: _WAITS for each in asked}
            if ended
            else measure(asked, target=target, secrets=secrets, deadline=left, wall=wall, pace=pace, once=once)
        )
        now, here, ttls = clock(), wall(), _ttls(plans)
        for key, seen in answered.items():
            if seen.measured:
                # What answered first is older than what was waited for.
                at = now - max(0.0, here - seen.at)
                known[key] = Measured(seen, at, at + ttls[key])
        observed |= fresh | answered
        made = _all_judged(plans, observed, names, connected=link is not None)
        found = _found(variables, made, values)
        waiting = {plan.id for plan in plans if made[plan.id].observation is _WAITS} - due
        if not found and (ended or not waiting):
            break
        values |= found
        due |= waiting
    redact = Redactor(secrets.values()).text
    for plan in plans:
        if plan.measurement:
            made[plan.id] = replace(made[plan.id], asked=plan.measurement.asked(redact))
    if on_verdict:
        for verdict in made.values():
            on_verdict(verdict)
    unasked = {check.id for check in beside}
    return tuple(made[plan.id] for plan in plans if plan.item.base not in unasked)


def _ttls(plans: Sequence[_Planned]) -> dict[str, float]:
    """How long each measurement counts, in seconds: as long as the strictest check of it says."""
    found: dict[str, float] = {}
    for plan in plans:
        if plan.measurement:
            key, ttl = plan.measurement.key, plan.item.element.ttl
            found[key] = min(ttl, found.get(key, ttl))
    return found


def _title(plan: _Planned) -> str:
    return templates.shown(plan.item.element.title, plan.item.values)


def _plans(check: Check, values: Mapping[str, JSON], meant: Elements) -> list[_Planned]:
    return [_plan(item) for item in expand_for_each(check, values) if meant.has(item.element.id, item.base)]


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


def _all_judged(
    plans: Sequence[_Planned],
    observed: Mapping[str, Observation],
    names: _Names,
    *,
    connected: bool,
) -> dict[str, Verdict]:
    """Every plan's verdict by id, needs first."""
    made: dict[str, Verdict] = {}
    by_id = {plan.id: plan for plan in plans}
    for id_ in TopologicalSorter({plan.id: plan.parents for plan in plans}).static_order():
        made[id_] = _judged(by_id[id_], observed, made, plans, names, connected=connected)
    return made


def _found(variables: Sequence[Var], made: Mapping[str, Verdict], values: Mapping[str, JSON]) -> dict[str, JSON]:
    """The variables that these verdicts are the measurement of, and that had no value yet."""
    found: dict[str, JSON] = {}
    for var in variables:
        verdict = made.get(var.measured_by or "")
        if verdict and verdict.observation.measured and values.get(var.name) is None:
            found[var.name] = measured(var, verdict.observation.value, verdict.observation.seen)
    return {name: value for name, value in found.items() if value is not None}


def _judged(
    plan: _Planned,
    observed: Mapping[str, Observation],
    made: Mapping[str, Verdict],
    plans: Sequence[_Planned],
    names: _Names,
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
            return judge.skipped(check, values, because=because(check.when, look, names.variables))
        if apply is None:
            return judge.unknown(check, undecided(check.when, look, names.variables, names.steps), values)
    if plan.missing:
        return judge.unknown(check, without(plan.missing, names.variables), values)
    assert plan.measurement
    observation = observed.get(plan.measurement.key, _WAITS)
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
