"""How far a run of checks is, and that slow measurements do not add up."""

from __future__ import annotations

import io
import os
import termios
import threading
import time
from collections.abc import Callable

import pytest

from sprocket_tui.checks.pace import Pace
from sprocket_tui.checks.pool import Pool
from sprocket_tui.faces.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_counts_and_names_what_is_waited_for_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    clock = Clock()
    progress = Progress(Terminal(), clock)
    progress.wanted({str(number): f"Check {number}" for number in range(5)})
    progress.measured("0")
    clock.now = 8
    assert progress.line() == "1 of 5 measured; waiting for: Check 1, Check 2, Check 3 and 1 more (8 s)"


def test_a_terminal_has_one_line_that_is_taken_away_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream, clock = Terminal(), Clock()
    progress = Progress(stream, clock)
    progress.wanted({"a": "A"})
    for now in (1, 2, 3):
        clock.now = now
        progress.tick()
    progress.clear()
    assert "\n" not in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_the_line_fits_the_terminal_that_it_is_on_and_its_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output may go to a file, and then says nothing of the width."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLUMNS", raising=False)
    leader, follower = os.openpty()
    termios.tcsetwinsize(follower, (24, 50))
    clock = Clock()
    with os.fdopen(follower, "w", encoding="ascii") as stream, os.fdopen(leader, "rb", buffering=0) as terminal:
        progress = Progress(stream, clock)
        progress.wanted({"a": "A" * 30, "b": "B" * 30})
        clock.now = 1
        progress.tick()
        said = terminal.read(200).decode("ascii")
    assert len(said.removeprefix("\r\x1b[K")) < 50
    assert said.endswith("...")


def test_elsewhere_it_is_a_line_every_ten_seconds_and_nothing_before() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = Progress(stream, clock)
    progress.wanted({"a": "A\x1b[2J"})
    for now in range(25):
        clock.now = now
        progress.tick()
    progress.clear()
    assert [line[-6:] for line in stream.getvalue().splitlines()] == ["(10 s)", "(20 s)"]
    assert "\x1b" not in stream.getvalue()


def test_forty_measurements_wait_side_by_side() -> None:
    gate = threading.Barrier(40)
    pool = Pool({str(number): lambda _tell: gate.wait(20) for number in range(40)})
    assert sorted(pool.results(time.monotonic() + 30)) == list(range(40))


def test_what_a_task_raises_is_raised_where_its_result_is_waited_for() -> None:
    with pytest.raises(ZeroDivisionError):
        list(Pool({"a": lambda _tell: 1 // 0}).results(time.monotonic() + 10))


def test_who_stops_waits_for_nothing() -> None:
    pool = Pool({"a": lambda _tell: time.sleep(60)})
    assert list(pool.results(time.monotonic() + 30, Pace(stopped=lambda: True).go_on)) == []


def test_a_part_of_a_task_is_there_before_its_end_and_when_somebody_stops() -> None:
    gate, told = threading.Event(), threading.Event()

    def task(tell: Callable[[str], None]) -> str:
        tell("first")
        told.set()
        assert gate.wait(60)
        return "last"

    pool = Pool({"a": task})
    assert told.wait(60)
    assert list(pool.results(time.monotonic() + 30, lambda: False)) == ["first"]
    gate.set()
    assert list(pool.results(time.monotonic() + 30)) == ["last"]


def test_two_targets_are_counted_together_and_named() -> None:
    clock = Clock()
    progress = Progress(Terminal(), clock)
    for target in ("ssh://a", "ssh://b"):
        progress.beside(target).wanted({"key": "Port 80"})
    progress.beside("ssh://a").measured("key")
    assert progress.line() == "1 of 2 measured; waiting for: Port 80 (ssh://b) (0 s)"
