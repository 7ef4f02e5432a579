"""What references in checks lead to, and a probe's words with the variables put in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from sprocket_tui.checks.observation import Observation, State
from sprocket_tui.guide import templates
from sprocket_tui.guide.conditions import ABSENT, UNKNOWN, Lookup, Missing, reach
from sprocket_tui.guide.model import ProbeWords
from sprocket_tui.values import JSON

W = TypeVar("W", bound=ProbeWords)

_PATTERNS = frozenset({"kind", "pattern"})


def expanded(words: W, values: Mapping[str, JSON]) -> W:
    """`words` with every text expanded, patterns left as they are. Raises templates.MissingVar."""
    update: dict[str, Any] = {}
    for name in type(words).model_fields:
        value: Any = getattr(words, name)
        if name in _PATTERNS:
            continue
        if isinstance(value, str):
            update[name] = templates.expand(value, values)
        elif isinstance(value, tuple):
            parts = cast("tuple[Any, ...]", value)
            update[name] = tuple(templates.expand(part, values) if isinstance(part, str) else part for part in parts)
    return words.model_copy(update=update)


def in_observation(observation: Observation, values: Mapping[str, JSON]) -> Lookup:
    """A lookup of "value...", "seen" and "evidence", and of variables by name.

    What is null could not be told, and counts as not there.
    """
    root: dict[str, JSON] = {
        **values,
        "value": observation.value,
        "seen": observation.seen,
        "evidence": observation.evidence,
    }

    def look(reference: str) -> JSON | Missing:
        found = reach(root, reference)
        return ABSENT if found is None else found

    return look


def in_scope(values: Mapping[str, JSON], states: Mapping[str, State]) -> Lookup:
    """A lookup of variables by name, and of states as "check.ID"; a check that is unknown has no state to compare."""

    def look(reference: str) -> JSON | Missing:
        if reference.startswith("check."):
            state = states.get(reference.removeprefix("check."))
            if state is None:
                return ABSENT
            return UNKNOWN if state is State.UNKNOWN else str(state)
        head, _, path = reference.partition(".")
        if values.get(head) is None:
            return ABSENT
        return reach(values[head], path) if path else values[head]

    return look
