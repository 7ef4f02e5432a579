"""Closed streams, full disks, odd places for output: one clear sentence, the right exit code, nothing lost."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.walk.program import Program


def shell(program: Program, line: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """The program's command line within a line of shell; `$S` is the program."""
    environment = program.env(**extra) | {"S": " ".join(program.argv())}
    return subprocess.run(
        ["bash", "-c", line], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("words", ["--version", "check node --target local", "runs"])
def test_a_closed_stdout_is_said(program: Program, words: str) -> None:
    done = shell(program, f"$S {words} >&-")
    assert (done.returncode, done.stderr) == (2, "sprocket-tui: standard output is closed; give it a reader\n")


@pytest.mark.parametrize("words", ["check node --target local", "run --plain --target local", "profiles add x", "runs"])
def test_a_closed_stdin_is_nobody_there(program: Program, words: str) -> None:
    done = shell(program, f"$S {words} <&-")
    assert done.returncode in {0, 3, 4, 5, 7}
    assert "internal error" not in done.stderr


def test_a_closed_stderr_changes_no_exit_code(program: Program) -> None:
    assert shell(program, "$S check no-such-list --target local 2>&-").returncode == 2


@pytest.mark.parametrize("words", ["check node --target local", "runs", "guide lint", "--version", "--help"])
def test_a_full_disk_behind_stdout_is_said(program: Program, words: str) -> None:
    done = shell(program, f"$S {words} >/dev/full")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "sprocket-tui: the output: No space left on device"
    assert "Traceback" not in done.stderr


def test_a_full_disk_ends_a_command_alike_behind_stdout_and_behind_output(program: Program) -> None:
    words = "check node --target local --format json"
    piped, named = (shell(program, f"$S {words} {way}") for way in (">/dev/full", "--output /dev/full"))
    assert (piped.returncode, named.returncode) == (2, 2)


def test_a_disk_too_small_for_a_run_is_named_before_it_begins(program: Program, tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no small disk can be mounted here (user namespaces are off)")
    state = tmp_path / "state"
    state.mkdir()
    small = f"mount -t tmpfs -o size=64k tmpfs {state} && $S run --plain --target local </dev/null; code=$?"
    left = f"ls {state}/sprocket-tui/runs"
    done = subprocess.run(
        ["unshare", "-rm", "bash", "-c", f"{small}; {left}; exit $code"],
        env=program.env(XDG_STATE_HOME=str(state)) | {"S": " ".join(program.argv())},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines() == [
        f"sprocket-tui: the run cannot be kept in {state}/sprocket-tui/runs: No space left on device",
        "do: make room there or make it writable, or set XDG_STATE_HOME to a directory that has both",
    ]
    assert done.stdout == ""


@pytest.mark.parametrize("words", ["runs", "resume", "run --plain --target local"])
def test_a_home_that_is_no_directory_is_said(program: Program, tmp_path: Path, words: str) -> None:
    (tmp_path / "file").write_text("")
    done = shell(program, f"$S {words}", HOME=str(tmp_path / "file"))
    assert done.returncode in {1, 2}
    assert "Not a directory" in done.stderr
    assert "internal error" not in done.stderr


def test_output_follows_a_link_and_keeps_the_mode_of_what_it_replaces(program: Program, tmp_path: Path) -> None:
    (tmp_path / "real").write_text("before")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    program("check", "node", "--target", "local", "--output", str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert "checks:" in (tmp_path / "real").read_text()
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o640


def test_output_to_a_pipe_is_written_into_it(program: Program, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = shell(program, f"cat {pipe} & $S check node --target local --output {pipe}; wait")
    assert "checks:" in done.stdout
    assert pipe.is_fifo()


def test_a_failed_output_leaves_nothing_behind(program: Program, tmp_path: Path) -> None:
    done = program("check", "node", "--target", "local", "--output", str(tmp_path / "no" / "where"))
    assert done.returncode == 2
    assert program("check", "node", "--target", "local", "--output", "").returncode == 2
    assert not list(tmp_path.glob("tmp*"))


def test_no_check_left_is_no_go_ahead(program: Program) -> None:
    done = program("check", "--target", "local", "--only", "node.cpus", "--skip", "node.cpus")
    assert done.returncode == 2
    assert "no check is left" in done.stderr


def test_one_damaged_journal_does_not_hide_the_other_runs(program: Program) -> None:
    program.run()
    program.run()
    damaged, _ = program.runs()
    journal = damaged / "journal.jsonl"
    journal.write_text(journal.read_text().replace('"seq":2', '"seq":9', 1))
    listed = program("runs")
    assert listed.returncode == 0
    assert "the journal is damaged here" in listed.stdout
    assert "complete" in listed.stdout
    assert program.resume(damaged.name, "--target", "local", "--trust-guide", program.trusted()[3]).returncode in {0, 4}


def test_status_of_a_target_needs_no_run_kept_here(program: Program, tmp_path: Path) -> None:
    program.run()
    elsewhere = Program(program.home, environment={"XDG_STATE_HOME": str(tmp_path / "other")})
    told = elsewhere("status", "--target", "local")
    assert told.returncode == 0
    assert "complete" in told.stdout
