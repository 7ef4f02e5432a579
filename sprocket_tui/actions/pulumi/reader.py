"""Understands what pulumi prints during a job: events, text, or both; and says at the end how it went.

The exit status is 255 for every failure, so what is printed decides: a run is good when its summary came, no error was
said, no resource failed and the status is 0. The last event of the stream means its end, not a cancellation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from sprocket_tui.actions.base import Conclusion, Moved, Progress
from sprocket_tui.actions.pulumi import messages, plan
from sprocket_tui.actions.pulumi.events import Event, kind_of, label_of, name_of, read_event, reduce_event
from sprocket_tui.actions.pulumi.text import TextOutput, is_heartbeat
from sprocket_tui.terminal import clean, one_line
from sprocket_tui.values import JSON

# What our own scripts say about themselves on stdout.
SAYS = "sprocket: "
PENDING_REFUSAL = "error: operations of an earlier update were cut off; look at what they left before anything is run"
_LOOKED_UP = "Failed to look up "
_SHOWN_DETAILS = 40

Stage = Literal["preview", "update", "command"]


class PulumiReader:
    """Reads one job: a streaming preview, an update with an event log, or plain commands, as `stage` says."""

    def __init__(self, stage: Stage) -> None:
        self._stage: Stage = stage
        self._total: int | None = None
        self._started: dict[tuple[str, str], None] = {}
        self._done: set[tuple[str, str]] = set()
        self._failed: dict[str, None] = {}
        self._errors: list[tuple[str, str]] = []
        self._warnings: list[str] = []
        self._details: list[str] = []
        self._summary: Event | None = None
        self._cancelled = False
        self._text = TextOutput()
        self._plain: list[str] = []

    def reduce(self, stream: str, line: str) -> str | None:
        """Events are cut down, text is cleaned; heartbeats and what only looks like an event are dropped."""
        if stream == "events" or line.lstrip().startswith("{"):
            return reduce_event(line)
        text = clean(line).rstrip()
        return None if not text.strip() or is_heartbeat(text) else text

    def feed(self, stream: str, line: str) -> tuple[Progress, ...]:
        """Takes in a stored line: an event tells of progress, text of the rest."""
        event = read_event(line) if line.startswith("{") else None
        if event is not None:
            return self._event(event)
        if line.startswith(SAYS):
            return self._own(line.removeprefix(SAYS))
        self._plain.append(line)
        if line.strip().startswith(_LOOKED_UP):
            self._details.append(one_line(line))
        self._text.feed(line)
        if self._stage != "command" and stream != "err":
            return ()
        return (Progress(one_line(line), failed=line.startswith("error: ")),)

    def conclude(self, status: int | None) -> Conclusion:
        """How it went; facts as `plan` says for a preview, what was done for an update."""
        errors = self._errors or self._text.errors()
        said = "\n".join(self._plain + [message for _, message in self._errors] + self._warnings)
        pending = messages.pending(said)
        locks = messages.locks(said)
        ended = self._ended()
        ok = status == 0 and not errors and not self._failed and ended
        return Conclusion(
            ok=ok,
            first_error="" if ok else self._first_error(errors, status),
            details=self._all_details(errors, locks),
            facts=self._facts(said, pending),
            interrupted=self._interrupted(status, ended, said) or bool(pending or locks),
        )

    def _ended(self) -> bool:
        """Whether it came to its end. Of a preview only the events count: text has no plan that could be approved."""
        if self._stage == "preview":
            return self._summary is not None
        return self._stage == "command" or self._summary is not None or self._text.ended

    def _own(self, words: str) -> tuple[Progress, ...]:
        name, _, rest = words.partition(" ")
        if name == "steps" and rest.isdecimal():
            self._total = int(rest)
            return ()
        return (Progress(words),)

    def _event(self, event: Event) -> tuple[Progress, ...]:
        step = (event.urn, event.op)
        match event.kind:
            case "start" if plan.changes_something(event.op) and not event.internal:
                self._started[step] = None
                return self._moved("started", event)
            case "done" if step in self._started and step not in self._done and self._stage == "update":
                self._done.add(step)
                return self._moved("done", event, plan.done_text(event.op, event.urn))
            case "failed":
                self._failed[event.urn] = None
                return self._moved("failed", event)
            case "summary":
                self._summary = event
            case _:
                return self._words(event)
        return ()

    def _words(self, event: Event) -> tuple[Progress, ...]:
        """What the engine says beside its steps."""
        match event.kind:
            case "say":
                return self._diagnostic(event)
            case "notice":
                self._cancelled = self._cancelled or "cancelling" in event.message
                return (Progress(one_line(event.message)),)
            case "plugin" if event.message:
                return (Progress(event.message),)
            case _:
                return ()

    def _diagnostic(self, event: Event) -> tuple[Progress, ...]:
        if event.severity == "error":
            about = label_of(event.urn)
            self._errors.append((about, event.message))
            return (self._progress(_attached(about, messages.cause(event.message)), failed=True),)
        if event.severity == "warning":
            self._warnings.append(event.message)
            return (Progress(f"warning: {one_line(event.message.partition(chr(10))[0])}"),)
        if event.message.startswith(_LOOKED_UP):
            self._details.append(one_line(event.message))
        return ()

    def _moved(self, state: str, event: Event, text: str = "") -> tuple[Progress, ...]:
        """A preview moves nothing."""
        if self._stage != "update":
            return ()
        moved = Moved(state, plan.change_of(event.op), kind_of(event.urn), name_of(event.urn))
        return (replace(self._progress(text), moved=moved),)

    def _progress(self, text: str, *, failed: bool = False) -> Progress:
        if self._stage != "update":
            return Progress(text, failed=failed)
        total = None if self._total is None else max(self._total, len(self._started))
        return Progress(text, done=len(self._done), total=total, failed=failed)

    def _first_error(self, errors: list[tuple[str, str]], status: int | None) -> str:
        explaining = [(about, message) for about, message in errors if messages.explains(message)] or errors
        if explaining:
            about, message = explaining[0]
            return _attached(about, messages.cause(message))
        if status is None:
            return "pulumi vanished without a word of how it ended"
        if self._failed:
            return f"{label_of(next(iter(self._failed)))} failed without a message"
        if status == 0:
            return "pulumi ended without a summary of what it did"
        last = one_line(self._plain[-1]) if self._plain else "it printed no error"
        return f"exit status {status}: {last}"

    def _all_details(self, errors: list[tuple[str, str]], locks: tuple[messages.Lock, ...]) -> tuple[str, ...]:
        causes = [_attached(about, messages.cause(said)) for about, said in errors if messages.explains(said)]
        holders = [f"locked by {each.user}@{each.host} (pid {each.pid}) since {each.since}" for each in locks]
        return tuple(dict.fromkeys([*self._details, *causes, *holders]))[:_SHOWN_DETAILS]

    def _facts(self, said: str, pending: int) -> dict[str, JSON]:
        missing: list[JSON] = list(dict.fromkeys(messages.missing_keys(said)))
        facts: dict[str, JSON] = {"missing_keys": missing, "pending": pending}
        if self._stage == "command":
            return facts
        changes = plan.changes_of((op, urn) for urn, op in self._started)
        counts = dict[str, JSON](plan.counts_of(changes))
        counts["same"] = self._summary.counts.get("same", 0) if self._summary else 0
        if self._stage == "preview":
            return {
                **facts,
                "changes": plan.as_json(changes),
                "counts": counts,
                "steps": len(self._started),
                "digest": plan.digest_of(changes),
                "nothing": self._summary is not None and not changes,
            }
        failed: list[JSON] = [name_of(urn) for urn in self._failed]
        seconds = self._summary.seconds if self._summary else None
        return {
            **facts,
            "done": len(self._done),
            "started": len(self._started),
            "failed": failed,
            "seconds": seconds,
        }

    def _interrupted(self, status: int | None, ended: bool, said: str) -> bool:
        """Whether something may have been left half done, or already lay there half done."""
        if PENDING_REFUSAL in said:
            return True
        if self._stage == "preview" or status == 0:
            return False
        killed = status is None or (128 < status < 255)
        failed = {label_of(urn) for urn in self._failed}
        # Of a job that ended while nobody followed it the text is all there is: its events are gone with tmpfs.
        errors = [each for each in self._errors if each[0] in failed] if self._failed else self._text.errors()
        lost = any(messages.unanswered(message) for about, message in errors if about)
        cancelled = self._cancelled or messages.cancelled(said)
        return killed or cancelled or lost or (bool(self._started) and not ended)


def _attached(about: str, text: str) -> str:
    return f"{about}: {text}" if about else text
