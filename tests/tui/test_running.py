"""What ends the terminal face, and what the terminal is like afterwards."""

from __future__ import annotations

import shlex
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sprocket_tui.exits import Exit
from tests.lab.terminal import Terminal, Wire

CANARY = "hunter2-canary"
REPOSITORY = Path(__file__).parents[2]
# What the tiny program's flood paints at a time, in bytes: ten rows.
FRAME = 800
PROGRAM = (sys.executable, "-c", "from tests.tui.tiny import main; main()")
Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the tiny program at a terminal of its own, and waits until it is shown."""
    with ExitStack() as stack:

        def started(*argv: str, wire: Wire | None = None, **env: str) -> Terminal:
            whole = {
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": str(REPOSITORY),
                "HOME": str(tmp_path),
                "LC_ALL": "C.UTF-8",
                "CANARY": CANARY,
                **env,
            }
            program = argv or PROGRAM
            terminal = stack.enter_context(Terminal(program, whole, wire=wire, cwd=tmp_path))
            if not argv:
                terminal.wait_for("ready")
            return terminal

        yield started


def reports(home: Path) -> list[Path]:
    return sorted((home / ".local/state/sprocket-tui").glob("crash-*.txt"))


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("3", 3)])
def test_the_result_of_the_app_is_the_exit_code_and_the_terminal_is_as_it_was(start: Start, key: str, code: int):
    terminal = start()
    assert terminal.modes[1049]
    assert not any(terminal.modes.get(mode) for mode in (1000, 1002, 1003, 1006))
    terminal.press(key)
    assert terminal.end() == code
    assert terminal.left_as_found() == []
    assert terminal.text.strip() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_leaves_in_order_and_names_the_way_back(start: Start, number: signal.Signals):
    terminal = start()
    terminal.kill(number)
    assert terminal.end() == 128 + number
    assert terminal.left_as_found() == []
    assert f"ended by {number.name}" in terminal.text
    assert "sprocket-tui resume" in terminal.text


def test_a_terminal_that_is_gone_is_left_without_a_word(start: Start):
    terminal = start()
    terminal.hang_up()
    assert terminal.end() == 128 + signal.SIGHUP


def test_a_signal_ends_an_app_that_does_not_listen_and_restores_the_terminal(start: Start, tmp_path: Path):
    terminal = start(LEAVING="0.2")
    terminal.press("b")
    terminal.wait_until((tmp_path / "blocked").exists, "blocked app")
    terminal.kill(signal.SIGTERM)
    assert terminal.end() == 128 + signal.SIGTERM
    assert terminal.left_as_found() == []


@pytest.mark.parametrize(("key", "kind"), [("x", "builtins.ValueError"), ("w", "builtins.RuntimeError")])
def test_a_crash_restores_the_terminal_and_keeps_a_report_without_values(
    start: Start, tmp_path: Path, key: str, kind: str
):
    terminal = start()
    terminal.press(key)
    assert terminal.end() == Exit.INTERNAL
    assert terminal.left_as_found() == []
    (path,) = reports(tmp_path)
    report = path.read_text()
    assert kind in report
    assert "tests.tui.tiny:" in report
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert str(path) in terminal.text.replace("\n", "")
    assert "sprocket-tui resume" in terminal.text
    assert "Traceback" not in terminal.text
    assert CANARY not in report
    assert CANARY.encode() not in terminal.raw


def test_a_report_says_what_our_own_error_says_and_no_more(start: Start, tmp_path: Path):
    terminal = start()
    terminal.press("e")
    assert terminal.end() == Exit.INTERNAL
    report = reports(tmp_path)[0].read_text()
    assert "the guide has no such step" in report
    assert "because of builtins.KeyError" in report
    assert CANARY not in report


def test_a_report_that_cannot_be_written_leaves_its_place_on_the_screen(start: Start, tmp_path: Path):
    (tmp_path / ".local").write_text("no directory")
    terminal = start()
    terminal.press("x")
    assert terminal.end() == Exit.INTERNAL
    assert "at tests.tui.tiny:" in terminal.text
    assert CANARY.encode() not in terminal.raw


def test_nothing_but_the_screen_reaches_the_terminal(start: Start):
    terminal = start()
    terminal.press("o")
    terminal.wait_for("scribbled, and the child had no terminal")
    terminal.press("q")
    assert terminal.end() == 0
    assert b"STRAY" not in terminal.raw


def test_a_program_that_is_handed_the_terminal_has_all_of_it(start: Start, tmp_path: Path):
    terminal = start()
    terminal.press("!")
    terminal.wait_for("handed over")
    assert terminal.left_as_found() == []
    terminal.press("yes\n")
    terminal.wait_for("back again")
    assert (tmp_path / "answered").read_text() == "yes\n"
    terminal.wait_for("ready")
    terminal.press("o")
    terminal.wait_for("the child had no terminal")


def test_the_app_goes_on_though_the_handing_over_failed(start: Start):
    terminal = start()
    terminal.press("d")
    terminal.wait_for("dropped")
    terminal.press("j")
    terminal.wait_for("keys 1.")


# As `practice` does: it waits for the walk, and stops by the same key before the walk has done anything.
WAITING = [sys.executable, "-c", "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"]


@pytest.mark.parametrize("under", [[], WAITING], ids=["the shell's own", "another program's"])
def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_paints_the_screen_anew(start: Start, under: list[str]):
    terminal = start("/bin/bash", "--norc", "--noediting", "-i", PS1="shell> ")
    terminal.wait_for("shell>")
    terminal.press(shlex.join([*under, *PROGRAM]), "enter")
    terminal.wait_for("ready")
    terminal.press("ctrl+z")
    terminal.wait_for("Stopped")
    assert terminal.left_as_found() == []
    terminal.press("fg", "enter")
    terminal.wait_for("ready")
    terminal.press("j")
    terminal.wait_for("keys 1.")
    terminal.press("q")
    terminal.wait_until(lambda: terminal.text.strip().endswith("shell>"), "prompt")
    assert terminal.left_as_found() == []


def test_ctrl_z_without_a_shell_stops_nothing(start: Start):
    terminal = start()
    terminal.press("ctrl+z")
    terminal.wait_for("No shell would continue this.")
    terminal.press("j")
    terminal.wait_for("keys 1.")


def test_what_others_wrote_over_the_screen_goes_when_it_is_drawn_again(start: Start):
    terminal = start()
    terminal._stream.feed(b"\x1b[1;1HThe system is going down")
    terminal.press("j")
    terminal.wait_for("keys 1.")
    assert "going down" in terminal.text
    terminal.press_bytes(b"\x0c")
    terminal.wait_until(lambda: "going down" not in terminal.text, "screen of its own")
    assert terminal.rows[0].startswith("ready")


def test_the_size_is_that_of_the_terminal_and_follows_it(start: Start):
    terminal = start()
    terminal.wait_for("80 by 24")
    terminal.resize(63, 21)
    terminal.wait_for("63 by 21")


def test_bytes_that_are_no_text_are_no_reason_to_end(start: Start):
    terminal = start()
    terminal.press_bytes(b"\xff\xfe\xc3")
    terminal.press("j")
    terminal.wait_for("keys 1.")


def test_no_color_prints_no_colour(start: Start):
    terminal = start(NO_COLOR="1", COLORTERM="truecolor", THEME="light")
    assert terminal.colours() == set()


def test_a_terminal_that_does_not_claim_more_gets_its_own_sixteen_colours(start: Start):
    terminal = start()
    assert terminal.colours()
    assert not [colour for colour in terminal.colours() if ";" in colour]


def test_a_terminal_that_claims_true_colour_gets_the_dark_theme(start: Start):
    terminal = start(COLORTERM="truecolor")
    assert any(colour.startswith("38;2") for colour in terminal.colours())
    assert "dark" in terminal.rows[0]


@pytest.mark.parametrize("env", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}])
def test_what_the_encoding_lacks_is_drawn_in_ascii(start: Start, env: dict[str, str]):
    terminal = start(**env)
    terminal.wait_for("-|#")
    assert terminal.rows[0].startswith("ready + ---")
    assert b"\\u" not in terminal.raw
    assert terminal.raw.isascii()


@pytest.mark.parametrize(
    ("env", "sent"),
    [
        ({}, b"\x07\x1b]9;sprocket-tui: Layer 1, apply: failed\x07"),
        ({"LOW": "1"}, b"\x07\x1b]9;sprocket-tui: Layer 1, apply: failed\x07"),
        ({"TERM": "screen-256color"}, b"\x07"),
        (
            {"TERM": "tmux-256color", "TMUX": "/nowhere,1,0"},
            b"\x07\x1bPtmux;\x1b\x1b]9;sprocket-tui: Layer 1, apply: failed\x07\x1b\\",
        ),
    ],
)
def test_who_is_called_gets_the_bell_and_one_sentence_on_the_terminal(start: Start, env: dict[str, str], sent: bytes):
    terminal = start(**env)
    before = terminal.bytes
    terminal.press("r")
    terminal.wait_for("rung")
    called = terminal.raw[before:]
    assert sent in called
    assert called.count(b"\x07") == sent.count(b"\x07")


def test_a_terminal_that_takes_nothing_gets_the_last_frame_and_every_key(start: Start, tmp_path: Path):
    terminal = start()
    before = terminal.bytes
    terminal.press("f", *"jjjjj")
    terminal.wait_without_reading((tmp_path / "flooded").exists, "300th frame")
    terminal.press("j")
    terminal.wait_for("keys 6.")
    # What the pty held, and the frames that were painted while it was read: nothing near 300.
    assert terminal.bytes - before < 75 * FRAME
