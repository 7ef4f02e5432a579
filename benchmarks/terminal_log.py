"""The log of the terminal face: opening 200 MB, bytes a line, and keys while a job prints 5,000 lines a second.

`python -m benchmarks.terminal_log`; beside a plain RichLog in turn, in a real pseudo-terminal of 80x24.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import resource
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

RATE = 5000
KEYS = 40
LARGE = 200_000_000
# A key that is not seen after this long counts as this long, in seconds.
_LONGEST = 3.0
_TEXT = "Service traefik: creating network overlay attach ok, waiting for the task"


class Terminal:
    """A program in a pseudo-terminal of its own; `total` is how many bytes it wrote."""

    def __init__(self, argv: list[str], size: tuple[int, int] = (24, 80)) -> None:
        self.total = 0
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_ANIMATIONS": "none"}
        self.process = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True)
        os.close(slave)

    def read(self, seconds: float) -> bytes:
        """What comes within that time, as soon as something comes."""
        if not select.select([self._master], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:
            return b""
        self.total += len(data)
        return data

    def until(self, wanted: bytes, seconds: float) -> float | None:
        """How long it took until `wanted` came, in seconds; None when it did not."""
        began = time.perf_counter()
        seen = b""
        while (left := began + seconds - time.perf_counter()) > 0:
            seen = seen[-200:] + self.read(left)
            if wanted in seen:
                return time.perf_counter() - began
        return None

    def quiet(self, seconds: float) -> int:
        """Reads on for that long; how many bytes came."""
        before, end = self.total, time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)
        return self.total - before

    def type(self, keys: bytes) -> None:
        """Presses keys."""
        os.write(self._master, keys)

    def end(self) -> None:
        """Ends the program."""
        self.process.kill()
        self.process.wait()
        os.close(self._master)


def record(number: int, text: str) -> str:
    """One line of an `output.jsonl`."""
    document = {"s": "out", "at": number * 80, "t": 1790000000.0 + number / RATE, "line": text}
    return json.dumps(document, ensure_ascii=False) + "\n"


def show(kind: str, path: Path) -> None:
    """Runs in the pseudo-terminal: the view or a RichLog on a growing file, and a counter of the keys pressed."""
    from rich.text import Text
    from textual.app import App, ComposeResult
    from textual.events import Key
    from textual.widgets import RichLog, Static

    from sprocket_tui.faces.tui.logfile import LogFile
    from sprocket_tui.faces.tui.widgets.log import LogView

    class Show(App[None]):
        ENABLE_COMMAND_PALETTE = False
        CSS: ClassVar[str] = "Static { height: 1; dock: bottom; }"

        def get_theme_variable_defaults(self) -> dict[str, str]:
            return {"quiet": "#808080"}

        def compose(self) -> ComposeResult:
            yield LogView(LogFile(path)) if kind == "ours" else RichLog()
            yield Static("pressed 0;", id="pressed")

        def on_mount(self) -> None:
            self.pressed = 0
            self.stream = path.open(encoding="utf-8")
            self.set_interval(0.1, self.tick)

        def tick(self) -> None:
            if kind == "ours":
                self.query_one(LogView).tick()
                return
            # One write a tick: with one a line it takes in 1,500 a second, and no key ever gets through.
            if lines := self.stream.readlines():
                self.query_one(RichLog).write(Text("\n".join(json.loads(line)["line"] for line in lines)))

        def on_key(self, event: Key) -> None:
            if event.key == "x":
                self.pressed += 1
                self.query_one(Static).update(f"pressed {self.pressed};")

    Show().run()


def stream(path: Path, rate: int) -> None:
    """Appends so many lines a second until it is ended."""
    with path.open("a", encoding="utf-8") as file:
        began, number = time.monotonic(), 0
        while True:
            due = int((time.monotonic() - began) * rate)
            file.write("".join(record(each, f"{each:9} {_TEXT}") for each in range(number, due)))
            file.flush()
            number = due
            time.sleep(0.01)


@contextlib.contextmanager
def running(kind: str, path: Path) -> Iterator[Terminal]:
    """The view on `path`, until it stands there."""
    terminal = Terminal([sys.executable, "-m", "benchmarks.terminal_log", "--show", kind, str(path)])
    try:
        if terminal.until(b"pressed 0;", 60) is None:
            raise RuntimeError(f"{kind} did not start")
        terminal.quiet(1)
        yield terminal
    finally:
        terminal.end()


def keys(kind: str, folder: Path, rate: int) -> list[float]:
    """Key to screen in seconds, one by one, while so many lines a second come."""
    path = folder / f"{kind}.jsonl"
    path.write_text("")
    with running(kind, path) as terminal:
        writer = subprocess.Popen([sys.executable, "-m", "benchmarks.terminal_log", "--stream", str(path), str(rate)])
        try:
            terminal.quiet(1)
            took: list[float] = []
            for number in range(1, KEYS + 1):
                terminal.type(b"x")
                took.append(terminal.until(b"pressed %d;" % number, _LONGEST) or _LONGEST)
                terminal.quiet(0.037)
            return took
        finally:
            writer.kill()
            writer.wait()


def latency(folder: Path, rounds: int) -> None:
    """All in turn, also the view without a stream; ratios are to its p95 with one."""
    entrants = (("ours", 0), ("ours", RATE), ("RichLog", RATE))
    found: list[list[float]] = [[] for _ in entrants]
    for _ in range(rounds):
        for took, (kind, rate) in zip(found, entrants, strict=True):
            took.extend(keys(kind, folder, rate))
    print(f"\nKey to screen at 80x24 ({rounds} rounds of {KEYS} keys; {_LONGEST:g} s is never)")
    bar = statistics.quantiles(found[1], n=20)[-1]
    for took, (kind, rate) in zip(found, entrants, strict=True):
        middle, p95 = statistics.median(took), statistics.quantiles(took, n=20)[-1]
        print(f"  {kind:8} {rate:5} lines/s   median {middle * 1e3:6.0f} ms   p95 {p95 * 1e3:6.0f} ms {p95 / bar:7.2f}")


def volume(folder: Path, lines: int = 40) -> None:
    """Bytes to the terminal for a line at a low rate, and when nothing comes."""
    print("\nBytes to the terminal at 80x24")
    for kind in ("ours", "RichLog"):
        path = folder / f"{kind}-slow.jsonl"
        path.write_text("".join(record(each, f"{each:6} {_TEXT}"[:79]) for each in range(100)))
        with running(kind, path) as terminal, path.open("a", encoding="utf-8") as file:
            idle = terminal.quiet(3)
            total = 0
            for each in range(lines):
                file.write(record(each, f"{each:6} {_TEXT}"[:79]))
                file.flush()
                total += terminal.quiet(0.25)
            print(f"  {kind:10} a line {total / lines:8.0f}   idle {idle}")


def large(folder: Path) -> None:
    """From 200 MB on disk to its end in hand, to all of it indexed, and to its hits."""
    from sprocket_tui.faces.tui.logfile import LogFile
    from sprocket_tui.faces.tui.logsearch import Scan

    path = folder / "large.jsonl"
    with path.open("w", encoding="utf-8") as file:
        number = 0
        while file.tell() < LARGE:
            file.write("".join(record(each, f"{each:9} {_TEXT}") for each in range(number, number + 10_000)))
            number += 10_000
    peer = time.perf_counter()
    with path.open("rb") as file:
        while file.read(1 << 18):
            pass
    peer = time.perf_counter() - peer
    began = time.perf_counter()
    log = LogFile(path)
    log.line(log.count - 1)
    opened = time.perf_counter() - began
    while log.reading is not None:
        time.sleep(0.01)
        log.grow()
    indexed = time.perf_counter() - began
    scan = Scan(log, ["no such text"])
    began = time.perf_counter()
    scan.advance()
    while not scan.done:
        time.sleep(0.01)
    searched = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{LARGE // 10**6} MB, {log.count:,} lines; ratios to reading the file once, {peer:.2f} s")
    for what, seconds in (("its end shown", opened), ("indexed", indexed), ("searched", searched)):
        print(f"  {what:16} {seconds:7.3f} s {seconds / peer:8.2f}")
    print(f"  memory {memory:.0f} MB")


def main(rounds: int = 2) -> None:
    """Prints the tables."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        large(Path(name))
        volume(Path(name))
        latency(Path(name), rounds)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--show", kind, path]:
            show(kind, Path(path))
        case ["--stream", path, rate]:
            stream(Path(path), int(rate))
        case _:
            main()
