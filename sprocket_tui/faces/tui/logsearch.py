"""Looks for text in a log beside the screen: in slices, in a thread that can be cancelled; hits as they are found."""

from __future__ import annotations

import json
import os
import threading
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from sprocket_tui.faces.tui import records
from sprocket_tui.faces.tui.logfile import PAUSE, LogFile

_BEGIN = '"line": "'
# So few lines are looked through at once, without a thread.
_FEW = 2000


class Scan:
    """The numbers of the lines that hold every one of `needles`, literally, whatever their case; `hits` grows in order.

    It begins when the whole file is indexed, and goes on with what is appended each time `advance` is called.
    """

    def __init__(self, file: LogFile, needles: Sequence[str]) -> None:
        self.needles = tuple(needles)
        self.hits: array[int] = array("Q")
        self.cancelled = False
        self._file = file
        self._folded = [each.casefold() for each in needles]
        self._written = [json.dumps(each, ensure_ascii=False)[1:-1].casefold() for each in needles]
        # What may be found in the end of a record though its line does not hold it.
        self._framing = any("}" in each or '"' in each for each in needles)
        self._upto = 0
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    @property
    def done(self) -> bool:
        """Whether every line there is has been looked at, or none will be any more."""
        return self.cancelled or (self._file.reading is None and self._upto >= self._file.count)

    @property
    def progress(self) -> float:
        """How much of the file has been looked through, 0 to 1."""
        return self._upto / self._file.count if self._file.count and self._file.reading is None else 0.0

    def advance(self) -> None:
        """Goes on where there is more to look at; called from one thread, as often as one likes."""
        if self.done or self._file.reading is not None or self._running():
            return
        if self._file.count - self._upto <= _FEW:
            self._look(self._file.descriptor(), threading.Event())
        else:
            self._thread = threading.Thread(
                target=self._look, args=(self._file.descriptor(), self._stop), name="log-search", daemon=True
            )
            self._thread.start()

    def cancel(self) -> None:
        """Stops within a slice; the hits so far stay."""
        self.cancelled = True
        self._stop.set()

    def _running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _look(self, file: int, stop: threading.Event) -> None:
        try:
            while self._upto < self._file.count and not stop.is_set():
                offsets, end = self._file.part(self._upto)
                if not offsets:
                    break
                data = os.pread(file, end - offsets[0], offsets[0])
                self.hits.extend(self._upto + each for each in self._holding(offsets, data))
                self._upto += len(offsets)
                if self._running():
                    stop.wait(PAUSE)
        finally:
            os.close(file)

    def _holding(self, offsets: list[int], data: bytes) -> Iterator[int]:
        """Which of these lines match; most records are passed over as they stand there, without being taken apart."""
        folded = data.decode("utf-8", "replace").casefold()
        if not all(each in folded for each in self._written):
            return
        begin, first = offsets[0], 0
        for record, looked_at in zip(data.split(b"\n"), folded.split("\n"), strict=True):
            said = looked_at.find(_BEGIN) + len(_BEGIN)
            if all(looked_at.find(each, said) >= 0 for each in self._written):
                first = bisect_left(offsets, begin, first)
                if first < len(offsets) and offsets[first] == begin:
                    yield from (first + part for part in self._parts(record + b"\n"))
            begin += len(record) + 1

    def _parts(self, record: bytes) -> list[int]:
        """Which lines of one record match."""
        if b"\\" not in record and not self._framing:
            return [0]
        said = records.text(record).casefold()
        # A long record is one line though there are line breaks in it.
        lines = [said] if len(record) > records.LONG + 1 else said.split("\n")
        return [part for part, line in enumerate(lines) if all(each in line for each in self._folded)]
