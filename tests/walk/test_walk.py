import json
import os
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from sprocket_tui.guide.loader import load_guide
from tests.walk.conftest import CANARY
from tests.walk.program import SMALL, Program


def greeting(program: Program) -> str:
    return (program.home / "small" / "greeting").read_text()


def test_a_walk_with_answers_ends_well(program: Program) -> None:
    done = program.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert greeting(program) == "hello\n"
    assert "The walk is complete." in done.stdout


def test_a_second_run_finds_everything_done_and_changes_nothing(program: Program) -> None:
    program.run()
    second = program.run()
    assert second.returncode == 0
    assert second.stdout.count("already done, nothing changed") == 2
    assert greeting(program) == "hello\n"


def test_a_missing_answer_ends_with_its_id_and_is_resumed_from_there(program: Program) -> None:
    assert program.answers
    whole = program.answers.read_text()
    program.answers.write_text("\n".join(line for line in whole.splitlines() if "walk.write" not in line))
    stopped = program.run()
    assert stopped.returncode == 7
    assert "walk.write/gate" in stopped.stdout
    assert not (program.home / "small" / "greeting").exists()
    program.answers.write_text(whole)
    resumed = program.resume()
    assert resumed.returncode == 0
    assert greeting(program) == "hello\n"
    assert "walk.ask" not in resumed.stdout


def test_a_gate_answered_with_another_name_changes_nothing(program: Program) -> None:
    assert program.answers
    program.answers.write_text(program.answers.read_text().replace(socket.gethostname(), "elsewhere"))
    refused = program.run()
    assert refused.returncode == 7
    assert "nothing was changed" in refused.stdout
    assert not (program.home / "small" / "greeting").exists()


def test_a_failure_shows_its_first_line_and_the_hint_with_its_command(program: Program) -> None:
    (program.home / "small").write_text("in the way")
    failed = program.run()
    assert failed.returncode == 3
    assert "File exists" in failed.stdout
    assert "hint files.exists" in failed.stdout
    assert "run   mv small small.old" in failed.stdout
    subprocess.run("mv small small.old", shell=True, cwd=program.home, check=True)
    assert program.resume().returncode == 0
    assert greeting(program) == "hello\n"


def test_a_broken_answers_file_is_one_clear_error(program: Program) -> None:
    assert program.answers
    program.answers.write_text("walk: {walk.nope: {gate: yes}}")
    done = program.run()
    assert done.returncode == 2
    assert f"{program.answers}:1: walk.walk.nope: unknown step 'walk.nope'" in done.stderr
    assert program.runs() == [] or all(not (run / "journal.jsonl").exists() for run in program.runs())


def test_a_secret_in_an_answers_file_that_others_can_read_is_refused(program: Program) -> None:
    assert program.answers
    program.answers.write_text(f"walk: {{walk.ask: {{greeting: hello, token: {CANARY}}}}}")
    program.answers.chmod(0o644)
    done = program.run()
    assert done.returncode == 2
    assert "can be read by others" in done.stderr + done.stdout
    assert CANARY not in done.stderr + done.stdout


def test_a_foreign_guide_is_not_run_without_trust(program: Program) -> None:
    done = program("run", "--plain", "--target", "local", "--guide", str(program.guide))
    assert done.returncode == 7
    assert "--trust-guide" in done.stderr


