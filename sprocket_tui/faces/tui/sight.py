"""What there is to see of a run: folded from its events for the screen, one `StepSight` a step."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sprocket_tui.faces.known import known
from sprocket_tui.guide.model import Guide, Screen, Step
from sprocket_tui.guide.templates import shown
from sprocket_tui.guide.words.verbs import AskVerb
from sprocket_tui.journal.events import (
    Answered,
    Asked,
    AttemptEnded,
    AttemptFound,
    AttemptIntended,
    AttemptStarted,
    CardShown,
    ChapterBegun,
    Connected,
    DeploymentFound,
    Event,
    Fact,
    Held,
    Hinted,
    Judged,
    LinkDropped,
    RemedyPrinted,
    RepairFound,
    RunAttached,
    RunLeft,
    RunStarted,
    SkippedBefore,
    StepEnded,
    StepReopened,
    StepStarted,
    ValuesSet,
    Waiting,
)
from sprocket_tui.values import JSON

REHEARSAL = "PRACTICE"
_SILENT = ("done", "not-applicable")


@dataclass
class AttemptSight:
    """One attempt; times are seconds since the epoch, `ended` is None while it runs.

    `unseen`: nobody followed it for a while, and what became of it is not known yet.
    """

    number: int
    stage: str
    began: float
    ended: float | None = None
    how: str = ""
    unseen: bool = False
    argv: list[str] = field(default_factory=list[str])
    details: list[str] = field(default_factory=list[str])


@dataclass
class StepSight:
    """One step as far as it got; `how` is "" until it ended, as in StepEnded afterwards.

    `changed` says that something was changed for it, so that a person wants to see how that went; `asked` that a person
    was asked something; `over` is when it ended, in seconds since the epoch. `trouble` is the failure that is to be
    decided, `skipped` what it builds on and a person skipped (title and reason of each), `printed` what a remedy for it
    printed, `before` the attempt before a look, `held` what was seen of what its action measures, by title.
    """

    id: str
    title: str = ""
    text: str = ""
    screen: str = ""
    how: str = ""
    why: str = ""
    verdicts: dict[str, dict[str, JSON]] = field(default_factory=dict[str, dict[str, JSON]])
    card: CardShown | None = None
    remedy: CardShown | None = None
    attempt: AttemptSight | None = None
    waiting: str = ""
    waits_since: float = 0.0
    hints: list[Hinted] = field(default_factory=list[Hinted])
    skipped: list[list[str]] = field(default_factory=list[list[str]])
    repair: RepairFound | None = None
    changed: bool = False
    asked: bool = False
    over: float = 0.0
    trouble: str = ""
    printed: RemedyPrinted | None = None
    before: AttemptSight | None = None
    held: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def own(self) -> AttemptSight | None:
        """The last attempt at the step; a look is none."""
        looks = self.attempt is not None and self.attempt.stage == "look"
        return self.before if looks else self.attempt

    @property
    def running(self) -> bool:
        """Whether a job of it is under way."""
        return self.attempt is not None and self.attempt.ended is None

    @property
    def checking(self) -> bool:
        """Whether what it was to do is being waited for, once its job ended."""
        return bool(self.waiting) and not self.how and not self.running


@dataclass
class Sight:
    """All there is to see; `current` is the step that was announced last, `verdicts` has the last one of each check.

    `again` are the steps that were taken once more since the run was taken up last.
    `began` is moved on by the time in which nobody walked, so that what it took since is working time.
    """

    guide: Guide
    run: RunStarted | None = None
    practice: bool = False
    environment: str = ""
    hostname: str = ""
    link: Connected | None = None
    deployed: list[str] = field(default_factory=list[str])
    dropped: str = ""
    began: float = 0.0
    at: float = 0.0
    steps: dict[str, StepSight] = field(default_factory=dict[str, StepSight])
    verdicts: dict[str, dict[str, JSON]] = field(default_factory=dict[str, dict[str, JSON]])
    current: str = ""
    question: Asked | None = None
    left: RunLeft | None = None
    again: list[str] = field(default_factory=list[str])
    _values: dict[str, JSON] = field(default_factory=dict[str, JSON])

    @property
    def step(self) -> StepSight | None:
        """The step that was announced last."""
        return self.steps.get(self.current)

    @property
    def titles(self) -> dict[str, str]:
        """What the checks are called, by id: with the values that are known, and as it was once it was measured."""
        values = self.known
        written = {check.id: shown(check.title, values) for listed in self.guide.checklists for check in listed.checks}
        return written | {id_: str(each["title"]) for id_, each in self.verdicts.items()}

    @property
    def known(self) -> dict[str, JSON]:
        """The values by the names of their variables: defaults, of the profile, answered or measured."""
        return known(self.guide, self._values)

    def of(self, step: str) -> StepSight:
        """The step's sight, made when it is first needed."""
        return self.steps.setdefault(step, StepSight(step))

    def ended(self, step: str) -> list[str]:
        """The step, or those it was repeated as, where they have ended."""
        return [id_ for id_, each in self.steps.items() if each.how and (id_ == step or id_.startswith(f"{step}."))]

    def written(self, step: str) -> tuple[Screen, Step] | None:
        """The step in the guide; one of a `for_each` by the step it repeats."""
        for screen in self.guide.screens:
            for each in screen.steps:
                if step == each.id or step.startswith(f"{each.id}."):
                    return screen, each
        return None

    def passed(self, step: str) -> list[StepSight]:
        """The steps right before this one, in its chapter, that ended without anything to see or to answer."""
        found: list[StepSight] = []
        written = self.written(step)
        earlier = [each.id for each in written[0].steps] if written else []
        for id_ in reversed(earlier[: earlier.index(written[1].id)] if written else []):
            before = self.steps.get(id_)
            if before is None or before.asked or before.how not in _SILENT or not self._silent(id_):
                break
            found.insert(0, before)
        return found

    def _silent(self, step: str) -> bool:
        """Whether such a step shows nothing of itself when nobody has to answer."""
        written = self.written(step)
        return self.steps[step].how == "not-applicable" or (
            written is not None and isinstance(written[1].verb, AskVerb)
        )

    def unfollowed(self) -> None:
        """Nobody followed the run for a while: what became of its job is not known until it was looked at."""
        for step in self.steps.values():
            if step.attempt is not None:
                step.attempt.unseen = step.running

    def take(self, event: Event) -> None:
        """Takes one more event in."""
        before, self.at = self.at, seconds(event.at)
        fact = event.fact
        self._learn_environment(fact)
        match fact:
            case RunStarted():
                self.run, self.began = fact, self.at
            case RunAttached():
                self.began += max(self.at - before, 0) if self.began else 0
                self.left = self.question = None
                self.again = []
                self.unfollowed()
            case Connected():
                self.link, self.dropped = fact, ""
                self.practice |= fact.practice
            case DeploymentFound(services=services):
                self.deployed = services
            case LinkDropped(why=why):
                self.dropped = why
            case Asked():
                self._asked(fact)
            case Answered() | ChapterBegun():
                self.question = None
            case RunLeft():
                self.left = fact
            case StepStarted():
                self._announced(fact)
            case StepEnded():
                self._over(fact)
            case _:
                self._of_step(fact)

    def _asked(self, fact: Asked) -> None:
        self.question = fact
        if fact.step:
            self.of(fact.step).asked = True
        if fact.id.endswith("/failed"):
            # What is waited for after the answer is waited for anew.
            self.of(fact.step).trouble, self.of(fact.step).waiting = fact.text, ""

    def _announced(self, fact: StepStarted) -> None:
        self.current = fact.step
        step = self.of(fact.step)
        step.title, step.text, step.screen = fact.title, fact.text, fact.screen
        step.how, step.why = "", ""
        step.hints, step.skipped, step.repair, step.waiting, step.printed = [], [], None, "", None

    def _over(self, fact: StepEnded) -> None:
        ended = self.of(fact.step)
        ended.how, ended.why, ended.waiting, ended.over = fact.how, fact.why, "", self.at
        ended.printed = None
        if not ended.title and (found := self.written(fact.step)):
            ended.title, ended.screen = found[1].title, found[0].title

    def _of_step(self, fact: Fact) -> None:
        match fact:
            case StepReopened(step=step):
                self.question = None
                self.again.append(step)
                self.of(step).how = self.of(step).why = ""
            case Judged(step=step, verdict=verdict):
                self.of(step).verdicts[str(verdict["id"])] = self.verdicts[str(verdict["id"])] = verdict
            case Held(step=step, title=title, seen=seen):
                self.of(step).held[title] = seen
            case CardShown(step=step, stage="remedy" | "look"):
                self.of(step).remedy = fact
            case CardShown(step=step):
                self.of(step).card = fact
                self.of(step).hints, self.of(step).skipped = [], []
            case Waiting(step=step, text=text):
                waits = self.of(step)
                waits.waits_since = waits.waits_since if waits.waiting else self.at
                waits.waiting = text
            case Hinted(step=step):
                self.of(step).hints.append(fact)
            case SkippedBefore(step=step, skipped=skipped):
                self.of(step).skipped = skipped
            case RemedyPrinted(step=step):
                self.of(step).printed = fact
            case RepairFound(step=step):
                self.of(step).repair = fact
            case _:
                self._of_attempt(fact)

    def _of_attempt(self, fact: Fact) -> None:
        match fact:
            case AttemptIntended() as begun:
                step = self.of(begun.step)
                step.before = step.own
                step.attempt = AttemptSight(begun.number, begun.stage, self.at, argv=list(begun.argv))
                step.changed |= begun.stage in ("perform", "repair")
                if begun.stage != "look":
                    step.hints, step.waiting, step.repair, step.printed = [], "", None, None
            case AttemptStarted(step=step):
                if (attempt := self.of(step).attempt) is not None:
                    attempt.began = self.at
            case AttemptFound(step=step, runs=runs):
                if (attempt := self.of(step).attempt) is not None:
                    attempt.unseen = not runs
            case AttemptEnded() as ended:
                self._ended(ended)
            case _:
                pass

    def _ended(self, fact: AttemptEnded) -> None:
        attempt = self.of(fact.step).attempt
        if attempt is not None and attempt.number == fact.number:
            attempt.ended, attempt.how, attempt.details = self.at, fact.how, list(fact.details)

    def _learn_environment(self, fact: Fact) -> None:
        """What the run works on: a rehearsal, or what the profile or an answer says."""
        match fact:
            case RunStarted(practice=practice, profile_values=values):
                self.practice = practice
                self._learn_values(values)
            case ValuesSet(values=values):
                self._learn_values(values)
            case _:
                pass

    def _learn_values(self, values: dict[str, JSON]) -> None:
        self._values |= values
        self.environment = str(values.get("environment") or self.environment)
        self.hostname = str(values.get("hostname") or values.get("domain") or self.hostname)


def seconds(at: str) -> float:
    """An event's time in seconds since the epoch."""
    return datetime.fromisoformat(at).timestamp()
