"""The walk as lines of text: every line makes sense read aloud; nothing moves, nothing spins.

It reads events and the progress notes of the running attempt, ten times a second, and posts answers; no more.
"""

from __future__ import annotations

import getpass
import shutil
import sys
import time
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from sprocket_tui import colour, going_on
from sprocket_tui.engine.desk import Answer, Command, Decline, Leave, Skip
from sprocket_tui.engine.outputs import Notes
from sprocket_tui.faces import lines
from sprocket_tui.faces.answers import AnswerBook
from sprocket_tui.faces.tui.bell import Bell
from sprocket_tui.guide.model import Guide
from sprocket_tui.journal.events import (
    Asked,
    AttemptEnded,
    AttemptIntended,
    Connected,
    Event,
    Fact,
    RunLeft,
    RunStarted,
    ValuesSet,
)
from sprocket_tui.journal.replay import replay
from sprocket_tui.journal.runs import RunDirectory
from sprocket_tui.secret import Secret
from sprocket_tui.values import JSON

_POLL = 0.1
# What was typed before a question was shown does not answer a gate; in seconds.
GRACE = 0.5
_REHEARSAL = "PRACTICE"
# What stands for bytes that this terminal's encoding does not have: an answer with it is not what was typed.
_NO_TEXT = "\ufffd"
_UNREADABLE = "  this terminal's encoding does not have all that was typed; please type it in another way"


class Engine(Protocol):
    """What a face knows of the engine."""

    def post(self, command: Command) -> None: ...
    def since(self, seq: int) -> list[Event]: ...
    def running(self) -> bool: ...
    def join(self, timeout: float) -> None: ...


class _Skips(Exception):
    """Somebody typed the word that skips the step."""


