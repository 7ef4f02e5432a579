"""A few threads for measurements made here; daemons, so that one stuck in the resolver keeps nobody from leaving."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")

_SIZE = 8


class Pool(Generic[T]):
    """Runs tasks side by side from the moment it is made; `results` waits for them, to a deadline.

    A task must not raise: it returns what went wrong.
    """

    def __init__(self, tasks: Mapping[str, Callable[[], T]]) -> None:
        self._waiting = len(tasks)
        self._done: queue.SimpleQueue[tuple[str, T]] = queue.SimpleQueue()
        self._todo: queue.SimpleQueue[tuple[str, Callable[[], T]]] = queue.SimpleQueue()
        for item in tasks.items():
            self._todo.put(item)
        for _ in range(min(_SIZE, len(tasks))):
            threading.Thread(target=self._work, name="sprocket-measure", daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                key, task = self._todo.get_nowait()
            except queue.Empty:
                return
            self._done.put((key, task()))

    def results(self, until: float) -> dict[str, T]:
        """What the tasks returned by `until` (time.monotonic); those that have not ended by then are left out."""
        found: dict[str, T] = {}
        while len(found) < self._waiting:
            try:
                key, result = self._done.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            found[key] = result
        return found
