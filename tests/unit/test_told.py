"""What only a person can see: a value that outcomes judge, and unknown where nobody told it."""

from __future__ import annotations

from typing import Any

import pytest

from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.checks.runner import run_checks
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.guide.model import Var
from sprocket_tui.values import JSON
from tests.unit.checks_kit import check, probe

TTL = Var(name="ttl", title="TTL", type="int", why="Read it in the panel.")


def told(value: JSON, outcomes: list[dict[str, Any]] | None = None, **values: JSON) -> Verdict:
    asked = check("a.a", probe("told", var="ttl"), outcomes, where="here")
    (verdict,) = run_checks([asked], link=None, values={"ttl": value, **values}, secrets={}, variables=[TTL])
    return verdict


@pytest.mark.parametrize(
    ("said", "value"),
    [(" nyc3 ", "nyc3"), ("300", 300), (300, 300), ("1.5", 1.5), (True, True), (["a", "b"], "a,b"), ("1e5", "1e5")],
)
def test_the_value_is_what_the_person_saw_in_one_form(said: JSON, value: JSON) -> None:
    assert told(said).observation.value == value


@pytest.mark.parametrize("said", ["", "  ", None])
def test_what_nobody_told_is_unknown_and_says_where_to_look(said: JSON) -> None:
    verdict = told(said)
    assert verdict.state is State.UNKNOWN
    assert "ttl" in verdict.observed


def test_where_to_look_stands_in_what_is_to_be_done() -> None:
    verdict = told(None)
    assert verdict.remedy
    assert verdict.remedy.text == (
        "`check` takes ttl from the file named with --given; a walk asks for what it needs. Read it in the panel."
    )


@pytest.mark.parametrize(
    ("said", "state"), [("https://api.lab.test/login", State.PASS), ("https://api.other.test/login", State.FAIL)]
)
def test_a_pattern_may_hold_the_domain(said: str, state: State) -> None:
    outcomes = [
        {"when": {"eq": ["value", "https://api.${hostname}/login"]}, "state": "pass"},
        {"when": {"exists": "value"}, "state": "fail"},
    ]
    assert told(said, outcomes, hostname="lab.test").state is state


def test_a_pattern_whose_domain_is_not_known_judges_nothing() -> None:
    outcomes = [{"when": {"eq": ["value", "https://api.${hostname}/login"]}, "state": "pass"}]
    assert told("https://api.lab.test/login", outcomes).state is State.UNKNOWN


def test_nothing_that_a_person_must_look_up_keeps_layer_1_from_going_on() -> None:
    assert all(not each.blocking for each in load_guide().checks().values() if each.probe.kind == "told")
