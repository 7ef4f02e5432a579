"""The journal's vocabulary: one frozen dataclass a kind of event. The state of a run is a pure function of these.

Values are JSON-like; none of them ever holds a secret's text (a given secret is its name and fingerprint).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar

from sprocket_tui.values import JSON

KINDS: dict[str, type[Fact]] = {}


@dataclass(frozen=True)
class Fact:
    """Base of every event's data. `decision` marks what is synced to disk and mirrored before anything follows."""

    kind: ClassVar[str]
    decision: ClassVar[bool] = False

    def __init_subclass__(cls, kind: str, decision: bool = False) -> None:
        cls.kind = kind
        cls.decision = decision
        KINDS[kind] = cls

    def data(self) -> dict[str, JSON]:
        """The JSON-like form that `read` takes back."""
        return asdict(self)


def read(kind: str, data: dict[str, Any]) -> Fact | None:
    """The event of `kind`; None for a kind this version does not know. Unknown fields are ignored."""
    known = KINDS.get(kind)
    if known is None:
        return None
    names = {each.name for each in fields(known)}
    return known(**{name: value for name, value in data.items() if name in names})


@dataclass(frozen=True)
class RunStarted(Fact, kind="run.started", decision=True):
    """A new run: where to, which guide (name, version, sha256), by whom, with which profile values."""

    run: str
    target: str
    profile: str
    who: str
    guide: str
    version: str
    digest: str
    profile_values: dict[str, JSON]
    practice: bool = False


@dataclass(frozen=True)
class RunAttached(Fact, kind="run.attached", decision=True):
    """A driver took the run up (again), on this machine."""

    who: str
    dropped: str = ""


@dataclass(frozen=True)
class RunLeft(Fact, kind="run.left", decision=True):
    """The driver went: `how` is detached, aborted, failed, lost, unanswered, refused or done; `code` is the exit code.

    A run that was refused never held the target's lock: nothing of it is anywhere.
    """

    how: str
    code: int
    why: str = ""


@dataclass(frozen=True)
class Connected(Fact, kind="link.connected"):
    """The connection stands: who and where, through which hosts, and the host key it was proven with.

    `greeting` is what the host tells everybody who logs in, `practice` whether it says that it is for rehearsals.
    """

    url: str
    user: str
    host: str
    via: list[str]
    host_key: str
    greeting: str = ""
    practice: bool = False


@dataclass(frozen=True)
class DeploymentFound(Fact, kind="deployment.found"):
    """When the run began a deployment stood there already: its services, each with its state."""

    services: list[str]


@dataclass(frozen=True)
class LinkDropped(Fact, kind="link.lost"):
    """The connection ended; what runs on the target goes on."""

    why: str


@dataclass(frozen=True)
class ValuesSet(Fact, kind="values.set", decision=True):
    """Answers and measured values, none of them secret."""

    step: str
    values: dict[str, JSON]


@dataclass(frozen=True)
class SecretGiven(Fact, kind="secret.given"):
    """A secret was given; only this is kept of it."""

    name: str
    fingerprint: str


@dataclass(frozen=True)
class Asked(Fact, kind="question.asked"):
    """A question to a person. `sort` is text, secret, choice, yes-no or name; `expects` is what a name gate wants.

    A secret that nobody could correct later is typed `twice`. With `refused` it comes of a person's own no, and of no
    failure. `labels` and `details` go with the options, where the
    question says what each of them is; an empty one leaves it to the face.
    """

    id: str
    sort: str
    text: str
    step: str = ""
    options: list[str] = field(default_factory=list[str])
    default: str = ""
    expects: str = ""
    twice: bool = False
    labels: list[str] = field(default_factory=list[str])
    details: list[str] = field(default_factory=list[str])
    refused: bool = False

    def told(self, option: str) -> tuple[str, str]:
        """The option's label and detail, empty where the question says none."""
        at = self.options.index(option)
        label, detail = (texts[at] if at < len(texts) else "" for texts in (self.labels, self.details))
        return label, detail


