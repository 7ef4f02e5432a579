"""Every stand-in answers as its real tool was recorded to answer; where that is installed, it is asked again."""

from __future__ import annotations

import shlex
from importlib import import_module
from pathlib import Path

import pytest

from sprocket_tui.practice.standins import MODULES, NAMES
from sprocket_tui.practice.standins.options import Flag
from tests.lab.record import RECORDER, missing, real
from tests.practice.contract import SCENES, Scene, difference, scenes
from tests.practice.replay import answer

LINES = [
    pytest.param(scene, place, id=f"{scene}-{place}-{shlex.join(step['run'][1:])[:60]}")
    for scene in scenes()
    for place, step in scene.lines()
]


def takes(program: str) -> dict[str, tuple[Flag, ...]]:
    """The commands of a stand-in, each with its flags."""
    return import_module(f"sprocket_tui.practice.standins.{MODULES[program]}").TAKES[program]


PATHS = [pytest.param(program, path, id=f"{program}-{path or 'alone'}") for program in NAMES for path in takes(program)]


@pytest.mark.parametrize(("scene", "place"), LINES)
def test_the_stand_in_answers_as_it_was_recorded(scene: Scene, place: int) -> None:
    assert not difference(scene.steps[place], answer(scene, place))


@pytest.mark.parametrize("program", NAMES)
def test_every_stand_in_has_a_recording_of_its_tool(program: str) -> None:
    assert scenes(program)


@pytest.mark.parametrize(("program", "path"), PATHS)
def test_every_command_and_every_flag_of_it_is_recorded(program: str, path: str) -> None:
    steps = [step for scene in scenes(program) for _, step in scene.lines()]
    # A refusal tells on stderr; a program that pulumi runs, and a unit that has not failed, tell on stdout.
    used = [step["run"][1:] for step in steps if step["status"] == 0 or not step.get("err")]
    used = [argv for argv in used if _is_about(argv, path)]
    assert used, "no recording of an answer that is no refusal"
    words = {word.partition("=")[0] for argv in used for word in argv}
    letters = {f"-{letter}" for word in words if word.startswith("-") and word[1:2] != "-" for letter in word[1:]}
    for flag in takes(program)[path]:
        assert {*flag.names} & (words | letters), flag.names


def _is_about(argv: list[str], path: str) -> bool:
    """Whether a command line is of that command; flags of the whole program may stand before it."""
    words = [word for word in argv if not word.startswith("-")] if path else argv
    return words[: len(path.split())] == path.split()


def test_a_recording_says_where_it_is_from() -> None:
    for scene in scenes():
        assert set(scene.document) == {"version", "date", "recorder", "steps"}, scene
        assert scene.document["version"] and scene.document["date"]
        assert scene.document["recorder"] == RECORDER
    assert (Path(__file__).parents[2] / RECORDER).is_file()


def test_a_recording_belongs_to_a_stand_in() -> None:
    assert {path.name for path in SCENES.iterdir() if path.is_dir()} == set(NAMES)


def test_a_recording_holds_nothing_of_the_machine_it_was_made_on() -> None:
    for path in SCENES.glob("*/*.yaml"):
        assert "/tmp/" not in path.read_text()
        assert "BEGIN CERTIFICATE" not in path.read_text()


@pytest.mark.parametrize("scene", [scene for scene in scenes() if scene.tool != "docker"], ids=str)
def test_the_real_tool_still_answers_as_it_was_recorded(scene: Scene) -> None:
    _asked_again(scene)


@pytest.mark.lane("swarm")
@pytest.mark.parametrize("scene", scenes("docker"), ids=str)
def test_the_real_docker_still_answers_as_it_was_recorded(scene: Scene) -> None:
    _asked_again(scene)


def _asked_again(scene: Scene) -> None:
    if reason := missing(scene.tool):
        pytest.skip(reason)
    with real(scene.tool) as tool:
        if (here := tool.version) != scene.document["version"]:
            pytest.skip(f"{scene.tool} {here} is here, {scene.document['version']} was recorded")
        answers = [(step, tool.step(step)) for step in scene.steps]
    told = [difference(step, given) for step, given in answers if given is not None]
    assert not [each for each in told if each]
