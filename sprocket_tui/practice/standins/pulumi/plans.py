"""Saved plans: what a preview promised, and whether an update keeps to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.pulumi import backend, cipher
from sprocket_tui.practice.standins.pulumi.cipher import Property
from sprocket_tui.practice.standins.pulumi.events import Step
from sprocket_tui.practice.standins.pulumi.line import Refused
from sprocket_tui.practice.standins.pulumi.program import UNKNOWN
from sprocket_tui.practice.standins.pulumi.run import Run

_MAGIC = "12f16485067e417d28666248039cc5d9176b7e24c4e20455e71f58c0be1b7a0c"
_RESTRICTS = {"create-replacement": "replace", "delete-replaced": "replace"}


@dataclass(frozen=True)
class Plan:
    """What was promised for each urn: the operations, and the properties with their secrets in clear."""

    rows: Mapping[str, tuple[tuple[str, ...], dict[str, Any]]]

    def name(self, urn: str) -> str:
        """The name that the preview gave it; "" when it is not planned."""
        return str(self.rows[urn][1].get("name", "")) if urn in self.rows else ""

    def violation(self, step: Step) -> str:
        """Why the step is not what was promised; "" when it is."""
        urn = step.subject.urn
        op = _RESTRICTS.get(step.op, step.op)
        if urn not in self.rows:
            return (
                "" if op == "same" else f"{op} is not allowed by the plan: no steps were expected for this resource\n"
            )
        ops, promised = self.rows[urn]
        if op not in ops and op != "same":
            return f"{op} is not allowed by the plan: this resource is constrained to {', '.join(ops)}\n"
        actual = dict(step.subject.inputs)
        changed = [
            f"++{name}[{{{_go(promised.get(name))}}}!={{{_go(actual.get(name))}}}]"
            for name in sorted({*promised, *actual})
            if not _fits(promised.get(name), actual.get(name))
        ]
        return f"resource {urn} violates plan: properties changed: {', '.join(changed)}\n" if changed else ""


def save(run: Run, file: str, steps: Sequence[Step]) -> None:
    """Writes the plan of a preview. Raises Refused when it cannot be written."""
    about = run.about
    with run.call.world.change() as state:
        document = {
            "manifest": {"time": backend.moment(state), "magic": _MAGIC, "version": "v3.190.0"},
            "config": cipher.sealed(state, about.key, dict(sorted(about.config.items()))),
            "resourcePlans": {
                step.subject.urn: _row(step, cipher.sealed(state, about.key, step.subject.inputs))
                for step in _last(steps)
            },
        }
    try:
        run.call.path(file).write_text(json.dumps(document, indent=4, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise Refused(f"open {file}: {(error.strerror or '').lower()}") from error


def load(call: Call, file: str, key: bytes) -> Plan:
    """The saved plan. Raises Refused when there is none, or it was made for another stack."""
    try:
        document = json.loads(call.path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused(f"open {file}: {(error.strerror or '').lower()}") from error
    except ValueError as error:
        raise Refused(f"{file}: {error}") from error
    rows: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {}
    try:
        for urn, row in document["resourcePlans"].items():
            rows[urn] = tuple(row["steps"]), cipher.opened(key, row["state"])
    except ValueError as error:
        raise Refused(str(error)) from error
    return Plan(rows)


def _last(steps: Sequence[Step]) -> list[Step]:
    return list({step.subject.urn: step for step in steps if step.op != "delete-replaced"}.values())


def _row(step: Step, inputs: dict[str, Any]) -> dict[str, Any]:
    subject = step.subject
    ops = ["create-replacement", "replace", "delete-replaced"] if step.op == "replace" else [step.op]
    made = step.op != "same" and inputs
    goal = {
        "type": subject.type,
        "name": subject.urn.rpartition("::")[2],
        "custom": subject.custom,
        "inputDiff": {"adds": inputs} if made else {},
        "outputDiff": {},
        "parent": subject.parent,
        "protect": False,
        "provider": subject.provider,
        "customTimeouts": {},
    }
    return {"goal": goal, "steps": ops, "state": inputs}


def _fits(promised: Property, actual: Property) -> bool:
    """Whether a property is what was promised; what was not known at the preview may be anything."""
    if promised == UNKNOWN:
        return True
    if isinstance(promised, list) and isinstance(actual, list):
        return len(promised) == len(actual) and all(map(_fits, promised, actual))
    if isinstance(promised, dict) and isinstance(actual, dict):
        return promised.keys() == actual.keys() and all(_fits(each, actual[name]) for name, each in promised.items())
    return promised == actual


def _go(value: Property) -> str:
    """A value as Go prints a property, secrets in clear: that is how Pulumi words a violation."""
    if isinstance(value, cipher.Secret):
        return f"&{{{{{str.__str__(value)}}}}}"
    if isinstance(value, list):
        return f"[{' '.join(f'{{{_go(each)}}}' for each in value)}]"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{name}:{{{_go(each)}}}' for name, each in sorted(value.items()))}]"
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)
