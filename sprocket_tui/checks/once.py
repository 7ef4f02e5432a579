"""What is measured from here for several targets at once: the first that asks measures, the others wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

from sprocket_tui.checks.observation import Observation


class Once:
    """Keeps observations by key for as long as it lives; may be used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, Future[Observation]] = {}

    def get(self, key: str, make: Callable[[], Observation]) -> Observation:
        """The observation of that key, made here if nobody has; raises what `make` raised."""
        with self._lock:
            made, mine = self._made.get(key), False
            if made is None:
                made, mine = Future[Observation](), True
                self._made[key] = made
        if mine:
            try:
                made.set_result(make())
            except BaseException as error:
                made.set_exception(error)
        return made.result()
