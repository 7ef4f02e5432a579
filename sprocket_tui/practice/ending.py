"""How a server and a walk end by a signal: the server as it is meant to, the walk by passing the signal on."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager, suppress
from types import FrameType

_ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)


class Told:
    """From now on TERM, QUIT, an interrupt and a lost terminal are no accident: they say that it is time to end."""

    def __init__(self) -> None:
        self._told, self._tell = socket.socketpair()
        for end in (self._told, self._tell):
            end.setblocking(False)
        signal.set_wakeup_fd(self._tell.fileno(), warn_on_full_buffer=False)
        for each in _ENDS:
            signal.signal(each, _noted)

    def wait(self, stdin: int | None) -> None:
        """Returns when told, or when standard input is closed; None is a process that never had one."""
        watched = [self._told.fileno(), *([] if stdin is None else [stdin])]
        while True:
            ready = select.select(watched, [], [])[0]
            if self._told.fileno() in ready or not os.read(ready[0], 4096):
                return


@contextmanager
def life() -> Generator[int]:
    """The end of a pipe that a child can read from: it closes when we end, by whatever."""
    told, tell = os.pipe()
    try:
        yield told
    finally:
        os.close(told)
        os.close(tell)


@contextmanager
def passing_on(child: subprocess.Popen[bytes]) -> Generator[None]:
    """Lets the child end by what we are told to end by, so that it can save; an interrupt reaches it by itself."""

    def pass_on(number: int, _frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            child.send_signal(number)

    before = {each: signal.signal(each, pass_on) for each in _ENDS if each != signal.SIGINT}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _noted(_number: int, _frame: FrameType | None) -> None:
    """The wake-up descriptor tells the loop."""
