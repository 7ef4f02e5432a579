"""The engine: one thread that owns the connection and the journal, and walks the guide step by step.

A face reads events (`since`) and posts commands (`post`); that is all the two know of each other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sprocket_tui.actions import ACTIONS
from sprocket_tui.actions.base import Context
from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.engine import consent
from sprocket_tui.engine.attempts import Attempts
from sprocket_tui.engine.book import Book, Secrets
from sprocket_tui.engine.changes import Changes
from sprocket_tui.engine.deciding import Deciding
from sprocket_tui.engine.desk import Begin, Command, Desk, Leave, Left, Question, Reopen, Skipped, Turned
from sprocket_tui.engine.measuring import Measuring
from sprocket_tui.engine.passing import NOW, passes, title, undone, unread
from sprocket_tui.engine.remedies import Remedies
from sprocket_tui.engine.session import Holding, Session
from sprocket_tui.engine.trouble import Again, Trouble
from sprocket_tui.engine.verification import Verification
from sprocket_tui.engine.walk import Place, next_place, not_passing, verdict
from sprocket_tui.errors import LinkLost, NeedsAnswer, SprocketError, Unread
from sprocket_tui.exits import Exit
from sprocket_tui.guide import templates
from sprocket_tui.guide.model import Guide, Step
from sprocket_tui.guide.words.verbs import AskVerb, CheckVerb, ConfirmVerb
from sprocket_tui.journal.events import (
    Answered,
    ChapterBegun,
    Connected,
    DeploymentFound,
    Event,
    Fact,
    RunAttached,
    RunLeft,
    RunStarted,
    StepEnded,
    StepReopened,
    StepStarted,
)
from sprocket_tui.journal.file import Journal
from sprocket_tui.journal.replay import RunState, apply, replay
from sprocket_tui.journal.runs import RunDirectory
from sprocket_tui.redaction import Redactor
from sprocket_tui.target.link import Link
from sprocket_tui.values import JSON

# How often a step is started over while no person says so: prepared answers would go round for ever.
_ROUNDS = 20


@dataclass(frozen=True)
class Wiring:
    """What a run is driven with. `open_link` makes a connection, asking through the desk it is given."""

    directory: RunDirectory
    guide: Guide
    open_link: Callable[[Desk], Link]
    who: str
    machine: str
    sudo: bool
    path: tuple[str, ...]


class Engine:
    """Drives one run in a thread of its own."""

    def __init__(self, wiring: Wiring, journal: Journal) -> None:
        self._wiring, self._journal = wiring, journal
        self._guide = wiring.guide
        self._state: RunState = replay(journal.since(0))
        self._redactor = Redactor()
        self._desk = Desk(self._record, free=self._free, skippable=self._guide.skippable)
        self._book = Book(wiring.guide, self._state, self._desk, self._record, self._redactor)
        holding = Holding(wiring.directory.id, wiring.who, wiring.machine)
        self._session = Session(
            lambda: wiring.open_link(self._desk),
            holding,
            self._desk,
            self._record,
            self._redactor,
            sudo=wiring.sudo,
            path=wiring.path,
            host_key=next((e.fact.host_key for e in journal.since(0) if isinstance(e.fact, Connected)), None),
        )
        self._measuring = Measuring(self._guide, self._book, self._session, self._record)
        tell = partial(self._measuring.tell, own=True)
        verification = Verification(self._measuring.look, tell, self._desk, self._record)
        lookup = self._measuring.lookup
        attempts = Attempts(wiring.directory, journal, self._record, self._session, self._desk, self._redactor)
        self._changes = Changes(
            attempts, self._desk, self._record, self._state, verification, lookup, self._book.give_again
        )
        self._remedies = Remedies(attempts, self._desk, self._record, self._state, self._book)
        self._deciding = Deciding(
            self._desk, self._record, self._state, self._redactor, self._measuring, self._remedies
        )
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._announced: set[str] = set()
        self._taking = ""
        self._crash: BaseException | None = None
        self._first = False

    def start(self, first: RunStarted | None = None, again: Sequence[str] = (), at: str = "") -> None:
        """Begins: a new run with `first`, else the run in the journal is taken up, the steps `again` first.

        What comes before the screen `at` is passed by measurement.
        """
        self._first = first is not None
        self._desk.turns += [Reopen(step, self._wiring.who) for step in again]
        self._desk.turns += [Begin(at, self._wiring.who)] if at else []
        self._record(first or RunAttached(self._wiring.who, self._journal.dropped))
        self._thread.start()

    def post(self, command: Command) -> None:
        """A command from a face, from any thread."""
        self._desk.post(command)

    def since(self, seq: int) -> list[Event]:
        """The events after `seq`, from any thread."""
        return self._journal.since(seq)

    def running(self) -> bool:
        return self._thread.is_alive()

    def join(self, timeout: float) -> None:
        """Waits for the end; an internal error of the engine is raised here, in the face's thread."""
        self._thread.join(timeout)
        if self._crash is not None:
            raise self._crash

    def leave(self, patience: float) -> None:
        """Leaves; where the target does not let go within `patience` seconds, that is journaled from here."""
        self._desk.post(Leave())
        self.join(patience)
        if self.running():
            self._record(RunLeft("detached", Exit.CANCELLED, "left while the target did not answer"))

    def _record(self, fact: Fact) -> None:
        apply(self._state, self._journal.append(fact))

    def _run(self) -> None:
        left = RunLeft("failed", Exit.INTERNAL, "internal error")
        try:
            left = self._walk()
        except Left:
            left = RunLeft("detached", Exit.CANCELLED, f"{self._wiring.who} left")
        except NeedsAnswer as error:
            left = self._stopped("unanswered", error)
        except LinkLost as error:
            left = RunLeft("lost", error.code, _sentence(error))
        except SprocketError as error:
            left = self._stopped("failed", error)
        except BaseException as error:
            self._crash = error
        finally:
            self._finish(left)

    def _stopped(self, how: str, error: SprocketError) -> RunLeft:
        """A new run that never got to hold its target is refused: it leaves nothing to go on with."""
        refused = self._first and not self._session.entered
        return RunLeft("refused" if refused else how, error.code, _sentence(error))

    def _finish(self, left: RunLeft) -> None:
        try:
            self._record(left)
            self._session.mirror_quietly(self._journal, self._wiring.directory)
        except SprocketError as error:
            self._crash = self._crash or error
        finally:
            self._session.close()

    def _walk(self) -> RunLeft:
        self._session.steady(lambda link: link.identity)
        self._session.mirror(self._journal, self._wiring.directory)
        if self._first and (services := self._measuring.deployed()):
            self._record(DeploymentFound(list(services)))
        while (place := self._next()) is not None:
            failed = self._take(place)
            if failed is not None:
                return failed
            self._session.mirror(self._journal, self._wiring.directory)
        self._measuring.again(self._state.current, not_passing(self._state))
        return RunLeft("done", verdict(self._guide, self._state))

    def _next(self) -> Place | None:
        """Where the walk goes on, once what a person wants first is journaled."""
        while self._desk.turns:
            turn = self._desk.turns.pop(0)
            if isinstance(turn, Begin):
                self._record(ChapterBegun(turn.screen, turn.by))
            elif self._state.step(turn.step).how:
                self._announced.discard(turn.step)
                self._record(StepReopened(turn.step, turn.by))
        return next_place(self._guide, self._state, self._book.values)

    def _free(self, step: str) -> bool:
        """Only the step that is being taken, and not while a job of it is under way."""
        return step == self._taking and self._state.step(step).open() is None

    def _take(self, place: Place) -> RunLeft | None:
        """One step to its end, or until a person skips it; a run that is to be left at this step returns how."""
        step = self._taking = place.step.id
        try:
            return self._tried(place)
        except Turned:
            self._announced.discard(step)
            return None
        except Skipped as skipped:
            why = self._redactor.text(skipped.why)
            self._record(Answered(f"{step}/reason", why, skipped.by))
            self._record(StepEnded(step, "skipped", why))
            return None

    def _tried(self, place: Place) -> RunLeft | None:
        step = place.step
        passing = passes(self._guide, self._state, place)
        fresh = self._state.step(step.id).how == "failed" or self._state.step(step.id).reopened
        for _ in self._desk.rounds(_ROUNDS):
            try:
                self._remedies.take_up(step.id)
                if not self._applies(place):
                    self._record(StepEnded(step.id, "not-applicable"))
                    return None
                self._announce(place)
                how, why = self._pass(place) if passing else self._do(place, fresh=fresh)
                self._record(StepEnded(step.id, how, why))
                return None
            except Again:
                fresh = True
            except (Trouble, templates.MissingVar, Unread) as error:
                decided = self._deciding.decide(_trouble(step.id, error), step, lambda: self._context(place))
                if isinstance(decided, RunLeft):
                    return decided
                if decided == "skip":
                    return None
                fresh, passing = decided == "retry", passing and decided != NOW
        title = _told(step, self._values(place)).title
        return RunLeft("failed", Exit.FAILED, f"{title} was started over {_ROUNDS} times")

    def _applies(self, place: Place) -> bool:
        """Whether the step is for this environment and checkout. Raises Trouble when that cannot be told."""
        step = place.step
        if place.expanded.missing:
            raise Trouble(step.id, f"{place.expanded.missing} has no value", unknown=True)
        applies = True if step.when is None else step.when.holds(self._measuring.lookup(step.id))
        if applies is None:
            names = ", ".join(sorted(step.when.references() if step.when else ()))
            why = f"cannot tell whether this step applies ({names} not known)"
            raise Trouble(step.id, why, recheck=True, unknown=True)
        return applies

    def _announce(self, place: Place) -> None:
        """Says what comes before it begins, once for each driver."""
        if place.step.id not in self._announced:
            self._announced.add(place.step.id)
            told = _told(place.step, self._values(place))
            self._record(StepStarted(told.id, place.screen.title, told.title, told.text))

    def _pass(self, place: Place) -> tuple[str, str]:
        """A step before the chapter that the walk begins at. Raises Trouble where it is a change that is not there."""
        if unread(place) and place.step.skippable:
            return "skipped", f"begun at {title(self._guide, self._state)}"
        action = ACTIONS.get(place.step.verb.verb)
        if action is None:
            return self._do(place, fresh=False)
        if not self._changes.holds(place, action, self._context(place)):
            raise undone(self._guide, self._state, place)
        return "already", ""

    def _do(self, place: Place, *, fresh: bool) -> tuple[str, str]:
        step = place.step
        match step.verb:
            case AskVerb(vars=names):
                for name in names:
                    self._book.ask(step.id, name, anew=self._state.step(step.id).reopened)
            case ConfirmVerb(statement=statement):
                self._confirm(place, templates.expand(statement, self._values(place)))
            case CheckVerb() as verb:
                return self._check(step, verb)
            case verb if verb.verb in ACTIONS:
                return self._change(place, fresh=fresh), ""
            case _:
                pass
        return "done", ""

    def _confirm(self, place: Place, statement: str) -> None:
        step, asked = place.step, f"{place.step.id}/confirm"
        if step.gate == "type-name":
            name = consent.deployment(self._values(place), self._session)
            agreed = consent.named(self._desk, asked, step.id, statement.rstrip("."), name)
        else:
            agreed = self._desk.ask_text(Question(asked, "yes-no", statement, step.id)) == "yes"
        if not agreed:
            raise Trouble(step.id, "you did not confirm it; nothing was changed", refused=True)

    def _check(self, step: Step, verb: CheckVerb) -> tuple[str, str]:
        listed = [check.id for each in self._guide.checklists if each.id in verb.checklists for check in each.checks]
        verdicts = self._measuring.check(step.id, [*listed, *verb.checks])
        bad = [
            each
            for each in verdicts
            if each.blocking and (each.state in (State.FAIL, State.UNKNOWN) or each.blocked_by)
        ]
        if bad:
            raise _failed_checks(step.id, bad)
        counts = {state: sum(each.state is state for each in verdicts) for state in State}
        return "done", ", ".join(f"{count} {state.value}" for state, count in counts.items() if count)

    def _change(self, place: Place, *, fresh: bool) -> str:
        return self._changes.take(place, ACTIONS[place.step.verb.verb], self._context(place), fresh=fresh)

    def _context(self, place: Place) -> Context:
        step, values = place.step, self._values(place)
        session = self._session
        directory = session.absolute(templates.expand(step.directory, values) or "~")
        return Context(
            step=_told(step, values),
            directory=directory,
            values=values,
            secrets=Secrets(self._book),
            keep=session.absolute(f"~/.sprocket/runs/{self._wiring.directory.id}"),
            read=lambda script, timeout, files: session.read(directory, script, timeout, files),
        )

    def _values(self, place: Place) -> Mapping[str, JSON]:
        return {**place.expanded.values, **self._book.values}


