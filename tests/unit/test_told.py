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


def bundled(name: str, **values: JSON) -> Verdict:
    """What the guide's own check says of what a person told."""
    guide = load_guide()
    (verdict,) = run_checks(
        [guide.checks()[f"consoles.{name}"]], link=None, values=values, secrets={}, variables=guide.vars
    )
    return verdict


@pytest.mark.parametrize(
    ("version", "state", "says"),
    [(99, State.WARN, "99"), (14, State.FAIL, "14, which gets no corrections since 2026-11-12")],
)
def test_a_version_is_held_against_the_day_of_its_end(version: int, state: State, says: str) -> None:
    verdict = bundled("database-version", seen_database_version=version)
    assert (verdict.state, verdict.observed.startswith(says)) == (state, True)
    assert verdict.counted() == {"value.told": version, "value.ends": "2026-11-12" if version == 14 else None}


@pytest.mark.parametrize(("memory", "state"), [(8, State.PASS), (4, State.FAIL), (8192, State.WARN)])
def test_a_memory_has_its_unit_and_one_that_no_droplet_has_is_not_taken(memory: int, state: State) -> None:
    verdict = bundled("droplet-memory", seen_droplet_memory=memory)
    assert (verdict.state, verdict.observed) == (state, f"{memory} GB (as a person saw it)")


@pytest.mark.parametrize(
    ("droplet", "state", "says"),
    [
        ("fra1", State.PASS, "fra1, as the droplet (as a person saw it)"),
        ("nyc3", State.WARN, "fra1, and the droplet is in nyc3 (as a person saw it)"),
        (None, State.UNKNOWN, "whether it applies depends on region of the droplet, which is not known"),
    ],
)
def test_a_region_is_compared_with_the_droplets_once_somebody_told_that(
    droplet: str | None, state: State, says: str
) -> None:
    verdict = bundled("database-region", seen_database_region="fra1", seen_droplet_region=droplet)
    assert (verdict.state, verdict.observed, verdict.expected) == (state, says, "the droplet's region")
    assert (state is State.UNKNOWN) == bool(verdict.remedy and "takes seen_droplet_region" in verdict.remedy.text)
