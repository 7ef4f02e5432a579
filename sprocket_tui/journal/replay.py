"""The state of a run, folded from its events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sprocket_tui.journal.events import (
    Answered,
    Asked,
    AttemptEnded,
    AttemptIntended,
    AttemptStarted,
    ChapterBegun,
    Connected,
    Event,
    Judged,
    RepairFound,
    RunAttached,
    RunLeft,
    RunStarted,
    SecretGiven,
    StepEnded,
    StepReopened,
    StepStarted,
    ValuesSet,
)
from sprocket_tui.values import JSON


@dataclass
class AttemptState:
    """One attempt: `how` is "" until it ended, then as in AttemptEnded."""

    number: int
    stage: str
    argv: list[str]
    streams: tuple[str, ...]
    started: bool = False
    how: str = ""
    status: int | None = None
    first_error: str = ""
    details: list[str] = field(default_factory=list[str])
    facts: dict[str, JSON] = field(default_factory=dict[str, JSON])


@dataclass
class StepState:
    """One step: `how` is "" until it ended; `examined` is the number of the attempt whose left-overs were looked at.

    `reopened` says that it had ended, and is to be taken once more.
    """

    how: str = ""
    why: str = ""
    started_at: str = ""
    ended_at: str = ""
    attempts: list[AttemptState] = field(default_factory=list[AttemptState])
    examined: int = 0
    reopened: bool = False

    def last_change(self) -> AttemptState | None:
        """The latest attempt at what the step is for, or at repairing it.

        Previews and attempts that never started are none, nor is a remedy or a look: what became of it is measured.
        """
        others = ("prepare", "remedy", "look")
        changes = (each for each in reversed(self.attempts) if each.stage not in others and each.how != "fenced")
        return next(changes, None)

    def open(self) -> AttemptState | None:
        """The attempt that was intended and has not ended."""
        return next((each for each in reversed(self.attempts) if not each.how), None)


@dataclass
class RunState:
    """All that is known of a run; with `practice` it is a rehearsal, by its profile or by what its host says.

    `begins_at` is the screen before which steps are passed by measurement; empty where the walk takes all of them.
    """

    started: RunStarted | None = None
    practice: bool = False
    started_at: str = ""
    last_at: str = ""
    driver: str = ""
    left: RunLeft | None = None
    values: dict[str, JSON] = field(default_factory=dict[str, JSON])
    fingerprints: dict[str, str] = field(default_factory=dict[str, str])
    steps: dict[str, StepState] = field(default_factory=dict[str, StepState])
    verdicts: dict[str, dict[str, JSON]] = field(default_factory=dict[str, dict[str, JSON]])
    question: Asked | None = None
    current: str = ""
    begins_at: str = ""

    def step(self, step: str) -> StepState:
        """The step's state, made when it is first asked for."""
        return self.steps.setdefault(step, StepState())


def replay(events: Iterable[Event]) -> RunState:
    """The state after `events`."""
    state = RunState()
    for event in events:
        apply(state, event)
    return state


def apply(state: RunState, event: Event) -> None:
    """Takes one more event into `state`."""
    state.last_at = event.at
    match event.fact:
        case RunStarted() as fact:
            state.started, state.started_at, state.driver = fact, event.at, fact.who
            state.values.update(fact.profile_values)
            state.practice |= fact.practice
        case Connected(practice=practice):
            state.practice |= practice
        case RunAttached(who=who):
            state.driver, state.left, state.question = who, None, None
        case RunLeft() as fact:
            state.left = fact
        case ValuesSet(values=values):
            state.values.update(values)
        case SecretGiven(name=name, fingerprint=fingerprint):
            state.fingerprints[name] = fingerprint
        case Asked() as fact:
            state.question = fact
        case Answered():
            state.question = None
        case ChapterBegun(screen=screen):
            state.begins_at, state.question = screen, None
        case Judged(verdict=verdict):
            state.verdicts[str(verdict["id"])] = verdict
        case _:
            _apply_to_step(state, event)


def _apply_to_step(state: RunState, event: Event) -> None:
    match event.fact:
        case StepStarted(step=step):
            state.current = step
            state.step(step).started_at = event.at
            state.step(step).how = ""
        case StepEnded(step=step, how=how, why=why):
            ended = state.step(step)
            ended.how, ended.why, ended.ended_at = how, why, event.at
            ended.reopened = False
        case StepReopened(step=step):
            state.question = None
            state.step(step).how, state.step(step).reopened = "", True
        case RepairFound(step=step, attempt=number, clean=True):
            state.step(step).examined = number
        case AttemptIntended(step=step, number=number, stage=stage, argv=argv, streams=streams):
            state.step(step).attempts.append(AttemptState(number, stage, argv, tuple(streams)))
        case AttemptStarted(step=step, number=number):
            _attempt(state, step, number).started = True
        case AttemptEnded(step=step, number=number) as fact:
            attempt = _attempt(state, step, number)
            attempt.how, attempt.status, attempt.first_error = fact.how, fact.status, fact.first_error
            attempt.details, attempt.facts = fact.details, fact.facts
        case _:
            pass


def _attempt(state: RunState, step: str, number: int) -> AttemptState:
    return next(each for each in state.step(step).attempts if each.number == number)
