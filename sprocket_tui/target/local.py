"""This machine as a target: the same scripts, run by a local `sh -s`."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from typing import IO

from sprocket_tui.errors import LinkLost
from sprocket_tui.person import login
from sprocket_tui.target.link import Completed, Identity

_SLICE = 1.0
_TIDYING = 0.3


class LocalLink:
    """A `Link` to this machine. Each script gets a session of its own, so that ending it ends what it started."""

    def __init__(self) -> None:
        self._closed = False

    @property
    def identity(self) -> Identity:
        return Identity(url="local", user=login(), host=socket.gethostname())

    def run(self, script: str, *, deadline: float, limit: int = 8 << 20) -> Completed:
        """See `Link.run`."""
        out, err = bytearray(), bytearray()

        def keep(buffer: bytearray) -> Callable[[bytes], None]:
            return lambda data: buffer.extend(data[: max(0, limit - len(buffer))])

        end = time.monotonic() + deadline
        status = self._feed(script, keep(out), keep(err), lambda _: end)
        return Completed(status, bytes(out), bytes(err))

    def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
        """See `Link.follow`."""
        err = bytearray()
        status = self._feed(script, on_output, err.extend, lambda heard: heard + silence)
        return Completed(status, b"", bytes(err))

    def close(self) -> None:
        """Ends a script that is being run or followed within a second; what it detached goes on."""
        self._closed = True

    def _feed(
        self,
        script: str,
        on_out: Callable[[bytes], None],
        on_err: Callable[[bytes], None],
        until: Callable[[float], float],
    ) -> int:
        process = subprocess.Popen(
            ["sh", "-s"],  # noqa: S607 the target's own sh, as over SSH
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdin and process.stdout and process.stderr
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(process.stdout, selectors.EVENT_READ, on_out)
                selector.register(process.stderr, selectors.EVENT_READ, on_err)
                _feed_in_background(selector, process.stdin, script.encode())
                self._pump(selector, until)
            status = process.wait()
        finally:
            if process.poll() is None:
                _end(process)
            for pipe in (process.stdin, process.stdout, process.stderr):
                pipe.close()
        return status if status >= 0 else 128 - status

    def _pump(self, selector: selectors.BaseSelector, until: Callable[[float], float]) -> None:
        heard = time.monotonic()
        while any(key.events & selectors.EVENT_READ for key in selector.get_map().values()):
            if self._closed:
                raise LinkLost("the local shell was closed")
            left = until(heard) - time.monotonic()
            if left <= 0:
                raise LinkLost("the local shell did not answer in time")
            for key, events in selector.select(min(left, _SLICE)):
                if events & selectors.EVENT_WRITE:
                    key.data()
                elif data := os.read(key.fd, 65536):
                    heard = time.monotonic()
                    key.data(data)
                else:
                    selector.unregister(key.fileobj)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asks first: a script that is told removes what it made. What it started and does not listen is ended with it."""
    os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_TIDYING)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _feed_in_background(selector: selectors.BaseSelector, pipe: IO[bytes], data: bytes) -> None:
    """Writes `data` to `pipe` as the selector finds room, then closes it; a reader that left early is no error."""
    os.set_blocking(pipe.fileno(), False)
    rest = memoryview(data)

    def write() -> None:
        nonlocal rest
        try:
            rest = rest[os.write(pipe.fileno(), rest[:65536]) :]
        except BrokenPipeError:
            rest = rest[:0]
        if not rest:
            selector.unregister(pipe)
            pipe.close()

    selector.register(pipe, selectors.EVENT_WRITE, write)
