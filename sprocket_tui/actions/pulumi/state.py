"""The exported state of a stack, as far as we read it: its resources by urn and id, and operations that were cut off.

An export holds ciphertext; it is parsed in memory, and nothing of it is stored but names and ids.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import cast

from sprocket_tui.actions.base import Context
from sprocket_tui.actions.pulumi import invoke
from sprocket_tui.errors import Unread
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON


@dataclass(frozen=True)
class Held:
    """A resource of the state; `id` is empty for components, `name` is its fixed or generated name where it has one."""

    urn: str
    id: str = ""
    name: str = ""


@dataclass(frozen=True)
class Pending:
    """An operation that was cut off: what was being done ("creating"), and to what."""

    doing: str
    resource: Held


@dataclass(frozen=True)
class State:
    """What the stack's state holds. `exists` is False when there is no such stack."""

    exists: bool
    resources: tuple[Held, ...] = ()
    pending: tuple[Pending, ...] = ()


def read_state(context: Context, stack: invoke.Stack) -> State:
    """The state as the backend has it now. Raises Unread when it cannot be read."""
    done = invoke.ask(context, stack, " ".join(stack.argv("stack", "export")))
    if done.status and b"no stack named" in done.stderr:
        return State(exists=False)
    try:
        document = cast("JSON", json.loads(done.stdout)) if done.status == 0 else None
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Unread(f"the state of the stack could not be read: {invoke.failure(done)}")
    return parse_state(document)


def parse_state(document: dict[str, JSON]) -> State:
    """The state in an exported document."""
    deployment = document.get("deployment")
    held = deployment if isinstance(deployment, dict) else {}
    resources = tuple(_held(row) for row in _rows(held.get("resources")))
    pending = tuple(
        Pending(one_line(str(row.get("type", ""))), _held(resource))
        for row in _rows(held.get("pending_operations"))
        if isinstance(resource := row.get("resource"), dict)
    )
    return State(True, resources, pending)


def _held(row: dict[str, JSON]) -> Held:
    names = (_name(row.get("outputs")), _name(row.get("inputs")))
    return Held(one_line(str(row.get("urn", ""))), one_line(str(row.get("id", ""))), next(filter(None, names), ""))


def _name(properties: JSON) -> str:
    name = properties.get("name") if isinstance(properties, dict) else None
    return one_line(name) if isinstance(name, str) else ""


def _rows(value: JSON) -> list[dict[str, JSON]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
