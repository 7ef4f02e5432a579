"""The engine's events as JSON, one a line: for the event log of an update, and for a streaming preview."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

from sprocket_tui.practice.standins.pulumi.cipher import hidden


@dataclass(frozen=True)
class Properties:
    """A resource as an event shows it: before or after a step. `inputs` and `outputs` hold secrets in clear."""

    type: str
    urn: str
    custom: bool = False
    id: str = ""
    parent: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    provider: str = ""

    def document(self) -> dict[str, Any]:
        """As JSON, secrets hidden."""
        custom = {"custom": True} if self.custom else {}
        return {
            "type": self.type,
            "urn": self.urn,
            **custom,
            "id": self.id,
            "parent": self.parent,
            "inputs": hidden(self.inputs),
            "outputs": hidden(self.outputs),
            "provider": self.provider,
        }


@dataclass(frozen=True)
class Step:
    """What is done to a resource; `diff` names the properties that differ."""

    op: str
    old: Properties | None
    new: Properties | None
    diff: tuple[str, ...] = ()

    @property
    def subject(self) -> Properties:
        """The resource, as it will be where it goes on."""
        found = self.new or self.old
        assert found
        return found

    def metadata(self) -> dict[str, Any]:
        """The step as JSON."""
        return {
            "op": self.op,
            "urn": self.subject.urn,
            "type": self.subject.type,
            "old": self.old.document() if self.old else None,
            "new": self.new.document() if self.new else None,
            "detailedDiff": {name: {"diffKind": "update", "inputDiff": False} for name in self.diff} or None,
            "logical": True,
            "provider": self.subject.provider,
        }


class Log:
    """Writes events where they are wanted, numbered from 0; nowhere when `sink` is None."""

    def __init__(self, sink: TextIO | None, clock: Callable[[], float], *, planning: bool) -> None:
        self._sink, self._clock, self._planning = sink, clock, planning
        self._number = 0

    def prelude(self, config: Mapping[str, str]) -> None:
        """The configuration, secrets hidden."""
        self._write("preludeEvent", {"config": dict(config)})

    def debug(self, message: str) -> None:
        """What the language host says to itself, as it is, secrets too: Pulumi does not hide them there either."""
        self._write(
            "diagnosticEvent",
            {"prefix": "debug: ", "message": f"{message}\n", "color": "never", "severity": "debug"},
        )

    def step(self, kind: str, step: Step) -> None:
        """A step begins (resourcePreEvent), has ended (resOutputsEvent) or failed (resOpFailedEvent)."""
        planning = {"planning": True} if self._planning else {}
        failed = {"status": 0, "steps": 0} if kind == "resOpFailedEvent" else {}
        self._write(kind, {"metadata": step.metadata(), **planning, **failed})

    def say(self, severity: str, message: str, urn: str) -> None:
        """A diagnostic, about a resource where a urn is given."""
        about = {"urn": urn} if urn else {}
        prefix = {"prefix": f"{severity}: "} if severity in ("error", "warning") else {}
        self._write("diagnosticEvent", {**about, **prefix, "message": message, "color": "never", "severity": severity})

    def notice(self, message: str) -> None:
        """The engine's own words."""
        self._write("stdoutEvent", {"message": message, "color": "never"})

    def summary(self, seconds: int, counts: Mapping[str, int]) -> None:
        """What was done."""
        row = {
            "maybeCorrupt": False,
            "durationSeconds": seconds,
            "resourceChanges": dict(sorted(counts.items())),
            "PolicyPacks": {},
            "isPreview": self._planning,
        }
        self._write("summaryEvent", row)

    def end(self) -> None:
        """The last event of every run, good ones too."""
        self._write("cancelEvent", {})

    def _write(self, kind: str, content: dict[str, Any]) -> None:
        if self._sink is None:
            return
        event = {"sequence": self._number, "timestamp": int(self._clock()), kind: content}
        self._number += 1
        self._sink.write(json.dumps(event, separators=(",", ":"), ensure_ascii=False) + "\n")
        self._sink.flush()
