"""A walk that begins at a later chapter: what comes before it is measured, and never done unseen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from tests.walk.program import SMALL, Program

LATER = """
id: later
title: Later
chapter: Test
why: It comes after the others.
steps:
  - {id: later.read, title: Read on, text: Nothing runs here either., read: }
"""


@pytest.fixture
def chapters(program: Program, tmp_path: Path) -> Program:
    """The guide with one more chapter."""
    guide = tmp_path / "guide"
    shutil.copytree(SMALL, guide)
    index = guide / "screens" / "index.yaml"
    index.write_text(index.read_text().replace("[walk.yaml]", "[walk.yaml, later.yaml]"))
    (guide / "screens" / "later.yaml").write_text(LATER)
    program.guide = guide
    return program


def ends(program: Program) -> dict[str, str]:
    return {row["data"]["step"]: row["data"]["how"] for row in program.journal() if row["kind"] == "step.ended"}


def asked(program: Program) -> list[str]:
    return [row["data"]["id"] for row in program.journal() if row["kind"] == "question.asked"]


def done(program: Program) -> None:
    """What the first chapter is for is there."""
    (program.home / "small").mkdir()
    (program.home / "small" / "greeting").write_text("hello\n")


def test_what_is_there_is_passed_and_what_nothing_measures_is_skipped(chapters: Program) -> None:
    done(chapters)
    ended = chapters.run("--start-at", "later")
    assert ended.returncode == 6, ended.stdout
    assert ends(chapters) == {
        "walk.read": "skipped",
        "walk.ask": "done",
        "walk.confirm": "skipped",
        "walk.shell": "done",
        "walk.directory": "already",
        "walk.write": "already",
        "walk.last": "not-applicable",
        "later.read": "done",
    }
    assert "skipped: begun at Later" in ended.stdout
    assert asked(chapters) == ["walk.ask/greeting", "walk.ask/token"]


def test_a_change_that_is_not_there_is_a_persons_decision_and_is_not_made(chapters: Program) -> None:
    left = chapters.run("--start-at", "later")
    assert left.returncode == 3
    assert not (chapters.home / "small").exists()
    questions = [row["data"] for row in chapters.journal() if row["kind"] == "question.asked"]
    (question,) = [each for each in questions if each["id"] == "walk.directory/failed"]
    assert question["options"] == ["now", "skip", "leave"]
    assert question["text"].startswith("Make the directory is not done yet, and comes before Later")


def test_a_change_that_is_not_there_can_be_made_now_behind_its_gate(chapters: Program) -> None:
    assert chapters.answers
    said = yaml.safe_load(chapters.answers.read_text())
    for step in ("walk.directory", "walk.write"):
        said["walk"][step]["failed"] = "now"
    chapters.answers.write_text(yaml.safe_dump(said))
    assert chapters.run("--start-at", "later").returncode == 6
    assert (chapters.home / "small" / "greeting").read_text() == "hello\n"
    assert {"walk.directory/gate", "walk.write/gate"} <= set(asked(chapters))


def test_where_the_walk_begins_is_kept_by_its_journal(chapters: Program) -> None:
    assert chapters.run("--start-at", "later").returncode == 3
    done(chapters)
    assert chapters.resume().returncode == 6
    assert ends(chapters)["walk.write"] == "already"
    assert "walk.directory/gate" not in asked(chapters)


def test_a_walk_that_is_under_way_can_go_on_at_a_later_chapter(chapters: Program) -> None:
    assert chapters.answers
    whole = chapters.answers.read_text()
    chapters.answers.write_text(whole.replace("walk.confirm: {confirm: yes}", ""))
    assert chapters.run().returncode == 7
    done(chapters)
    assert chapters.resume("--start-at", "later").returncode == 6
    assert (ends(chapters)["walk.read"], ends(chapters)["walk.confirm"]) == ("done", "skipped")


@pytest.mark.parametrize("command", ["run", "resume"])
def test_a_chapter_that_there_is_not_is_refused_with_the_nearest_one(chapters: Program, command: str) -> None:
    if command == "resume":
        assert chapters.run().returncode == 0
    before = len(chapters.runs())
    refused = chapters.run("--start-at", "latter") if command == "run" else chapters.resume("--start-at", "latter")
    assert refused.returncode == 2
    assert "unknown screen 'latter'; did you mean later?" in refused.stderr
    assert len(chapters.runs()) == before
