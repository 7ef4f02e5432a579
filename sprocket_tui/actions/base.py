"""What every verb that changes something offers the engine: a card before, a job, a reader of what it prints, a repair.

The engine owns order, consent, journal and connection; an action only knows its tool. Nothing here does input or output
except through `Context.read`, which runs a read-only script on the target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sprocket_tui.checks.observation import Observation
from sprocket_tui.guide.model import Step
from sprocket_tui.secret import Secret
from sprocket_tui.target.link import Completed
from sprocket_tui.values import JSON


class Read(Protocol):
    """Runs a read-only `script` in the step's directory, with the job's privilege and path, for `timeout` seconds.

    `files` appear 0600 in `$SPROCKET_TMP`, as for a job, and are gone when the script has ended.
    """

    def __call__(self, script: str, timeout: float, files: Mapping[str, Secret], /) -> Completed: ...


@dataclass(frozen=True)
class Context:
    """What an action may know.

    `values` holds the answers and profile values that are not secret; `keep` is a 0700 directory of this run on the
    target that outlives a job (saved plans). In job scripts `$SPROCKET_TMP` is the job's own 0700 directory on tmpfs.
    """

    step: Step
    directory: str
    values: Mapping[str, JSON]
    secrets: Mapping[str, Secret]
    keep: str
    read: Read = field(repr=False)


@dataclass(frozen=True)
class Job:
    """A script to run detached. `files` are written to `$SPROCKET_TMP` 0600 (secrets go nowhere else).

    `streams` are files in `$SPROCKET_TMP` that the script writes and that are followed beside "out" and "err".
    """

    script: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    files: Mapping[str, Secret] = field(default_factory=dict[str, Secret])
    streams: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """One line of a plan: `op` is create, update, replace or delete."""

    op: str
    kind: str
    name: str
    urn: str = ""


@dataclass(frozen=True)
class Card:
    """The command card: all a person needs to say yes or no. `plan` is empty where nothing can be previewed.

    Where several commands run, `commands` holds each of them, and `argv` what they have in common. `why` is what it
    is for, where the step does not say that already.
    """

    argv: tuple[str, ...]
    changes: tuple[str, ...]
    undo: str
    plan: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Moved:
    """A resource that began to change, changed or failed to: `state` is started, done or failed; `op` as in a plan."""

    state: str
    op: str
    kind: str
    name: str


@dataclass(frozen=True)
class Progress:
    """What a line meant: `text` for a person, empty where only the resource that moved is news.

    `done` of `total` where a total is known.
    """

    text: str
    done: int | None = None
    total: int | None = None
    failed: bool = False
    moved: Moved | None = None


@dataclass(frozen=True)
class Conclusion:
    """How a job ended. `ok` is evidence, not success: success is said after verification.

    `first_error` is the true cause, `details` further lines, `facts` what later stages need (JSON-like, no secrets).
    `interrupted` means that the tool may have left something half done: `examine` before anything is run again.
    """

    ok: bool
    first_error: str = ""
    details: tuple[str, ...] = ()
    facts: Mapping[str, JSON] = field(default_factory=dict[str, JSON])
    interrupted: bool = False


@dataclass(frozen=True)
class Repair:
    """What was found after an interruption and what would put it right, in order; run only on consent.

    `findings` are sentences; `job` is None when there is nothing to repair or when a person must act first (`blocked`).
    With `again` nothing can be found out: a person may decide to run it once more, and that is the question to ask.
    """

    findings: tuple[str, ...]
    card: Card | None = None
    job: Job | None = None
    blocked: str = ""
    again: str = ""


class Reader(Protocol):
    """Understands what a job prints. One reader serves one attempt, also when it is resumed from stored lines."""

    def reduce(self, stream: str, line: str) -> str | None:
        """The form of a raw line that may be stored (pure), or None to drop it unread."""
        ...

    def feed(self, stream: str, line: str) -> tuple[Progress, ...]:
        """Takes in one stored line, in order."""
        ...

    def conclude(self, status: int | None) -> Conclusion:
        """The end: exit status, or None when the process vanished without one."""
        ...


class Action(Protocol):
    """A verb that changes something."""

    def measures(self, context: Context) -> str:
        """What `observe` measures, as a title; "" where that says nothing."""
        ...

    def observe(self, context: Context) -> Observation:
        """What holds now, read-only; `done_when` says "self.value...". What is not measured is said, never guessed."""
        ...

    def prepare(self, context: Context) -> Job | None:
        """A read-only job whose conclusion's facts the card needs (a preview), or None."""
        ...

    def reader(self, context: Context, stage: str) -> Reader:
        """The reader for a stage's job: "prepare", "perform" or "repair"."""
        ...

    def card(self, context: Context, facts: Mapping[str, JSON]) -> Card:
        """Pure: what would run and what it would change, from the facts of `prepare`."""
        ...

    def perform(self, context: Context, facts: Mapping[str, JSON]) -> Job:
        """The job that makes the change that `card` showed, and refuses to make another."""
        ...

    def examine(self, context: Context) -> Repair:
        """After an interrupted or unknown outcome: what was left behind, read-only, and the repair to propose."""
        ...
