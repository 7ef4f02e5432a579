"""What the servers around a droplet need of its inside, a sandbox or not."""

from __future__ import annotations

import signal
import socket
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Protocol


class Process:
    """A program inside. `ended` gives its exit status; a negative one is the signal that ended it."""

    def __init__(self, inside: Inside, pid: int, ended: Future[int]) -> None:
        self._inside, self.pid, self.ended = inside, pid, ended

    def signal(self, number: signal.Signals) -> None:
        """Signals the program and everything that stayed in its process group."""
        self._inside.kill(self.pid, number)


class Inside(Protocol):
    """Where programs of the droplet run."""

    def start(self, argv: Sequence[str], env: Mapping[str, str], files: Sequence[int], *, tty: bool = False) -> Process:
        """Starts a program in a session of its own; `files` are its standard input, output and error."""
        ...

    def connect(self, port: int) -> socket.socket | None:
        """A connection to that port inside; None when nobody listens there."""
        ...

    def kill(self, pid: int, number: signal.Signals) -> None:
        """Signals a process group inside."""
        ...

    def close(self) -> None:
        """Ends everything inside."""
        ...
