"""The first screen at a terminal of 80x24: first frame, keys and idle bytes, beside other Textual programs.

`python -m benchmarks.terminal`; peers are installed into virtual environments of their own, which are removed after.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.terminal import Terminal, Wire

# By name, with what else is asked of the installation: posting 2.11.1 crashes with the parser that came after it.
PEERS = {"posting": ("tree-sitter<0.26",), "harlequin": ()}
KEYS = 20
# A screen that has not changed for so long is complete, in seconds.
_SETTLED = 1.0
_LONGEST = 90.0
_INSTALL = 900
_IDLE = 10.0


@dataclass
class Program:
    """One program and what was measured of it; times in seconds. `keys` change its screen, in turn."""

    name: str
    argv: list[str]
    keys: tuple[str, ...]
    frames: list[float] = field(default_factory=list[float])
    presses: list[float] = field(default_factory=list[float])
    idle: list[int] = field(default_factory=list[int])
    slow_frames: list[float] = field(default_factory=list[float])
    slow_presses: list[float] = field(default_factory=list[float])


def settled(terminal: Terminal, began: float) -> float:
    """When the screen came to be what it stays for a while, in seconds since `began`."""
    shown, changed, end = "", began, began + _LONGEST
    while time.monotonic() < end:
        if terminal.process.poll() is not None:
            raise RuntimeError(f"it ended with {terminal.process.returncode} before it showed anything:\n{shown}")
        terminal.step(0.05)
        now = time.monotonic()
        if (text := terminal.text) != shown:
            shown, changed = text, now
        elif shown.strip() and now - changed > _SETTLED:
            return changed - began
    raise RuntimeError(f"no complete screen within {_LONGEST:g} s:\n{shown}")


def pressed(terminal: Terminal, key: str) -> float:
    """From a key to another screen, in seconds."""
    before, began = terminal.text, time.monotonic()
    terminal.press(key)
    while terminal.text == before:
        if time.monotonic() - began > _LONGEST:
            raise RuntimeError(f"{key} changed nothing:\n{before}")
        terminal.step(0.05)
    took = time.monotonic() - began
    # What is still under way over a slow line would be taken for the answer to the next key.
    settled(terminal, began)
    return took


def session(program: Program, home: Path, wire: Wire, idle: float) -> tuple[float, list[float], int]:
    """First frame, keys, and the bytes of so many idle seconds, of one start over such a line."""
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "COLORTERM": "truecolor"}
    if "PYTHONPATH" in os.environ and program.argv[0] == sys.executable:
        env["PYTHONPATH"] = os.environ["PYTHONPATH"]
    began = time.monotonic()
    with Terminal(program.argv, env, wire=wire) as terminal:
        first = settled(terminal, began)
        presses = [pressed(terminal, program.keys[number % len(program.keys)]) for number in range(KEYS)]
        return first, presses, terminal.idle(idle)


def measure(program: Program, home: Path) -> None:
    """One start over a line that carries everything, and one over 20 kB/s with 150 ms each way."""
    first, presses, idle = session(program, home, Wire(), _IDLE)
    program.frames.append(first)
    program.presses += presses
    program.idle.append(idle)
    first, presses, _ = session(program, home, Wire(20_000, 0.15), 0)
    program.slow_frames.append(first)
    program.slow_presses += presses


def peer(name: str, besides: tuple[str, ...], directory: Path) -> Program | None:
    """A peer in an environment of its own; says why where it cannot be installed."""
    place = directory / name
    venv.create(place, with_pip=True)
    pip = [str(place / "bin" / "pip"), "install", "-q", "--only-binary", ":all:", name, *besides]
    try:
        done = subprocess.run(pip, capture_output=True, text=True, timeout=_INSTALL, check=False)
    except subprocess.TimeoutExpired:
        print(f"  {name} was not installed within {_INSTALL} s")
        return None
    if done.returncode != 0:
        print(f"  {name} cannot be installed: {done.stderr.strip().splitlines()[-1]}")
        return None
    return Program(name, [str(place / "bin" / name)], ("a",))


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


_FIGURES: Mapping[str, Callable[[Program], float]] = {
    "first frame, s": lambda each: statistics.median(each.frames),
    "key, median, s": lambda each: statistics.median(each.presses),
    "key, p95, s": lambda each: p95(each.presses),
    f"bytes in {_IDLE:g} s idle": lambda each: statistics.median(each.idle),
    "slow: first frame, s": lambda each: statistics.median(each.slow_frames),
    "slow: key, median, s": lambda each: statistics.median(each.slow_presses),
    "slow: key, p95, s": lambda each: p95(each.slow_presses),
}


def table(programs: list[Program], rounds: int) -> None:
    """Every figure of every program, with ours as a ratio to the peer's."""
    ours = programs[0]
    print(f"\nThe first screen at 80x24 ({rounds} rounds of {KEYS} keys, load {os.getloadavg()[0]:.1f})")
    print(f"  {'':24}" + "".join(f"{each.name:>20}" for each in programs))
    for title, figure in _FIGURES.items():
        cells = [f"{figure(ours):20.3f}"]
        for each in programs[1:]:
            theirs = figure(each)
            cells.append(f"{theirs:12.3f} ({figure(ours) / theirs:4.2f})" if theirs else f"{theirs:20.0f}")
        print(f"  {title:24}{''.join(cells)}")


def main(rounds: int = 2) -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        home = Path(name) / "home"
        home.mkdir()
        programs = [Program("sprocket-tui", [sys.executable, "-m", "sprocket_tui"], ("down", "up"))]
        programs += filter(None, (peer(each, besides, Path(name)) for each, besides in PEERS.items()))
        for _ in range(rounds):
            for each in programs:
                measure(each, home)
        table(programs, rounds)


if __name__ == "__main__":
    main()
