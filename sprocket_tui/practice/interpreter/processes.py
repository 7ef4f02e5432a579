"""Processes that are none of the system's: each a thread of ours, or a part of one, with a number and signals."""

from __future__ import annotations

import errno
import itertools
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future

from sprocket_tui.practice.interpreter.streams import TICK, Descriptors
from sprocket_tui.practice.standins.network import LAST_PID

# How many run at a time, and of them in one session: one that forks for ever leaves the others room.
_MOST, _MOST_OF_A_SESSION = 600, 200
_FIRST = LAST_PID + 1
_TICKS = 100
# What a signal does that nobody has asked about: nothing, or the end.
_IGNORED = (signal.SIGCHLD, signal.SIGCONT, signal.SIGWINCH, signal.SIGURG)

Handler = Callable[[int], None] | None


class Ended(BaseException):
    """The process that this thread carries out has ended; it goes no further."""

    def __init__(self, process: Process) -> None:
        super().__init__()
        self.process = process


class Process:
    """One process. `handlers` says what a signal does: a function, or None where it is ignored; else its default."""

    def __init__(self, table: Table, parent: Process | None, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        self.table, self.parent = table, parent
        self.pid = table.number()
        self.argv, self.environ = list(argv), dict(environ)
        self.group = parent.group if parent else self.pid
        self.session = parent.session if parent else self.pid
        self.directory, self.umask = (parent.directory, parent.umask) if parent else ("/root", 0o022)
        self.files: Descriptors = parent.files.copy() if parent else Descriptors()
        self.began = table.ticks()
        self.handlers: dict[int, Handler] = (
            {number: None for number, handler in parent.handlers.items() if handler is None} if parent else {}
        )
        self.ended = Future[int]()

    @property
    def name(self) -> str:
        """Its short name, as the kernel shows it."""
        return self.argv[0].rpartition("/")[2].lstrip("-")[:15]

    @property
    def status(self) -> int | None:
        """How it ended: its exit status, or the negative number of the signal; None while it runs."""
        return self.ended.result() if self.ended.done() else None

    def alive(self) -> None:
        """Raises Ended when it has ended: somebody killed it."""
        if self.ended.done():
            raise Ended(self)

    def become(self, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        """What `exec` does: another program, the same process; handlers are forgotten, ignored signals stay so."""
        self.argv, self.environ = list(argv), dict(environ)
        self.handlers: dict[int, Handler] = {
            number: handler for number, handler in self.handlers.items() if handler is None
        }

    def signal(self, number: int) -> None:
        """Takes a signal."""
        if self.ended.done() or number == 0:
            return
        if number != signal.SIGKILL and number in self.handlers:
            handler = self.handlers[number]
            if handler is not None:
                handler(number)
                self.table.tell()
        elif number not in _IGNORED:
            self.end(-number)

    def end(self, status: int) -> None:
        """Ends it with that status; the first end counts."""
        if not self.table.leave(self, status):
            return
        self.files.close()

    def pause(self, seconds: float | None, until: Callable[[], bool] = lambda: False) -> bool:
        """Waits so long, or until something holds; whether it does. Raises Ended."""
        return self.table.wait(self, seconds, until)


class Table:
    """All processes that run, on a machine that had been up for so many seconds."""

    def __init__(self, up: float = 0.0) -> None:
        self.boot = str(uuid.uuid4())
        self._numbers = itertools.count(_FIRST)
        self._began = time.monotonic() - up
        self._running = dict[int, Process]()
        self._changed = threading.Condition(threading.RLock())
        self._closed = False

    def number(self) -> int:
        """A number that no process had before."""
        return next(self._numbers)

    def ticks(self) -> int:
        """The time since the machine began, as the kernel counts it."""
        return int((time.monotonic() - self._began) * _TICKS)

    def start(self, parent: Process | None, argv: Sequence[str], environ: Mapping[str, str]) -> Process:
        """A new process, which nobody carries out yet. Raises OSError where there are too many, or none any more."""
        with self._changed:
            session = sum(each.session == parent.session for each in self._running.values()) if parent else 0
            if self._closed or len(self._running) >= _MOST or session >= _MOST_OF_A_SESSION:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            made = Process(self, parent, argv, environ)
            self._running[made.pid] = made
            return made

    def leave(self, process: Process, status: int) -> bool:
        """Takes an ended process away, and tells who waits; False when it had ended before."""
        with self._changed:
            if process.ended.done():
                return False
            self._running.pop(process.pid, None)
            process.ended.set_result(status)
            self._changed.notify_all()
            return True

    def tell(self) -> None:
        """Something happened that somebody may wait for."""
        with self._changed:
            self._changed.notify_all()

    def wait(self, process: Process, seconds: float | None, until: Callable[[], bool]) -> bool:
        """See `Process.pause`."""
        end = None if seconds is None else time.monotonic() + seconds
        with self._changed:
            while True:
                process.alive()
                if until():
                    return True
                left = TICK * 10 if end is None else end - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, TICK * 10))

    def running(self) -> list[Process]:
        """Every process, the oldest first."""
        with self._changed:
            return list(self._running.values())

    def find(self, pid: int) -> Process | None:
        """The running process with that number."""
        return self._running.get(pid)

    def named(self, pid: int, process: Process | None = None) -> Iterable[Process]:
        """Those that `kill` means by a number: one, a group (negative, or 0 for one's own), or all others (-1)."""
        running = self.running()
        if pid > 0:
            return [each for each in running if each.pid == pid]
        if pid == -1:
            return [each for each in running if each is not process]
        group = -pid or (process.group if process else 0)
        return [each for each in running if each.group == group]

    def close(self) -> None:
        """Ends them all."""
        with self._changed:
            self._closed = True
        for each in self.running():
            each.end(-signal.SIGKILL)
