"""From observation to verdict: the first outcome whose rule holds decides, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping

from sprocket_tui.checks.observation import Observation, Remedy, State, Verdict
from sprocket_tui.checks.vars import in_observation
from sprocket_tui.guide.model import Check, Outcome, RemedyText
from sprocket_tui.guide.templates import is_whole, shown
from sprocket_tui.redaction import Redactor
from sprocket_tui.values import JSON

# A value that is no secret by its name may hold one all the same: an address with a password in it.
_SHAPES = Redactor()


def judge(check: Check, observation: Observation, values: Mapping[str, JSON]) -> Verdict:
    """The verdict of one check. Not measured, or no rule that fits, is unknown, and says why."""
    if not observation.measured:
        return unknown(check, observation, values)
    look = in_observation(observation, values)
    untold: set[str] = set()
    for outcome in check.outcomes:
        answer = outcome.when.holds(look)
        if answer:
            return _verdict(check, outcome, observation, values)
        if answer is None:
            untold |= {reference for reference in outcome.when.references() if not _is_told(look(reference))}
    missing = f" (nothing is known of {', '.join(sorted(untold))})" if untold else ""
    reason = f"no rule fits: {observation.seen or 'nothing was seen'}{missing}"
    return _made(check, State.UNKNOWN, observation, values, observed=reason, why=check.why, remedy=_again(check))


def unknown(check: Check, observation: Observation, values: Mapping[str, JSON], *, to_do: str = "") -> Verdict:
    """The verdict of a check that could not be measured; `to_do` says how it can be, where the probe does not."""
    remedy = _again(check, observation.to_do or to_do)
    return _made(check, State.UNKNOWN, observation, values, observed=observation.reason, why=check.why, remedy=remedy)


def skipped(check: Check, values: Mapping[str, JSON], *, because: str, blocked_by: str = "") -> Verdict:
    """The verdict of a check that does not apply, or whose need `blocked_by` is not met."""
    observation = Observation(reason=because)
    return _made(
        check, State.SKIPPED, observation, values, observed=because, why=check.why, remedy=None, blocked_by=blocked_by
    )


def _verdict(check: Check, outcome: Outcome, observation: Observation, values: Mapping[str, JSON]) -> Verdict:
    state = State(outcome.state)
    remedy = None if state in {State.PASS, State.SKIPPED} else outcome.remedy or check.remedy
    told = {**values, "value": observation.value, "seen": observation.seen}
    return _made(
        check,
        state,
        observation,
        told,
        observed=shown(outcome.observed, told) or observation.seen,
        why=outcome.why or check.why,
        remedy=_remedy(remedy, told) if remedy else None,
    )


def _made(
    check: Check,
    state: State,
    observation: Observation,
    values: Mapping[str, JSON],
    *,
    observed: str,
    why: str,
    remedy: Remedy | None,
    blocked_by: str = "",
) -> Verdict:
    return Verdict(
        id=check.id,
        title=_told(check.title, values),
        state=state,
        observed=_SHAPES.text(observed),
        expected=_told(check.expected, values),
        why=_told(why, values),
        remedy=remedy,
        blocking=check.blocking,
        guide=check.guide,
        blocked_by=blocked_by,
        observation=observation,
        compared=check.compared,
    )


def _is_told(found: object) -> bool:
    return isinstance(found, bool | int | float | str | list | dict)


def _told(text: str, values: Mapping[str, JSON]) -> str:
    return _SHAPES.text(shown(text, values))


def _remedy(remedy: RemedyText, values: Mapping[str, JSON]) -> Remedy:
    command = tuple(shown(part, values) for part in remedy.command)
    masked = tuple(map(_SHAPES.text, command))
    return Remedy(
        text=_told(remedy.text, values),
        command=masked,
        where=remedy.where,
        whole=masked == command and is_whole(remedy.command, values),
        runs=remedy.runs,
        reads=remedy.reads,
        changes=_told(remedy.changes, values),
        undo=_told(remedy.undo, values),
    )


def _again(check: Check, to_do: str = "") -> Remedy:
    return Remedy(text=to_do or "Mend what stopped the measurement, then check this again.", where=check.where)
