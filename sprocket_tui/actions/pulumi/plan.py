"""Engine steps as a person's plan: one change a resource, counts, and a digest that tells two plans apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from sprocket_tui.actions.base import Change
from sprocket_tui.actions.pulumi.events import kind_of, name_of
from sprocket_tui.values import JSON

# The operations that change something; all others (same, read, refresh, discard...) are not part of a plan.
_CHANGES = {
    "create": "create",
    "import": "create",
    "update": "update",
    "replace": "replace",
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "import-replacement": "replace",
    "delete": "delete",
}
_DONE = {
    "create": "created",
    "import": "imported",
    "update": "updated",
    "replace": "replaced",
    "create-replacement": "created the new",
    "delete-replaced": "deleted the old",
    "import-replacement": "imported the new",
    "delete": "deleted",
}


def changes_something(op: str) -> bool:
    """Whether an engine step with this operation changes a resource."""
    return op in _CHANGES


def change_of(op: str) -> str:
    """The operation of an engine step as a plan names it."""
    return _CHANGES.get(op, op)


def done_text(op: str, urn: str) -> str:
    """A finished step in words."""
    return f"{_DONE.get(op, op)} {kind_of(urn)} {name_of(urn)}"


def changes_of(steps: Iterable[tuple[str, str]]) -> tuple[Change, ...]:
    """One change for every resource in `steps` (operation, urn), in order; the steps of a replacement are one."""
    found: dict[str, str] = {}
    for op, urn in steps:
        if op in _CHANGES and found.get(urn) != "replace":
            found[urn] = _CHANGES[op]
    return tuple(Change(op, kind_of(urn), name_of(urn), urn) for urn, op in found.items())


def counts_of(changes: Iterable[Change]) -> dict[str, int]:
    """How many of each: always all of create, update, replace and delete."""
    counts: dict[str, int] = {"create": 0, "update": 0, "replace": 0, "delete": 0}
    for change in changes:
        counts[change.op] += 1
    return counts


def digest_of(changes: Iterable[Change]) -> str:
    """The same for the same operations on the same resources, in whatever order they were planned."""
    lines = sorted(f"{change.op} {change.urn}\n" for change in changes)
    return hashlib.blake2b("".join(lines).encode(), digest_size=16).hexdigest()


def as_json(changes: Iterable[Change]) -> list[JSON]:
    """The changes as facts are stored."""
    return [{"op": each.op, "kind": each.kind, "name": each.name, "urn": each.urn} for each in changes]


def from_facts(facts: Mapping[str, JSON]) -> tuple[Change, ...]:
    """The changes in the facts of a preview."""
    listed = facts.get("changes")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    return tuple(Change(*(str(row.get(name, "")) for name in ("op", "kind", "name", "urn"))) for row in rows)
