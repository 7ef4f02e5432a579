"""What a job printed, read where it is needed: a compact index of a growing `output.jsonl`, and a few decoded lines.

The end is there at once, however large the file; what stands before it is indexed by a thread of its own in slices.
"""

from __future__ import annotations

import os
import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui.faces.tui import records

# Bytes that are read at once in a thread, and at the end when a file is opened: more there, up to a limit, while these
# are but a few lines.
SLICE = 1 << 18
_TAIL, _FARTHEST, _ENOUGH = 1 << 18, 1 << 22, 200
# Bytes taken in at most when asked what is new, so that keys are not kept waiting; the rest comes with the next time.
_NEWS = 1 << 21
# What one record takes most often.
_USUAL = 1 << 11
_KEPT = 1024
# Between two slices of a thread, in seconds: whoever reads keys goes first.
PAUSE = 0.0005
# A copied line beyond this, in bytes, is copied by its beginning.
_COPIED = 1 << 20


@dataclass(frozen=True)
class Line:
    """One line as it is shown, and when it came, in seconds since the epoch where that is known."""

    text: str
    at: float | None


@dataclass(frozen=True)
class Grown:
    """How many lines came before and after those there were; with `anew` it is another file, and none is as it was."""

    before: int = 0
    after: int = 0
    anew: bool = False


class LogFile:
    """The lines of one `output.jsonl`, by number. Raises OSError where the file is there and cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # -1 until the file is there, and when it is closed.
        self._file = -1
        self._index = records.Index()
        self._reading: _Reading | None = None
        # The end of the last whole record, and what the file was like when it was looked at last.
        self._end = 0
        self._seen = (0, 0)
        self._kept: OrderedDict[int, tuple[list[str], float | None]] = OrderedDict()
        self._open()

    @property
    def count(self) -> int:
        """How many lines there are; while the beginning is being read, those at the end."""
        return len(self._index.offsets)

    @property
    def reading(self) -> float | None:
        """How much of what stands before the lines is indexed, 0 to 1; None when all is."""
        return None if self._reading is None else self._reading.progress

    def line(self, number: int) -> Line:
        """One line, cut where it is very long."""
        lines, at = self._record(offset := self._index.offsets[number])
        return Line(lines[self._part(number, offset) if len(lines) > 1 else 0], at)

    def full(self, number: int) -> str:
        """One line, cut only beyond 1 MB; what to copy."""
        offset = self._index.offsets[number]
        size = self._index.long.get(offset)
        if size is not None and size > _COPIED:
            return records.beginning(self._pread(_COPIED, offset), size, _COPIED)
        said = records.text(self._whole(offset, size or records.LONG))
        return said if size is not None else said.split("\n")[self._part(number, offset)]

    def grow(self) -> Grown:
        """Takes in whole records that came since, at most 2 MB at once, and the beginning when it has been read."""
        if self._file < 0:
            self._open()
            return Grown(after=self.count)
        state = os.fstat(self._file)
        if state.st_size < self._end:
            self._start()
            return Grown(after=self.count, anew=True)
        before = self._front()
        if (state.st_size, state.st_mtime_ns) == self._seen:
            return Grown(before)
        data = whole_records(self._file, self._end, min(state.st_size, self._end + _NEWS), state.st_size)
        new = records.index(data, self._end)
        self._index.extend(new)
        self._end += len(data)
        # With more to come the file is to be looked at again though it stays as it is.
        if not data or self._end == state.st_size:
            self._seen = (state.st_size, state.st_mtime_ns)
        return Grown(before, len(new.offsets))

    def part(self, number: int) -> tuple[list[int], int]:
        """The offsets of a slice's worth of lines from `number` on, and the offset at which the last of them ends."""
        offsets = self._index.offsets
        if number >= len(offsets):
            return [], self._end
        last = bisect_right(offsets, offsets[number] + SLICE, number)
        return offsets[number:last].tolist(), offsets[last] if last < len(offsets) else self._end

    def descriptor(self) -> int:
        """Another descriptor of the same file, for a thread that reads and closes it. Raises OSError without a file."""
        return os.dup(self._file)

    def close(self) -> None:
        """Ends the reading; what runs of it stops within a slice."""
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _open(self) -> None:
        try:
            self._file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        self._start()

    def _start(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        self._kept.clear()
        state = os.fstat(self._file)
        begin, self._end, self._index = _tail(self._file, state.st_size)
        self._seen = (state.st_size, state.st_mtime_ns)
        if begin:
            self._reading = _Reading(self.descriptor(), begin)

    def _front(self) -> int:
        """Puts the beginning in front when all of it has been read; how many lines that are."""
        if self._reading is None or not self._reading.done:
            return 0
        front, self._reading = self._reading.index, None
        count = len(front.offsets)
        front.extend(self._index)
        self._index = front
        return count

    def _record(self, offset: int) -> tuple[list[str], float | None]:
        if offset in self._kept:
            self._kept.move_to_end(offset)
            return self._kept[offset]
        size = self._index.long.get(offset)
        if size is None:
            record = self._whole(offset, records.LONG)
            shown = records.lines(record)
        else:
            record = self._pread(records.HEAD, offset)
            shown = [records.beginning(record, size)]
        self._kept[offset] = ([records.literal(each) for each in shown], records.time(record))
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[offset]

    def _whole(self, offset: int, most: int) -> bytes:
        data = self._pread(_USUAL, offset)
        if b"\n" not in data:
            data = self._pread(most + 1, offset)
        return data[: data.find(b"\n") + 1]

    def _part(self, number: int, offset: int) -> int:
        """Which of its record's lines it is."""
        return number - bisect_left(self._index.offsets, offset)

    def _pread(self, count: int, offset: int) -> bytes:
        return os.pread(self._file, count, offset)


class _Reading:
    """Indexes the file from its beginning to `end` in a thread that does not hold up an exit."""

    def __init__(self, file: int, end: int) -> None:
        self.index = records.Index()
        self._file, self._at, self._end = file, 0, end
        self._stop = threading.Event()
        threading.Thread(target=self._run, name="log-index", daemon=True).start()

    @property
    def progress(self) -> float:
        return self._at / self._end

    @property
    def done(self) -> bool:
        return self._at >= self._end

    def cancel(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        try:
            while not self.done and not self._stop.wait(PAUSE):
                data = whole_records(self._file, self._at, min(self._at + SLICE, self._end), self._end)
                self.index.extend(records.index(data, self._at))
                # A file that was cut meanwhile is started anew by whoever reads its end.
                self._at = self._at + len(data) if data else self._end
        finally:
            os.close(self._file)


def whole_records(file: int, begin: int, end: int, limit: int) -> bytes:
    """The whole records from `begin` up to about `end`, and further to `limit` where one is longer than that."""
    while True:
        data = os.pread(file, end - begin, begin)
        kept = data[: data.rfind(b"\n") + 1]
        if kept or end >= limit or len(data) < end - begin:
            return kept
        end = min(limit, begin + 2 * (end - begin))


def _tail(file: int, size: int) -> tuple[int, int, records.Index]:
    """The last whole records: where they begin and end, and their lines."""
    reach = _TAIL
    while True:
        begin = max(size - reach, 0)
        data = os.pread(file, size - begin, begin)
        first = data.find(b"\n") + 1 if begin else 0
        last = data.rfind(b"\n") + 1
        if not begin or last > first:
            found = records.index(data[first:last], begin + first)
            if not begin or len(found.offsets) >= _ENOUGH or reach >= _FARTHEST:
                return begin + first, begin + last, found
        reach *= 2
