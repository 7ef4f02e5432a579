"""A check that could not be measured, with what a hint of the guide says about why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sprocket_tui.checks.observation import Remedy, State, Verdict
from sprocket_tui.diagnosis.diagnose import diagnose
from sprocket_tui.guide.model import Hint
from sprocket_tui.guide.templates import is_whole, shown
from sprocket_tui.target.link import Privilege
from sprocket_tui.values import JSON


def explained(verdicts: Sequence[Verdict], hints: Sequence[Hint], values: Mapping[str, JSON]) -> tuple[Verdict, ...]:
    """The verdicts; one that is unknown and fits a hint says its title, and what to do about it."""
    return tuple(_explained(each, hints, values) if each.state is State.UNKNOWN else each for each in verdicts)


def by_sudo(verdicts: Sequence[Verdict], privilege: Privilege) -> tuple[Verdict, ...]:
    """The verdicts; what is to be run on the target by a login that needs it goes through sudo, as the checks did."""
    if privilege.kind != "sudo":
        return tuple(verdicts)
    return tuple(
        replace(each, remedy=replace(each.remedy, sudo=True))
        if each.remedy and each.remedy.where == "droplet"
        else each
        for each in verdicts
    )


def _explained(verdict: Verdict, hints: Sequence[Hint], values: Mapping[str, JSON]) -> Verdict:
    found = diagnose(_printed(verdict), hints)
    if not found:
        return verdict
    hint, seen = found[0].hint, verdict.observation.seen or verdict.observation.reason
    known: dict[str, JSON] = {**values, "match": dict(found[0].named)}
    remedy = Remedy(
        text=f"{hint.cause} {shown(hint.remedy.text, known)}",
        command=tuple(shown(part, known) for part in hint.remedy.command),
        where=hint.remedy.where,
        whole=is_whole(hint.remedy.command, known),
        runs=hint.remedy.runs,
        reads=hint.remedy.reads,
        changes=shown(hint.remedy.changes, known),
        undo=shown(hint.remedy.undo, known),
    )
    return replace(verdict, observed=f"{hint.title}: {seen}", remedy=remedy)


def _printed(verdict: Verdict) -> str:
    """What the measurement printed, complaints first; the reason where it printed nothing that was kept."""
    observation = verdict.observation
    value = observation.value
    complaints = value.get("err") if isinstance(value, dict) else None
    return "\n".join(str(part) for part in (complaints, observation.evidence, observation.reason) if part)
