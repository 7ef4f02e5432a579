"""`check --watch` and several targets, as their users run them."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab.terminal import ALTERNATE, Terminal
from tests.walk.program import Program

NOBODY = "ssh://root@127.0.0.1:1"


def check(id_: str, script: str, ttl: float) -> dict[str, Any]:
    return {
        "id": id_,
        "title": f"Title of {id_}",
        "why": "It matters.",
        "where": "droplet",
        "ttl": ttl,
        "probe": {"kind": "command", "argv": ["sh", "-c", script]},
        "expected": "it",
        "remedy": {"text": "Mend it."},
        "outcomes": [
            {"when": {"eq": ["value.status", 0]}, "state": "pass"},
            {"when": {"exists": "value"}, "state": "fail"},
        ],
    }


@pytest.fixture
def watching(tmp_path: Path) -> Program:
    """A guide with a check of a file that expires at once, and one that counts how often it is asked and does not."""
    home = tmp_path / "home"
    home.mkdir()
    guide = tmp_path / "guide"
    checks = [check("w.file", f"cat {tmp_path}/file", 0.5), check("w.slow", f"echo x >>{tmp_path}/asked", 3600)]
    index = {"schema": 1, "name": "watching", "version": "1", "checklists": ["all.yaml"]}
    listed = {"id": "all", "title": "All", "why": "To see.", "pause_point": "Now.", "checks": checks}
    for name, file, data in (("screens", "index.yaml", index), ("checklists", "all.yaml", listed)):
        (guide / name).mkdir(parents=True)
        (guide / name / file).write_text(yaml.safe_dump(data))
    return Program(home, guide)


def begun(program: Program, *words: str) -> subprocess.Popen[str]:
    argv = program.argv("check", *program.trusted(), "--watch", *words)
    return subprocess.Popen(argv, env=program.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_pipe_has_a_line_for_each_change_and_the_last_state_is_the_exit_code(
    watching: Program, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    process = begun(watching, "--target", "local", "--format", "json", "--output", str(report))
    assert process.stdout
    lines = iter(process.stdout.readline, "")
    assert next(lines).split()[1:3] == ["fail", "w.file"]
    assert next(lines).split()[1:3] == ["pass", "w.slow"]
    assert json.loads(report.read_text())["verdict"] == "no-go"
    (tmp_path / "file").write_text("it\n")
    moment, *told = next(lines).split()
    assert told == ["pass", "w.file", "it"]
    assert time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ")
    # The file is written before the line is.
    assert json.loads(report.read_text())["verdict"] == "go"
    process.send_signal(signal.SIGINT)
    rest, said = process.communicate(timeout=30)
    assert (process.returncode, rest) == (0, "2 checks: 2 pass. Go.\n")
    assert said == f"go: {report}\n"
    # What had not expired was asked once.
    assert (tmp_path / "asked").read_text() == "x\n"


def test_a_file_of_waivers_that_breaks_meanwhile_ends_it_with_what_was_seen_before(
    watching: Program, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    waive = ("--waive", "w.file", "--reason", "comes tomorrow", "--until", f"{date.today() + timedelta(days=9)}")
    assert watching("check", *watching.trusted(), "--target", "local", *waive).returncode == 6
    process = begun(watching, "--target", "local", "--format", "json", "--output", str(report))
    assert process.stdout
    assert [process.stdout.readline().split()[2] for _ in range(2)] == ["w.file", "w.slow"]
    (watching.home / ".config" / "sprocket-tui" / "waivers.yaml").write_text("bad")
    rest, said = process.communicate(timeout=60)
    assert rest == "2 checks: 1 pass, 1 fail; 1 waived. Go with waivers.\n"
    assert "waivers.yaml:1: the file must be a mapping" in said
    assert process.returncode == 2
    assert json.loads(report.read_text())["verdict"] == "go with waivers"


def test_several_targets_are_watched_and_one_that_cannot_be_reached_spoils_no_other(
    watching: Program, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("it\n")
    process = begun(watching, "--target", "local", "--target", NOBODY)
    assert process.stdout
    first = [process.stdout.readline().split()[1:4] for _ in range(4)]
    assert first == [
        [target, state, id_]
        for target, state in (("local", "pass"), (NOBODY, "unknown"))
        for id_ in ("w.file", "w.slow")
    ]
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=30)
    assert rest.splitlines() == ["local: 2 checks: 2 pass. Go.", f"{NOBODY}: 2 checks: 2 unknown. Unknown."]
    assert process.returncode == 5


def test_who_leaves_before_all_was_measured_once_has_what_there_was(watching: Program, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("it\n")
    assert watching.guide
    file = watching.guide / "checklists" / "all.yaml"
    listed = yaml.safe_load(file.read_text())
    listed["checks"][1] = check("w.slow", f": >{tmp_path}/begun; sleep 600", 3600)
    file.write_text(yaml.safe_dump(listed))
    process = begun(watching, "--target", "local")
    until(lambda: (tmp_path / "begun").exists())
    process.send_signal(signal.SIGINT)
    told, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Title of w.slow" in told
    assert "interrupted; what was not measured by then is unknown" in said


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not there():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "json"), "--watch prints what changes, and json is one document"),
        (("--format", "html", "--output", "FIFO"), "FIFO is no file, and --watch writes a document anew each time"),
        (("--waive", "w.file", "--reason", "x", "--until", "2030-01-01"), "--watch gives no waivers"),
        (("--target", "local"), "--target local is given twice"),
    ],
)
def test_what_cannot_be_had_while_one_watches_is_one_error(
    watching: Program, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    os.mkfifo(tmp_path / "FIFO")
    words = tuple(word.replace("FIFO", str(tmp_path / "FIFO")) for word in words)
    done = watching("check", *watching.trusted(), "--watch", "--target", "local", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"sprocket-tui: {said.replace('FIFO', str(tmp_path / 'FIFO'))}\ndo: ")


def test_targets_side_by_side_are_an_array_of_reports_with_the_worst_code(watching: Program, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("it\n")
    report = tmp_path / "report.json"
    words = ("--target", "local", "--target", NOBODY, "--format", "json", "--output", str(report), "--format", "table")
    done = watching("check", *watching.trusted(), *words)
    assert done.returncode == 5
    found = json.loads(report.read_text())
    assert [(each["target"], each["verdict"]) for each in found] == [("local", "go"), (NOBODY, "unknown")]
    again = ["sprocket-tui", "check", *watching.trusted(), "--target", NOBODY, "--only", "w.file"]
    assert found[1]["checks"][0]["recheck"] == shlex.join(again)
    assert done.stdout.splitlines()[:3] == ["[1] local", f"[2] {NOBODY}", "[1]       [2]"]
    assert "✓ pass    ? unknown Title of w.file: [1] it [2] 127.0.0.1:1 refused" in done.stdout
    assert done.stderr == f"unknown: {report}\n"


def test_a_terminal_has_a_picture_that_is_kept_up_to_date_and_is_left_as_it_was_found(
    watching: Program, tmp_path: Path
) -> None:
    argv = watching.argv("check", *watching.trusted(), "--watch", "--target", "local")
    with Terminal(argv, watching.env(TERM="xterm-256color")) as terminal:
        terminal.wait_for("Ctrl-C ends it.")
        assert terminal.modes[ALTERNATE]
        assert [row[:35] for row in terminal.rows[3:5]] == [
            "✗ fail    Title of w.file          ",
            "✓ pass    Title of w.slow          ",
        ]
        (tmp_path / "file").write_text("it\n")
        terminal.wait_for("✓ pass    Title of w.file")
        terminal.resize(60, 10)
        terminal.wait_for("local: Go. 2 checks: 2 pass.")
        terminal.press("ctrl+c")
        assert terminal.process.wait(30) == 0
        # The table stays behind, with its summary.
        terminal.wait_for("2 checks: 2 pass. Go.")
        assert terminal.left_as_found() == []


def test_a_terminal_without_colours_and_one_that_is_dumb_have_none(watching: Program) -> None:
    argv = watching.argv("check", *watching.trusted(), "--watch", "--target", "local")
    with Terminal(argv, watching.env(TERM="xterm-256color", NO_COLOR="1")) as terminal:
        terminal.wait_for("Ctrl-C ends it.")
        assert terminal.colours() == set()
        terminal.press("ctrl+c")
        assert terminal.process.wait(30) == 3
    with Terminal(argv, watching.env()) as terminal:
        terminal.wait_for("fail w.file")
        assert b"\x1b" not in terminal.raw
        terminal.press("ctrl+c")
        assert terminal.process.wait(30) == 3
