"""A job goes on when its driver has gone: nothing is begun beside it, and the way back to it stays in sight."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from sprocket_tui.commands.targets import driver
from tests.walk.program import SMALL, Program

JOB = "walk.write"


@pytest.fixture
def slow(program: Program, tmp_path: Path) -> Program:
    """A guide whose last job waits until the file `go` is there."""
    guide = tmp_path / "guide"
    shutil.copytree(SMALL, guide)
    walk = guide / "screens" / "walk.yaml"
    waits = "while [ ! -e go ]; do sleep 0.1; done"
    walk.write_text(walk.read_text().replace("sleep 0.3", waits))
    return Program(program.home, guide=guide, answers=program.answers)


def left_in_its_job(program: Program, by: signal.Signals) -> None:
    words = ["run", "--plain", "--target", "local", *program.trusted(), *program.answered()]
    driver = subprocess.Popen(program.argv(*words), env=program.env(), stdout=subprocess.PIPE, text=True)
    assert driver.stdout
    for line in driver.stdout:
        if "doing it" in line and "greeting" in line:
            break
    # It follows the job now.
    time.sleep(1)
    driver.send_signal(by)
    driver.communicate(timeout=30)
    assert driver.returncode == (128 + by if by is not signal.SIGKILL else -by)


def let_go(program: Program) -> None:
    (program.home / "small" / "go").touch()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_who_leaves_during_a_job_gives_the_lock_back_and_is_not_said_to_have_lost_the_target(
    slow: Program, by: signal.Signals
) -> None:
    left_in_its_job(slow, by)
    told = slow("status")
    assert told.returncode == 9
    assert f"because   {driver()} left" in told.stdout
    assert "lock      free" in told.stdout
    let_go(slow)
    done = slow.resume()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Attempt 1 of Write the greeting was under way; going on with it." in done.stdout
    assert (slow.home / "small" / "greeting").read_text() == "hello\n"


def test_no_other_run_is_begun_beside_a_job_whose_driver_is_gone(slow: Program) -> None:
    left_in_its_job(slow, signal.SIGINT)
    (first,) = slow.runs()
    refused = slow.run()
    assert refused.returncode == 8
    assert f"{JOB} of run {first.name} is under way" in refused.stdout
    assert f"sprocket-tui resume {first.name}" in refused.stdout
    # The run that never began is not kept: what `resume` and `status` mean stays the first one.
    assert [each.name for each in slow.runs()] == [first.name]
    let_go(slow)
    assert slow.resume().returncode == 0
    assert (slow.home / "small" / "greeting").read_text() == "hello\n"
    assert slow.run().returncode == 0


def test_a_run_that_was_refused_the_lock_is_not_kept(slow: Program) -> None:
    left_in_its_job(slow, signal.SIGKILL)
    (first,) = slow.runs()
    refused = slow.run()
    assert refused.returncode == 8
    assert "Not begun: " in refused.stdout
    assert "Go on with" not in refused.stdout
    assert [each.name for each in slow.runs()] == [first.name]
    let_go(slow)
    assert slow.resume().returncode == 0


def test_what_still_runs_is_not_cleaned_away(slow: Program) -> None:
    left_in_its_job(slow, signal.SIGINT)
    (first,) = slow.runs()
    refused = slow("clean", "--target", "local", "--yes")
    assert refused.returncode == 3
    assert f"{JOB} of run {first.name} still runs" in refused.stderr
    let_go(slow)
    assert slow.resume().returncode == 0
    assert slow("clean", "--target", "local", "--yes").returncode == 0
    assert not (slow.home / ".sprocket").exists()
