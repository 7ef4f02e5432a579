"""One run, several machines: whoever goes on does so with what was really done, on the host it was done on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path

import pytest
import yaml

from sprocket_tui.guide.loader import load_guide
from tests.walk.program import SMALL, Program

TRUST = ("--trust-guide", load_guide(SMALL).digest)


@pytest.fixture
def other(program: Program, tmp_path: Path) -> Program:
    """The same person's home on the target, driven from another machine's store."""
    return Program(program.home, answers=program.answers, environment={"XDG_STATE_HOME": str(tmp_path / "other")})


def answer(program: Program, **steps: dict[str, object]) -> None:
    assert program.answers
    document = yaml.safe_load(program.answers.read_text())
    for name, given in steps.items():
        document["walk"].setdefault(f"walk.{name}", {}).update(given)
    program.answers.write_text(yaml.safe_dump(document))
    program.answers.chmod(0o600)


def without(program: Program, step: str) -> None:
    assert program.answers
    document = yaml.safe_load(program.answers.read_text())
    del document["walk"][f"walk.{step}"]
    program.answers.write_text(yaml.safe_dump(document))
    program.answers.chmod(0o600)


def let_the_lock_go_stale(program: Program) -> None:
    lock = program.home / ".sprocket" / "lock"
    for path in (lock, *lock.iterdir()) if lock.exists() else ():
        os.utime(path, (time.time() - 90, time.time() - 90))


def written(program: Program) -> str:
    return (program.home / "small" / "greeting").read_text()


def test_a_guide_that_comes_with_a_run_from_elsewhere_is_trusted_first(program: Program, other: Program) -> None:
    assert program.run(SPROCKET_TEST_DEATH="event:14").returncode == -signal.SIGKILL
    let_the_lock_go_stale(program)
    refused = other.resume("--target", "local")
    assert refused.returncode == 7
    assert "is not the bundled guide" in refused.stderr


def test_a_named_target_is_asked_for_its_run_whatever_else_is_kept_here(
    program: Program, other: Program, tmp_path: Path
) -> None:
    elsewhere = Program(tmp_path / "elsewhere", answers=program.answers, environment=other.environment)
    elsewhere.home.mkdir()
    without(program, "directory")
    assert elsewhere.run().returncode == 7
    assert program.run().returncode == 7
    answer(program, directory={"gate": True})
    done = other.resume("--target", "local", *TRUST)
    assert done.returncode == 0, done.stdout + done.stderr
    assert written(program) == "hello\n"
    assert not (elsewhere.home / "small").exists()


def test_a_run_that_went_on_elsewhere_is_not_gone_on_with_from_here(program: Program, other: Program) -> None:
    without(program, "directory")
    assert program.run().returncode == 7
    answer(program, directory={"gate": True})
    assert other.resume("--target", "local", *TRUST).returncode == 0
    stale = program.resume()
    assert stale.returncode == 3
    assert "went on from another machine" in stale.stdout
    fetched = program.resume("--target", "local", *TRUST)
    assert fetched.returncode == 0, fetched.stdout + fetched.stderr
    assert "Fetched run" in fetched.stderr
    assert written(program) == "hello\n"


def test_a_run_is_refused_on_a_host_that_keeps_nothing_of_it(program: Program, tmp_path: Path) -> None:
    without(program, "directory")
    assert program.run().returncode == 7
    (run,) = program.runs()
    lines = (run / "journal.jsonl").read_text().splitlines()
    assert any(json.loads(line)["kind"] == "link.connected" for line in lines)
    refused = program.resume(run.name, "--target", "ssh://127.0.0.1:9")
    assert refused.returncode == 5
    assert not (program.home / "small").exists()


@pytest.mark.parametrize("place", ["here", "on the target"])
def test_a_guide_that_was_changed_since_the_run_began_is_not_run(place: str, program: Program, other: Program) -> None:
    without(program, "directory")
    assert program.run().returncode == 7
    (run,) = program.runs()
    if place == "here":
        path = run / "guide" / "screens" / "walk.yaml"
        path.write_text(path.read_text().replace("mkdir, small", "touch, tampered"))
        done = program.resume()
    else:
        path = program.home / ".sprocket" / "runs" / run.name / "guide.json"
        path.write_text(path.read_text().replace("mkdir, small", "touch, tampered"))
        done = other.resume("--target", "local", *TRUST)
    assert done.returncode == 2
    assert "not the one it began with" in done.stderr
    assert not (program.home / "tampered").exists()


def test_a_job_whose_record_is_gone_is_an_unknown_outcome_and_never_started_again_by_itself(program: Program) -> None:
    answer(program, write={"again": False})
    assert program.run(SPROCKET_TEST_DEATH="kind:attempt.started:walk.write:1").returncode == -signal.SIGKILL
    time.sleep(1)
    shutil.rmtree(program.home / ".sprocket")
    (program.home / "small" / "greeting").unlink()
    asked = program.resume()
    assert asked.returncode == 7, asked.stdout
    assert "its record is no longer on the target" in asked.stdout
    assert not (program.home / "small" / "greeting").exists()
    answer(program, write={"again": True})
    again = program.resume()
    assert again.returncode == 0, again.stdout
    assert written(program) == "hello\n"


def test_an_unknown_outcome_that_turns_out_well_is_measured_and_not_run_again(program: Program) -> None:
    assert program.run(SPROCKET_TEST_DEATH="kind:attempt.started:walk.write:1").returncode == -signal.SIGKILL
    time.sleep(1)
    shutil.rmtree(program.home / ".sprocket")
    done = program.resume()
    assert "already done" in done.stdout
    assert "The walk is complete." in done.stdout
    assert written(program) == "hello\n"


@pytest.mark.parametrize(("step", "given"), [("ask", {"greeting": ""}), ("ask", {"token": ""})])
def test_an_answer_that_does_not_fit_ends_with_its_id(program: Program, step: str, given: dict[str, object]) -> None:
    answer(program, **{step: given})
    done = program.run()
    assert done.returncode == 7
    assert f"no answer to walk.{step}/{next(iter(given))} fits" in done.stdout


def test_a_guide_that_lint_refuses_is_not_run(program: Program, tmp_path: Path) -> None:
    guide = tmp_path / "guide"
    shutil.copytree(SMALL, guide)
    walk = guide / "screens" / "walk.yaml"
    walk.write_text(walk.read_text().replace("""echo "$1" >>greeting""", "echo ${greeting} >>greeting"))
    refused = Program(program.home, guide=guide, answers=program.answers).run()
    assert refused.returncode == 2
    assert "guide lint" in refused.stderr
    assert not program.runs()
