"""Remedies that a person may have run from the walk: offered where a step failed, behind a gate of their own.

A remedy is an attempt of the step with the stage "remedy". How it ended says nothing of the step: that is measured.
One that changes nothing has the stage "look": what it printed is all that comes of it.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sprocket_tui import actions
from sprocket_tui.actions.base import Card, Conclusion, Context
from sprocket_tui.actions.command import CommandReader
from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.diagnosis.diagnose import Finding
from sprocket_tui.engine import consent, outputs
from sprocket_tui.engine.attempts import Attempts
from sprocket_tui.engine.book import Book
from sprocket_tui.engine.desk import Desk, Question
from sprocket_tui.engine.trouble import Trouble
from sprocket_tui.guide import templates
from sprocket_tui.journal.events import Fact, RemedyPrinted
from sprocket_tui.journal.replay import AttemptState, RunState
from sprocket_tui.terminal import one_line, shortened
from sprocket_tui.values import JSON

REMEDY, LOOK = "remedy", "look"
# So much of what a remedy printed is journaled and shown; the log has all of it.
_LINES, _WIDE = 20, 400


@dataclass(frozen=True)
class Offer:
    """A command on the target that may help: `name` is its hint's or its check's id, `text` what it is for.

    One that `reads` changes nothing; of any other `changes` and `undo` tell, where that is known.
    """

    name: str
    text: str
    argv: tuple[str, ...]
    reads: bool = False
    changes: str = ""
    undo: str = ""


@dataclass(frozen=True)
class Remedies:
    """Asks which remedy, shows it, and runs it on consent."""

    attempts: Attempts
    desk: Desk
    record: Callable[[Fact], None]
    state: RunState
    book: Book

    def offers(self, findings: Iterable[Finding], verdicts: Iterable[Verdict]) -> tuple[Offer, ...]:
        """The remedies that are commands on the target with all their values known, each once."""
        found: list[Offer] = []
        for offer in (*self._of_hints(findings), *_of_verdicts(verdicts)):
            known = any(offer.name == each.name or offer.argv == each.argv for each in found)
            # What would be masked in the journal cannot be shown for what it is, nor agreed to.
            if not known and self.attempts.redactor.text(shlex.join(offer.argv)) == shlex.join(offer.argv):
                found.append(offer)
        return tuple(found)

    def _of_hints(self, findings: Iterable[Finding]) -> Iterator[Offer]:
        for finding in findings:
            remedy = finding.hint.remedy
            known: Mapping[str, JSON] = {**self.book.values, "match": dict[str, JSON](finding.named)}
            if remedy.runs and templates.is_whole(remedy.command, known):
                argv = templates.expand_argv(remedy.command, known)
                text, changes, undo = (
                    templates.shown(each, known) for each in (remedy.text, remedy.changes, remedy.undo)
                )
                yield Offer(finding.hint.id, text, argv, remedy.reads, changes, undo)

    def choose(self, step: str, offers: tuple[Offer, ...]) -> Offer:
        """The one that is meant; asked only where there are several."""
        if len(offers) == 1:
            return offers[0]
        names = tuple(each.name for each in offers)
        commands = tuple(one_line(shlex.join(each.argv)) for each in offers)
        changes = tuple("looks only" if each.reads else "changes" for each in offers)
        said = self.desk.ask_text(
            Question(
                f"{step}/which", "choice", "Which command", step, names, names[0], labels=commands, details=changes
            )
        )
        return next((each for each in offers if each.name == said), offers[0])

    def agreed(self, step: str, offer: Offer) -> bool:
        """Shows the command with where it runs and as whom, and asks for consent to exactly that."""
        session = self.attempts.session
        changes = "nothing; it only looks" if offer.reads else offer.changes or "what the command says"
        card = Card(offer.argv, (changes,), offer.undo, why=offer.text)
        proof = () if offer.reads else ("taking this step again",)
        stage = LOOK if offer.reads else REMEDY
        consent.show(self.record, session, step, stage, card, session.home(), minutes=None, proven_by=proof)
        if offer.reads:
            asked = Question(f"{step}/remedy", "yes-no", "Look, as shown", step, default="no")
            return self.desk.ask_text(asked) == "yes"
        values = self.book.values
        if values.get("environment") == "production":
            name = consent.deployment(values, session)
            return consent.named(self.desk, f"{step}/remedy", step, f"This runs on {name}", name)
        asked = Question(f"{step}/remedy", "yes-no", "Run this remedy, as shown", step, default="no")
        return self.desk.ask_text(asked) == "yes"

    def run(self, offer: Offer, context: Context) -> Trouble | None:
        """Runs it to its end; what is wrong when it did not end well. A look is never wrong."""
        step, home = context.step.id, self.attempts.session.home()
        known, job = self.state.step(step), actions.remedy(context, offer.argv)
        stage = LOOK if offer.reads else REMEDY
        return self._came_of(step, self.attempts.run(step, known, stage, job, home, CommandReader()))

    def take_up(self, step: str) -> None:
        """Goes on with a remedy that was under way when the driver left. Raises Trouble when it did not end well."""
        known = self.state.step(step)
        under_way = known.open()
        if under_way is None or under_way.stage not in (REMEDY, LOOK):
            return
        self.book.give_again()
        concluded = self.attempts.resume(step, known, under_way, CommandReader())
        wrong = self._came_of(step, concluded) if concluded is not None else None
        if wrong is not None:
            raise wrong

    def _came_of(self, step: str, concluded: Conclusion) -> Trouble | None:
        attempt = self.state.step(step).attempts[-1]
        printed = tuple(outputs.lines(self.attempts.directory.attempt(step, attempt.number)))
        if concluded.ok or attempt.stage == LOOK:
            self._show(step, attempt, printed, "" if concluded.ok else concluded.first_error)
            return None
        return Trouble(step, f"the remedy did not end well: {concluded.first_error}", concluded.details, printed)

    def _show(self, step: str, attempt: AttemptState, printed: tuple[str, ...], why: str) -> None:
        last = [shortened(each, _WIDE) for each in printed[-_LINES:]]
        looked, more = attempt.stage == LOOK, len(printed) - len(last)
        self.record(RemedyPrinted(step, attempt.number, attempt.argv, last, more, why, looked))


def _of_verdicts(verdicts: Iterable[Verdict]) -> Iterator[Offer]:
    for verdict in verdicts:
        remedy = verdict.remedy
        if remedy is None or verdict.blocked_by or verdict.state not in (State.FAIL, State.UNKNOWN):
            continue
        if remedy.runs and remedy.whole:
            yield Offer(verdict.id, remedy.text, remedy.command, remedy.reads, remedy.changes, remedy.undo)