@dataclass(frozen=True)
class Answered(Fact, kind="question.answered", decision=True):
    """The answer; empty for a secret."""

    id: str
    answer: str
    by: str


@dataclass(frozen=True)
class StepStarted(Fact, kind="step.started"):
    """The step is announced before it begins, in the words of the guide."""

    step: str
    screen: str = ""
    title: str = ""
    text: str = ""


@dataclass(frozen=True)
class StepEnded(Fact, kind="step.ended", decision=True):
    """`how` is done, already, not-applicable, skipped or failed; `why` says it in a sentence."""

    step: str
    how: str
    why: str = ""


@dataclass(frozen=True)
class StepReopened(Fact, kind="step.reopened", decision=True):
    """A step that had ended is to be taken once more, before the walk goes on."""

    step: str
    by: str


@dataclass(frozen=True)
class ChapterBegun(Fact, kind="chapter.begun", decision=True):
    """The walk begins at this screen: what comes before it is passed by measurement."""

    screen: str
    by: str


@dataclass(frozen=True)
class Judged(Fact, kind="check.judged"):
    """A check's verdict, as reports write it."""

    step: str
    verdict: dict[str, JSON]


@dataclass(frozen=True)
class Held(Fact, kind="step.held"):
    """What the step is for was measured to hold, by its action: what was measured, as a title, and what was `seen`."""

    step: str
    title: str
    seen: str


@dataclass(frozen=True)
class CardShown(Fact, kind="card.shown", decision=True):
    """The command card, with the plan that consent is asked for; `digest` binds the consent to it."""

    step: str
    stage: str
    card: dict[str, JSON]
    digest: str


@dataclass(frozen=True)
class AttemptIntended(Fact, kind="attempt.intended", decision=True):
    """About to claim and start this attempt; written before anything is sent."""

    step: str
    number: int
    stage: str
    argv: list[str]
    streams: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class AttemptStarted(Fact, kind="attempt.started", decision=True):
    """The target said that it runs."""

    step: str
    number: int


@dataclass(frozen=True)
class AttemptFound(Fact, kind="attempt.found"):
    """An attempt that was under way when the run was left was looked at: whether it still `runs`."""

    step: str
    number: int
    runs: bool


@dataclass(frozen=True)
class AttemptEnded(Fact, kind="attempt.ended", decision=True):
    """How it ended: done, failed, interrupted, or fenced (it never started and never will)."""

    step: str
    number: int
    how: str
    status: int | None
    first_error: str = ""
    details: list[str] = field(default_factory=list[str])
    facts: dict[str, JSON] = field(default_factory=dict[str, JSON])


@dataclass(frozen=True)
class Waiting(Fact, kind="waiting"):
    """What is being waited for now; written when it changes."""

    step: str
    text: str


@dataclass(frozen=True)
class Hinted(Fact, kind="hint.found"):
    """A hint that fits the failure, best first."""

    step: str
    hint: str
    title: str
    cause: str
    remedy: str
    command: str


@dataclass(frozen=True)
class SkippedBefore(Fact, kind="skipped.before"):
    """What the failing step builds on and a person skipped: title and reason of each, in the order of the walk."""

    step: str
    skipped: list[list[str]]


@dataclass(frozen=True)
class RemedyPrinted(Fact, kind="remedy.printed"):
    """What a remedy printed last, cleaned and masked, and how many `more` lines came before; `why` it ended badly.

    One that only `looked` has changed nothing.
    """

    step: str
    number: int
    argv: list[str]
    lines: list[str]
    more: int = 0
    why: str = ""
    looked: bool = False


@dataclass(frozen=True)
class RepairFound(Fact, kind="repair.found", decision=True):
    """What an interrupted attempt left behind, in sentences; `blocked` says why it cannot be put right now.

    `clean` says that nothing was left behind, so that the attempt needs no further look.
    """

    step: str
    attempt: int
    findings: list[str]
    blocked: str = ""
    clean: bool = False


@dataclass(frozen=True)
class Event:
    """One line of the journal: `seq` counts from 1, `at` is UTC in ISO 8601."""

    seq: int
    at: str
    fact: Fact
