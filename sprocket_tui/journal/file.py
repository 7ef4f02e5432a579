"""The journal on disk: JSON Lines, one flocked writer, each line carrying a checksum of the line before.

A line is {"schema", "seq", "at", "kind", "data", "prev"}. Decisions are synced before `append` returns. A torn last
line (power, full disk) is dropped when the file is next opened; anything else that does not fit is an error.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sprocket_tui import going_on
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.journal.events import Event, Fact, read

SCHEMA = 1
_FIRST = "0" * 16


class Journal:
    """An open journal: appends, and answers what came after a sequence number (from any thread)."""

    def __init__(self, path: Path, descriptor: int, events: list[Event], prev: str, size: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._events = events
        self._prev = prev
        self._size = size
        self.dropped = ""

    @classmethod
    def open(cls, path: Path) -> Self:
        """Opens for writing, creating it if need be. Raises SprocketError (LOCKED) while another process writes it."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(descriptor, path)
            raw = path.read_bytes()
            events, prev, size = _parse(raw, path)
            journal = cls(path, descriptor, events, prev, size)
            if size < len(raw):
                journal.dropped = f"{len(raw) - size} bytes of a line that was cut off"
                os.ftruncate(descriptor, size)
            os.lseek(descriptor, size, os.SEEK_SET)
        except BaseException:
            os.close(descriptor)
            raise
        return journal

    def append(self, fact: Fact) -> Event:
        """Writes one event. Raises SprocketError when it could not be saved; the journal is then as it was before."""
        event = Event(len(self._events) + 1, _now(), fact)
        line = _line(event, self._prev)
        try:
            _write(self._descriptor, line)
            if fact.decision:
                os.fsync(self._descriptor)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
                os.lseek(self._descriptor, self._size, os.SEEK_SET)
            raise SprocketError(
                f"the run cannot be saved: {self.path}: {error.strerror}",
                remedy=f"make room there, then `{going_on.command()}`; nothing was started that is not in the journal",
                code=Exit.INTERNAL,
            ) from error
        self._prev = _checksum(line)
        self._size += len(line)
        self._events.append(event)
        return event

    def since(self, seq: int) -> list[Event]:
        """The events after `seq`."""
        return self._events[seq:]

    def lines_since(self, seq: int) -> bytes:
        """The raw lines after `seq`, for the mirror on the target."""
        return b"".join(self.path.read_bytes().splitlines(keepends=True)[seq : len(self._events)])

    def close(self) -> None:
        os.close(self._descriptor)


def events_in(path: Path) -> tuple[Event, ...]:
    """The events of a journal that this process does not write; a line that is being written is left out."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SprocketError(f"{path}: {error.strerror}", code=Exit.USAGE) from error
    return tuple(_parse(raw, path)[0])


def events_of(raw: bytes) -> tuple[Event, ...]:
    """The events of a journal that was fetched. Raises SprocketError where it is damaged."""
    return tuple(_parse(raw, Path("the copy on the target"))[0])


def is_written(path: Path) -> bool:
    """Whether a process holds the journal open for writing."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def by(path: Path) -> str:
    """ " (pid N)" of the process that holds the journal for writing; "" where the system does not tell."""
    with contextlib.suppress(OSError):
        mine = path.stat()
        for row in map(str.split, Path("/proc/locks").read_text(encoding="ascii").splitlines()):
            if row[1] == "FLOCK" and row[5].rpartition(":")[2] == str(mine.st_ino) and _has_open(row[4], mine):
                return f" (pid {row[4]})"
    return ""


def _has_open(pid: str, file: os.stat_result) -> bool:
    """Inode numbers are a file system's own: another one's file may have the same."""
    with contextlib.suppress(OSError):
        return any(os.path.samestat(each.stat(), file) for each in Path("/proc", pid, "fd").iterdir())
    return False


def longest_chain(raw: bytes) -> bytes:
    """The valid journal within a mirror whose appends may have been repeated or cut off."""
    kept: list[bytes] = []
    prev = _FIRST
    for line in raw.splitlines(keepends=True):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            document: dict[str, Any] = json.loads(line)
            if line.endswith(b"\n") and document["prev"] == prev and document["seq"] == len(kept) + 1:
                kept.append(line)
                prev = _checksum(line)
    return b"".join(kept)


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SprocketError(
            f"run {path.parent.name} is being driven by another sprocket-tui on this machine{by(path)}",
            remedy=f"go on there, or end that process first; {going_on.meanwhile()}",
            code=Exit.LOCKED,
        ) from error


def _parse(raw: bytes, path: Path) -> tuple[list[Event], str, int]:
    """The events, the checksum of the last line, and how many bytes they take; the rest is a torn line."""
    events: list[Event] = []
    prev, size = _FIRST, 0
    for number, line in _whole_lines(raw):
        try:
            document: dict[str, Any] = json.loads(line)
            good = document["prev"] == prev and document["seq"] == number and document["schema"] == SCHEMA
            fact = read(document["kind"], document["data"]) if good else None
        except (ValueError, KeyError, TypeError):
            good, fact, document = False, None, {}
        if not good:
            if size + len(line) == len(raw):
                break
            raise SprocketError(
                f"{path}:{number}: the journal is damaged here",
                remedy=f"`sprocket-tui resume {path.parent.name} --target ...` takes the copy on the target instead",
                code=Exit.USAGE,
            )
        if fact is None:
            raise SprocketError(
                f"{path}:{number}: written by a newer sprocket-tui ({document['kind']})",
                remedy="resume with the version that wrote it",
                code=Exit.USAGE,
            )
        events.append(Event(number, document["at"], fact))
        prev, size = _checksum(line), size + len(line)
    return events, prev, size


def _whole_lines(raw: bytes) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(raw.splitlines(keepends=True), start=1):
        if line.endswith(b"\n"):
            yield number, line


def _line(event: Event, prev: str) -> bytes:
    document = {
        "schema": SCHEMA,
        "seq": event.seq,
        "at": event.at,
        "kind": event.fact.kind,
        "data": event.fact.data(),
        "prev": prev,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _checksum(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()[:16]


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
