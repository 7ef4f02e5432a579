"""Where the engine and a face meet: one question at a time goes out as an event, one answer comes back as a command."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from sprocket_tui.errors import NeedsAnswer
from sprocket_tui.journal.events import Answered, Asked, Fact
from sprocket_tui.secret import Secret

Sort = Literal["text", "secret", "choice", "yes-no", "name"]
_SLICE = 0.2


@dataclass(frozen=True)
class Question:
    """`id` is "<step>/<name>" (or "connection/<name>"). `default` is what a run that nobody attends answers.

    A question without a default ends such a run. `expects` is what a name gate wants typed; `twice` asks who types it
    to type it twice. `labels` and `details` say what each option is, where the question knows better than a face.
    `refused`: what is asked comes of a person's no.
    """

    id: str
    sort: Sort
    text: str
    step: str = ""
    options: tuple[str, ...] = ()
    default: str = ""
    expects: str = ""
    twice: bool = False
    labels: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    refused: bool = False


@dataclass(frozen=True)
class Answer:
    """A face's answer to the question `id`; `by` says who gave it, `prepared` that nobody sat there to give it."""

    id: str
    value: str | Secret
    by: str
    prepared: bool = False


@dataclass(frozen=True)
class Decline:
    """Nobody can answer `id` here; `why` is for the message."""

    id: str
    why: str


@dataclass(frozen=True)
class Leave:
    """Go away now; what runs on the target goes on."""


@dataclass(frozen=True)
class Skip:
    """End `step`, of which a question is asked, as skipped; `why` is kept, `by` says who."""

    step: str
    why: str
    by: str


@dataclass(frozen=True)
class Reopen:
    """Take `step`, which has ended, once more before the walk goes on; `by` says who wants it."""

    step: str
    by: str


@dataclass(frozen=True)
class Begin:
    """Begin the walk at `screen`: what comes before it is passed by measurement; `by` says who wants it."""

    screen: str
    by: str


Turn = Reopen | Begin
Command = Answer | Decline | Leave | Skip | Turn


class Left(Exception):
    """Raised in the engine thread when the face said Leave."""


class Skipped(Exception):
    """Raised in the engine thread out of a question whose step is to be skipped."""

    def __init__(self, why: str, by: str) -> None:
        super().__init__(why)
        self.why, self.by = why, by


class Turned(Exception):
    """Raised in the engine thread out of a question whose step is put aside, as the walk goes on elsewhere first."""


@dataclass
class Desk:
    """The exchange. `post` may be called from any thread; the rest belongs to the engine thread.

    `idle` is called a few times a second while the engine waits for a person or for time to pass.
    `free` says whether a step can be skipped, or put aside, at this moment, `skippable` whether it ever can be skipped;
    `turns` is where the walk is to turn, `heard` how many answers a person gave.
    """

    record: Callable[[Fact], None]
    idle: Callable[[], None] = lambda: None
    free: Callable[[str], bool] = lambda step: False
    skippable: Callable[[str], bool] = lambda step: True
    turns: list[Turn] = field(default_factory=list["Turn"])
    heard: int = 0
    _commands: queue.SimpleQueue[Command] = field(default_factory=queue.SimpleQueue["Command"])
    _leaving: bool = False

    def post(self, command: Command) -> None:
        """Hands the engine a command."""
        self._commands.put(command)

    def ask(self, question: Question) -> str | Secret:
        """Asks and waits.

        Raises NeedsAnswer when the face declines a question without a default, Left, Skipped, and Turned on a Turn.
        """
        self._turn(question)
        self._put(question)
        while True:
            command = self._next(_SLICE)
            if isinstance(command, Answer) and command.id == question.id:
                said = command.value
                self.heard += not command.prepared
                self.record(Answered(question.id, "" if isinstance(said, Secret) else said, command.by))
                return said
            if isinstance(command, Decline) and command.id == question.id:
                return self._undecided(question, command.why)
            if isinstance(command, Skip):
                self._skip(question, command)
            self._turn(question)

    def _put(self, question: Question) -> None:
        self.record(
            Asked(
                question.id,
                question.sort,
                question.text,
                question.step,
                list(question.options),
                question.default,
                question.expects,
                question.twice,
                list(question.labels),
                list(question.details),
                question.refused,
            )
        )

    def _skip(self, question: Question, skip: Skip) -> None:
        """Raises Skipped; where that cannot be now, the question stands as it did."""
        if skip.step == question.step and skip.why.strip() and self._skips(skip.step):
            raise Skipped(skip.why.strip(), skip.by)
        self._put(question)

    def _turn(self, question: Question) -> None:
        if self.turns and self.free(question.step):
            raise Turned

    def _skips(self, step: str) -> bool:
        return self.free(step) and self.skippable(step)

    def rounds(self, most: int) -> Iterator[None]:
        """At most so many rounds in which no person answers: a file would answer for ever, a person may."""
        left, heard = most, self.heard
        while left:
            yield
            left, heard = (left - 1 if self.heard == heard else most), self.heard

    def ask_text(self, question: Question) -> str:
        """Asks for something that is not a secret."""
        said = self.ask(question)
        return said.reveal() if isinstance(said, Secret) else said

    def ask_secret(self, question: Question) -> Secret:
        """Asks for a secret."""
        said = self.ask(question)
        return said if isinstance(said, Secret) else Secret(said, question.id.rpartition("/")[2])

    def pause(self, seconds: float) -> None:
        """Waits, and leaves at once when told to. Raises Left."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._next(min(left, _SLICE))

    def check(self) -> None:
        """Raises Left when the face has said Leave."""
        while not self._commands.empty():
            self._next(0)

    def _next(self, seconds: float) -> Command | None:
        if self._leaving:
            raise Left
        self.idle()
        try:
            command = self._commands.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            return None
        if isinstance(command, Leave):
            self._leaving = True
            raise Left
        if isinstance(command, Reopen | Begin):
            self.turns.append(command)
        return command

    def _undecided(self, question: Question, why: str) -> str:
        if not question.default:
            raise NeedsAnswer(question.id, f"no answer to {question.id}: {' '.join(question.text.split())}", remedy=why)
        self.record(Answered(question.id, question.default, "default"))
        return question.default
