"""The installed program at a terminal: what is wrong is said before anything is begun, and what ends it is told."""

from __future__ import annotations

import shlex
import signal
from pathlib import Path

import pytest

from tests.lab.terminal import Terminal
from tests.walk.program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    home = tmp_path / "home"
    home.mkdir()
    return Program(home, environment={"TERM": "xterm-256color"})


def begin(program: Program, *words: str) -> list[str]:
    return program.argv("run", "--target", "local", *program.trusted(), *words)


@pytest.mark.parametrize(
    ("keys", "words", "says"),
    [
        ('next = "q"', (), "next and leave both want the key q"),
        ('nexd = "x"', (), "nexd"),
        ("", ("--theme", "pink"), "there is no theme pink"),
    ],
)
def test_keys_and_a_theme_that_do_not_fit_are_named_before_a_run_is_begun(
    program: Program, keys: str, words: tuple[str, ...], says: str
) -> None:
    config = program.home / ".config" / "sprocket-tui"
    config.mkdir(parents=True)
    (config / "keys.toml").write_text(keys)
    with Terminal(begin(program, *words), program.env()) as terminal:
        assert terminal.end() == 2
        assert says in " ".join(terminal.text.split())
    assert not program.runs()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_walk_saved_with_its_own_code_and_the_terminal_as_it_was(
    program: Program, number: signal.Signals
) -> None:
    with Terminal(begin(program), program.env()) as terminal:
        terminal.wait_for("The plan")
        terminal.kill(number)
        assert terminal.end() == 128 + number
        assert terminal.left_as_found() == []
    assert program.journal()[-1]["kind"] == "run.left"


def test_leaving_prints_what_goes_on_with_the_run(program: Program) -> None:
    with Terminal(begin(program), program.env()) as terminal:
        terminal.wait_for("Enter begin")
        terminal.press("q")
        terminal.wait_for("Leave the walk?")
        terminal.press("l")
        assert terminal.end() == 7
        (run,) = program.runs()
        assert f"Go on with: sprocket-tui resume {run.name}" in terminal.text
        assert terminal.left_as_found() == []


def test_ctrl_z_gives_the_shell_back_and_fg_the_walk(program: Program) -> None:
    with Terminal(["bash", "--norc", "-i"], {**program.env(), "PS1": "shell> "}) as terminal:
        terminal.wait_for("shell>")
        terminal.press(shlex.join(begin(program)), "enter")
        terminal.wait_for("Enter begin")
        terminal.press("ctrl+z")
        terminal.wait_for("Stopped")
        terminal.press("fg", "enter")
        terminal.wait_for("Enter begin")
        terminal.press("q")
        terminal.wait_for("Leave the walk?")
        terminal.press("l")
        terminal.wait_for("Go on with")


def test_a_new_target_is_made_and_looked_at_on_the_first_screen_without_leaving_it(program: Program) -> None:
    (program.home / ".ssh").mkdir()
    (program.home / ".ssh" / "config").write_text("Host lab\n  HostName 127.0.0.1\n  Port 1\n")
    with Terminal(program.argv(), program.env()) as terminal:
        terminal.wait_for("Where do we deploy?")
        terminal.press("up", "enter")
        terminal.wait_for("127.0.0.1:1")
        terminal.press("enter")
        terminal.wait_for("What is it: production")
        terminal.press("up", "up")
        terminal.wait_for("▸ Save")
        terminal.press("enter")
        terminal.wait_for("Saved profile lab in")
        terminal.press("l")
        terminal.wait_for("127.0.0.1:1 refused the connection.")
        terminal.press("q")
        assert terminal.end() == 0
        assert terminal.left_as_found() == []
    (saved,) = program.home.glob("**/profiles.yaml")
    assert "host: lab" in saved.read_text()


def test_what_cannot_begin_is_said_on_the_first_screen_which_stays(program: Program) -> None:
    config = program.home / ".config" / "sprocket-tui"
    config.mkdir(parents=True)
    (config / "profiles.yaml").write_text("bad: {host: -oProxyCommand=x}\nother: {host: lab}\n")
    with Terminal(program.argv(), program.env()) as terminal:
        terminal.wait_for("Where do we deploy?")
        terminal.press("down", "down", "enter")
        terminal.wait_for("cannot be read. Write it as")
        terminal.wait_for("▸ bad")
        terminal.press("q")
        assert terminal.end() == 0
        assert terminal.left_as_found() == []
    assert not program.runs()


def test_a_terminal_without_a_cursor_gets_the_same_question_as_lines(program: Program) -> None:
    config = program.home / ".config" / "sprocket-tui"
    config.mkdir(parents=True)
    (config / "profiles.yaml").write_text("bad: {host: -oProxyCommand=x}\n")
    with Terminal(program.argv(), program.env(TERM="dumb")) as terminal:
        terminal.wait_for("and a number, or q:")
        assert "1  Practice droplet: nothing real is touched" in terminal.text
        terminal.press("3", "enter")
        terminal.wait_for("cannot be read. Write it as")
        terminal.press("q", "enter")
        assert terminal.end() == 0
