"""What comes next, and how a walk ended: pure functions of the guide, the state of the run and the values so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sprocket_tui.exits import Exit
from sprocket_tui.guide.model import Guide, Screen, Step
from sprocket_tui.guide.resolve import Expanded, checked, expand_for_each, is_of
from sprocket_tui.journal.replay import RunState, StepState
from sprocket_tui.values import JSON

FINISHED = frozenset({"done", "already", "not-applicable", "skipped"})


@dataclass(frozen=True)
class Place:
    """A step of the walk, in its screen, with the item of its `for_each` among the values."""

    screen: Screen
    expanded: Expanded[Step]

    @property
    def step(self) -> Step:
        return self.expanded.element


def places(guide: Guide, values: Mapping[str, JSON]) -> Iterator[Place]:
    """Every step in order; one with `for_each` once for each item."""
    for screen in guide.screens:
        for step in screen.steps:
            for expanded in expand_for_each(step, values):
                yield Place(screen, expanded)


def next_place(guide: Guide, state: RunState, values: Mapping[str, JSON]) -> Place | None:
    """The first step that has not ended well or been skipped; None at the end of the walk.

    A step whose job is under way comes before all others, then those that were reopened.
    """
    listed = [(place, state.steps.get(place.step.id) or StepState()) for place in places(guide, values)]
    under_way = [place for place, known in listed if known.open() is not None]
    reopened = [place for place, known in listed if known.reopened]
    left = [place for place, known in listed if known.how not in FINISHED]
    return next(iter([*under_way, *reopened, *left]), None)


def not_passing(state: RunState) -> list[str]:
    """The checks that do not pass by their last verdict."""
    return [id_ for id_, each in state.verdicts.items() if each["state"] in ("warn", "fail", "unknown")]


def verdict(guide: Guide, state: RunState) -> Exit:
    """The exit code of a walk that came to its end.

    Who skips a step answers for what it measures, as a waiver does, and for nothing else that does not pass.
    """
    skipped = [id_ for id_, each in state.steps.items() if each.how == "skipped"]
    steps = [step for written, step in guide.steps().items() if any(is_of(each, written) for each in skipped)]
    waived = {check for step in steps for check in checked(guide, step)}
    if any(not any(is_of(each, check) for check in waived) for each in not_passing(state)):
        return Exit.WARNINGS
    return Exit.WAIVED if skipped else Exit.GO
