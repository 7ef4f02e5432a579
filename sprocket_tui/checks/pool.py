"""Threads for measurements; daemons, so that one stuck in the resolver keeps nobody from leaving."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")

# They wait for the network and nothing else: a measurement that waits for another's thread only makes it late.
_SIZE = 64
_SLICE = 0.2


class Pool(Generic[T]):
    """Runs tasks side by side from the moment it is made; `results` waits for them.

    A task is given a function that takes what it has so far, and returns the rest, also what went wrong; what it raises
    all the same is raised by `results`.
    """

    def __init__(self, tasks: Mapping[str, Callable[[Callable[[T], None]], T]]) -> None:
        self._waiting = set(tasks)
        # Without a key it is a part.
        self._done: queue.SimpleQueue[tuple[str, T | BaseException]] = queue.SimpleQueue()
        self._todo: queue.SimpleQueue[tuple[str, Callable[[Callable[[T], None]], T]]] = queue.SimpleQueue()
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
            try:
                self._done.put((key, task(lambda part: self._done.put(("", part)))))
            except BaseException as error:
                self._done.put((key, error))

    def results(self, until: float, go_on: Callable[[], bool] = lambda: True) -> Iterator[T]:
        """What the tasks have, as it comes, until `until` (time.monotonic) or `go_on` says no; the rest is left.

        `go_on` is asked several times a second. What is there by the end is not left.
        """
        while self._waiting:
            left = until - time.monotonic() if go_on() else 0.0
            try:
                key, result = self._done.get(timeout=min(_SLICE, left)) if left > 0 else self._done.get_nowait()
            except queue.Empty:
                if left <= 0:
                    return
                continue
            self._waiting.discard(key)
            if isinstance(result, BaseException):
                raise result
            yield result
