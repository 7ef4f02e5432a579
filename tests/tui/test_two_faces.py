"""The same guide walked through both faces: the engine does the same, and its journal says so event by event."""

from __future__ import annotations

import asyncio
import getpass
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.cli import parser
from sprocket_tui.commands import screen
from sprocket_tui.commands import walk as command
from sprocket_tui.faces.tui.app import WalkApp
from sprocket_tui.journal.file import Journal
from tests.tui.kit import PATIENCE
from tests.walk.conftest import ANSWERS, CANARY
from tests.walk.program import SMALL, Program

# What a person at the screen presses at each question; what the answers file says of them.
KEYS = {
    "walk.ask/greeting": (*"hello", "enter"),
    "walk.ask/token": (*CANARY, "enter"),
    "walk.confirm/confirm": ("y",),
    "walk.directory/gate": ("y",),
    "walk.directory/failed": ("x",),
    "walk.write/gate": (*socket.gethostname(), "enter"),
}
# A hint more for the guide, of which nothing comes but what it prints.
LOOK = """
  - id: files.look
    title: Something is in the way
    cause: A file of that name is there already.
    symptoms: ["File exists"]
    remedy: {text: Read it., command: [cat, small], reads: yes}
"""
# What is another in every run, and the card's digest, which is taken over a directory that is.
OWN = {"run", "digest", "seconds", "by"}


class Terminal:
    """Standard input of somebody who sits there."""

    def isatty(self) -> bool:
        return True


async def sit_at(app: WalkApp) -> int:
    """Reads every page and answers every question, until the walk ends."""
    end = time.monotonic() + PATIENCE
    async with app.run_test() as pilot:
        while app.return_value is None:
            assert time.monotonic() < end, f"stuck at {app.walk.asked}"
            await pilot.pause(0.05)
            if app.return_value is not None:
                break
            if app.walk.asked is not None:
                # A question has the focus once it can be answered.
                if app.focused is not None:
                    await pilot.press(*KEYS[app.walk.asked.id])
            elif "next" in app.walk.offered():
                await pilot.press("enter")
    return app.return_value


@pytest.fixture
def at_screen(monkeypatch: pytest.MonkeyPatch):
    """The program with somebody at a screen, in this process."""
    monkeypatch.setattr(command, "fit", lambda *_: "")
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(screen, "drive", lambda app: asyncio.run(sit_at(app)))
    opened: list[Journal] = []

    def remembered(path: Path) -> Journal:
        opened.append(openly(path))
        return opened[-1]

    openly = Journal.open
    monkeypatch.setattr(Journal, "open", remembered)

    def at(program: Program, *words: str) -> int:
        for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "SPROCKET_TUI_HOME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in program.env().items():
            monkeypatch.setenv(name, value)
        options = parser().parse_args(list(words))
        try:
            return options.act(options)
        finally:
            # The end of a process gives the journal up; this one goes on.
            while opened:
                opened.pop().close()

    return at


def program(place: Path) -> Program:
    """A home of its own, and answers for every question."""
    home = place / "home"
    home.mkdir(parents=True)
    token, answers = place / "token", place / "answers.yaml"
    token.write_text(CANARY)
    token.chmod(0o600)
    answers.write_text(ANSWERS.replace("TOKEN", str(token)).replace("HOST", socket.gethostname()))
    return Program(home, answers=answers)


def told(program: Program) -> list[tuple[str, Any]]:
    """The journal, without what is another in every run."""
    (run,) = program.runs()
    names = {run.name: "RUN", str(program.home): "HOME"}

    def same(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: same(each) for key, each in value.items() if key not in OWN}
        if isinstance(value, list):
            return [same(each) for each in value]
        if isinstance(value, str):
            for own, name in names.items():
                value = value.replace(own, name)
        return value

    return [(event["kind"], same(event["data"])) for event in program.journal()]


def both(tmp_path: Path) -> tuple[Program, Program]:
    return program(tmp_path / "plain"), program(tmp_path / "screen")


def test_a_walk_without_a_fault_is_the_same_in_both_faces(tmp_path: Path, at_screen):
    plain, shown = both(tmp_path)
    assert plain.run().returncode == 0
    assert at_screen(shown, "run", "--target", "local", *shown.trusted()) == 0
    assert (shown.home / "small" / "greeting").read_text() == "hello\n"
    assert [kind for kind, _ in told(plain)] == [kind for kind, _ in told(shown)]
    assert told(plain) == told(shown)


def test_a_walk_that_fails_and_is_resumed_is_the_same_in_both_faces(tmp_path: Path, at_screen):
    plain, shown = both(tmp_path)
    for each in (plain, shown):
        (each.home / "small").write_text("in the way")
    assert plain.run().returncode == 3
    assert at_screen(shown, "run", "--target", "local", *shown.trusted()) == 3
    for each in (plain, shown):
        shutil.move(each.home / "small", each.home / "small.old")
    assert plain.resume().returncode == 0
    assert at_screen(shown, "resume") == 0
    assert "step.ended" in [kind for kind, _ in told(shown)]
    assert told(plain) == told(shown)


def test_a_remedy_that_is_run_from_the_walk_is_the_same_in_both_faces(
    tmp_path: Path, at_screen, monkeypatch: pytest.MonkeyPatch
):
    plain, shown = both(tmp_path)
    for each in (plain, shown):
        (each.home / "small").write_text("in the way")
    assert plain.answers
    said = plain.answers.read_text().replace("repair: yes}", "repair: yes, failed: remedy, remedy: yes}")
    plain.answers.write_text(said)
    monkeypatch.setitem(KEYS, "walk.directory/failed", ("m",))
    monkeypatch.setitem(KEYS, "walk.directory/remedy", ("y",))
    assert plain.run().returncode == 0
    assert at_screen(shown, "run", "--target", "local", *shown.trusted()) == 0
    assert (shown.home / "small.old").read_text() == "in the way"
    assert told(plain) == told(shown)


