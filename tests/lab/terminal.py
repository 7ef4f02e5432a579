"""A terminal for the program under test: a pty with a screen that can be read, and a person's hands.

Waiting is for something to stand on the screen, with a limit; nothing sleeps. A `Wire` puts a slow line between the
program and the screen.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

# What pyte takes for text: private sequences with an intermediate, kitty's keys, commands to the operating system.
_BEYOND_PYTE = re.compile(
    rb"\x1b\[[<=>?][0-9;]*u|\x1b\[\??[0-9;]*\$[a-z]|\x1b\[>[0-9;]*[a-zA-Z]|\x1b\][0-9]+;[^\x07\x1b]*(?:\x07|\x1b\\)"
)
_ASKED = re.compile(rb"\x1b\[6n|\x1b\[\?([0-9]+)\$p")
_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_COLOUR = re.compile(rb"\x1b\[([0-9;:]*)m")

KEYS = {
    "enter": b"\r",
    "tab": b"\t",
    "escape": b"\x1b",
    "backspace": b"\x7f",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    "pageup": b"\x1b[5~",
    "pagedown": b"\x1b[6~",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
    "f1": b"\x1bOP",
    "ctrl+c": b"\x03",
    "ctrl+z": b"\x1a",
}
# Private modes by number, as a program sets them.
ALTERNATE, CURSOR, WRAP, PASTE, FOCUS = 1049, 25, 7, 2004, 1004
MOUSE = (1000, 1002, 1003, 1006, 1015, 1016)


@dataclass
class Wire:
    """A line that carries `rate` bytes a second and takes `delay` seconds each way.

    `room`: how many bytes it takes in before it carries them; more than that stays in the pty and holds the program up.
    """

    rate: float = float("inf")
    delay: float = 0.0
    room: float = float("inf")
    _free_at: float = 0.0
    _coming: deque[tuple[float, bytes]] = field(default_factory=deque)
    _going: deque[tuple[float, bytes]] = field(default_factory=deque)

    def takes(self, now: float) -> int:
        """How many bytes may be put in now."""
        if self.rate == float("inf"):
            return 65536
        inside = max(0.0, self._free_at - now) * self.rate
        return int(min(65536, max(0.0, self.room - inside)))

    def send(self, data: bytes, now: float) -> None:
        """From the program to the screen, in pieces small enough that a frame does not arrive at once."""
        for start in range(0, len(data), 256):
            piece = data[start : start + 256]
            self._free_at = max(now, self._free_at) + len(piece) / self.rate
            self._coming.append((self._free_at + self.delay, piece))

    def type(self, data: bytes, now: float) -> None:
        """From the hands to the program."""
        self._going.append((now + self.delay, data))

    def arrived(self, now: float) -> bytes:
        return _until(self._coming, now)

    def typed(self, now: float) -> bytes:
        return _until(self._going, now)

    def next(self) -> float | None:
        """When something arrives next at either end."""
        times = [queue[0][0] for queue in (self._coming, self._going) if queue]
        return min(times) if times else None


def _until(queue: deque[tuple[float, bytes]], now: float) -> bytes:
    found = b""
    while queue and queue[0][0] <= now:
        found += queue.popleft()[1]
    return found


class Terminal:
    """One program on a pty of `columns` by `lines`.

    `raw` is everything it wrote, as far as it reached the screen; `modes` the private modes that are set.
    """

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        *,
        columns: int = 80,
        lines: int = 24,
        wire: Wire | None = None,
        answers: bool = True,
        cwd: Path | None = None,
    ) -> None:
        self._master, slave = pty.openpty()
        self._size(columns, lines)
        self._cooked = termios.tcgetattr(slave)
        self.process = subprocess.Popen(
            argv,
            env={"TERM": "xterm-256color", **env},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 no thread of ours holds a lock
        )
        # Kept, so that the modes of the terminal can be read after the program ended.
        self._slave = slave
        self._wire = wire or Wire()
        self._answers = answers
        self._ended = False
        self.raw = b""
        self.modes: dict[int, bool] = {CURSOR: True, WRAP: True}
        self.screen = pyte.HistoryScreen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._main: pyte.HistoryScreen | None = None
        self._rest = b""

    # What stands there.

    @property
    def rows(self) -> list[str]:
        return [row.rstrip() for row in self.screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.rows)

    @property
    def bytes(self) -> int:
        return len(self.raw)

    def colours(self) -> set[str]:
        """Every colour that was asked for, as parameters of SGR (`31`, `38;2;1;2;3`); the default colours are none."""
        found: set[str] = set()
        for match in _COLOUR.finditer(self.raw):
            parts = match[1].decode().replace(":", ";").split(";")
            while parts:
                first = parts.pop(0)
                if first in ("38", "48") and parts:
                    more = 3 if parts[0] == "2" else 1
                    found.add(";".join([first, *parts[: more + 1]]))
                    del parts[: more + 1]
                elif (
                    first.isdigit()
                    and (30 <= int(first) <= 49 or 90 <= int(first) <= 107)
                    and first not in ("39", "49")
                ):
                    found.add(first)
        return found

    def left_as_found(self) -> list[str]:
        """What is not as it was before the program; empty when the terminal was restored."""
        wrong = [
            *(["the alternate screen is shown"] if self.modes.get(ALTERNATE) else []),
            *([] if self.modes.get(CURSOR) else ["the cursor is hidden"]),
            *([] if self.modes.get(WRAP) else ["lines do not wrap"]),
            *(["pasting is bracketed"] if self.modes.get(PASTE) else []),
            *(["focus is reported"] if self.modes.get(FOCUS) else []),
            *(["the mouse is reported"] if any(self.modes.get(mode) for mode in MOUSE) else []),
        ]
        if termios.tcgetattr(self._slave)[:4] != self._cooked[:4]:
            wrong.append("the terminal's line discipline is another one")
        return wrong

    # What a person does.

    def press(self, *keys: str) -> None:
        """Presses keys by name, or types text."""
        self.press_bytes(b"".join(KEYS.get(key, key.encode()) for key in keys))

    def press_bytes(self, said: bytes) -> None:
        """Sends bytes as the terminal would."""
        self._wire.type(said, time.monotonic())
        self._move()

    def resize(self, columns: int, lines: int) -> None:
        """Makes the window another size; the kernel tells the program."""
        self._size(columns, lines)
        self.screen.resize(lines, columns)

    def kill(self, number: int) -> None:
        """Sends a signal to the program."""
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """The line is cut: the terminal goes, and the kernel tells the program."""
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = -1

    # Waiting.

    def wait_for(self, text: str, within: float = 60) -> None:
        """Returns once `text` stands on the screen."""
        self.wait_until(lambda: text in self.text, f"{text!r} on the screen", within)

    def wait_until(self, holds: Callable[[], bool], what: str, within: float = 60) -> None:
        """Returns once `holds()`; it is asked whenever something arrived."""
        end = time.monotonic() + within
        while not holds():
            assert time.monotonic() < end, f"no {what}:\n{self.text}"
            assert not self._ended, f"the program ended without {what}:\n{self.text}"
            self.step(min(1.0, end - time.monotonic()))

    def wait_without_reading(self, holds: Callable[[], bool], what: str, within: float = 60) -> None:
        """Returns once `holds()`, and takes nothing of what the program writes until then: a line that stands still."""
        end = time.monotonic() + within
        while not holds():
            assert time.monotonic() < end, f"no {what}"
            assert self.process.poll() is None, f"the program ended without {what}"
            select.select([], [], [], 0.02)

    def end(self, within: float = 60) -> int:
        """The exit code, once the program has ended and everything it wrote has arrived."""
        end = time.monotonic() + within
        while self.process.poll() is None:
            assert time.monotonic() < end, f"it did not end:\n{self.text}"
            if self._master < 0:
                self.process.wait(timeout=within)
            else:
                self.step(0.1)
        while self._master >= 0 and (select.select([self._master], [], [], 0)[0] or self._wire.next() is not None):
            self.step(0.1)
        return self.process.returncode

    def idle(self, seconds: float) -> int:
        """How many bytes arrive in so many seconds."""
        before, end = self.bytes, time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.step(left)
        return self.bytes - before

    def step(self, patience: float) -> None:
        """Lets the line carry what it carries, until something has arrived or `patience` seconds passed."""
        now = time.monotonic()
        following = self._wire.next()
        if following is not None:
            patience = min(patience, max(0.0, following - now))
        room = self._wire.takes(now)
        if not room:
            patience = min(patience, 0.01)
        if select.select([self._master] if room else [], [], [], max(0.0, patience))[0]:
            try:
                data = os.read(self._master, room)
            except OSError:
                data = b""
            self._ended = not data
            self._wire.send(data, time.monotonic())
        self._move()

    def _move(self) -> None:
        now = time.monotonic()
        if said := self._wire.typed(now):
            os.write(self._master, said)
        if data := self._wire.arrived(now):
            self._show(data)

    def _show(self, data: bytes) -> None:
        self.raw += data
        data = self._rest + data
        # A sequence that is cut in two is shown when its end has come.
        begun = data.rfind(b"\x1b")
        whole = (
            len(data)
            if begun < 0
            or re.match(rb"\x1b(\[[<=>?]?[0-9;:]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[^\[\]])", data[begun:])
            else begun
        )
        data, self._rest = data[:whole], data[whole:]
        for match in _MODE.finditer(data):
            for mode in match[1].split(b";"):
                self.modes[int(mode)] = match[2] == b"h"
        shown = 0
        for match in _ASKED.finditer(data):
            self._paint(data[shown : match.start()])
            shown = match.end()
            if self._answers:
                self._wire.type(self._answer(match), time.monotonic())
        self._paint(data[shown:])

    def _answer(self, asked: re.Match[bytes]) -> bytes:
        if asked[1]:
            return b"\x1b[?%s;%d$y" % (asked[1], 2 if asked[1] == b"2026" else 0)
        return b"\x1b[%d;%dR" % (self.screen.cursor.y + 1, self.screen.cursor.x + 1)

    def _paint(self, data: bytes) -> None:
        for piece in re.split(rb"(\x1b\[\?1049[hl])", _BEYOND_PYTE.sub(b"", data)):
            if piece == b"\x1b[?1049h":
                self._main, fresh = self.screen, pyte.HistoryScreen(self.screen.columns, self.screen.lines)
                self._look_at(fresh)
            elif piece == b"\x1b[?1049l" and self._main is not None:
                self._main.resize(self.screen.lines, self.screen.columns)
                self._look_at(self._main)
                self._main = None
            else:
                self._stream.feed(piece)

    def _look_at(self, screen: pyte.HistoryScreen) -> None:
        self.screen = screen
        self._stream = pyte.ByteStream(screen)

    def _size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for each in (self._master, self._slave):
            if each >= 0:
                os.close(each)
