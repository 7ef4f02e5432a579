"""A walk over a slow line while a job streams: key to screen at 80x24 over 20 kB/s with 150 ms each way.

`python -m benchmarks.terminal_slow`; the bar is the way there and back plus 150 ms, at p95.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.terminal import p95
from benchmarks.terminal_log import record
from tests.lab.terminal import Terminal, Wire

BYTES, DELAY = 20_000, 0.15
BAR = 2 * DELAY + 0.15
# Lines a second: a job that talks as much as a person reads, and one that floods.
RATES = (5, 100, 5000)
KEYS = 40
_LONGEST = 30.0
# How long a person looks at what a key did, in seconds; then comes the next one.
_LOOKS = 0.7
_TEXT = "Service traefik: creating network overlay attach ok, waiting for the task"


@dataclass(frozen=True)
class Page:
    """Where keys are pressed: `opens` leads there from the step that runs, `keys` each with what is then so."""

    name: str
    opens: tuple[str, ...]
    keys: tuple[tuple[str, Callable[[str], bool]], ...]


PAGES = (
    Page(
        "the step that runs",
        (),
        (("g", lambda text: "Where to look" in text), ("escape", lambda text: "Where to look" not in text)),
    ),
    Page(
        "its log",
        ("l",),
        (("/", lambda text: "search: text" in text), ("escape", lambda text: "search: text" not in text)),
    ),
)


def show(rate: int) -> None:
    """Runs in the pseudo-terminal: a walk whose step runs, and beside it a program that feeds the step's files."""
    from sprocket_tui.faces.tui.running import drive
    from tests.pictures import scenes

    app = scenes.walk_of(*scenes.RUNS, seen=3)("")
    attempt = app._setup.output(scenes.UP, 1).parent  # pyright: ignore[reportPrivateUsage]
    argv = [sys.executable, "-m", "benchmarks.terminal_slow", "--feed", str(attempt), str(rate)]
    quiet = subprocess.DEVNULL
    feeds = subprocess.Popen(argv, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        drive(app)
    finally:
        feeds.kill()
        feeds.wait()


def feed(attempt: Path, rate: int) -> None:
    """Appends so many lines a second to what the attempt printed and said, as long as whoever began it is there."""
    began, number, parent = time.monotonic(), 0, os.getppid()
    with (attempt / "output.jsonl").open("a") as output, (attempt / "progress.jsonl").open("a") as progress:
        while os.getppid() == parent:
            due = int((time.monotonic() - began) * rate)
            texts = [f"{each:9} {_TEXT}" for each in range(number, due)]
            output.write("".join(record(each, text) for each, text in enumerate(texts, number)))
            notes = ({"at": time.time(), "text": each, "done": None, "total": None, "failed": False} for each in texts)
            progress.write("".join(f"{json.dumps(each)}\n" for each in notes))
            output.flush()
            progress.flush()
            number = due
            time.sleep(0.02)


def pressed(terminal: Terminal, key: str, holds: Callable[[str], bool]) -> float:
    """From a key to what it does being on the screen, in seconds."""
    began = time.monotonic()
    terminal.press(key)
    while not holds(terminal.text):
        if time.monotonic() - began > _LONGEST:
            raise RuntimeError(f"{key} did nothing:\n{terminal.text}")
        terminal.step(0.05)
    return time.monotonic() - began


def keys(page: Page, rate: int, env: Mapping[str, str]) -> list[float]:
    """Key to screen in seconds, one by one, from when the line is known to be slow."""
    argv = [sys.executable, "-m", "benchmarks.terminal_slow", "--show", str(rate)]
    with Terminal(argv, env, wire=Wire(BYTES, DELAY)) as terminal:
        terminal.wait_for(_TEXT[:20])
        terminal.press(*page.opens)
        terminal.idle(10)
        took: list[float] = []
        for number in range(KEYS):
            took.append(pressed(terminal, *page.keys[number % len(page.keys)]))
            terminal.idle(_LOOKS)
        return took


def main(rounds: int = 2) -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        env = {"HOME": home, "TMPDIR": home, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "COLORTERM": "truecolor"}
        env |= {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}
        print(
            f"\nKey to screen in a walk, {BYTES / 1000:g} kB/s and {DELAY * 1e3:g} ms each way (bar {BAR:g} s at p95;"
        )
        print(f"{rounds} rounds of {KEYS} keys, load {os.getloadavg()[0]:.1f})")
        for page in PAGES:
            for rate in RATES:
                took = [each for _ in range(rounds) for each in keys(page, rate, env)]
                figures = f"median {statistics.median(took):6.3f} s   p95 {p95(took):6.3f} s {p95(took) / BAR:5.2f}"
                print(f"  {page.name:20} {rate:5} lines/s   {figures}", flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--show", rate]:
            show(int(rate))
        case ["--feed", attempt, rate]:
            feed(Path(attempt), int(rate))
        case _:
            main()
