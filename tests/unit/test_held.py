"""What is told of a step that is done: what its action measured, and what was seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from sprocket_tui.actions import ACTIONS
from sprocket_tui.actions.base import Action, Context
from sprocket_tui.checks.observation import Observation
from sprocket_tui.engine.changes import Changes
from sprocket_tui.engine.walk import Place, places
from sprocket_tui.guide.conditions import reach
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.journal.events import Fact, Held
from sprocket_tui.values import JSON

PLACES = {each.step.id: each for each in places(load_guide(), {})}


@dataclass
class Seeing:
    """The step's own action, but for what it sees."""

    action: Action
    seen: Observation

    def observe(self, context: Context) -> Observation:
        return self.seen

    def measures(self, context: Context) -> str:
        return self.action.measures(context)


@dataclass
class Verified:
    """Checks that hold, or do not."""

    good: bool = True

    def holds_now(self, place: Place) -> bool:
        return self.good


@dataclass
class Told:
    """A step that is passed by measurement, and what was journaled of that."""

    step: str
    seen: Observation
    good: bool = True
    facts: list[Fact] = field(default_factory=list[Fact])

    def holds(self) -> bool:
        place = PLACES[self.step]
        context = Context(place.step, "~", {}, {}, "~", cast("Any", None))
        action = cast("Action", Seeing(ACTIONS[place.step.verb.verb], self.seen))
        changes = Changes(
            attempts=cast("Any", None),
            desk=cast("Any", None),
            record=self.facts.append,
            state=cast("Any", None),
            verification=cast("Any", Verified(self.good)),
            lookup=lambda _step, own: lambda reference: _reached(own, reference),
            give_again=lambda: None,
        )
        return changes.holds(place, action, context)


def _reached(own: JSON, reference: str) -> Any:
    return "pass" if reference.startswith("check.") else reach({"self": {"value": own}}, reference)


@pytest.mark.parametrize(
    ("step", "value", "title"),
    [
        ("layer-1.login", {"open": True, "same": True}, "The backend, as pulumi whoami tells it"),
        ("layer-1.stack", {"exists": True}, "The stacks of the backend, as Pulumi lists them"),
        ("layer-1.config", {"complete": True}, "The stack's configuration, key by key, against your answers"),
    ],
)
def test_what_an_action_measured_is_told_with_what_it_saw(step: str, value: JSON, title: str) -> None:
    told = Told(step, Observation(value, "as it is"))
    assert told.holds()
    assert told.facts == [Held(step, title, "as it is")]


def test_what_does_not_hold_is_not_told_to() -> None:
    told = Told("layer-1.stack", Observation({"exists": False}, "stack layer_1 does not exist"))
    assert not told.holds()
    assert told.facts == []


def test_a_step_that_checks_prove_is_told_by_these() -> None:
    told = Told("swarm.init", Observation({}, ""))
    assert told.holds()
    assert told.facts == []
    assert not Told("swarm.init", Observation({}, ""), good=False).holds()