def test_a_second_driver_of_the_same_target_is_told_who_holds_it(program: Program, tmp_path: Path) -> None:
    first = subprocess.Popen(
        program.argv("run", "--plain", "--target", "local", *program.trusted(), *program.answered()),
        env=program.env(SPROCKET_TEST_DEATH=""),
        stdout=subprocess.PIPE,
        text=True,
    )
    lock = program.home / ".sprocket" / "lock" / "holder"
    end = time.monotonic() + 30
    while not lock.exists():
        assert time.monotonic() < end
        assert first.poll() is None
    os.kill(first.pid, signal.SIGSTOP)
    try:
        other = Program(program.home, answers=program.answers, environment={"XDG_STATE_HOME": str(tmp_path / "other")})
        second = other.run()
        assert second.returncode == 8
        assert "is locked by run" in second.stdout
    finally:
        os.kill(first.pid, signal.SIGCONT)
        first.communicate(timeout=60)
    assert first.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_saves_the_run_and_ends_with_its_number(program: Program, number: signal.Signals) -> None:
    process = subprocess.Popen(
        program.argv("run", "--plain", "--target", "local", *program.trusted(), *program.answered()),
        env=program.env(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs these tests by nohup ignores a hangup, and so would what they start.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # noqa: PLW1509 no thread holds anything here
    )
    assert process.stdout
    while "attempt 1: sh" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(number)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert "Traceback" not in stderr
    assert program.resume().returncode == 0
    assert greeting(program) == "hello\n"


def test_a_closed_stdout_ends_quietly_and_the_run_goes_on_later(program: Program) -> None:
    process = subprocess.Popen(
        program.argv("run", "--plain", "--target", "local", *program.trusted(), *program.answered()),
        env=program.env(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    stderr = process.stderr.read()
    assert process.wait(timeout=60) == 128 + signal.SIGPIPE
    assert "Traceback" not in stderr
    assert program.resume().returncode == 0
    assert greeting(program) == "hello\n"


def test_another_laptop_goes_on_with_the_copy_on_the_target(program: Program, tmp_path: Path) -> None:
    died = program.run(SPROCKET_TEST_DEATH="event:14")
    assert died.returncode == -signal.SIGKILL
    lock = program.home / ".sprocket" / "lock"
    for path in (lock, *lock.iterdir()):
        os.utime(path, (time.time() - 90, time.time() - 90))
    assert program.answers
    program.answers.write_text(program.answers.read_text() + "connection: {take-over: yes}\n")
    other = Program(program.home, answers=program.answers, environment={"XDG_STATE_HOME": str(tmp_path / "other")})
    trust = ["--trust-guide", load_guide(SMALL).digest]
    resumed = other("resume", "--target", "local", *trust, *other.answered())
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert greeting(program) == "hello\n"


def test_runs_lists_shows_exports_and_removes(program: Program) -> None:
    program.run()
    (run,) = program.runs()
    assert "complete" in program("runs").stdout
    shown = json.loads(program("runs", "show", run.name).stdout)
    assert shown["steps"]["walk.write"]["how"] == "done"
    assert shown["secrets"] == ["token"]
    assert program("runs", "export", run.name).stdout == (run / "journal.jsonl").read_text()
    assert program("runs", "rm").returncode == 2
    assert program("runs", "rm", run.name).returncode == 0
    assert program.runs() == []


def test_status_says_where_a_killed_run_stands(program: Program) -> None:
    program.run(SPROCKET_TEST_DEATH="event:10")
    done = program("status")
    assert done.returncode == 0
    assert "cut off at" in done.stdout


def test_clean_shows_and_removes_what_runs_left(program: Program) -> None:
    program.run()
    refused = program("clean", "--target", "local")
    assert refused.returncode == 7
    assert ".sprocket" in refused.stdout
    assert program("clean", "--target", "local", "--yes").returncode == 0
    assert not (program.home / ".sprocket").exists()


def test_clean_leaves_what_another_home_of_the_user_keeps_on_tmpfs(program: Program) -> None:
    program.run()
    (run,) = program.runs()
    memory = Path(f"/dev/shm/sprocket-{os.getuid()}")
    mine, another = memory / run.name, memory / secrets.token_hex(4)
    for each in (mine, another):
        each.mkdir(parents=True, mode=0o700)
    try:
        assert program("clean", "--target", "local", "--yes").returncode == 0
        assert not mine.exists()
        assert another.exists()
    finally:
        another.rmdir()


def test_a_profile_that_was_mended_since_is_what_resume_goes_by(program: Program) -> None:
    profiles = program.home / ".config" / "sprocket-tui" / "profiles.yaml"
    profiles.parent.mkdir(parents=True)

    def save(**changed: object) -> None:
        profiles.write_text(yaml.safe_dump({"here": {"environment": "development", **changed}}))
        profiles.chmod(0o600)

    save()
    begun = program(
        "run", "--plain", "--profile", "here", *program.trusted(), *program.answered(), SPROCKET_TEST_DEATH="event:10"
    )
    assert begun.returncode == -9, begun.stdout + begun.stderr
    save(environment="production")
    refused = program.resume()
    assert refused.returncode == 2
    assert "is another deployment now" in refused.stderr
    save(path=["/opt/pulumi/bin"])
    done = program.resume()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Profile here has changed: path " in done.stderr
    assert " is now /opt/pulumi/bin.\n" in done.stderr


def test_a_run_is_not_gone_on_with_as_production_that_it_never_was(program: Program) -> None:
    begun = program.run(SPROCKET_TEST_DEATH="event:10")
    assert begun.returncode == -9, begun.stdout + begun.stderr
    profiles = program.home / ".config" / "sprocket-tui" / "profiles.yaml"
    profiles.parent.mkdir(parents=True)
    profiles.write_text(yaml.safe_dump({"live": {"environment": "production"}}))
    profiles.chmod(0o600)
    refused = program.resume("--profile", "live")
    assert refused.returncode == 2
    assert "environment production (the run began with none)" in " ".join(refused.stderr.split())
    assert "go on without --profile, or begin a new run" in " ".join(refused.stderr.split())
    assert program.resume().returncode == 0


def test_every_command_of_the_walk_is_listed_those_that_only_measure_too(program: Program) -> None:
    listed = program("steps", "--commands").stdout
    for words in (
        "      ? node.cpus: nproc\n",
        "      $ docker swarm init --advertise-addr ",
        "      ? swarm.active: docker info ",
        "      ? layer-1.traefik: ",
    ):
        assert words in listed
    assert not (program.home / ".sprocket").exists()
