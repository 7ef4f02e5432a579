"""A step that has ended is taken once more: it comes first, its gates ask, and the walk goes on where it was."""

from __future__ import annotations

import re
import shutil
import signal

import yaml

from tests.walk.program import Program


def ends(program: Program) -> list[tuple[str, str]]:
    return [(row["data"]["step"], row["data"]["how"]) for row in program.journal() if row["kind"] == "step.ended"]


def left_at_write(program: Program) -> str:
    """A walk that was left where the greeting is to be written; the answers that were there before."""
    assert program.answers
    whole = program.answers.read_text()
    program.answers.write_text("\n".join(line for line in whole.splitlines() if "walk.write" not in line))
    assert program.run().returncode == 7
    return whole


def test_a_step_is_taken_once_more_before_the_walk_goes_on_where_it_was(program: Program) -> None:
    whole = left_at_write(program)
    assert program.answers
    program.answers.write_text(whole)
    (program.home / "small").rmdir()
    before = len(ends(program))
    done = program.resume("--again", "walk.directory")
    assert done.returncode == 0, done.stdout
    assert ends(program)[before:] == [
        ("walk.directory", "done"),
        ("walk.write", "done"),
        ("walk.last", "not-applicable"),
    ]
    assert re.search(r"^Once more, as .+ asked: .+ \(walk\.directory\)\.$", done.stdout, re.MULTILINE)
    gates = [row["data"]["id"] for row in program.journal() if row["kind"] == "question.answered"]
    assert gates.count("walk.directory/gate") == 2


def test_a_walk_that_had_ended_can_take_a_step_once_more(program: Program) -> None:
    assert program.run().returncode == 0
    shutil.rmtree(program.home / "small")
    before = len(ends(program))
    assert program.resume("--again", "walk.directory", "--again", "walk.write").returncode == 0
    assert ends(program)[before:] == [("walk.directory", "done"), ("walk.write", "done")]
    assert (program.home / "small" / "greeting").read_text() == "hello\n"


def test_what_is_so_already_is_not_changed_again(program: Program) -> None:
    assert program.run().returncode == 0
    assert program.resume("--again", "walk.write").returncode == 0
    assert ends(program)[-1] == ("walk.write", "already")
    assert (program.home / "small" / "greeting").read_text() == "hello\n"


def test_what_was_answered_is_asked_again(program: Program) -> None:
    assert program.run().returncode == 0
    assert program.answers
    said = yaml.safe_load(program.answers.read_text())
    said["walk"]["walk.ask"]["greeting"] = "good evening"
    program.answers.write_text(yaml.safe_dump(said))
    (program.home / "small" / "greeting").unlink()
    assert program.resume("--again", "walk.ask", "--again", "walk.write").returncode == 0
    assert (program.home / "small" / "greeting").read_text() == "good evening\n"


def test_a_step_that_was_to_be_taken_once_more_still_is_after_a_kill(program: Program) -> None:
    assert program.run().returncode == 0
    shutil.rmtree(program.home / "small")
    died = program.resume("--again", "walk.directory", SPROCKET_TEST_DEATH="kind:step.reopened:walk.directory")
    assert died.returncode == -signal.SIGKILL
    assert program.resume().returncode == 0
    assert ends(program)[-1] == ("walk.directory", "done")


def test_a_job_that_is_under_way_comes_before_what_is_taken_once_more(program: Program) -> None:
    died = program.run(SPROCKET_TEST_DEATH="kind:attempt.started:walk.write")
    assert died.returncode == -signal.SIGKILL
    before = len(ends(program))
    assert program.resume("--again", "walk.shell").returncode == 0
    assert ends(program)[before:][:2] == [("walk.write", "done"), ("walk.shell", "done")]


def test_a_step_that_there_is_not_is_refused_with_the_nearest_one(program: Program) -> None:
    assert program.run().returncode == 0
    events = len(program.journal())
    refused = program.resume("--again", "walk.directry")
    assert refused.returncode == 2
    assert "unknown step 'walk.directry'; did you mean walk.directory?" in refused.stderr
    assert len(program.journal()) == events


def test_a_step_that_has_not_ended_is_refused(program: Program) -> None:
    left_at_write(program)
    refused = program.resume("--again", "walk.last")
    assert refused.returncode == 2
    assert "walk.last has not ended yet" in refused.stderr


def test_what_was_mended_by_hand_meanwhile_is_not_said_of_the_end(program: Program) -> None:
    whole = left_at_write(program)
    (program.home / "small" / "greeting").write_text("by hand\n")
    assert program.answers
    program.answers.write_text(whole)
    done = program.resume()
    assert ends(program)[-2] == ("walk.write", "already")
    assert done.returncode == 0, done.stdout
    assert "What did not pass" not in done.stdout