@dataclass
class Plain:
    """Shows one run on `out` and answers its questions from `answers`, else at the terminal, else not at all.

    `seen` events are of earlier sessions: neither said again, nor their questions answered.
    """

    engine: Engine
    directory: RunDirectory
    guide: Guide
    out: TextIO
    answers: AnswerBook | None
    who: str
    interactive: bool
    seen: int = 0
    _bell: Bell = field(default_factory=Bell)
    _watched: tuple[str, int] | None = None
    _notes: Notes | None = None
    _code: int = 1
    _environment: str = ""
    _values: dict[str, JSON] = field(default_factory=dict[str, JSON])
    _steps: dict[str, str] = field(default_factory=dict[str, str])

    def show(self) -> int:
        """Follows the run to where it is left; the exit code."""
        self._steps = {step.id: step.title for step in self.guide.steps().values()}
        self._take_up()
        self._bell.seen = self.seen
        while True:
            alive = self.engine.running()
            for event in self.engine.since(self.seen):
                self.seen = event.seq
                self._event(event)
            self._progress()
            if not alive:
                self.engine.join(0)
                return self._code
            time.sleep(_POLL)

    def leave(self) -> None:
        """Tells the engine to leave; what runs on the target goes on."""
        self.engine.post(Leave())

    def _take_up(self) -> None:
        """Watches the attempt that was under way when the run was left, from where it had got to."""
        for event in self.engine.since(0):
            self._learn(event.fact)
            match event.fact:
                case AttemptIntended() as fact if event.seq <= self.seen:
                    self._watched = (fact.step, fact.number)
                case AttemptEnded() if event.seq <= self.seen:
                    self._watched = None
                case _:
                    pass
        if self._environment == _REHEARSAL and self.seen:
            self._say("PRACTICE: this run is a rehearsal; nothing it does is real.")
        if self._watched is not None:
            step, number = self._watched
            self._notes = Notes(self.directory.attempt(*self._watched))
            while self._notes.fresh():
                pass  # it was said in an earlier session
            self._say(
                f"Attempt {number} of {lines.titled(step, self.guide, self._values)} was under way; going on with it."
            )

    def _event(self, event: Event) -> None:
        fact = event.fact
        self._learn(fact)
        calls = self._bell.hear(event)
        if isinstance(fact, RunLeft) and fact.how == "done" and fact.code:
            for line in lines.left_open(replay(self.engine.since(0)), self._steps):
                self._say(line)
        for line in lines.of(event, self.guide, self._values):
            self._say(line)
        match fact:
            case Asked():
                self._answer(fact, calls=bool(calls))
            case _ if calls:
                self._ring()
            case _:
                pass
        match fact:
            case AttemptIntended(step=step, number=number):
                self._watched, self._notes = (step, number), Notes(self.directory.attempt(step, number))
            case AttemptEnded():
                while self._progress():
                    pass
                self._watched = self._notes = None
            case RunLeft(code=code):
                self._code = code
            case _:
                pass

    def _learn(self, fact: Fact) -> None:
        """The values of the profile and of answers, and what the run works on: a rehearsal, or what they say."""
        if isinstance(fact, RunStarted | Connected) and fact.practice:
            self._environment = _REHEARSAL
        match fact:
            case RunStarted(profile_values=values) | ValuesSet(values=values):
                self._values |= values
                if self._environment != _REHEARSAL:
                    self._environment = str(values.get("environment") or self._environment)
            case _:
                pass

    def _progress(self) -> bool:
        """Says what a running job noted; whether there was anything."""
        notes = self._notes.fresh() if self._notes is not None else []
        for note in notes:
            if note["text"]:
                self._say(lines.progress(note))
        return bool(notes)

    def _ring(self) -> None:
        """Calls somebody who looks elsewhere; in a file or a pipe a bell is only a stray character."""
        if self.out.isatty():
            self.out.write("\a")
            self.out.flush()

    def _answer(self, asked: Asked, *, calls: bool) -> None:
        said = self.answers.answer(asked) if self.answers else None
        if said is not None:
            self.engine.post(Answer(asked.id, said, f"{self.who} (answers file)", prepared=True))
        elif self.interactive:
            if calls:
                self._ring()
            self._answer_at_terminal(asked)
        else:
            self.engine.post(Decline(asked.id, f"answer {asked.id} in the answers file, or run at a terminal"))

    def _answer_at_terminal(self, asked: Asked) -> None:
        head = f"{_REHEARSAL}  " if self._environment == _REHEARSAL else ""
        if about := lines.about(asked, self.guide):
            self._say(f"  {about}")
        prompt = colour.environment(f"{head}{lines.prompt(asked)} ", self._environment, self.out)
        command: Command | None = None
        while command is None:
            try:
                command = self._command(asked, prompt)
            except EOFError:
                command = Decline(asked.id, f"the terminal was closed; `{going_on.command()}` goes on")
        self.engine.post(command)

    def _command(self, asked: Asked, prompt: str) -> Command | None:
        """What is to be posted; None where somebody began to skip, and gave no reason."""
        try:
            return Answer(asked.id, self._said(asked, prompt), self.who)
        except _Skips:
            why = self._line("Why is this skipped: ")
            return Skip(asked.step, why, self.who) if why else None

    def _said(self, asked: Asked, prompt: str) -> str | Secret:
        if asked.sort in ("yes-no", "name"):
            time.sleep(GRACE)
            lines.drop_typeahead(sys.stdin)
        return self._hidden(asked, prompt) if asked.sort == "secret" else self._input(asked, prompt)

    def _hidden(self, asked: Asked, prompt: str) -> Secret:
        while True:
            said = Secret(getpass.getpass(prompt), asked.id)
            if _NO_TEXT in said.reveal():
                self._say(_UNREADABLE)
                continue
            if lines.skips(asked, said.reveal()):
                if self.guide.skippable(asked.step):
                    raise _Skips
                self._say("  this step cannot be skipped")
                continue
            if not said:
                skips = bool(asked.step) and self.guide.skippable(asked.step)
                self._say(f"  nothing was typed{'; `!skip` skips the step' if skips else ''}")
                continue
            if not asked.twice or said == Secret(getpass.getpass("Once more, to be sure: ")):
                return said
            self._say("  the two are not the same; please type both again")

    def _input(self, asked: Asked, prompt: str) -> str:
        while True:
            line = self._line(prompt)
            if lines.skips(asked, line):
                if self.guide.skippable(asked.step):
                    raise _Skips
                self._say("  this step cannot be skipped")
                continue
            accepted = lines.accept(asked, line)
            if accepted is not None:
                return accepted
            self._say(f"  please answer {lines.choices(asked)}")

    def _line(self, prompt: str) -> str:
        while True:
            self.out.write(prompt)
            self.out.flush()
            line = sys.stdin.readline()
            if not line:
                raise EOFError
            if _NO_TEXT not in line:
                return line.strip()
            self._say(_UNREADABLE)

    def _say(self, line: str) -> None:
        width = shutil.get_terminal_size().columns if self.out.isatty() else 0
        said = "\n".join(lines.wrapped(line, width)) + "\n"
        self.out.write(colour.environment(said, self._environment, self.out))
        self.out.flush()
