"""What a check lacks to be asked, and who gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sprocket_tui.checks.observation import Observation
from sprocket_tui.guide.conditions import Condition, Lookup, Missing
from sprocket_tui.guide.model import Var
from sprocket_tui.guide.templates import shown
from sprocket_tui.values import JSON

# How a dry run, which asks nothing, comes by what a person knows.
FROM_GIVEN = "from the file named with --given"


def undecided(
    when: Condition, look: Lookup, variables: Mapping[str, Var], steps: Mapping[str, str] | None = None
) -> Observation:
    """The reason for a condition that cannot be told: those of its references that lead nowhere."""
    names = sorted(name for name in when.references() if isinstance(look(name), Missing))
    told = names or sorted(when.references())
    which = " and ".join(called(name, variables) for name in told)
    return Observation(
        reason=f"whether it applies depends on {which}, which {'are' if len(told) > 1 else 'is'} not known",
        to_do=to_do(names, variables, steps),
    )


def because(when: Condition, look: Lookup, variables: Mapping[str, Var]) -> str:
    """Why a condition does not hold: what those of its references are that decide it."""
    parts = [part for part in when.all or () if part.holds(look) is False] or [when]
    names = sorted({name for part in parts for name in part.references()})
    told = (_so(called(name, variables), look(name)) for name in names)
    return f"does not apply here: {' and '.join(told)}"


def called(reference: str, variables: Mapping[str, Var]) -> str:
    """What a person calls it: a variable by its title, as it stands in a sentence; a check by its id."""
    var = variables.get(reference.partition(".")[0])
    if var is None or reference.startswith("check."):
        return reference.removeprefix("check.")
    head, rest = var.title[:1], var.title[1:]
    return var.title if rest[:1].isupper() else f"{head.lower()}{rest}"


def _so(title: str, found: JSON | Missing) -> str:
    """ "environment is staging"; of what is so or not ("whether this is a rehearsal") the sentence itself."""
    asked, _, sentence = title.partition("whether ")
    if isinstance(found, bool) and sentence and not asked:
        return sentence if found else f"it is not so that {sentence}"
    return f"{title} is {_plain(found)}"


def _plain(found: JSON | Missing) -> str:
    return "not there" if isinstance(found, Missing) else shown("${it}", {"it": found})


def without(name: str, variables: Mapping[str, Var]) -> Observation:
    """The reason for a variable that has no value."""
    return Observation(reason=f"the variable {name} has no value", to_do=to_do([name], variables))


def to_do(names: Sequence[str], variables: Mapping[str, Var], steps: Mapping[str, str] | None = None) -> str:
    """What gives each of `names` (variables, or "check.ID") a value.

    `steps` are the titles of the walk's steps that measure a check, by its id.
    """
    fields: list[str] = []
    walked: list[str] = []
    checks: list[str] = []
    others: list[str] = []
    for name in names:
        var = variables.get(name.partition(".")[0])
        if name.startswith("check."):
            checks.append(name.removeprefix("check."))
        elif var and var.measured_by and var.measured_by in (steps or {}):
            walked.append(f"the step `{(steps or {})[var.measured_by]}` measures {called(name, variables)}")
        elif var and var.measured_by:
            checks.append(var.measured_by)
        elif var and var.profile:
            fields.append(var.profile)
        else:
            others.append(name)
    said = [f"Set {' and '.join(fields)} in the profile and name it with --profile."] if fields else []
    said += [f"Nothing for now: {' and '.join(walked)}."] if walked else []
    said += [f"{' and '.join(checks)} must be measured first; see what keeps it from that."] if checks else []
    said += [f"`check` takes {' and '.join(others)} {FROM_GIVEN}; a walk asks for what it needs."] if others else []
    # Where to look for what only a person can see.
    said += [var.why for name in others if (var := variables.get(name)) and var.why]
    return " ".join(said)