def test_a_look_and_the_remedy_after_it_are_the_same_in_both_faces(
    tmp_path: Path, at_screen, monkeypatch: pytest.MonkeyPatch
):
    guide = tmp_path / "guide"
    shutil.copytree(SMALL, guide)
    hints = guide / "checklists" / "hints" / "files.yaml"
    hints.write_text(hints.read_text() + LOOK)
    plain, shown = both(tmp_path)
    for each in (plain, shown):
        each.guide = guide
        (each.home / "small").write_text("in the way")
    assert plain.answers
    said = "failed: remedy, which: [files.look, files.exists], remedy: yes}"
    plain.answers.write_text(plain.answers.read_text().replace("repair: yes}", f"repair: yes, {said}"))
    monkeypatch.setitem(KEYS, "walk.directory/failed", ("m",))
    monkeypatch.setitem(KEYS, "walk.directory/which", Turns([("2",), ("1",)]))
    monkeypatch.setitem(KEYS, "walk.directory/remedy", ("y",))
    assert plain.run().returncode == 0
    assert at_screen(shown, "run", "--target", "local", *shown.trusted()) == 0
    printed = [data["lines"] for kind, data in told(shown) if kind == "remedy.printed"]
    assert printed == [["in the way"], []]
    assert told(plain) == told(shown)


def test_a_step_that_is_skipped_at_its_question_ends_as_that_with_the_reason(
    tmp_path: Path, at_screen, monkeypatch: pytest.MonkeyPatch
):
    shown = program(tmp_path / "screen")
    monkeypatch.setitem(KEYS, "walk.confirm/confirm", ("s", *"later", "enter"))
    monkeypatch.setitem(KEYS, "walk.write/gate", ("f2", *"later", "enter"))
    assert at_screen(shown, "run", "--target", "local", *shown.trusted()) == 6
    skipped = [data["step"] for kind, data in told(shown) if kind == "step.ended" and data["how"] == "skipped"]
    assert skipped == ["walk.confirm", "walk.write"]
    reasons = [data for kind, data in told(shown) if kind == "question.answered" and data["id"].endswith("/reason")]
    assert [data["answer"] for data in reasons] == ["later", "later"]
    assert not (shown.home / "small" / "greeting").exists()


class Turns(list[tuple[str, ...]]):
    """What is pressed the first time a question stands there, and the next."""

    def __iter__(self):
        return iter(self.pop(0))


def test_a_step_is_taken_once_more_from_the_chapters_and_the_question_put_aside_is_asked_after_it(
    tmp_path: Path, at_screen, monkeypatch: pytest.MonkeyPatch
):
    shown = program(tmp_path / "screen")
    monkeypatch.setitem(KEYS, "walk.directory/gate", Turns([("g", "up", "up", "r", "y"), ("y",)]))
    assert at_screen(shown, "run", "--target", "local", *shown.trusted()) == 0
    asked = [data["id"] for kind, data in told(shown) if kind == "question.asked"]
    assert asked[-5:] == [
        "walk.confirm/confirm",
        "walk.directory/gate",
        "walk.confirm/confirm",
        "walk.directory/gate",
        "walk.write/gate",
    ]
    assert (shown.home / "small" / "greeting").read_text() == "hello\n"


def test_what_a_walk_at_the_screen_keeps_holds_no_secret(tmp_path: Path, at_screen, capfd: pytest.CaptureFixture[str]):
    shown = program(tmp_path / "screen")
    assert at_screen(shown, "run", "--target", "local", *shown.trusted()) == 0
    kept = [each.read_bytes() for each in shown.home.rglob("*") if each.is_file()]
    assert kept
    assert not [each for each in kept if CANARY.encode() in each]
    said = capfd.readouterr()
    assert CANARY not in said.out + said.err


@pytest.fixture
def for_two(tmp_path: Path) -> Program:
    """A walk whose last change wants two people."""
    shown = program(tmp_path / "screen")
    shown.guide = tmp_path / "guide"
    shutil.copytree(SMALL, shown.guide)
    walk = shown.guide / "screens" / "walk.yaml"
    walk.write_text(walk.read_text().replace("gate: type-name", "gate: two-person"))
    return shown


@pytest.mark.parametrize("said", ["{name}", " {NAME} ", "{name}@elsewhere", "{n} {ame}"])
def test_the_first_person_cannot_be_the_second_one_however_the_name_is_typed(
    for_two: Program, at_screen, monkeypatch: pytest.MonkeyPatch, said: str
):
    name = getpass.getuser()
    typed = said.format(name=name, NAME=name.upper(), n=name[0], ame=name[1:])
    monkeypatch.setitem(KEYS, "walk.write/second-person", (*typed, "enter"))
    monkeypatch.setitem(KEYS, "walk.write/failed", ("x",))
    assert at_screen(for_two, "run", "--target", "local", *for_two.trusted()) == 7
    (left,) = [data for kind, data in told(for_two) if kind == "run.left"]
    assert left["why"] == f"{name} is the first person, and cannot be the second; nothing was changed"
    assert not (for_two.home / "small" / "greeting").exists()


def test_a_second_person_is_taken_at_their_word_and_the_card_says_so(
    for_two: Program, at_screen, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(KEYS, "walk.write/second-person", (*"Grace", "enter"))
    assert at_screen(for_two, "run", "--target", "local", *for_two.trusted()) == 0
    cards = {data["step"]: data["card"] for kind, data in told(for_two) if kind == "card.shown"}
    assert "not a proof" in cards["walk.write"]["agrees"]
    assert "agrees" not in cards["walk.directory"]
