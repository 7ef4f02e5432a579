"""Measures checks for the engine: with what they need, and journaled when a person is to hear of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sprocket_tui.checks.observation import Verdict
from sprocket_tui.checks.runner import run_checks
from sprocket_tui.engine.book import Book
from sprocket_tui.engine.explaining import by_sudo, explained
from sprocket_tui.engine.glance import Standing, glance, watched
from sprocket_tui.engine.session import Session
from sprocket_tui.errors import LinkLost
from sprocket_tui.guide.conditions import ABSENT, UNKNOWN, Lookup, Missing, reach
from sprocket_tui.guide.model import Check, Guide
from sprocket_tui.guide.resolve import is_of, measured, measured_at, with_needs
from sprocket_tui.journal.events import Fact, Judged
from sprocket_tui.target.link import Completed, Identity, Link
from sprocket_tui.values import JSON

DEADLINE = 60.0
# What is only told may not keep a run from its first step for long.
GLANCE = 10.0


@dataclass
class Measuring:
    """Always measures afresh; only a `check.<id>` looked up twice within a second is measured once."""

    guide: Guide
    book: Book
    session: Session
    record: Callable[[Fact], None]
    _told: dict[str, tuple[str, str, str]] = field(default_factory=dict[str, tuple[str, str, str]])
    _fresh: dict[str, tuple[float, Verdict]] = field(default_factory=dict[str, tuple[float, Verdict]])

    def measure(self, step: str, ids: Sequence[str]) -> tuple[Verdict, ...]:
        """The verdicts of the checks called `ids` (by base id where they repeat), journaled where they changed."""
        return self.tell(step, self.look(step, ids))

    def look(self, step: str, ids: Sequence[str]) -> tuple[Verdict, ...]:
        """Measures without a word in the journal; what the checks need is measured too."""
        checks = self.guide.checks()
        wanted = with_needs(ids, checks)
        verdicts = self.session.steady(lambda link: self._run([checks[each] for each in wanted], link))
        self._keep(step, verdicts)
        return tuple(each for each in verdicts if any(is_of(each.id, name) for name in ids))

    def again(self, step: str, verdicts: Iterable[str]) -> None:
        """Measures the checks that those verdicts are of: what was mended meanwhile is not said of the end."""
        bad = list(verdicts)
        names = [name for name in self.guide.checks() if any(is_of(each, name) for each in bad)]
        # Where nothing is to be measured nobody is asked for what measuring takes, as a password for sudo.
        if names:
            self.measure(step, names)

    def check(self, step: str, ids: Sequence[str]) -> tuple[Verdict, ...]:
        """The verdicts that a step is for: measured, and all of them journaled as that step's own."""
        return self.tell(step, self.look(step, ids), own=True)

    def tell(self, step: str, verdicts: tuple[Verdict, ...], *, own: bool = False) -> tuple[Verdict, ...]:
        """Journals those verdicts that differ from what was last said of their check; `own` ones, said at the step."""
        for verdict in verdicts:
            state, observed, at = self._told.get(verdict.id, ("", "", ""))
            if (state, observed) != (verdict.state.value, verdict.observed) or (own and at != step):
                self._told[verdict.id] = (verdict.state.value, verdict.observed, step)
                self.record(Judged(step, _document(verdict)))
        return verdicts

    def deployed(self) -> tuple[str, ...]:
        """The services of a deployment that stands there, where they can be measured without asking anything."""
        if not watched(self.guide):
            return ()
        return self.session.steady(self._glance).services

    def _glance(self, link: Link) -> Standing:
        return glance(
            self.guide,
            link,
            self.book.values,
            path=self.session.path,
            privilege=self.session.unasked(),
            deadline=GLANCE,
        )

    def _run(self, checks: list[Check], link: Link) -> tuple[Verdict, ...]:
        """One round of measuring; a connection lost on the way is raised, so that the round is made again."""
        watched, privilege = _Watched(link), self.session.privilege()
        verdicts = run_checks(
            checks,
            link=watched,
            values=self.book.values,
            secrets=self.book.secrets,
            variables=self.guide.vars,
            steps=measured_at(self.guide),
            path=self.session.path,
            privilege=privilege,
            deadline=DEADLINE,
        )
        if watched.lost is not None:
            raise watched.lost
        return by_sudo(explained(verdicts, self.guide.hints, self.book.values), privilege)

    def lookup(self, step: str, own: JSON = None) -> Lookup:
        """Answers references: "self.value..." , "check.<id>" as the state's word (measured now), else a variable."""

        def look(reference: str) -> JSON | Missing:
            if reference.startswith("check."):
                return self._word(step, reference.removeprefix("check."))
            if reference.startswith("self."):
                return reach({"self": {"value": own}}, reference)
            var = self.book.vars.get(reference.partition(".")[0])
            if var is not None and var.measured_by and var.name not in self.book.values:
                self.look(step, [var.measured_by])
                if var.name not in self.book.values:
                    return UNKNOWN
            found = reach(dict(self.book.values), reference)
            return ABSENT if found is None else found

        return look

    def _word(self, step: str, check: str) -> JSON | Missing:
        kept = self._fresh.get(check)
        if kept and time.monotonic() - kept[0] < 1:
            word = kept[1].state.value
        else:
            verdicts = self.look(step, [check])
            word = verdicts[0].state.value if verdicts else "unknown"
        return UNKNOWN if word in ("unknown", "skipped") else word

    def _keep(self, step: str, verdicts: Iterable[Verdict]) -> None:
        now = time.monotonic()
        for verdict in verdicts:
            self._fresh[verdict.id] = (now, verdict)
            if verdict.observation.measured:
                self._keep_measured(step, verdict)

    def _keep_measured(self, step: str, verdict: Verdict) -> None:
        for var in self.book.vars.values():
            if var.measured_by == verdict.id:
                value = measured(var, verdict.observation.value, verdict.observation.seen)
                if value is not None:
                    self.book.set(step, {var.name: value})


class _Watched:
    """A link that remembers that it was lost: the runner turns that into unknown verdicts."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.lost: LinkLost | None = None

    @property
    def identity(self) -> Identity:
        return self._link.identity

    def run(self, script: str, *, deadline: float, limit: int = 8 << 20) -> Completed:
        """See `Link.run`."""
        try:
            return self._link.run(script, deadline=deadline, limit=limit)
        except LinkLost as error:
            self.lost = error
            raise

    def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
        """See `Link.follow`."""
        try:
            return self._link.follow(script, on_output, silence=silence)
        except LinkLost as error:
            self.lost = error
            raise

    def close(self) -> None:
        self._link.close()


def _document(verdict: Verdict) -> dict[str, JSON]:
    """The verdict as the journal keeps it."""
    remedy = verdict.remedy
    return {
        "id": verdict.id,
        "title": verdict.title,
        "state": verdict.state.value,
        "observed": verdict.observed,
        "expected": verdict.expected,
        "why": verdict.why,
        "remedy": {"text": remedy.text, "command": remedy.line, "where": remedy.where} if remedy else None,
        "blocking": verdict.blocking,
        "blocked_by": verdict.blocked_by,
    }
