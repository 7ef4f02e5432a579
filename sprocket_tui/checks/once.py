"""What several threads want to know alike: the first that asks finds out, the others wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Keeps what was found by key for as long as it lives; may be used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[Hashable, Future[T]] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is of that key, made here if nobody has; raises what `make` raised."""
        with self._lock:
            made, mine = self._made.get(key), False
            if made is None:
                made, mine = Future[T](), True
                self._made[key] = made
        if mine:
            try:
                made.set_result(make())
            except BaseException as error:
                made.set_exception(error)
        return made.result()
