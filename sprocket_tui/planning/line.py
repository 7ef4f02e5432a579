"""One line of a plan: a verdict, when it was found, and how long that holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sprocket_tui.checks.observation import Remedy, State, Verdict
from sprocket_tui.checks.rollup import effective
from sprocket_tui.checks.waivers import Waiver
from sprocket_tui.guide.model import Guide
from sprocket_tui.guide.planning import Part, Prerequisite, Risk, Rule

Chapter = Literal["calendar", "people", "cost", "prerequisites", "checks"]
_FEW = 3
# Where something holds for less, the minute that it was found in does not say when it ends.
_SECONDS_MATTER = timedelta(minutes=10)
# Of two reasons to doubt a verdict, the one that nobody knows goes first.
_DOUBT = {State.UNKNOWN: 0, State.FAIL: 1, State.WARN: 1, State.PASS: 1}


@dataclass(frozen=True)
class Line:
    """`measured` is when it was found, None where nobody has; `until` the end of its validity, None where none.

    `waiver` is that of who answers for it until the window is over.
    """

    chapter: Chapter
    verdict: Verdict
    source: str
    measured: datetime | None = None
    until: datetime | None = None
    waiver: Waiver | None = None

    @property
    def times(self) -> tuple[str, str]:
        """When it was found and until when it holds, each empty where it is not known."""
        brief = self.measured and self.until and self.until - self.measured < _SECONDS_MATTER
        form = "%Y-%m-%d %H:%M:%S" if brief else "%Y-%m-%d %H:%M"
        found, ends = (each.strftime(form) if each else "" for each in (self.measured, self.until))
        return found, ends


@dataclass(frozen=True)
class Judgement:
    """What a rule came to. An unknown that nobody could have measured here does not block.

    `remedy` stands where the rule's own would not help.
    """

    state: State
    observed: str
    blocking: bool = True
    remedy: str = ""


@dataclass(frozen=True)
class Measured:
    """What the checks of this run came to, and the guide that they are of.

    `waived` are the ids of those that somebody answers for until the window is over.
    """

    guide: Guide
    verdicts: Sequence[Verdict] = ()
    waived: frozenset[str] = frozenset()

    def of(self, part: Rule | Risk | Prerequisite) -> list[Verdict]:
        """The verdicts that a part of the planning rests on, without those of checks that do not apply here."""
        lists = {check.id for each in self.guide.checklists if each.id in part.checklists for check in each.checks}
        meant = {*lists, *part.checks}
        return [
            verdict
            for verdict in self.verdicts
            if effective(verdict) is not State.SKIPPED and self.check(verdict) in meant
        ]

    def state(self, verdict: Verdict) -> State:
        """The state that counts for what rests on it: what somebody answers for stands in no way."""
        return State.PASS if verdict.id in self.waived else effective(verdict)

    def but_for(self, verdicts: Sequence[Verdict]) -> str:
        """What of them is not so and somebody answers for, to be put behind a sentence; nothing where nothing is."""
        titles = self.answered_for(verdicts)
        return f", but for what is waived: {titles}" if titles else ""

    def answered_for(self, verdicts: Sequence[Verdict]) -> str:
        """The titles of those of them that are waived."""
        return few([each.title for each in verdicts if each.id in self.waived])

    def times(self, verdict: Verdict, now: datetime) -> tuple[datetime | None, datetime | None]:
        """When it was measured, and until when that holds; what nobody has measured holds for no time."""
        seen = verdict.observation
        at = datetime.fromtimestamp(seen.at, now.tzinfo) if seen.at else now if seen.measured else None
        check = self.guide.checks().get(self.check(verdict))
        return at, at + timedelta(seconds=check.ttl) if at and check and seen.measured else None

    def span(self, verdicts: Sequence[Verdict], now: datetime) -> tuple[datetime | None, datetime | None]:
        """When the oldest of several was measured, and when the first ends; of those that block, if any does."""
        counted = [each for each in verdicts if each.blocking] or verdicts
        times = [self.times(each, now) for each in counted]
        return min((at for at, _ in times if at), default=None), min((end for _, end in times if end), default=None)

    def check(self, verdict: Verdict) -> str:
        """The id of the check in the guide; one that is made for each of a list has more behind it."""
        every = self.guide.checks()
        made = (each for each, check in every.items() if check.for_each and verdict.id.startswith(f"{each}."))
        return verdict.id if verdict.id in every else next(made, verdict.id)


def verdict(
    part: Part, judged: Judgement, *, expected: str, why: str, remedy: str, prefix: str, blocking: bool
) -> Verdict:
    """A judgement as a verdict like that of a check, so that both count the same."""
    return Verdict(
        id=f"{prefix}.{part.id}",
        title=part.title,
        state=judged.state,
        observed=judged.observed,
        expected=expected,
        why=why,
        remedy=Remedy(judged.remedy or remedy, where="here") if remedy and judged.state is not State.PASS else None,
        blocking=blocking and judged.blocking,
        guide=part.guide,
    )


def few(names: Sequence[str]) -> str:
    """The first of many, and how many more there are: "a; b; c; and 24 more"."""
    # One more is no shorter than its name.
    shown = names if len(names) <= _FEW + 1 else [*names[:_FEW], f"and {len(names) - _FEW} more"]
    return "; ".join(shown)


def cause(line: Line, lines: Iterable[Line]) -> Line:
    """The line that keeps this one from being measured, itself where nothing does."""
    known = {each.verdict.id: each for each in lines}
    while line.verdict.blocked_by in known:
        line = known.pop(line.verdict.blocked_by)
    return line


def alike(open_: Sequence[Line], lines: Sequence[Line]) -> list[str]:
    """The titles of lines that decide; of those that are unknown for one reason one, and how many more there are."""
    found: dict[object, list[Line]] = {}
    for number, each in enumerate(open_):
        known = effective(each.verdict) is not State.UNKNOWN
        found.setdefault(number if known else cause(each, lines).verdict.observed, []).append(each)
    said: list[str] = []
    for same in found.values():
        first = next((each for each in same if not each.verdict.blocked_by), same[0])
        more = f", and {len(same) - 1} more for the same reason" if len(same) > 1 else ""
        said.append(f"{first.verdict.title}{more}")
    return said


def weakest(lines: Sequence[Line]) -> Line | None:
    """The evidence that a verdict rests on least: what is not known (blocking first), else what expires first.

    What nobody knows and somebody answers for is as good as what is known. Of one that is blocked it is what blocks it,
    where that is not known either.
    """

    def doubt(line: Line) -> tuple[int, bool, bool, float]:
        return (
            1 if line.waiver else _DOUBT[effective(line.verdict)],
            not line.verdict.blocking,
            bool(line.verdict.blocked_by),
            line.until.timestamp() if line.until else float("inf"),
        )

    found = min((line for line in lines if effective(line.verdict) is not State.SKIPPED), key=doubt, default=None)
    blocks = cause(found, lines) if found else None
    # One that failed is known, and one that somebody answers for is as good as that: what they block is not.
    return blocks if blocks and effective(blocks.verdict) is State.UNKNOWN and not blocks.waiver else found
