"""Which skipped steps a failing one builds on."""

from __future__ import annotations

import pytest

from sprocket_tui.engine.skipped import before
from sprocket_tui.engine.walk import verdict
from sprocket_tui.exits import Exit
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.journal.replay import RunState
from sprocket_tui.values import JSON

GUIDE = load_guide()
WHY = "no time"


def skipped(*steps: str) -> RunState:
    state = RunState()
    for step in steps:
        state.step(step).how, state.step(step).why = "skipped", WHY
    return state


@pytest.mark.parametrize(
    ("step", "of", "named"),
    [
        ("layer-1.stack", "layer-1.login", ["Log in to the backend"]),
        ("layer-1.up", "swarm.init", ["Initialise Swarm"]),
        ("layer-1.up", "access.moment", ["A good moment"]),
        ("swarm.check", "checkout.npm-layer-1", []),
        ("layer-1.login", "layer-1.stack", []),
        ("layer-1.login", "layer-1.login", []),
        ("node.check", "access.orientation", []),
        ("gone.step", "access.moment", []),
    ],
    ids=[
        "earlier in its chapter",
        "a chapter it needs",
        "a chapter that one needs",
        "a chapter it does not need",
        "later in its chapter",
        "itself",
        "only to be read",
        "not in the guide",
    ],
)
def test_only_what_the_step_builds_on_is_named(step: str, of: str, named: list[str]) -> None:
    assert before(GUIDE, skipped(of), step, {}) == [(title, WHY) for title in named]


def test_what_was_done_is_no_cause() -> None:
    state = skipped("swarm.init")
    state.step("swarm.init").how = "done"
    assert before(GUIDE, state, "layer-1.up", {}) == []


def test_each_item_that_was_skipped_of_a_repeated_step_is_named() -> None:
    state = skipped("swarm.init.one", "swarm.init.two")
    state.step("swarm.init.two").why = "another reason"
    found = before(GUIDE, state, "layer-1.up", {})
    assert [why for _, why in found] == [WHY, "another reason"]


def test_that_this_is_production_cannot_be_skipped() -> None:
    assert [id_ for id_ in GUIDE.steps() if not GUIDE.skippable(id_)] == ["access.production"]


@pytest.mark.parametrize(
    ("skips", "states", "code"),
    [
        ((), {"node.cpus": "pass", "swarm.active": "skipped"}, Exit.GO),
        (("access.moment",), {"node.cpus": "pass"}, Exit.WAIVED),
        ((), {"node.cpus": "warn"}, Exit.WARNINGS),
        (("access.moment",), {"node.cpus": "warn"}, Exit.WARNINGS),
        (("access.moment",), {"node.cpus": "unknown"}, Exit.WARNINGS),
        # What the step itself would have made is answered for with its reason.
        (("swarm.init",), {"swarm.active": "fail"}, Exit.WAIVED),
        (("swarm.init",), {"swarm.active": "fail", "node.cpus": "warn"}, Exit.WARNINGS),
    ],
)
def test_a_skipped_step_answers_for_what_it_measures_and_hides_nothing_else(
    skips: tuple[str, ...], states: dict[str, JSON], code: Exit
) -> None:
    state = skipped(*skips)
    state.verdicts = {id_: {"state": word} for id_, word in states.items()}
    assert verdict(GUIDE, state) is code
