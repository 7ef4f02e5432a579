"""Docker's stand-in answers as the real docker was recorded to answer; in its lane the real one is asked again."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.practice.standins.docker import COMMANDS
from tests.lab.record_docker import RealDocker, versions
from tests.lab.swarm import SwarmLab
from tests.practice.contract import SCENES, Answer, Scene, StandIn, difference, ordered, recorded, scenes

LINES = [
    pytest.param(scene, place, id=f"{scene.name}-{place}-{shlex.join(step['run'][1:])[:60]}")
    for scene in scenes()
    for place, step in scene.lines()
]


@pytest.mark.parametrize(("scene", "place"), LINES)
def test_the_stand_in_answers_as_it_was_recorded(scene: Scene, place: int, tmp_path: Path) -> None:
    step = scene.steps[place]
    given = StandIn(tmp_path).replay(scene, place).normalised(ordered=ordered(step["run"]))
    assert not difference(recorded(step), given)


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_every_flag_of_it_is_recorded(path: str) -> None:
    command = COMMANDS[path]
    used = [
        step["run"][1 + len(path.split()) :]
        for scene in scenes()
        for _, step in scene.lines()
        if step["run"][1:][: len(path.split())] == path.split() and step["status"] == 0
    ]
    assert used, "no recording of an answer that is no error"
    words = {word.partition("=")[0] for argv in used for word in argv}
    letters = {letter for word in words if word.startswith("-") and word[1:2] != "-" for letter in word[1:]}
    for flag in command.flags:
        assert f"--{flag.name}" in words or flag.letter in letters, flag.name


def test_a_recording_says_where_it_is_from() -> None:
    for scene in scenes():
        assert set(scene.document) == {"docker", "date", "recorder", "steps"}, scene.name
        assert scene.document["docker"] == {"client": "28.2.2", "server": "20.10.24+dfsg1"}
        assert (Path(__file__).parents[2] / scene.document["recorder"]).is_file()


def test_a_recording_holds_nothing_of_the_machine_it_was_made_on() -> None:
    for path in SCENES.glob("*.yaml"):
        assert "/tmp/" not in path.read_text()
        assert "BEGIN CERTIFICATE" not in path.read_text()


@pytest.mark.lane("swarm")
@pytest.mark.parametrize("scene", scenes(), ids=lambda scene: scene.name)
def test_the_real_docker_still_answers_as_it_was_recorded(scene: Scene) -> None:
    with SwarmLab() as lab:
        docker = RealDocker(lab)
        if (here := versions(docker)) != scene.document["docker"]:
            pytest.skip(f"docker {here} is here, {scene.document['docker']} was recorded")
        told = [difference(*_both(docker.step(step), step)) for step in scene.steps]
    assert not [each for each in told if each]


def _both(answer: Answer | None, step: dict[str, Any]) -> tuple[Answer, Answer]:
    nothing = Answer(0, "", "")
    if answer is None:
        return nothing, nothing
    return recorded(step), answer.normalised(ordered=ordered(step["run"]))
