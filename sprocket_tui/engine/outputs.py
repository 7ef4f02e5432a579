"""What a job printed, kept beside the journal: reduced, cleaned, redacted lines with the raw offset behind each.

One file an attempt, `output.jsonl`, lines {"s": stream, "at": offset after the line, "t": when it came, "line": text or
null}; times are in seconds since the epoch, and earlier versions wrote none. The last whole record of a stream says
from where to follow on, so a kill between two lines loses and repeats nothing.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sprocket_tui import going_on
from sprocket_tui.actions.base import Progress, Reader
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.redaction import Keys, Redactor
from sprocket_tui.target.tail import Cursor
from sprocket_tui.terminal import clean_bytes

# How much of the notes is taken in at once, in bytes, so that a face that reads them answers keys meanwhile.
_SLICE = 1 << 18


class Output:
    """The store of one attempt. `take` is the follower's `on_line`; `clock` gives seconds since the epoch."""

    def __init__(
        self, directory: Path, reader: Reader, redactor: Redactor, clock: Callable[[], float] = time.time
    ) -> None:
        self._reader, self._redactor, self._clock = reader, redactor, clock
        self._keys = Keys()
        self.path = directory / "output.jsonl"
        self.progress_path = directory / "progress.jsonl"
        self.cursor = Cursor()
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        size = 0
        for stream, offset, line, end in _records(self.path):
            self.cursor.offsets[stream] = offset
            size = end
            if line is not None:
                self._keys.masked(stream, line)
                self._reader.feed(stream, line)
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._file, size)
        os.lseek(self._file, size, os.SEEK_SET)

    def take(self, stream: str, offset: int, raw: bytes) -> None:
        """Stores one raw line and passes it to the reader. Raises SprocketError when it cannot be stored."""
        text = clean_bytes(raw) if stream in ("out", "err") else raw.decode("utf-8", "replace")
        reduced = self._reader.reduce(stream, text)
        line = None if reduced is None else self._redactor.text(self._keys.masked(stream, reduced))
        document = {"s": stream, "at": offset, "t": round(self._clock(), 1), "line": line}
        self._write(self._file, json.dumps(document, ensure_ascii=False) + "\n")
        if line is not None:
            for progress in self._reader.feed(stream, line):
                self._note(progress)

    def close(self) -> None:
        os.close(self._file)

    def _note(self, progress: Progress) -> None:
        document = {"at": round(self._clock(), 1), **asdict(progress)}
        file = os.open(self.progress_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            self._write(file, json.dumps(document, ensure_ascii=False) + "\n")
        finally:
            os.close(file)

    def _write(self, file: int, text: str) -> None:
        try:
            data = text.encode()
            while data:
                data = data[os.write(file, data) :]
        except OSError as error:
            raise SprocketError(
                f"the output of the job cannot be kept: {self.path}: {error.strerror}",
                remedy=f"make room there, then `{going_on.command()}`; the job goes on",
                code=Exit.LINK_LOST,
            ) from error


def lines(directory: Path, streams: tuple[str, ...] = ("out", "err")) -> list[str]:
    """The stored lines of an attempt's streams, in order."""
    return [line for stream, _, line, _ in _records(directory / "output.jsonl") if stream in streams and line]


class Notes:
    """Follows the progress notes of one attempt: what a face shows of a running job.

    Each has the fields of `Progress`, and `at`, the time it was taken in, in seconds since the epoch.
    """

    def __init__(self, directory: Path) -> None:
        self._path, self._offset = directory / "progress.jsonl", 0

    def fresh(self) -> list[dict[str, Any]]:
        """The notes that came since the last call, a slice of them where there are many; none when all are read."""
        found: list[dict[str, Any]] = []
        try:
            with self._path.open("rb") as file:
                begun = file.seek(self._offset)
                while self._offset - begun < _SLICE and (line := file.readline()).endswith(b"\n"):
                    found.append(json.loads(line))
                    self._offset += len(line)
        except FileNotFoundError:
            pass
        return found


def _records(path: Path) -> Iterator[tuple[str, int, str | None, int]]:
    """(stream, offset, line, end of the record in bytes) of every whole record."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return
    end = 0
    for record in raw.splitlines(keepends=True):
        if not record.endswith(b"\n"):
            return
        end += len(record)
        document: dict[str, Any] = json.loads(record)
        yield document["s"], document["at"], document["line"], end
