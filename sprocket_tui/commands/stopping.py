"""A signal that ends a measurement early and leaves what there is of it; a second one ends the program."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Stopping:
    """`number` is the signal that came, 0 without one."""

    def __init__(self) -> None:
        self.number = 0
        self._raises = False
        self._before: dict[int, Any] = {}

    @contextmanager
    def heard(self) -> Generator[None]:
        """Within it the first signal is only kept."""
        # What was to be ignored stays so: nohup means it.
        heard = [number for number in _NUMBERS if signal.getsignal(number) != signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._on_signal) for number in heard}
        try:
            yield
        finally:
            for number, handler in self._before.items():
                signal.signal(number, handler)

    @contextmanager
    def raised(self) -> Generator[None]:
        """Within it a signal raises KeyboardInterrupt as well: what waits there looks at nothing else."""
        self._raises = True
        try:
            if self.number:
                raise KeyboardInterrupt
            yield
        finally:
            self._raises = False

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.number:
            handler: Callable[[int, FrameType | None], Any] | int | None = self._before[number]
            if callable(handler):
                handler(number, frame)
            raise KeyboardInterrupt
        self.number = number
        if self._raises:
            raise KeyboardInterrupt
