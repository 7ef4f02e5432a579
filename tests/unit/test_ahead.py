"""What a step would run, told before its turn comes."""

from __future__ import annotations

import pytest

from sprocket_tui.engine.steps import ahead
from sprocket_tui.guide.loader import load_guide

GUIDE = load_guide()


def test_what_is_known_stands_in_the_command_and_what_is_not_by_its_name() -> None:
    told = ahead(GUIDE, "swarm.init", {"hostname": "a.example"})
    assert told
    assert told.commands == (("docker", "swarm", "init", "--advertise-addr", "ADDRESS"),)
    known = ahead(GUIDE, "swarm.init", {"address": "203.0.113.10"})
    assert known
    assert known.commands[0][-1] == "203.0.113.10"


def test_a_preview_comes_before_what_it_prepares_and_all_that_a_card_says_is_told() -> None:
    told = ahead(GUIDE, "layer-1.up", {"checkout": "/srv/infra", "backend": None})
    assert told
    assert [argv[:2] for argv in told.commands] == [("pulumi", "preview"), ("pulumi", "up")]
    assert told.directory == "/srv/infra/layer_1"
    assert told.changes[-1] == "the state of the stack layer_1 in BACKEND"
    assert told.undo.startswith("compensable: ")
    assert told.minutes == (5, 30)
    assert "layer-1.traefik" in told.proven_by


def test_no_secret_is_part_of_it() -> None:
    told = ahead(GUIDE, "layer-1.config", {"docker_access_token": "canary-4f9d1e77b2"})
    assert "canary" not in str(told)


def test_a_step_that_changes_nothing_has_nothing_to_run() -> None:
    assert ahead(GUIDE, "network.names", {}) is None


@pytest.mark.parametrize("step", [id_ for id_, each in GUIDE.steps().items() if each.verb.mutates])
def test_every_change_of_the_guide_can_be_told_before_anything_is_known(step: str) -> None:
    told = ahead(GUIDE, step, {})
    assert told
    assert told.commands
    assert "${" not in str(told)


@pytest.mark.parametrize("step", [id_ for id_, each in GUIDE.steps().items() if each.verb.mutates])
def test_every_change_of_the_guide_names_what_is_measured_to_prove_it(step: str) -> None:
    told = ahead(GUIDE, step, {})
    assert told
    assert told.proven_by
    checks = GUIDE.checks()
    assert all(each in checks or each[0].isupper() for each in told.proven_by), told.proven_by
