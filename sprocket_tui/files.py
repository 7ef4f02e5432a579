"""Reads a file that somebody named: it may be anything that a path can lead to, and must end."""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from pathlib import Path

# More than anybody writes by hand.
LARGEST = 16 << 20
# As long as who writes into a pipe may be silent, in seconds: a person may have to unlock a vault first.
PATIENCE = 60.0
_PIECE = 1 << 20


def whole(path: Path, most: int = LARGEST, *, patience: float = PATIENCE) -> bytes:
    """All of a file, or of a pipe that somebody writes to, of at most `most` bytes.

    Raises OSError with a reason as in "cannot be read: REASON": nobody writes to a pipe, nothing came for `patience`
    seconds, or it is larger; the last is also what a device without an end comes to.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = _read(descriptor, path, most, patience)
        if not found and stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            raise OSError(errno.EPIPE, "it is a pipe that nobody writes to", str(path))
    finally:
        os.close(descriptor)
    return found


def _read(descriptor: int, path: Path, most: int, patience: float) -> bytes:
    pieces: list[bytes] = []
    size, until = 0, time.monotonic() + patience
    while True:
        try:
            piece = os.read(descriptor, _PIECE)
        except BlockingIOError:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise OSError(errno.ETIMEDOUT, f"nothing came out of it for {patience:.0f} s", str(path)) from None
            continue
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        size, until = size + len(piece), time.monotonic() + patience
        if size > most:
            raise OSError(errno.EFBIG, f"it is larger than {_size(most)}", str(path))


def text(path: Path, most: int = LARGEST) -> str:
    """The same of a UTF-8 text, its lines ended as ours. Raises OSError and UnicodeDecodeError."""
    return whole(path, most).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def _size(most: int) -> str:
    return f"{most >> 20} MiB" if most >= 1 << 20 else f"{most} bytes"
