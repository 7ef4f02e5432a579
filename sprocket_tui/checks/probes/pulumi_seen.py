"""What was seen of a Pulumi backend, whichever it is, and the value and the sentence it makes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sprocket_tui.checks.excerpt import excerpt
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import ProbeError, as_object, as_text
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

# Names in a sentence; all of them stand in the value.
_NAMED = 3


@dataclass(frozen=True)
class Lock:
    """Who holds a stack, in words; `alive` whether that is known to run still, None where nobody can look."""

    holder: str
    alive: bool | None = None


def read_lock(text: str, host: str = "", process: str = "") -> Lock:
    """The lock of a file that pulumi wrote; raises ProbeError for another text.

    On `host` its pid belongs to a program called `process`; of another machine nobody knows here what runs there.
    """
    try:
        held = as_object(cast("JSON", json.loads(text)))
    except (ValueError, RecursionError) as error:
        raise ProbeError("a lock of the backend could not be read") from error
    user, where, since = (one_line(as_text(held.get(key))) for key in ("username", "hostname", "timestamp"))
    alive = process == "pulumi" if where == host else None
    return Lock(f"{user}@{where} (pid {held.get('pid')}) since {since}", alive)


@dataclass(frozen=True)
class Pending:
    """A call that was under way when its update died: creating, updating, deleting or reading, and of what."""

    kind: str
    urn: str


@dataclass(frozen=True)
class Stack:
    """A stack by its `project` and its whole name there (ORGANISATION/PROJECT/STACK). Unknown locks are a reason."""

    project: str
    whole: str
    locks: tuple[Lock, ...] | str = ()
    pending: tuple[Pending, ...] = ()


@dataclass(frozen=True)
class Backend:
    """A backend that let us in as `user`. `missing` are those of the stacks asked for that it does not have."""

    kind: str
    user: str
    organisations: tuple[str, ...]
    stacks: tuple[Stack, ...]
    missing: tuple[str, ...]


def observed(backend: Backend, organisation: str) -> Observation:
    """The observation of a backend that opened."""
    locked = [(stack, lock) for stack in backend.stacks for lock in stack.locks if isinstance(lock, Lock)]
    pending = [(stack, one) for stack in backend.stacks for one in stack.pending]
    untold = next((stack.locks for stack in backend.stacks if isinstance(stack.locks, str)), "")
    value: dict[str, JSON] = {
        "state": "ok",
        "kind": backend.kind,
        "user": backend.user,
        "organisations": [*backend.organisations],
        "member": organisation in {backend.user, *backend.organisations},
        "present": [stack.whole for stack in backend.stacks],
        "missing": [*backend.missing],
        "locks": None if untold else len(locked),
        "locked": [stack.whole for stack, _ in locked],
        "holders": [lock.holder for _, lock in locked],
        "running": sum(lock.alive is True for _, lock in locked),
        "pending": len(pending),
        "operations": [f"{one.kind} {one.urn}" for _, one in pending],
        "pending_in": [*dict.fromkeys(stack.whole for stack, _ in pending)],
        "pending_projects": [*dict.fromkeys(stack.project for stack, _ in pending)],
    }
    parts = [
        f"logged in as {backend.user}",
        _listed("stacks", [stack.whole for stack in backend.stacks]) or "none of the stacks is there yet",
        _listed("locked", [f"{stack.whole} by {lock.holder}" for stack, lock in locked]),
        _listed("pending", [f"{one.kind} {one.urn}" for _, one in pending]),
        f"locks are not told: {untold}" if untold else "",
    ]
    return Observation(value, "; ".join(part for part in parts if part))


def closed(kind: str, state: str, said: str) -> Observation:
    """The observation of a backend that did not let us in: nothing of it is known."""
    names = ("user", "member", "locks", "pending")
    lists = ("organisations", "present", "missing", "locked", "holders", "operations", "pending_in", "pending_projects")
    value: dict[str, JSON] = {"state": state, "kind": kind, **dict.fromkeys(names), "running": 0}
    return Observation({**value, **{name: [] for name in lists}}, said)


def _listed(what: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{what}: {', '.join(excerpt(name, 160) for name in names[:_NAMED])}{more}"
