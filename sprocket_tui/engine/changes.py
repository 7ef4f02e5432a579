"""A step that changes something: measured, prepared, shown, agreed to, run as a job, repaired if need be, verified.

Success is said only after verification; an outcome that is not known is examined before anything runs again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sprocket_tui.actions.base import Action, Card, Conclusion, Context, Job, Reader, Repair
from sprocket_tui.engine import consent, outputs
from sprocket_tui.engine.attempts import Attempts
from sprocket_tui.engine.desk import Desk, Question
from sprocket_tui.engine.trouble import Again, Trouble
from sprocket_tui.engine.verification import Verification
from sprocket_tui.engine.walk import Place
from sprocket_tui.guide.conditions import Lookup
from sprocket_tui.journal.events import Fact, Held, RepairFound
from sprocket_tui.journal.replay import RunState, StepState
from sprocket_tui.values import JSON


@dataclass(frozen=True)
class Changes:
    """Takes one changing step to its end. `lookup(step, what the action observed)` answers `done_when`."""

    attempts: Attempts
    desk: Desk
    record: Callable[[Fact], None]
    state: RunState
    verification: Verification
    lookup: Callable[[str, JSON], Lookup]
    give_again: Callable[[], None]

    def take(self, place: Place, action: Action, context: Context, *, fresh: bool) -> str:
        """Returns how the step ended: "done" or "already".

        `fresh` starts over: a change that ended well before is not settled again but prepared anew. Raises Trouble when
        a person must decide, Again when the step was put right and is to be taken once more.
        """
        known = self.state.step(place.step.id)
        settled = self._take_up(action, context, known, fresh=fresh)
        if settled is not None:
            return self._settle(place, action, context, settled)
        holds, seen = self._measured(place, action, context)
        if holds and self.verification.holds_now(place):
            self._held(place, action, context, seen)
            return "already"
        facts = self._prepare(action, context, known)
        if facts.get("nothing") is True:
            self.verification.wait(place)
            return "already"
        card = action.card(context, facts)
        self._show(action, context, "perform", card)
        self._gate(place, context, card)
        job, reader = action.perform(context, facts), action.reader(context, "perform")
        return self._settle(place, action, context, self._attempt(context, "perform", job, reader))

    def holds(self, place: Place, action: Action, context: Context) -> bool:
        """Whether what the step is for is there, measured now; what it promises counts where it says no more."""
        holds, seen = self._measured(place, action, context)
        if (place.step.done_when is not None and not holds) or not self.verification.holds_now(place):
            return False
        self._held(place, action, context, seen)
        return True

    def _take_up(self, action: Action, context: Context, known: StepState, *, fresh: bool) -> Conclusion | None:
        """The conclusion of a change that was under way when the driver left; None when there is none to settle."""
        under_way = known.open()
        if under_way is not None:
            self.give_again()
            concluded = self.attempts.resume(context.step.id, known, under_way, action.reader(context, under_way.stage))
            if concluded is not None and under_way.stage == "perform":
                return concluded
        last = known.last_change()
        if last is None:
            return None
        unsettled = last.how != "done" if last.stage == "repair" else last.how == "interrupted"
        if unsettled and known.examined < last.number:
            return Conclusion(ok=False, interrupted=True, first_error=last.first_error, details=tuple(last.details))
        ended_well = last.stage == "perform" and last.how == "done"
        return Conclusion(ok=True, facts=last.facts) if ended_well and not fresh else None

    def _holds(self, place: Place, action: Action, context: Context) -> bool:
        return self._measured(place, action, context)[0]

    def _measured(self, place: Place, action: Action, context: Context) -> tuple[bool, str]:
        """Whether `done_when` holds, and what was seen of what the action measures.

        Not knowing is never taken for "no": the step then stops.
        """
        condition, said = place.step.done_when, ""
        if condition is None:
            return False, said
        own: JSON = None
        if any(reference.startswith("self.") for reference in condition.references()):
            seen = action.observe(context)
            if not seen.measured:
                raise Trouble(place.step.id, f"could not measure whether this is done: {seen.reason}")
            own, said = seen.value, seen.seen
        holds = condition.holds(self.lookup(place.step.id, own))
        if holds is None:
            names = ", ".join(sorted(condition.references()))
            raise Trouble(place.step.id, f"could not measure whether this is done ({names})")
        return holds, said

    def _held(self, place: Place, action: Action, context: Context, seen: str) -> None:
        """Journals what was measured to hold; checks that prove the step are journaled by themselves."""
        title = action.measures(context)
        if title and seen and place.step.verify is None:
            self.record(Held(place.step.id, title, seen))

    def _prepare(self, action: Action, context: Context, known: StepState) -> Mapping[str, JSON]:
        job = action.prepare(context)
        if job is None:
            return {}
        concluded = self._attempt(context, "prepare", job, action.reader(context, "prepare"))
        if not concluded.ok:
            raise self._failed(context.step.id, known, concluded)
        return concluded.facts

    def _attempt(self, context: Context, stage: str, job: Job, reader: Reader) -> Conclusion:
        step = context.step.id
        return self.attempts.run(step, self.state.step(step), stage, job, context.directory, reader)

    def _show(self, action: Action, context: Context, stage: str, card: Card) -> None:
        step = context.step
        how_long = consent.minutes(step)
        consent.show(
            self.record,
            self.attempts.session,
            step.id,
            stage,
            card,
            context.directory,
            minutes=how_long,
            proven_by=consent.proven_by(step, action.measures(context)),
            agrees=consent.agrees(step) if stage == "perform" else "",
        )

    def _gate(self, place: Place, context: Context, card: Card) -> None:
        """Consent to exactly the card that was shown. Raises Trouble when it is refused."""
        step, gate = place.step, place.step.gate
        name = consent.deployment(context.values, self.attempts.session)
        agreed = True
        if gate in ("type-name", "two-person"):
            agreed = consent.named(self.desk, f"{step.id}/gate", step.id, f"This changes {name}", name)
        elif gate != "none":
            agreed = self.desk.ask_text(Question(f"{step.id}/gate", "yes-no", f"{step.title}: go on", step.id)) == "yes"
        if agreed and card.warnings:
            # A question of its own: a yes that was prepared, or given to the whole, does not cover what may be lost.
            agreed = consent.named(self.desk, f"{step.id}/warnings", step.id, f"It {', '.join(card.warnings)}", name)
        if not agreed:
            raise Trouble(step.id, "you said no; nothing was changed", refused=True)
        if gate == "two-person":
            self._second_person(step.id)

    def _second_person(self, step: str) -> None:
        """Somebody else than the driver says so; it is taken at their word. Raises Trouble where nobody does."""
        driver = self.state.driver.partition("@")[0]
        question = Question(f"{step}/second-person", "text", f"A second person (not {driver}) agrees: name", step)
        name = self.desk.ask_text(question)
        if not consent.plain_name(name):
            raise Trouble(step, "a second person did not agree; nothing was changed", refused=True)
        if consent.plain_name(name) == consent.plain_name(driver):
            why = f"{driver} is the first person, and cannot be the second; nothing was changed"
            raise Trouble(step, why, refused=True)

    def _settle(self, place: Place, action: Action, context: Context, conclusion: Conclusion) -> str:
        step, known = place.step.id, self.state.step(place.step.id)
        if conclusion.ok:
            self._verify(place, action, context)
            return "done"
        if not conclusion.interrupted:
            raise self._failed(step, known, conclusion)
        last = known.last_change()
        repair = action.examine(context)
        if repair.again and not self._holds(place, action, context):
            self._again(step, repair, conclusion)
        clean = repair.job is None and not repair.blocked
        self.record(RepairFound(step, last.number if last else 0, list(repair.findings), repair.blocked, clean))
        if repair.blocked:
            raise Trouble(step, repair.blocked, (conclusion.first_error, *conclusion.details))
        if repair.job is not None and repair.card is not None:
            self._repair(action, context, repair.card, repair.job)
        raise Again

    def _again(self, step: str, repair: Repair, conclusion: Conclusion) -> None:
        """The decision to run something again whose outcome is not known is a person's, and is journaled."""
        text = f"{conclusion.first_error}. {' '.join(repair.findings)} {repair.again}"
        if self.desk.ask_text(Question(f"{step}/again", "yes-no", text, step)) != "yes":
            raise Trouble(step, "its outcome is not known, and it was not to be run again", refused=True)

    def _verify(self, place: Place, action: Action, context: Context) -> None:
        """Success is what is measured, not what the program said. Raises Trouble when it cannot be measured."""
        if place.step.verify is None:
            holds, seen = self._measured(place, action, context)
            if not holds:
                raise Trouble(place.step.id, "the command ended well, but what it was to do is not there", recheck=True)
            self._held(place, action, context, seen)
        self.verification.wait(place)

    def _repair(self, action: Action, context: Context, card: Card, job: Job) -> None:
        step = context.step.id
        self._show(action, context, "repair", card)
        question = Question(f"{step}/repair", "yes-no", "Repair what was left half done, as shown", step)
        if self.desk.ask_text(question) != "yes":
            raise Trouble(step, "you said no; nothing was repaired, and nothing was changed", refused=True)
        concluded = self._attempt(context, "repair", job, action.reader(context, "repair"))
        if not concluded.ok:
            raise self._failed(step, self.state.step(step), concluded)

    def _failed(self, step: str, known: StepState, conclusion: Conclusion) -> Trouble:
        number = known.attempts[-1].number
        printed = outputs.lines(self.attempts.directory.attempt(step, number))
        return Trouble(step, conclusion.first_error or "it failed without a word", conclusion.details, tuple(printed))
