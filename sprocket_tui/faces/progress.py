"""How far a run of checks is: one line that is written over on a terminal, elsewhere a line every ten seconds."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TextIO

from sprocket_tui.terminal import one_line, shortened

_EVERY = 10.0
# On a terminal: nobody reads faster, and a slow line carries it.
_OFTEN = 0.5
_NAMED = 3


class Progress:
    """Counts what is wanted and measured; `clear` takes the line away before anything else is written.

    Several threads may tell it.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._over = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._began = clock()
        self._said = self._began
        self._names: dict[str, tuple[str, float]] = {}
        self._waiting: dict[str, tuple[str, float]] = {}
        self._shown = False
        self._lock = threading.Lock()

    def wanted(self, names: Mapping[str, str]) -> None:
        """See `Teller`."""
        new = {key: (one_line(name), self._clock()) for key, name in names.items()}
        with self._lock:
            self._names |= new
            self._waiting |= new

    def measured(self, key: str) -> None:
        """See `Teller`."""
        with self._lock:
            self._waiting.pop(key, None)

    def tick(self) -> None:
        """See `Teller`."""
        with self._lock:
            if self._waiting and self._clock() - self._said >= (_OFTEN if self._over else _EVERY):
                self._said = self._clock()
                self._write()

    def beside(self, target: str) -> Beside:
        """A teller for one of several targets that are measured at once."""
        return Beside(self, target)

    def clear(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False

    def line(self) -> str:
        """ "12 of 40 measured; waiting for: Port 443, DNS api.example (8 s) and 26 more" """
        oldest = sorted(self._waiting.values(), key=lambda each: each[1])
        named = ", ".join(dict.fromkeys(shortened(name, 40) for name, _ in oldest[:_NAMED]))
        seconds = self._clock() - oldest[0][1] if oldest else 0
        more = f" and {len(oldest) - _NAMED} more" if len(oldest) > _NAMED else ""
        done = len(self._names) - len(self._waiting)
        return f"{done} of {len(self._names)} measured; waiting for: {named}{more} ({seconds:.0f} s)"

    def _write(self) -> None:
        if self._over:
            room = max(20, _columns(self._stream) - 1)
            self._stream.write(f"\r\x1b[K{_fitting(shortened(self.line(), room - 2), self._stream)}")
            self._shown = True
        else:
            self._stream.write(f"{self.line()}\n")
        self._stream.flush()


def _columns(stream: TextIO) -> int:
    """How wide that terminal is; standard output may be another one, or none."""
    if not os.environ.get("COLUMNS"):
        with suppress(OSError, ValueError):
            if columns := os.get_terminal_size(stream.fileno()).columns:
                return columns
    return shutil.get_terminal_size().columns


def _fitting(text: str, stream: TextIO) -> str:
    """The text in signs that the stream has."""
    unicode = (stream.encoding or "utf-8").lower().replace("-", "").startswith("utf8")
    return text if unicode else text.replace("…", "...").encode("ascii", "replace").decode("ascii")


class Beside:
    """Tells the whole what is measured on one target, by the target's name."""

    def __init__(self, whole: Progress, target: str) -> None:
        self._whole, self._target = whole, target

    def wanted(self, names: Mapping[str, str]) -> None:
        """See `Teller`."""
        self._whole.wanted({self._key(key): f"{name} ({self._target})" for key, name in names.items()})

    def measured(self, key: str) -> None:
        """See `Teller`."""
        self._whole.measured(self._key(key))

    def tick(self) -> None:
        """See `Teller`."""
        self._whole.tick()

    def _key(self, key: str) -> str:
        return f"{self._target} {key}"
