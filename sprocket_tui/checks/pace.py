"""What a person hears of a run of checks while it goes on, and what ends it early."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

INTERRUPTED = "interrupted before it was measured"


class Teller(Protocol):
    """Is told in the thread that waits for the measurements."""

    def wanted(self, names: Mapping[str, str]) -> None:
        """These are being measured now: what a person calls them, by key."""

    def measured(self, key: str) -> None:
        """The answer to one of them is here."""

    def tick(self) -> None:
        """Time has passed; comes several times a second."""


@dataclass(frozen=True)
class Pace:
    """`until` (time.monotonic) all must have ended, `stopped` says whether a person wants it to end now."""

    until: float = math.inf
    stopped: Callable[[], bool] = lambda: False
    teller: Teller | None = None

    def go_on(self) -> bool:
        """Whether to wait on; lets the teller know that time has passed."""
        if self.teller:
            self.teller.tick()
        return not self.stopped()
