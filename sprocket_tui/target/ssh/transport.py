"""One SSH connection on paramiko: quiet, with deadlines, and with words for every way in which it ends."""

from __future__ import annotations

import base64
import errno
import logging
import socket
import threading
import time
from collections.abc import Sequence

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from sprocket_tui.errors import Unreachable
from sprocket_tui.target.ssh.config import HostConfig
from sprocket_tui.target.ssh.dial import SLICE, USER_TIMEOUT
from sprocket_tui.target.ssh.host_key import OfferedKey
from sprocket_tui.terminal import clean_bytes, one_line

# Its log lines would reach the terminal through logging's last resort, and at DEBUG hold what was sent.
_log = logging.getLogger("paramiko")
_log.addHandler(logging.NullHandler())
_log.propagate = False
_log.setLevel(logging.CRITICAL + 1)

_HANDSHAKE_TIMEOUT = 15.0


class Wire(paramiko.Transport):
    """A transport that remembers why it ended."""

    _cause: Exception | None = None
    _greeting = b""

    @property
    def cause(self) -> Exception | None:
        """The exception that ended the connection; None when the other side closed it in order."""
        self._cause = self.get_exception() or self._cause
        return self._cause

    @property
    def greeting(self) -> str:
        """What the host tells everybody who logs in (the Banner of sshd), as far as `listen` heard it; cleaned."""
        return clean_bytes(self._greeting).strip()

    def listen(self) -> None:
        """Keeps what the host said during the last attempt to log in: it says so once, and the next one forgets it."""
        self._greeting = self.get_banner() or self._greeting

    def shut(self) -> None:
        """Closes the connection; also ends paramiko's handshake timer, which would hold up the end of the program."""
        self.packetizer.complete_handshake()
        self.close()
        self.sock.close()


def handshake(connection: socket.socket | paramiko.Channel, host: HostConfig, algorithms: Sequence[str]) -> Wire:
    """Agrees on keys with `host` over `connection`. Raises Unreachable, which says at which point it ended."""
    timeout = host.connect_timeout + _HANDSHAKE_TIMEOUT
    wire = Wire(connection)
    wire.get_security_options().key_types = algorithms
    wire.banner_timeout = host.connect_timeout
    wire.handshake_timeout = _HANDSHAKE_TIMEOUT
    agreed = threading.Event()
    started = time.monotonic()
    wire.start_client(event=agreed)
    while not agreed.wait(SLICE) and wire.is_active() and time.monotonic() < started + timeout:
        pass
    if wire.is_active() and agreed.is_set():
        return wire
    cause = wire.cause
    wire.shut()
    raise _failed(host, wire.remote_version, cause)


def offered_key(wire: Wire) -> OfferedKey:
    """The host key that the connection was agreed with."""
    key = wire.get_remote_server_key()
    blob = key.public_blob
    certificate = blob.key_type.encode() + b" " + base64.b64encode(blob.key_blob) if blob else b""
    return OfferedKey(kind=key.get_name(), key=key.asbytes(), certificate=certificate)


def ending(cause: Exception | None, where: str) -> str:
    """Why a connection to `where` ended, as a sentence: closed by the host is told from a silent network."""
    if cause is None or isinstance(cause, EOFError):
        return f"{where} closed the connection"
    if isinstance(cause, TimeoutError) or getattr(cause, "errno", None) == errno.ETIMEDOUT:
        return f"no answer from {where} for {USER_TIMEOUT} s: the network between is silent"
    if isinstance(cause, ConnectionError):
        return f"{where} closed the connection (reset)"
    if isinstance(cause, OSError) and cause.strerror:
        return f"the network to {where} failed: {cause.strerror}"
    return f"the connection to {where} broke: {one_line(str(cause)) or type(cause).__name__}"


def _failed(host: HostConfig, greeting: str, cause: Exception | None) -> Unreachable:
    if isinstance(cause, IncompatiblePeer):
        return Unreachable(
            f"{host.where} offers no algorithm that is still considered safe: {one_line(str(cause))}",
            remedy="the host's SSH server is too old; update it",
        )
    if not greeting:
        origin = cause.__context__ if cause is not None and cause.__context__ is not None else cause
        if isinstance(origin, TimeoutError):
            return Unreachable(
                f"{host.where} accepts connections but sent no SSH greeting within {host.connect_timeout:g} s",
                remedy="another service may listen on this port, or the host is overloaded",
            )
        if cause is not None and "protocol" in str(cause) and origin is cause:
            return Unreachable(f"{host.where} does not speak SSH", remedy="check the port")
        return Unreachable(
            f"{host.where} closed the connection before the SSH greeting",
            remedy="look at sshd's log on the host: too many connections (MaxStartups), a ban (fail2ban), "
            "or for a jump host or ProxyCommand, the way to it",
        )
    return Unreachable(f"no SSH session could be agreed: {ending(cause, host.where)}", remedy="look at sshd's log")
