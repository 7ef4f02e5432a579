"""What could make it longer, and how likely that is in this run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.checks.rollup import effective
from sprocket_tui.guide.planning import Likely, Risk
from sprocket_tui.planning.line import Measured, few
from sprocket_tui.planning.window import Crew

_LEVELS: tuple[Likely, ...] = ("low", "medium", "high")


@dataclass(frozen=True)
class Weighed:
    """A risk: `usual` is how likely the guide has it, `likely` how likely it is here, and what changed that."""

    risk: Risk
    usual: Likely
    likely: Likely
    raised_by: tuple[Verdict, ...] = ()
    lowered_by: tuple[Verdict, ...] = ()

    @property
    def because(self) -> str:
        """Why it is another one than usual, by a few of the checks; empty where it is not."""
        if self.raised_by:
            return few([f"{each.title} ({effective(each)})" for each in self.raised_by])
        count = len(self.lowered_by)
        return f"{count} check{'' if count == 1 else 's'} of it passed" if self.likely != self.usual else ""


def weighed(risks: Sequence[Risk], measured: Measured, crew: Crew) -> tuple[Weighed, ...]:
    """Every risk, the likely ones first, of two equal ones that with the larger impact."""
    found = [_weigh(risk, measured.of(risk), crew) for risk in risks]
    return tuple(sorted(found, key=lambda each: (-_LEVELS.index(each.likely), -each.risk.impact.at_most)))


def _weigh(risk: Risk, verdicts: Sequence[Verdict], crew: Crew) -> Weighed:
    """A failure makes it likely; what is unknown or a warning raises it by one, and only passes lower it by one."""
    usual = risk.experienced if crew.experience == "experienced" and risk.experienced else risk.likely
    level = _LEVELS.index(usual)
    raising = tuple(each for each in verdicts if effective(each) is not State.PASS)
    if any(effective(each) is State.FAIL for each in verdicts):
        return Weighed(risk, usual, "high", raised_by=raising)
    if raising:
        return Weighed(risk, usual, _LEVELS[min(level + 1, 2)], raised_by=raising)
    if verdicts:
        return Weighed(risk, usual, _LEVELS[max(level - 1, 0)], lowered_by=tuple(verdicts))
    return Weighed(risk, usual, usual)
