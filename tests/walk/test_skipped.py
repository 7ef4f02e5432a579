"""What can be skipped, what cannot, and what a skipped step has to do with a later failure."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.walk.program import SMALL, Program
from tests.walk.test_start_at import LATER

CONFIRM = '    confirm: {statement: "The greeting ${greeting} is right."}\n'


@pytest.fixture
def firm(program: Program, tmp_path: Path) -> Program:
    """The guide with a statement that cannot be skipped, and one more chapter."""
    guide = tmp_path / "guide"
    shutil.copytree(SMALL, guide)
    walk, index = guide / "screens" / "walk.yaml", guide / "screens" / "index.yaml"
    walk.write_text(walk.read_text().replace(CONFIRM, f"{CONFIRM}    skippable: no\n"))
    index.write_text(index.read_text().replace("[walk.yaml]", "[walk.yaml, later.yaml]"))
    (guide / "screens" / "later.yaml").write_text(LATER)
    program.guide = guide
    return program


def answer(program: Program, step: str, **more: Any) -> None:
    assert program.answers
    known = yaml.safe_load(program.answers.read_text())
    known["walk"][step] = more
    program.answers.write_text(yaml.safe_dump(known))


def ends(program: Program) -> dict[str, str]:
    return {row["data"]["step"]: row["data"]["how"] for row in program.journal() if row["kind"] == "step.ended"}


def questions(program: Program) -> dict[str, dict[str, Any]]:
    return {row["data"]["id"]: row["data"] for row in program.journal() if row["kind"] == "question.asked"}


def test_an_answers_file_does_not_skip_what_cannot_be_skipped(firm: Program) -> None:
    answer(firm, "walk.confirm", confirm=False, failed="skip", reason="in a hurry")
    left = firm.run()
    assert left.returncode not in (0, 6), left.stdout
    assert questions(firm)["walk.confirm/failed"]["options"] == ["leave", "retry"]
    assert ends(firm)["walk.confirm"] == "failed"
    assert "walk.directory" not in ends(firm)


def test_prepared_answers_that_go_round_end_the_walk_and_name_the_step(program: Program) -> None:
    answer(program, "walk.directory", gate=False, failed="retry")
    assert "Left, failed: Make the directory was started over 20 times" in program.run().stdout


def test_a_walk_that_begins_later_asks_what_cannot_be_skipped(firm: Program) -> None:
    (firm.home / "small").mkdir()
    (firm.home / "small" / "greeting").write_text("hello\n")
    firm.run("--start-at", "later")
    assert "walk.confirm/confirm" in questions(firm)
    assert (ends(firm)["walk.read"], ends(firm)["walk.confirm"]) == ("skipped", "done")


def test_a_failure_names_what_it_builds_on_and_was_skipped(program: Program) -> None:
    answer(program, "walk.directory", gate=False, failed="skip", reason="made by hand")
    left = program.run()
    assert left.returncode not in (0, 6), left.stdout
    named = [row["data"] for row in program.journal() if row["kind"] == "skipped.before"]
    assert named == [{"step": "walk.write", "skipped": [["Make the directory", "made by hand"]]}]
    before, found, after = left.stdout.partition("  skipped before: Make the directory (made by hand)\n")
    assert found
    assert "Write the greeting" in before
    assert "Left, failed" in after
