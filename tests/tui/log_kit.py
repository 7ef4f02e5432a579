"""Log files to look at, an app that shows one, and the same in a pseudo-terminal; run as a module it is that app."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pyte

from sprocket_tui.faces.tui.logfile import LogFile
from sprocket_tui.faces.tui.running import TerminalApp, drive
from sprocket_tui.faces.tui.views.log import LogScreen

ROOT = Path(__file__).parents[2]
EPOCH = 1790000000.0
# Long enough for any machine; nothing waits as long where it works.
PATIENCE = 60


def record(line, *, stream="out", at=0, time=EPOCH):
    document = {"s": stream, "at": at, "line": line}
    if time is not None:
        document = {"s": stream, "at": at, "t": time, "line": line}
    return json.dumps(document, ensure_ascii=False) + "\n"


def write(path, lines, mode="w"):
    with path.open(mode, encoding="utf-8") as file:
        file.write("".join(record(line) for line in lines))
    return path


def texts(file):
    return [file.line(number).text for number in range(file.count)]


def wait_until(condition, what="it"):
    """Waits for a thread; by the clock only where it never comes."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.005)


def read_through(file):
    """Takes the beginning in; how many lines came before those there were."""
    before = 0
    while file.reading is not None:
        before += file.grow().before
        time.sleep(0.001)
    return before


class LogApp(TerminalApp):
    """One log over nothing; ticks only when told, or ten times a second."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, path, every=None):
        super().__init__()
        self.path, self.every = path, every
        self.copied = []

    def on_mount(self):
        self.push_screen(LogScreen("Apply", LogFile(self.path)))
        if self.every:
            self.set_interval(self.every, self.tick)

    def tick(self):
        if isinstance(self.screen, LogScreen):
            self.screen.tick()

    def on_log_screen_copy_asked(self, message):
        self.copied.append((message.text, message.lines))

    @property
    def view(self):
        return self.screen.view

    def shown(self):
        """The screen as lines of text."""
        strips = self.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    def log_lines(self):
        """The rows of the view."""
        return [line[1:] for line in self.shown()[1:-2]]

    def status(self):
        return self.shown()[-2].strip()


class Terminal:
    """The app on a file in a pseudo-terminal; `total` counts its bytes, `raw` keeps them."""

    def __init__(self, path, columns=80, rows=24):
        self.screen = pyte.Screen(columns, rows)
        self.raw = b""
        self._stream = pyte.ByteStream(self.screen)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_ANIMATIONS": "none"}
        argv = [sys.executable, "-m", "tests.tui.log_kit", str(path)]
        self.process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, env=env, cwd=ROOT, start_new_session=True
        )
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    @property
    def total(self):
        return len(self.raw)

    def press(self, keys):
        os.write(self._master, keys)

    def read(self, seconds):
        if select.select([self._master], [], [], seconds)[0]:
            data = os.read(self._master, 1 << 16)
            self.raw += data
            # Private questions and answers that pyte would print.
            self._stream.feed(re.sub(rb"\x1b\[[>=?][0-9;]*(?:u|\$p)|\x1b\[[<>][0-9]*u", b"", data))
            return True
        return False

    def until(self, text):
        """Reads until the text stands on the screen."""
        wait_until(lambda: self.read(0.05) is not None and any(text in line for line in self.screen.display), text)

    def settle(self, seconds=1.5):
        """Reads until nothing came for that long."""
        while self.read(seconds):
            pass


if __name__ == "__main__":
    sys.exit(drive(LogApp(Path(sys.argv[1]), every=0.1)))
