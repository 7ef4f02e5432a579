"""Carries one attempt from its intent to its conclusion, across lost links, restarts and other laptops."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from sprocket_tui.actions.base import Conclusion, Job, Reader
from sprocket_tui.engine.desk import Desk
from sprocket_tui.engine.outputs import Output
from sprocket_tui.engine.session import Session
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.journal.events import AttemptEnded, AttemptFound, AttemptIntended, AttemptStarted, Fact, Waiting
from sprocket_tui.journal.file import Journal
from sprocket_tui.journal.replay import AttemptState, StepState
from sprocket_tui.journal.runs import RunDirectory
from sprocket_tui.redaction import Redactor
from sprocket_tui.target import job, tail
from sprocket_tui.target.job import Attempt, Launch, Phase

# A wrapper writes its pid within milliseconds; one that has not after this long, in seconds, never started.
_CLAIM_PATIENCE = 5.0
# How long plugins that outlived a killed program may finish the calls they are in, and when TERM becomes KILL.
_GRACE = 10.0
_KILL_AFTER = 3.0
# How often a step may be started anew because the claim got lost before anything ran.
_STARTS = 3


@dataclass(frozen=True)
class Attempts:
    """Runs jobs as attempts of a step. Everything that happens is in the journal before it happens."""

    directory: RunDirectory
    journal: Journal
    record: Callable[[Fact], None]
    session: Session
    desk: Desk
    redactor: Redactor

    def run(self, step: str, state: StepState, stage: str, what: Job, where: str, reader: Reader) -> Conclusion:
        """Starts a new attempt and stays with it to its end."""
        for _ in range(_STARTS):
            number = 1 + max((each.number for each in state.attempts), default=0)
            self.session.prove()
            self.record(AttemptIntended(step, number, stage, list(what.argv), list(what.streams)))
            self.session.mirror(self.journal, self.directory)
            launch = self._launch(what, where)
            self.session.steady(lambda link, n=number, how=launch: job.start(link, self._attempt(step, n), how))
            if self._has_started(step, number):
                self.record(AttemptStarted(step, number))
                return self._to_the_end(step, state, number, reader)
            self._fenced(step, number)
        raise SprocketError(
            f"{step}: the job was claimed on the target but did not start, {_STARTS} times",
            remedy="look at ~/.sprocket/jobs and the process limits there, then resume",
            code=Exit.FAILED,
        )

    def resume(self, step: str, state: StepState, open_attempt: AttemptState, reader: Reader) -> Conclusion | None:
        """Takes up an attempt that was intended before; None when it never started (and now never will)."""
        number = open_attempt.number
        if not self._has_started(step, number, known=open_attempt.started):
            if open_attempt.started:
                return self._lost(step, number)
            self._fenced(step, number)
            return None
        if not open_attempt.started:
            self.record(AttemptStarted(step, number))
        sight = self.session.steady(lambda link: job.look(link, self._attempt(step, number)))
        self.record(AttemptFound(step, number, runs=sight.phase in (Phase.RUNNING, Phase.LINGERING)))
        return self._to_the_end(step, state, number, reader)

    def _attempt(self, step: str, number: int) -> Attempt:
        return Attempt(self.directory.id, step, number)

    def _launch(self, what: Job, where: str) -> Launch:
        return Launch(
            script=what.script,
            directory=where,
            environment=what.environment,
            path=self.session.path,
            files=what.files,
            streams=what.streams,
            privilege=self.session.privilege(),
        )

    def _has_started(self, step: str, number: int, *, known: bool = False) -> bool:
        """Whether it runs or ran; a claim that stays without a pid is fenced, and then it never will.

        An attempt that is `known` to have started is never fenced: without its record nothing is known of it.
        """
        attempt = self._attempt(step, number)
        end = time.monotonic() + _CLAIM_PATIENCE
        sight = self.session.steady(lambda link: job.look(link, attempt))
        while sight.phase is Phase.CLAIMED and time.monotonic() < end:
            self.desk.pause(0.1)
            sight = self.session.steady(lambda link: job.look(link, attempt))
        if sight.phase in (Phase.CLAIMED, Phase.ABSENT) and not known:
            sight = self.session.steady(lambda link: job.fence(link, attempt))
        return sight.phase not in (Phase.CLAIMED, Phase.ABSENT)

    def _fenced(self, step: str, number: int) -> None:
        self.record(AttemptEnded(step, number, "fenced", None, "it never started"))

    def _lost(self, step: str, number: int) -> Conclusion:
        why = "it was started, and its record is no longer on the target; what it did is not known"
        self.record(AttemptEnded(step, number, "interrupted", None, why))
        return Conclusion(ok=False, interrupted=True, first_error=why)

    def _to_the_end(self, step: str, state: StepState, number: int, reader: Reader) -> Conclusion:
        attempt = self._attempt(step, number)
        known = next(each for each in state.attempts if each.number == number)
        output = Output(self.directory.attempt(step, number), reader, self.redactor)
        try:
            status = self._follow(attempt, known, output)
            conclusion = reader.conclude(status)
        finally:
            output.close()
        how = "done" if conclusion.ok else "interrupted" if conclusion.interrupted else "failed"
        mask = self.redactor.text
        self.record(
            AttemptEnded(
                step,
                number,
                how,
                status,
                mask(conclusion.first_error),
                [mask(line) for line in conclusion.details],
                dict(conclusion.facts),
            )
        )
        self.session.steady(lambda link: job.finish(link, attempt))
        if conclusion.interrupted:
            self._end_left_over(attempt)
        self.session.mirror(self.journal, self.directory)
        return replace(conclusion, first_error=mask(conclusion.first_error))

    def _end_left_over(self, attempt: Attempt) -> None:
        """Lets what a killed program left behind finish its calls, then ends it: a repair must not race with it."""
        end = time.monotonic() + _GRACE
        told = False
        while self.session.steady(lambda link: job.left_over(link, attempt)):
            if not told:
                told = True
                self.record(Waiting(attempt.step, f"waiting up to {_GRACE:g} s for what the program left running"))
            late = time.monotonic() - end
            if late >= 0:
                signal, privilege = "TERM" if late < _KILL_AFTER else "KILL", self.session.privilege()
                self.session.steady(lambda link, s=signal, p=privilege: job.end_left_over(link, attempt, p, s))
            self.desk.pause(0.5)

    def _follow(self, attempt: Attempt, known: AttemptState, output: Output) -> int | None:
        """The exit status; None once the job and all it started are gone without one."""
        told = False
        while True:
            end = self.session.steady(
                lambda link: tail.follow(
                    link,
                    attempt,
                    known.streams,
                    output.cursor,
                    output.take,
                    beat=self.session.beat,
                    on_tick=self.desk.check,
                )
            )
            if end.status is not None:
                return end.status
            sight = self.session.steady(lambda link: job.look(link, attempt))
            if sight.phase is Phase.VANISHED:
                return None
            if sight.phase is Phase.ENDED:
                return sight.status
            if not told:
                told = True
                self.record(Waiting(attempt.step, "the job's wrapper was killed; waiting for the program that it ran"))
            self.desk.pause(1.0)
