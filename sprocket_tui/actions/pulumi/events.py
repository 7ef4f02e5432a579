"""The engine's event stream (event log, streaming preview): reduced to what may be stored, and read back.

An event holds property values, and its debug diagnostics hold stack outputs and tokens in clear text, so nothing of a
raw line is kept but what `reduce_event` picks out. Unknown keys are ignored, and a line that is no event is dropped.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import cast

from sprocket_tui.terminal import clean, one_line
from sprocket_tui.values import JSON

_STEPS = {"resourcePreEvent": "start", "resOutputsEvent": "done", "resOpFailedEvent": "failed"}
_SEVERITIES = {"error": "error", "warning": "warning", "info": "info", "info#err": "info"}


@dataclass(frozen=True)
class Event:
    """One stored event.

    `kind` is start, done or failed (a step `op` on `urn`), say (`message` of `severity`), notice (the engine's words),
    plugin (being fetched), summary (`counts` by operation, whole `seconds`) or end (of the stream, of good runs too).
    """

    kind: str
    op: str = ""
    urn: str = ""
    type: str = ""
    severity: str = ""
    message: str = ""
    counts: dict[str, int] = field(default_factory=dict[str, int])
    seconds: int = 0

    @property
    def internal(self) -> bool:
        """Whether the step is on a default provider, which no count of the engine includes."""
        return self.type.startswith("pulumi:providers:") and name_of(self.urn).startswith("default")


def name_of(urn: str) -> str:
    """The logical name in a urn."""
    return urn.rpartition("::")[2]


def kind_of(urn: str) -> str:
    """The short type in a urn: "Service" for "docker:index/service:Service"."""
    parts = urn.split("::")
    return parts[2].rpartition("$")[2].rpartition(":")[2] if len(parts) > 3 else ""


def label_of(urn: str) -> str:
    """A resource as it is shown: "Service traefik"; "" for the stack itself, whose messages are about the program."""
    kind = kind_of(urn)
    return "" if kind in ("", "Stack") else f"{kind} {name_of(urn)}"


def reduce_event(line: str) -> str | None:
    """The part of a raw event that may be stored, as JSON of an `Event`; None for a line to drop. Never raises."""
    try:
        raw = cast("JSON", json.loads(line))
    except (ValueError, RecursionError):
        return None
    event = _reduced(raw) if isinstance(raw, dict) else None
    if event is None:
        return None
    return json.dumps({name: value for name, value in asdict(event).items() if value}, ensure_ascii=False)


def read_event(line: str) -> Event | None:
    """The event that `reduce_event` stored; None when the line is none of its."""
    try:
        raw = cast("JSON", json.loads(line))
    except (ValueError, RecursionError):
        return None
    if not isinstance(raw, dict) or not isinstance(raw.get("kind"), str):
        return None
    return Event(
        kind=_text(raw.get("kind")),
        op=_text(raw.get("op")),
        urn=_text(raw.get("urn")),
        type=_text(raw.get("type")),
        severity=_text(raw.get("severity")),
        message=_text(raw.get("message")),
        counts=_counts(raw.get("counts")),
        seconds=_number(raw.get("seconds")),
    )


def _reduced(raw: dict[str, JSON]) -> Event | None:
    for key, kind in _STEPS.items():
        if key in raw:
            step = _object(_object(raw[key]).get("metadata"))
            urn = one_line(_text(step.get("urn")))
            return Event(kind, op=one_line(_text(step.get("op"))), urn=urn, type=one_line(_text(step.get("type"))))
    readers = (read(_object(raw[key])) for key, read in _OTHERS.items() if key in raw)
    return next(readers, None)


def _diagnostic(said: dict[str, JSON]) -> Event | None:
    severity = _SEVERITIES.get(_text(said.get("severity")))
    # Ephemeral ones are a progress display, overwritten by the next.
    if severity is None or said.get("ephemeral") is True:
        return None
    message = clean(_text(said.get("message"))).strip()
    return Event("say", urn=one_line(_text(said.get("urn"))), severity=severity, message=message) if message else None


def _summary(said: dict[str, JSON]) -> Event:
    return Event("summary", counts=_counts(said.get("resourceChanges")), seconds=_number(said.get("durationSeconds")))


def _notice(said: dict[str, JSON]) -> Event:
    return Event("notice", message=clean(_text(said.get("message"))).strip())


def _error(said: dict[str, JSON]) -> Event:
    return Event("say", severity="error", message=clean(_text(said.get("error"))).strip())


def _plugin(said: dict[str, JSON]) -> Event:
    return Event("plugin", message=one_line(_text(said.get("message"))))


def _end(said: dict[str, JSON]) -> Event:
    return Event("end")


_OTHERS: dict[str, Callable[[dict[str, JSON]], Event | None]] = {
    "diagnosticEvent": _diagnostic,
    "summaryEvent": _summary,
    "stdoutEvent": _notice,
    "errorEvent": _error,
    "progressEvent": _plugin,
    "cancelEvent": _end,
}


def _object(value: JSON) -> dict[str, JSON]:
    return value if isinstance(value, dict) else {}


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ""


def _number(value: JSON) -> int:
    return value if isinstance(value, int) else 0


def _counts(value: JSON) -> dict[str, int]:
    return {one_line(name): count for name, count in _object(value).items() if isinstance(count, int)}
