"""Every stand-in answers as its real tool was recorded to answer; where that is installed, it is asked again."""

from __future__ import annotations

import shlex
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.practice.standins import MODULES, NAMES
from sprocket_tui.practice.standins.options import Flag
from tests.lab.record import RECORDER, Real, missing, real
from tests.practice.contract import SCENES, Answer, Scene, difference, scenes
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


@pytest.mark.parametrize("argv", [["ss", "-ltn"], ["ss", "-Hltnp"], ["ss", "--tcp", "--listening", "--numeric"]])
def test_sockets_may_be_listed_in_any_order(argv: list[str]) -> None:
    rows = [f"LISTEN 0      511          0.0.0.0:{port}      0.0.0.0:*\n" for port in (9000, 22)]
    one, other = (Answer(0, "".join(each), "").normalised(argv) for each in (rows, rows[::-1]))
    assert one == other
    assert one != Answer(0, rows[0], "").normalised(argv)


def test_a_program_and_its_host_may_be_told_to_end_in_either_order() -> None:
    messages = [
        f"    error: {each}\n\n" for each in ("It looks like nothing is there.", "error reading from server: EOF")
    ]
    argv = ["pulumi", "preview"]
    one, other = (Answer(255, "".join(each), "").normalised(argv) for each in (messages, messages[::-1]))
    assert one == other
    assert one != Answer(255, messages[0], "").normalised(argv)


# None of these belongs to a lane: where a tool has another version than was recorded, it is not asked.
@pytest.mark.parametrize("scene", [each for each in scenes() if each.tool != "docker"], ids=str)
def test_the_real_tool_still_answers_as_it_was_recorded(scene: Scene) -> None:
    if reason := missing(scene.tool):
        pytest.skip(reason)
    with real(scene.tool) as tool:
        if (here := tool.version) != scene.document["version"]:
            pytest.skip(f"{scene.tool} {here} is here, {scene.document['version']} was recorded")
    assert not _differs(scene)


def _differs(scene: Scene, times: int = 3) -> list[str]:
    """What differs every time: which of two ends is told first, of a task or of a program, is the machine's affair."""
    differs = list[str]()
    for _ in range(times):
        differs = _asked_again(scene)
        if not differs:
            break
    return differs


@pytest.mark.timeout(900)
def test_the_real_docker_still_answers_as_it_was_recorded() -> None:
    if reason := missing("docker"):
        pytest.skip(reason)
    with real("docker") as docker:
        if (here := docker.version) != scenes("docker")[0].document["version"]:
            pytest.skip(f"docker {here} is here, another was recorded")
    # Most of the time goes by in waiting, so that scenes can be told beside each other; never many, on two cores.
    with ThreadPoolExecutor(3) as pool:
        order = sorted(scenes("docker"), key=lambda scene: len(scene.steps) + 5 * scene.waits, reverse=True)
        told = list(zip(order, pool.map(_asked_again, order), strict=True))
    again = [(scene, _differs(scene, 2)) for scene, differs in told if differs]
    assert not [f"{scene}: {each}" for scene, differs in again for each in differs]


def _asked_again(scene: Scene) -> list[str]:
    """Where the real tool answers otherwise than recorded, in a droplet of its own."""
    told, waited = list[str](), 0.0
    with real(scene.tool) as tool:
        for step in scene.steps:
            given = tool.step(step)
            if given is None:
                waited = step.get("wait", 0.0)
                continue
            differs = difference(step, given)
            if differs and _only_looks(step):
                differs = _looked_again(tool, step, 5 + 2 * waited)
            told.append(differs)
            waited = 0.0
    return [each for each in told if each]


def _only_looks(step: dict[str, Any]) -> bool:
    return bool({"ls", "ps", "inspect", "logs"} & {*step["run"][1:3]})


def _looked_again(tool: Real, step: dict[str, Any], seconds: float) -> str:
    """What differs still after so long: a Swarm does later what it does, the more so on a slow machine."""
    end = time.monotonic() + seconds
    while True:
        given = tool.step(step)
        differs = "" if given is None else difference(step, given)
        if not differs or time.monotonic() > end:
            return differs
        time.sleep(0.3)
