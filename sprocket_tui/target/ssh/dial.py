"""Opens a connection to one host: name lookup, TCP or a ProxyCommand; nothing but the standard library."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

from sprocket_tui.errors import Unreachable
from sprocket_tui.target.ssh.config import HostConfig

SLICE = 0.5
USER_TIMEOUT = 15
_KEEPALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPALIVE": 5, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}


def dial(host: HostConfig) -> socket.socket:
    """A connected, tuned socket to `host`. Raises Unreachable, which says refused, silent or not resolved."""
    if host.proxy_command:
        return _through_command(host)
    deadline = time.monotonic() + host.connect_timeout
    try:
        addresses = socket.getaddrinfo(host.hostname, host.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise unresolved(host, str(getattr(error, "strerror", None) or error)) from None
    failures: list[OSError] = []
    for number, (family, kind, protocol, _, address) in enumerate(addresses):
        connection = socket.socket(family, kind, protocol)
        # An address that swallows packets leaves time for those after it.
        connection.settimeout(max(0.1, (deadline - time.monotonic()) / (len(addresses) - number)))
        try:
            connection.connect(address)
        except OSError as error:
            connection.close()
            failures.append(error)
            continue
        tune(connection)
        return connection
    raise _failed(host, failures)


def tune(connection: socket.socket) -> None:
    """No delay for small packets, and a silent network is noticed within about 20 s, where the platform can."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, seconds in _KEEPALIVE.items():
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), seconds)
    if sys.platform == "linux":
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT * 1000)


def unresolved(host: HostConfig, why: str) -> Unreachable:
    return Unreachable(
        f"the name {host.hostname} cannot be resolved: {why}",
        remedy="check the spelling, the SSH configuration (HostName) and this machine's DNS",
    )


def _failed(host: HostConfig, failures: list[OSError]) -> Unreachable:
    codes = {failure.errno for failure in failures}
    if errno.ECONNREFUSED in codes:
        return Unreachable(
            f"{host.where} refused the connection",
            remedy="check the port, and on the host's console that sshd runs and the firewall lets this machine in",
        )
    if any(isinstance(failure, TimeoutError) for failure in failures):
        return Unreachable(
            f"no answer from {host.where} within {host.connect_timeout:g} s",
            remedy="the host is down, or a firewall drops the packets: check its console and the cloud firewall",
        )
    why = failures[-1].strerror if failures else "it has no address"
    return Unreachable(f"{host.where} cannot be reached: {why}", remedy="check this machine's network and routes")


def _through_command(host: HostConfig) -> socket.socket:
    """One end of a socket pair; the other is stdin and stdout of the ProxyCommand, which ends with the connection."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(  # noqa: S602 (OpenSSH defines ProxyCommand as a shell command of the user)
            f"exec {host.proxy_command}",
            shell=True,
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    threading.Thread(target=_reap, args=(process, ours), name="ssh-proxy-command", daemon=True).start()
    return ours


def _reap(process: subprocess.Popen[bytes], connection: socket.socket) -> None:
    """Ends the command when our end is closed: closing alone does not reach a command that waits for its network."""
    while process.poll() is None:
        if connection.fileno() < 0:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(SLICE)
