"""The first connection of a route, begun in a thread: keys are agreed, and nobody is asked, or told who comes.

Whoever begins it can load what is needed meanwhile; `connect` takes the connection over.
"""

from __future__ import annotations

import math
import socket
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from sprocket_tui.errors import Unreachable
from sprocket_tui.target.ssh.address import SshTarget
from sprocket_tui.target.ssh.config import HostConfig
from sprocket_tui.target.ssh.dial import SLICE, dial, unresolved
from sprocket_tui.target.ssh.route import route_to

if TYPE_CHECKING:
    from sprocket_tui.target.ssh.host_key import HostKeys
    from sprocket_tui.target.ssh.transport import Wire

_ROUTE_TIMEOUT = 60.0

T = TypeVar("T")


class Approach:
    """A connection on its way. One that nobody takes over is closed once nobody holds it any more."""

    def __init__(self, target: SshTarget) -> None:
        self._way = _Way()
        self._forgotten = weakref.finalize(self, self._way.close)
        threading.Thread(target=self._way.go, args=(target,), name="ssh-approach", daemon=True).start()

    def route(self) -> tuple[HostConfig, ...]:
        """Every hop, the target last. Raises SprocketError (usage)."""
        late = "the SSH configuration did not answer in time"
        return _wait(self._way.route, _ROUTE_TIMEOUT, lambda: Unreachable(late))

    def agreed(self) -> tuple[HostKeys, Wire]:
        """The connection to the first hop, whose key nobody has looked at yet. Raises Unreachable."""
        first = self.route()[0]
        # The dialling thread keeps its own time; what it cannot end is a name lookup that hangs.
        _wait(self._way.socket, first.connect_timeout + 1, lambda: unresolved(first, "no answer"))
        agreed = _wait(self._way.agreed, math.inf, lambda: unresolved(first, "no answer"))
        self._forgotten.detach()
        return agreed

    def abandon(self) -> None:
        """Closes the connection, also one that is still to come."""
        self._forgotten()


class _Way:
    """What the thread of an approach comes to, one after the other; it knows nothing of who waits for it."""

    def __init__(self) -> None:
        self.route: Future[tuple[HostConfig, ...]] = Future()
        self.socket: Future[socket.socket] = Future()
        self.agreed: Future[tuple[HostKeys, Wire]] = Future()

    def go(self, target: SshTarget) -> None:
        route = _done(self.route, lambda: route_to(target))
        connection = _done(self.socket, lambda: dial(route[0])) if route else None
        if route and connection:
            _done(self.agreed, lambda: _agree(connection, route[0]))

    def close(self) -> None:
        # An agreement that is under way ends with its socket.
        self.socket.add_done_callback(_close_socket)
        self.agreed.add_done_callback(_shut_wire)


def begin(target: SshTarget) -> Approach:
    """Starts connecting to `target`; what takes time to load is loaded by the thread."""
    return Approach(target)


def _agree(connection: socket.socket, host: HostConfig) -> tuple[HostKeys, Wire]:
    from sprocket_tui.target.ssh.host_key import HostKeys  # noqa: PLC0415 (loads paramiko, which takes a tenth second)
    from sprocket_tui.target.ssh.transport import handshake  # noqa: PLC0415

    keys = HostKeys(host)
    return keys, handshake(connection, host, keys.algorithms)


def _done(future: Future[T], work: Callable[[], T]) -> T | None:
    """What `work` comes to, also told to whoever waits for `future`; None where that is an error."""
    try:
        made = work()
    except Exception as error:
        future.set_exception(error)
        return None
    future.set_result(made)
    return made


def _wait(future: Future[T], seconds: float, late: Callable[[], Unreachable]) -> T:
    deadline = time.monotonic() + seconds
    while not future.done():
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise late()
        with suppress(TimeoutError):
            return future.result(min(SLICE, remaining))
    return future.result()


def _close_socket(future: Future[socket.socket]) -> None:
    if future.exception() is None:
        future.result().close()


def _shut_wire(future: Future[tuple[HostKeys, Wire]]) -> None:
    if future.exception() is None:
        future.result()[1].shut()
