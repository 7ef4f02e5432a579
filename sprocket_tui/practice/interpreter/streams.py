"""What a descriptor stands for: files, text held in memory, and pipes, which are none of the system's."""

from __future__ import annotations

import errno
import os
import select
import threading
from collections.abc import Callable, Iterator

from sprocket_tui.practice.interpreter.limits import MOST

CHUNK = 65536
# How often somebody who waits looks whether his process has ended, in seconds.
TICK = 0.05
_CAPACITY = 65536

Alive = Callable[[], None]


class Stream:
    """Something open. It is closed when nobody holds it any more; `alive` raises when the process has ended."""

    def __init__(self) -> None:
        self._holders = 0
        self._counting = threading.Lock()

    @property
    def interactive(self) -> bool:
        """Whether a person sits at it."""
        return False

    def held(self) -> Stream:
        """Itself, with one holder more."""
        with self._counting:
            self._holders += 1
        return self

    def released(self) -> None:
        """One holder less."""
        with self._counting:
            self._holders -= 1
            last = self._holders == 0
        if last:
            self.close()

    def read(self, size: int, alive: Alive) -> bytes:
        """Up to `size` bytes, b"" at the end. Raises OSError."""
        raise _bad()

    def write(self, data: bytes, alive: Alive) -> None:
        """All of it. Raises OSError, BrokenPipeError among them."""
        raise _bad()

    def close(self) -> None:
        """Lets go of it."""


class Null(Stream):
    """/dev/null, or with `fill` /dev/zero."""

    def __init__(self, fill: bytes = b"") -> None:
        super().__init__()
        self._fill = fill

    def read(self, size: int, alive: Alive) -> bytes:
        return self._fill * min(size, CHUNK)

    def write(self, data: bytes, alive: Alive) -> None:
        return


class Text(Stream):
    """Something to read that is held in memory."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data, self._at = data, 0

    def read(self, size: int, alive: Alive) -> bytes:
        found = self._data[self._at : self._at + size]
        self._at += len(found)
        return found


class Captured(Stream):
    """Takes what is written for `$(...)`; not `whole` once that was more than is held."""

    def __init__(self) -> None:
        super().__init__()
        self.data, self.whole = bytearray(), True

    def write(self, data: bytes, alive: Alive) -> None:
        if len(self.data) + len(data) > MOST:
            self.whole = False
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
        self.data += data


class Opened(Stream):
    """A descriptor of the system's, of a file of the droplet or of its SSH server; ours to close.

    It never waits in a call, and is closed between two: whoever ends a process closes what its thread may be using.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number, self._closed = number, False
        self._using = threading.Lock()
        os.set_blocking(number, False)

    @property
    def interactive(self) -> bool:
        return os.isatty(self._number)

    def read(self, size: int, alive: Alive) -> bytes:
        while True:
            try:
                with self._using:
                    return os.read(self._usable(), min(size, CHUNK))
            except BlockingIOError:
                alive()
                select.select([self._number], [], [], TICK)

    def write(self, data: bytes, alive: Alive) -> None:
        rest = memoryview(data)
        while rest:
            try:
                with self._using:
                    rest = rest[os.write(self._usable(), rest[:CHUNK]) :]
            except BlockingIOError:
                alive()
                select.select([], [self._number], [], TICK)

    def close(self) -> None:
        with self._using:
            self._closed = True
            os.close(self._number)

    def _usable(self) -> int:
        if self._closed:
            raise _bad()
        return self._number


def _bad() -> OSError:
    return OSError(errno.EBADF, os.strerror(errno.EBADF))


class _Pipe:
    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.data = bytearray()
        self.read_from = self.written_to = True


class ReadEnd(Stream):
    """Where a pipe's bytes come out."""

    def __init__(self, pipe: _Pipe) -> None:
        super().__init__()
        self._pipe = pipe

    def read(self, size: int, alive: Alive) -> bytes:
        pipe = self._pipe
        with pipe.changed:
            while not pipe.data and pipe.written_to:
                pipe.changed.wait(TICK)
                alive()
            found = bytes(pipe.data[:size])
            del pipe.data[:size]
            pipe.changed.notify_all()
        return found

    def close(self) -> None:
        with self._pipe.changed:
            self._pipe.read_from = False
            self._pipe.changed.notify_all()


class WriteEnd(Stream):
    """Where they go in; it takes no more than a pipe of the system's."""

    def __init__(self, pipe: _Pipe) -> None:
        super().__init__()
        self._pipe = pipe

    def write(self, data: bytes, alive: Alive) -> None:
        pipe, at = self._pipe, 0
        with pipe.changed:
            while at < len(data):
                if not pipe.read_from:
                    raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
                room = _CAPACITY - len(pipe.data)
                if room <= 0:
                    pipe.changed.wait(TICK)
                    alive()
                    continue
                pipe.data += data[at : at + room]
                at += room
                pipe.changed.notify_all()

    def close(self) -> None:
        with self._pipe.changed:
            self._pipe.written_to = False
            self._pipe.changed.notify_all()


def pipe() -> tuple[ReadEnd, WriteEnd]:
    """Both ends of a new pipe."""
    made = _Pipe()
    return ReadEnd(made), WriteEnd(made)


class Descriptors:
    """The open descriptors of one process, by number."""

    def __init__(self) -> None:
        self._open = dict[int, Stream]()

    def copy(self) -> Descriptors:
        """The same streams, for a child."""
        made = Descriptors()
        made._open = {number: stream.held() for number, stream in self._open.items()}
        return made

    def get(self, number: int) -> Stream:
        """The stream. Raises OSError where none is open."""
        try:
            return self._open[number]
        except KeyError:
            raise _bad() from None

    def find(self, number: int) -> Stream | None:
        """The stream, if one is open."""
        return self._open.get(number)

    def put(self, number: int, stream: Stream | None) -> None:
        """Opens the number for a stream, or closes it."""
        if stream is not None:
            stream.held()
        before = self._open.pop(number, None)
        if stream is not None:
            self._open[number] = stream
        if before is not None:
            before.released()

    def close(self) -> None:
        """Closes all."""
        for number in list(self._open):
            self.put(number, None)

    def __iter__(self) -> Iterator[int]:
        return iter(list(self._open))
