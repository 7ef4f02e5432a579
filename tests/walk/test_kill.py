"""The program is killed at every point of a walk; `resume` must end as an undisturbed run does."""

import signal
from pathlib import Path

import pytest

from tests.walk.conftest import CANARY
from tests.walk.program import Program

# An undisturbed walk writes 41 events; the last kill points lie beyond its end and leave it undisturbed.
EVENTS = range(1, 44)
JOB_FILES = ("wrapper", "pid.new", "pid", "out", "err", "child", "exit.new", "exit", "taken")


def settled(program: Program) -> None:
    """What an undisturbed run leaves: one line, every attempt started once, no secret anywhere."""
    for _ in range(3):
        done = program.resume()
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stdout + done.stderr
    assert (program.home / "small" / "greeting").read_text() == "hello\n"
    started = [
        (event["data"]["step"], event["data"]["number"])
        for event in program.journal()
        if event["kind"] == "attempt.started"
    ]
    assert len(started) == len(set(started))
    for path in program.home.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("number", EVENTS)
def test_killed_after_event(program: Program, number: int) -> None:
    died = program.run(SPROCKET_TEST_DEATH=f"event:{number}")
    assert died.returncode in (-signal.SIGKILL, 0)
    assert CANARY not in died.stdout + died.stderr
    if not program.kinds():
        assert program.run().returncode == 0
    settled(program)


@pytest.mark.parametrize("file", JOB_FILES)
@pytest.mark.parametrize("step", ["walk.directory", "walk.write"])
def test_killed_when_a_job_file_appears(program: Program, step: str, file: str) -> None:
    runs = program.home / ".sprocket" / "jobs"
    died = program.run(SPROCKET_TEST_DEATH=f"file:{runs}/*/{step}/1/{file}")
    assert died.returncode in (-signal.SIGKILL, 0)
    settled(program)


def test_the_walk_has_as_many_events_as_kill_points(program: Program) -> None:
    assert program.run().returncode == 0
    assert len(program.journal()) < max(EVENTS)


def test_killed_again_and_again(program: Program) -> None:
    program.run(SPROCKET_TEST_DEATH="event:8")
    for number in range(12, 60, 3):
        program.resume(SPROCKET_TEST_DEATH=f"event:{number}")
    settled(program)


def test_a_torn_journal_is_resumed(program: Program) -> None:
    program.run(SPROCKET_TEST_DEATH="event:20")
    (run,) = program.runs()
    journal = Path(run / "journal.jsonl")
    journal.write_bytes(journal.read_bytes()[:-5])
    resumed = program.resume()
    assert "was dropped" in resumed.stdout
    settled(program)
