"""Ids of tasks and containers follow from the seed and from what was done, never from when it was done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sprocket_tui.practice.shape import fits
from sprocket_tui.practice.standins.docker.tasks import tasks
from sprocket_tui.practice.world import State
from tests.practice.docker_world import ok
from tests.practice.replay import StandIn

HISTORY = (
    ["service", "create", "--quiet", "--detach", "--name", "web", "--replicas", "3", "lab/web:1"],
    ["service", "update", "--detach", "--force", "web"],
    ["service", "scale", "--detach", "web=1"],
    ["service", "scale", "--detach", "web=2"],
)


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    return StandIn(tmp_path)


def current(stand_in: StandIn) -> dict[int, str]:
    """The newest task of each slot."""
    state = stand_in.world.read()
    (web,) = (each for each in state["docker"]["services"] if each["name"] == "web")
    found = dict[int, str]()
    for task in tasks(state, web):
        found.setdefault(task.slot, task.id)
    return found


def lived(base: Path, seconds: float) -> tuple[list[dict[int, str]], str]:
    """What a world shows after each step of the history, with that much of its time between them; its containers."""
    base.mkdir()
    stand_in, seen = StandIn(base), list[dict[int, str]]()
    for argv in HISTORY:
        ok(stand_in.docker(argv))
        stand_in.wait(seconds)
        seen.append(current(stand_in))
    return seen, ok(stand_in.docker(["ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Names}}"]))


def test_the_same_seed_and_history_give_the_same_tasks_and_containers_whenever_it_happened(tmp_path: Path) -> None:
    one, other = lived(tmp_path / "one", 20), lived(tmp_path / "other", 90)
    assert one == other
    assert one[1]


def test_a_task_that_is_begun_anew_has_another_id_and_what_goes_on_keeps_its_own(tmp_path: Path) -> None:
    (made, updated, fewer, again), _ = lived(tmp_path / "world", 20)
    assert not {*made.values()} & {*updated.values()}
    assert fewer[1] == again[1] == updated[1]
    assert again[2] not in (made[2], updated[2])


def test_a_slot_whose_container_was_stopped_is_another_task_and_the_others_stay(stand_in: StandIn) -> None:
    ok(stand_in.docker(HISTORY[0]))
    stand_in.wait(20)
    before = current(stand_in)
    ok(stand_in.docker(["stop", f"web.2.{before[2]}"]))
    stand_in.wait(20)
    after = current(stand_in)
    assert (after[1], after[3]) == (before[1], before[3])
    assert after[2] != before[2]


def test_a_world_of_an_older_version_has_no_count_and_goes_on(stand_in: StandIn) -> None:
    ok(stand_in.docker(HISTORY[0]))
    with stand_in.world.change() as state:
        assert all("begun" not in each for each in state["docker"]["services"])
    before = current(stand_in)
    ok(stand_in.docker(HISTORY[1]))
    assert not {*before.values()} & {*current(stand_in).values()}
    assert fits(json.loads(json.dumps(stand_in.world.read())), State)
