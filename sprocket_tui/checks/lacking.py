"""What a check lacks to be asked, and who gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sprocket_tui.checks.observation import Observation
from sprocket_tui.guide.conditions import Condition, Lookup, Missing
from sprocket_tui.guide.model import Var


def undecided(when: Condition, look: Lookup, variables: Mapping[str, Var]) -> Observation:
    """The reason for a condition that cannot be told: those of its references that lead nowhere."""
    names = sorted(name for name in when.references() if isinstance(look(name), Missing))
    told = names or sorted(when.references())
    which = " and ".join(name.removeprefix("check.") for name in told)
    return Observation(
        reason=f"whether it applies depends on {which}, which {'are' if len(told) > 1 else 'is'} not known",
        to_do=to_do(names, variables),
    )


def without(name: str, variables: Mapping[str, Var]) -> Observation:
    """The reason for a variable that has no value."""
    return Observation(reason=f"the variable {name} has no value", to_do=to_do([name], variables))


def to_do(names: Sequence[str], variables: Mapping[str, Var]) -> str:
    """What gives each of `names` (variables, or "check.ID") a value."""
    fields: list[str] = []
    checks: list[str] = []
    others: list[str] = []
    for name in names:
        var = variables.get(name.partition(".")[0])
        if name.startswith("check."):
            checks.append(name.removeprefix("check."))
        elif var and var.measured_by:
            checks.append(var.measured_by)
        elif var and var.profile:
            fields.append(var.profile)
        else:
            others.append(name)
    said = [f"Set {' and '.join(fields)} in the profile and name it with --profile."] if fields else []
    said += [f"{' and '.join(checks)} must be measured first; see what keeps it from that."] if checks else []
    said += [f"The walk asks for {' and '.join(others)}; `check` asks nothing."] if others else []
    return " ".join(said)
