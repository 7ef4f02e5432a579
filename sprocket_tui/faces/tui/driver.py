"""Textual's driver on descriptors of its own, so that nothing else in the process can write on the screen."""

from __future__ import annotations

import fcntl
import os
import select
import sys
import termios
import time
from codecs import getincrementaldecoder
from typing import IO, TYPE_CHECKING, Any, cast

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from sprocket_tui.faces.tui.canvas import Canvas
from sprocket_tui.faces.tui.glyphs import ERRORS
from sprocket_tui.faces.tui.notices import notice
from sprocket_tui.faces.tui.slow import PROBE, Line

if TYPE_CHECKING:
    from textual.app import App

# Descriptors below are those that a program expects to find.
_PRIVATE = 10
# How long the terminal may take to answer what it was asked before it is given back, in seconds.
_SETTLING = 2.0
# What undoes everything that was set, whatever state the program is in.
_RESTORE = b"\x1b[?2026l\x1b[?1000;1003;1006;1015;1016;2004;1004;2048l\x1b[?7h\x1b[0m\x1b[?1049l\x1b[?25h"
_POP_KEYS = "\x1b[<u"


class Tty:
    """The process's terminal, taken from descriptors 0 to 2 while a screen is shown on it.

    Meanwhile those lead nowhere: a stray write, or a child that inherits them, does not reach the terminal.
    """

    def __init__(self) -> None:
        self.reads = self.shows = -1
        self._kept: dict[int, int] = {}
        self._before: list[Any] | None = None

    def take(self) -> None:
        """Takes the terminal; nothing happens when it is taken already."""
        if self._kept:
            return
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        try:
            for number in (0, 1, 2):
                if os.isatty(number):
                    self._kept[number] = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, _PRIVATE)
                    os.dup2(nowhere, number)
        finally:
            os.close(nowhere)
        self.reads = self._kept.get(0, 0)
        self.shows = self._kept.get(1, 1)
        try:
            self._before = termios.tcgetattr(self.reads)
        except termios.error:
            self._before = None

    def give_back(self) -> None:
        """Descriptors 0 to 2 are the terminal again."""
        for number, kept in self._kept.items():
            os.dup2(kept, number)
            os.close(kept)
        self._kept.clear()

    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        try:
            found = os.get_terminal_size(self.shows)
        except OSError:
            return 80, 24
        return found.columns or 80, found.lines or 24

    def rescue(self) -> None:
        """Puts the terminal right without asking anybody; for when nothing else can be counted on."""
        if not self._kept:
            return
        try:
            os.set_blocking(self.shows, False)
            os.write(self.shows, _RESTORE)
            if self._before is not None:
                termios.tcsetattr(self.reads, termios.TCSANOW, self._before)
        except (OSError, termios.error):
            pass  # it is gone
        self.give_back()


class _Out:
    """What Textual's writer writes to: a descriptor, in the terminal's encoding. A terminal that is gone is silent."""

    def __init__(self, descriptor: int, encoding: str, line: Line) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._line = line
        self._waiting: list[str] = []

    def write(self, text: str) -> None:
        self._waiting.append(text)

    def flush(self) -> None:
        whole = "".join(self._waiting).encode(self._encoding, ERRORS)
        self._waiting.clear()
        left = memoryview(whole)
        began = time.monotonic()
        try:
            while left:
                try:
                    left = left[os.write(self._descriptor, left) :]
                except BlockingIOError:
                    select.select([], [self._descriptor], [])
        except OSError:
            pass  # the hang-up comes by its own way
        self._line.taken(len(whole), time.monotonic() - began)

    def fileno(self) -> int:
        return self._descriptor


class ScreenDriver(LinuxDriver):
    """Textual's driver for a terminal, with the terminal taken while it is shown."""

    line: Line = Line()
    canvas: Canvas = Canvas()
    encoding: str = "utf-8"

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)  # pyright: ignore[reportUnknownMemberType]
        self.tty = Tty()
        self.input_tty = True
        self._shown = self._gone = False
        self._frame = 0

    def _get_terminal_size(self) -> tuple[int, int]:
        return self.tty.size()

    def start_application_mode(self) -> None:
        if self._shown:
            # Continued after a stop that nobody announced: the terminal may have been in other hands.
            self.suspend_for_the_shell()
        self.tty.take()
        self.fileno = self.tty.reads
        self._file = cast("IO[str]", _Out(self.tty.shows, self.encoding, self.line))
        self._size = self.tty.size()
        self.line.reset()
        self.canvas.forget()
        self._shown = True
        super().start_application_mode()

    def suspend_for_the_shell(self) -> None:
        """Gives the terminal back until this process is continued after a stop."""
        self.suspend_application_mode()
        self._must_signal_resume = True

    def stop_application_mode(self) -> None:
        if not self._shown:
            return
        self._shown = False
        if not self._gone:
            self.line.settle(_SETTLING)
        super().stop_application_mode()

    def close(self) -> None:
        super().close()
        self._writer_thread = None
        self.tty.give_back()

    def write(self, data: str) -> None:
        """Passes over what is painted while the terminal is in other hands; it is painted anew afterwards."""
        if self._writer_thread is None or data == _POP_KEYS:
            return
        self._frame += len(data.encode(self.encoding, ERRORS))
        super().write(data)

    def flush(self) -> None:
        """The end of a frame."""
        if self._frame and self._writer_thread is not None:
            asked = self._shown and self.line.ask()
            if asked:
                self.write(PROBE)
            size, self._frame = self._frame, 0
            self.line.sent(size, asked=asked)

    def call(self, sentence: str) -> None:
        """Rings, and says why where the terminal can: a frame of its own, of a hundred bytes."""
        self.write(notice(sentence))
        self.flush()

    def process_message(self, message: Message) -> None:
        if isinstance(message, events.CursorPosition):
            self.line.answered()
            return
        if isinstance(message, events.Key):
            self.line.key()
        super().process_message(message)

    def run_input_thread(self) -> None:
        """Reads keys until told to stop, or until the terminal is gone."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        patience = constants.ESCAPE_DELAY
        while not self.exit_event.is_set():
            ready, _, _ = select.select([self.fileno], [], [], patience)
            if ready:
                raw = self._read()
                if not raw:
                    self._gone = True
                    self._loop.call_soon_threadsafe(self._app.post_message, HungUp())
                    return
                for message in parser.feed(decode(raw)):
                    self.process_message(message)
            for message in parser.tick():
                self.process_message(message)

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""


class HungUp(Message):
    """The terminal is gone."""
