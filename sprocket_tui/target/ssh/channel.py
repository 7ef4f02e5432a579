"""Runs one script in one channel: input goes in by a thread of its own, output is drained by one loop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import paramiko

from sprocket_tui.errors import Unreachable
from sprocket_tui.target.ssh.dial import SLICE
from sprocket_tui.target.ssh.transport import Wire
from sprocket_tui.terminal import one_line

# The outer shell turns the end of the inner one by a signal into 128 + n, which paramiko would not tell.
COMMAND = "sh -c 'sh -s; exit $?'"
_CHUNK = 64 * 1024
# After the exit status, output that is still under way may take this long between two pieces.
_TRAIL = 2.0

Taker = Callable[[bytes], None]


class NoAnswerError(Exception):
    """The host was silent for too long; `seconds` is how long was waited."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class EndedError(Exception):
    """The connection, or the channel in it, ended without an exit status."""


class _Bell(threading.Event):
    """Rings when a stream has something. paramiko clears it on its own account; only the reader may."""

    def clear(self) -> None:
        pass

    def rearm(self) -> None:
        super().clear()


class Script:
    """One running script. `allowance()` is how many seconds may still pass, asked again before each wait."""

    def __init__(self, wire: Wire, take_out: Taker, take_err: Taker) -> None:
        self._wire = wire
        self._takers = (take_out, take_err)
        self._bell = _Bell()
        self.last_byte = time.monotonic()

    def run(self, script: bytes, allowance: Callable[[], float], limit: float) -> int:
        """The exit status. Raises NoAnswerError after `limit` seconds as `allowance` counts them, or EndedError."""
        channel = self._open(allowance, limit)
        feeder = threading.Thread(target=self._feed, args=(channel, script), name="ssh-stdin", daemon=True)
        try:
            channel.in_buffer.set_event(self._bell)
            channel.in_stderr_buffer.set_event(self._bell)
            feeder.start()
            return self._drain(channel, allowance, limit)
        finally:
            # On a thread, because a frozen host can block the message that closes a channel.
            threading.Thread(target=_close, args=(channel,), name="ssh-close", daemon=True).start()

    def _open(self, allowance: Callable[[], float], limit: float) -> paramiko.Channel:
        try:
            return self._wire.open_session(timeout=max(0.1, allowance()))
        except paramiko.ChannelException as refused:
            raise Unreachable(
                f"the host refused a session: {one_line(refused.text)}", remedy="look at MaxSessions in its sshd_config"
            ) from None
        except (paramiko.SSHException, OSError, EOFError):
            if self._wire.is_active():
                raise NoAnswerError(limit) from None
            raise EndedError from None

    def _feed(self, channel: paramiko.Channel, script: bytes) -> None:
        # When the script or the connection ends first, the reader tells which.
        with suppress(OSError, EOFError, paramiko.SSHException):
            channel.exec_command(COMMAND)
            channel.sendall(script)
            channel.shutdown_write()

    def _drain(self, channel: paramiko.Channel, allowance: Callable[[], float], limit: float) -> int:
        while True:
            self._bell.rearm()
            if self._take(channel):
                continue
            exited = channel.status_event.is_set()
            if channel.closed or (exited and (channel.eof_received or self._quiet() > _TRAIL)):
                return self._status(channel)
            remaining = allowance()
            if remaining <= 0:
                raise NoAnswerError(limit)
            if channel.eof_received:
                channel.status_event.wait(min(SLICE, remaining))
            else:
                self._bell.wait(min(SLICE, remaining))

    def _take(self, channel: paramiko.Channel) -> bool:
        out = channel.recv(_CHUNK) if channel.recv_ready() else b""
        err = channel.recv_stderr(_CHUNK) if channel.recv_stderr_ready() else b""
        if not out and not err:
            return False
        self.last_byte = time.monotonic()
        for taker, piece in zip(self._takers, (out, err), strict=True):
            if piece:
                taker(piece)
        return True

    def _quiet(self) -> float:
        return time.monotonic() - self.last_byte

    def _status(self, channel: paramiko.Channel) -> int:
        if channel.exit_status >= 0:
            return channel.exit_status
        if self._wire.is_active() and not channel.event_ready:
            raise Unreachable("the host refused to run a command", remedy="look at ForceCommand and the login's shell")
        raise EndedError


def _close(channel: paramiko.Channel) -> None:
    with suppress(OSError, EOFError, paramiko.SSHException):
        channel.close()
