"""Which lines of a log are looked at, and what is looked for in them: the filter, the search and the hit it is at."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from sprocket_tui.faces.tui.logfile import Grown, LogFile
from sprocket_tui.faces.tui.logsearch import Scan


class Rows:
    """The lines that the filter lets pass, all without one, numbered as rows; `count` is as of the last `take_in`."""

    def __init__(self, file: LogFile) -> None:
        self.file = file
        self.count = 0
        self.filter: Scan | None = None
        self.search: Scan | None = None
        # The number of the line that the search is at; None before it is at one.
        self.hit: int | None = None
        self._sought = ""

    @property
    def busy(self) -> bool:
        """Whether the filter or the search is under way."""
        return any(not scan.done for scan in (self.filter, self.search) if scan is not None)

    @property
    def hits(self) -> Sequence[int]:
        """The numbers of the lines that the search has found so far."""
        return self.search.hits if self.search is not None else ()

    def advance(self) -> Grown:
        """Lets the file, the filter and the search go on; what is new of the file."""
        grown = self.file.grow()
        if grown.anew:
            self.let_pass(self.filter.needles[0] if self.filter is not None else "")
        for scan in (self.filter, self.search):
            if scan is not None:
                scan.advance()
        return grown

    def take_in(self) -> int:
        """Counts the rows there are now; how many there were."""
        before = self.count
        self.count = self.file.count if self.filter is None else len(self.filter.hits)
        return before

    def number(self, row: int) -> int:
        """The number of the line in a row."""
        if self.filter is None:
            return row
        return self.filter.hits[row] if row < len(self.filter.hits) else self.file.count

    def row(self, number: int) -> int:
        """The row of a line, or the one it would stand in."""
        return number if self.filter is None else bisect_left(self.filter.hits, number)

    def look_for(self, text: str) -> None:
        """Begins a search among what the filter lets pass; with nothing to look for there is none."""
        if self.search is not None:
            self.search.cancel()
        needles = self.filter.needles if self.filter is not None else ()
        self.search = Scan(self.file, [*needles, text]) if text else None
        self._sought, self.hit = text, None

    def let_pass(self, text: str) -> None:
        """Lets only lines pass that hold `text`, with nothing all of them; the search begins again."""
        if self.filter is not None:
            self.filter.cancel()
        self.filter = Scan(self.file, [text]) if text else None
        self.look_for(self._sought)
        self.take_in()

    def cancel(self) -> bool:
        """Stops what is under way; what it found stays. Whether there was something."""
        running = [scan for scan in (self.filter, self.search) if scan is not None and not scan.done]
        for scan in running:
            scan.cancel()
        return bool(running)

    def first_hit(self, here: int) -> int | None:
        """The first hit from the line `here` on, or when there is none in the whole file, the last before."""
        at = bisect_left(self.hits, here)
        if at < len(self.hits):
            return self.hits[at]
        return self.hits[-1] if self.hits and self.search is not None and self.search.done else None

    def next_hit(self, here: int, step: int) -> int | None:
        """The hit after the line `here` (-1: before it); round at the ends."""
        if not self.hits:
            return None
        at = bisect_left(self.hits, here)
        if step < 0 or (at < len(self.hits) and self.hits[at] == self.hit):
            at += step
        return self.hits[at % len(self.hits)]

    def found(self, shown: str) -> list[tuple[int, int]]:
        """Where what is looked for stands in a line, as far as it is shown."""
        if not self._sought:
            return []
        return [each.span() for each in re.finditer(re.escape(self._sought), shown, re.IGNORECASE)]
