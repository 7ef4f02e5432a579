"""A step that cannot go on by itself: what may help is shown, and a person decides."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sprocket_tui.actions.base import Context
from sprocket_tui.checks.observation import State
from sprocket_tui.diagnosis.diagnose import Finding, diagnose
from sprocket_tui.engine import skipped
from sprocket_tui.engine.desk import Desk, Question
from sprocket_tui.engine.measuring import Measuring
from sprocket_tui.engine.passing import NOW
from sprocket_tui.engine.remedies import Offer, Remedies
from sprocket_tui.engine.trouble import Trouble
from sprocket_tui.exits import Exit
from sprocket_tui.guide import templates
from sprocket_tui.guide.model import Step
from sprocket_tui.journal.events import Fact, Hinted, RunLeft, SkippedBefore, StepEnded
from sprocket_tui.journal.replay import RunState
from sprocket_tui.redaction import Redactor
from sprocket_tui.values import JSON

_HINTS = 3
# How often may be looked at one failure while no person says so: prepared answers would look for ever.
_LOOKS = 20


@dataclass(frozen=True)
class Deciding:
    """Asks what to do about trouble."""

    desk: Desk
    record: Callable[[Fact], None]
    state: RunState
    redactor: Redactor
    measuring: Measuring
    remedies: Remedies

    def decide(self, trouble: Trouble, step: Step, context: Callable[[], Context]) -> RunLeft | str:
        """ "retry", "recheck", "now" or "skip" (journaled); else how the run is left. A remedy leads on too."""
        recheck = trouble.recheck
        offers: tuple[Offer, ...] = self._hint(trouble, step)
        looks = 0
        refused: Offer | None = None
        while True:
            heard = self.desk.heard
            said = self.desk.ask_text(_what_now(trouble, offers, recheck=recheck, skippable=step.skippable))
            if said == "skip" and not step.skippable:
                # A prepared answer may be one that was not offered.
                said = "leave"
            if said != "remedy" or not offers:
                return self._decided(said, trouble)
            offer = self.remedies.choose(trouble.step, offers)
            if not self.remedies.agreed(trouble.step, offer):
                # Who refuses it twice does not mean it, and prepared answers would go round for ever.
                offers = tuple(each for each in offers if each != offer) if refused == offer else offers
                refused = offer
                continue
            failed = self.remedies.run(offer, context())
            if offer.reads:
                # Nothing has changed, so there is nothing to measure, and the same to decide.
                looks += self.desk.heard == heard
                offers = offers if looks < _LOOKS else tuple(each for each in offers if not each.reads)
                continue
            if failed is None:
                return "recheck" if recheck else "retry"
            others = tuple(each for each in offers if each != offer)
            trouble, offers = failed, (*self._hint(failed, step), *others)

    def _decided(self, said: str, trouble: Trouble) -> RunLeft | str:
        if said == "skip":
            why = self.desk.ask_text(Question(f"{trouble.step}/reason", "text", "Why is this skipped", trouble.step))
            self.record(StepEnded(trouble.step, "skipped", self.redactor.text(why)))
        if said in ("retry", "recheck", "skip") or (said == NOW and trouble.passing):
            return said
        self.record(StepEnded(trouble.step, "failed", self.redactor.text(trouble.why)))
        code = Exit.CANCELLED if trouble.refused else Exit.UNKNOWN if trouble.unknown else Exit.FAILED
        return RunLeft("failed", code, self.redactor.text(trouble.why))

    def _hint(self, trouble: Trouble, step: Step) -> tuple[Offer, ...]:
        """Names the likeliest causes: what the output and those of the step's usual suspects show that fail now.

        Returns what of it can be run from here.
        """
        if trouble.refused or trouble.passing:
            return ()
        self._name_skipped(step)
        suspects = self.measuring.measure(step.id, step.on_failure) if step.on_failure else ()
        failing = [each for each in suspects if each.state is State.FAIL]
        seen = [text for each in failing for text in (each.observed, each.observation.evidence)]
        text = "\n".join((trouble.why, *trouble.details, *trouble.printed, *seen))
        findings = diagnose(text, self.measuring.guide.hints)[:_HINTS]
        for finding in findings:
            hint = finding.hint
            command = self.redactor.text(shlex.join(self._filled(finding)))
            self.record(Hinted(step.id, hint.id, hint.title, hint.cause, hint.remedy.text, command))
        return self.remedies.offers(findings, (*trouble.failing, *suspects))

    def _name_skipped(self, step: Step) -> None:
        found = skipped.before(self.measuring.guide, self.state, step.id, self.measuring.book.values)
        if found:
            self.record(SkippedBefore(step.id, [list(each) for each in found]))

    def _filled(self, finding: Finding) -> tuple[str, ...]:
        """The command with the values that are known; a name without one stays as it is for a person to fill in."""
        argv = finding.hint.remedy.command
        known: Mapping[str, JSON] = {**self.measuring.book.values, "match": dict[str, JSON](finding.named)}
        return templates.expand_argv(argv, known) if templates.is_whole(argv, known) else argv


def _what_now(trouble: Trouble, offers: tuple[Offer, ...], *, recheck: bool, skippable: bool) -> Question:
    """What can be done about it; where the commands that are offered only look, it says so."""
    if trouble.refused:
        return _said_no(trouble, skippable=skippable)
    end = ("skip", "leave") if skippable else ("leave",)
    if trouble.passing:
        options = (NOW, *end)
    else:
        before = ("recheck", "retry") if recheck else ("retry",)
        options = (*before, *(("remedy",) if offers else ()), *end)
    labels: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    if "remedy" in options and all(each.reads for each in offers):
        labels = tuple("Look closer" if each == "remedy" else "" for each in options)
        details = tuple("what is run changes nothing" if each == "remedy" else "" for each in options)
    return Question(
        f"{trouble.step}/failed",
        "choice",
        trouble.why,
        trouble.step,
        options,
        "leave",
        labels=labels,
        details=details,
    )


def _said_no(trouble: Trouble, *, skippable: bool) -> Question:
    """After a no nothing is to be mended: leaving comes first, and the gate is gone back to only by choosing so."""
    told = {
        "leave": ("Leave", "the run is kept as it is"),
        "retry": ("Go back", "it asks again before any change"),
        **({"skip": ("", "")} if skippable else {}),
    }
    return Question(
        f"{trouble.step}/failed",
        "choice",
        trouble.why,
        trouble.step,
        tuple(told),
        "leave",
        labels=tuple(label for label, _ in told.values()),
        details=tuple(detail for _, detail in told.values()),
        refused=True,
    )