def _told(step: Step, values: Mapping[str, JSON]) -> Step:
    """The step with the values in what a person reads; a name without a value stays as it is."""

    def told(text: str) -> str:
        try:
            return templates.expand(text, values)
        except templates.MissingVar:
            return text

    return step.model_copy(
        update={"title": told(step.title), "text": told(step.text), "changes": tuple(map(told, step.changes))}
    )


def _failed_checks(step: str, bad: list[Verdict]) -> Trouble:
    roots = [each for each in bad if not each.blocked_by] or bad
    first = min(roots, key=lambda each: each.state is not State.FAIL)
    details = tuple(f"{each.state.value}  {each.title}: {each.observed} (expected {each.expected})" for each in roots)
    return Trouble(
        step,
        f"{first.title}: {first.observed}",
        details,
        tuple(each.observation.evidence for each in roots),
        recheck=True,
        unknown=all(each.state is not State.FAIL for each in bad),
        failing=tuple(roots),
    )


def _trouble(step: str, error: Trouble | SprocketError) -> Trouble:
    return error if isinstance(error, Trouble) else Trouble(step, error.message, (error.remedy,), unknown=True)


def _sentence(error: SprocketError) -> str:
    return f"{error.message.rstrip('.')}. {error.remedy}" if error.remedy else error.message
