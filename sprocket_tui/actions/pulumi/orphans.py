"""Orphans: Swarm objects that a call made after its update was cut off, so that no state knows them.

A call that was running when pulumi died goes on and finishes. Such an object bears the fixed name of the resource, or
its logical name, a dash and seven hex digits, and its id is not in the state.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from sprocket_tui.actions.pulumi.events import name_of
from sprocket_tui.actions.pulumi.state import State
from sprocket_tui.terminal import clean_bytes
from sprocket_tui.values import JSON

KINDS = ("service", "config", "network", "volume")
_FIELDS = {
    "service": "{{.ID}} {{.Spec.Name}} {{json .CreatedAt}}",
    "config": "{{.ID}} {{.Spec.Name}} {{json .CreatedAt}}",
    "network": "{{.ID}} {{.Name}} {{json .Created}}",
    "volume": "{{.Name}} {{.Name}} {{json .CreatedAt}}",
}
# A shell function that prints "kind id name created" for everything in the Swarm that Pulumi makes there.
LISTING = "\n".join(
    [
        "listing() {",
        *(
            f"ids=$(docker {kind} ls -q) || return\n"
            f"[ -z \"$ids\" ] || docker {kind} inspect --format '{kind} {_FIELDS[kind]}' $ids || return"
            for kind in KINDS
        ),
        "}",
    ]
)


@dataclass(frozen=True)
class Thing:
    """One object of the Swarm; `created` is None where Docker does not tell."""

    kind: str
    id: str
    name: str
    created: datetime | None = None


@dataclass(frozen=True)
class Wanted:
    """A resource that may have been made: its logical name, its fixed or generated name where known."""

    logical: str
    name: str = ""

    def names(self, thing: Thing) -> bool:
        """Whether `thing` bears its name."""
        generated = re.fullmatch(rf"{re.escape(self.logical)}-[0-9a-f]{{7}}", thing.name)
        return thing.name == self.name or generated is not None


def parse_listing(raw: bytes) -> tuple[Thing, ...]:
    """The things that LISTING printed; lines of another shape are left out."""
    rows = (line.split() for line in clean_bytes(raw).splitlines())
    return tuple(Thing(row[0], row[1], row[2], _time(row[3].strip('"'))) for row in rows if len(row) == 4)


def find(things: Iterable[Thing], state: State, planned: Iterable[Wanted], since: datetime | None) -> tuple[Thing, ...]:
    """The orphans, services first.

    For a pending create everything of its name is one; for a resource that was only planned (its call failed without an
    answer) just what was made after `since`, when the plan was saved.
    """
    pending = [Wanted(name_of(p.resource.urn), p.resource.name) for p in state.pending if p.doing == "creating"]
    lost = [each for each in planned if since is not None]
    known = {held.id for held in state.resources if held.id}
    found = [
        thing
        for thing in things
        if thing.id not in known
        and (
            any(wanted.names(thing) for wanted in pending)
            or (_after(thing, since) and any(wanted.names(thing) for wanted in lost))
        )
    ]
    return tuple(sorted(found, key=lambda thing: (KINDS.index(thing.kind), thing.name)))


def planned_creates(raw: bytes, state: State) -> tuple[Wanted, ...]:
    """The resources that a saved plan would create and the state does not have. A damaged plan says nothing."""
    try:
        document = cast("JSON", json.loads(raw))
    except ValueError:
        return ()
    plans = document.get("resourcePlans") if isinstance(document, dict) else None
    if not isinstance(plans, dict):
        return ()
    known = {held.urn for held in state.resources}
    return tuple(Wanted(name_of(urn), _fixed_name(row)) for urn, row in plans.items() if urn not in known)


def _fixed_name(row: JSON) -> str:
    found = row
    for key in ("goal", "inputDiff", "adds", "name"):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _after(thing: Thing, since: datetime | None) -> bool:
    # Volumes are dated in whole seconds.
    return since is not None and thing.created is not None and thing.created >= since.replace(microsecond=0)


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
