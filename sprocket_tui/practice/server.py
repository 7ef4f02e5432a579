"""An SSH server on loopback whose every session runs in the sandbox. It serves one key, which is made for it."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import pty
import signal
import socket
import struct
import termios
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import paramiko
from paramiko import common

from sprocket_tui.errors import SprocketError
from sprocket_tui.practice.inside import Inside, Process

# What becomes of a connection is its client's to say.
logging.getLogger("paramiko").addHandler(logging.NullHandler())
USER = "root"
ENVIRONMENT = {
    "HOME": "/root",
    "USER": "root",
    "LOGNAME": "root",
    "SHELL": "/bin/sh",
    "LANG": "C.UTF-8",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}
LOGIN_SHELL = ["/bin/bash", "-l"]
_CHUNK = 65536
# Who comes by another way than `sprocket-tui practice` is told so too; clients know such hosts by the first word.
_GREETING = "PRACTICE: this droplet is for rehearsals; nothing here is real.\r\n"


class SshServer:
    """Listens on a port of 127.0.0.1 that the system chooses. `key` and `known_hosts` are files below `directory`.

    `watch` is called before a program starts, when it has printed something, and before its end is told.
    """

    def __init__(self, sandbox: Inside, directory: Path, watch: Callable[[], None]) -> None:
        self._sandbox, self._watch = sandbox, watch
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        host_key, login_key = _key(directory / "host_key"), _key(directory / "key")
        self._login = login_key.asbytes()
        self._host_key = host_key
        self.key, self.known_hosts = directory / "key", directory / "known_hosts"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        line = f"[127.0.0.1]:{self.port} {host_key.get_name()} {host_key.get_base64()}\n"
        self.known_hosts.write_text(line, encoding="utf-8")
        self._transports: set[paramiko.Transport] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Ends every connection; what runs detached inside goes on until the sandbox is closed."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for transport in list(self._transports):
            transport.close()

    def cut(self) -> None:
        """Drops every connection as a dead line would; new ones are accepted."""
        for transport in list(self._transports):
            transport.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError as error:
                if error.errno in (errno.ECONNABORTED, errno.EINTR):
                    continue
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        transport = paramiko.Transport(connection)
        transport.add_server_key(self._host_key)
        self._transports.add(transport)
        try:
            transport.start_server(server=_Login(self._sandbox, self._login, self._watch))
            transport.join()
        except (paramiko.SSHException, EOFError, OSError):
            transport.close()
        finally:
            self._transports.discard(transport)


class _Login(paramiko.ServerInterface):
    """One connection: who may come in, and what a channel may ask for."""

    def __init__(self, sandbox: Inside, login: bytes, watch: Callable[[], None]) -> None:
        self._sandbox, self._login, self._watch = sandbox, login, watch
        self._terminals: dict[int, tuple[int, int]] = {}

    def get_banner(self) -> tuple[str, str]:
        return _GREETING, "en"

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        known = username == USER and key.asbytes() == self._login
        return common.AUTH_SUCCESSFUL if known else common.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        if kind == "session":
            return common.OPEN_SUCCEEDED
        return common.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_pty_request(
        self,
        channel: paramiko.Channel,
        term: bytes,
        width: int,
        height: int,
        pixelwidth: int,
        pixelheight: int,
        modes: bytes,
    ) -> bool:
        self._terminals[channel.get_id()] = pty.openpty()
        self._resize(channel, width, height)
        return True

    def check_channel_window_change_request(
        self, channel: paramiko.Channel, width: int, height: int, pixelwidth: int, pixelheight: int
    ) -> bool:
        self._resize(channel, width, height)
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        return self._start(channel, LOGIN_SHELL)

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        return self._start(channel, ["/bin/sh", "-c", command.decode(errors="surrogateescape")])

    def _resize(self, channel: paramiko.Channel, width: int, height: int) -> None:
        ends = self._terminals.get(channel.get_id())
        if ends:
            fcntl.ioctl(ends[0], termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def _start(self, channel: paramiko.Channel, argv: list[str]) -> bool:
        ends = self._terminals.pop(channel.get_id(), None)
        served = (self._sandbox, channel, argv, self._watch)
        target, arguments = (_on_terminal, (*served, ends)) if ends else (_on_pipes, served)
        threading.Thread(target=target, args=arguments, daemon=True).start()
        return True


def _on_pipes(sandbox: Inside, channel: paramiko.Channel, argv: list[str], watch: Callable[[], None]) -> None:
    watch()
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    err_read, err_write = os.pipe()
    process = _started(sandbox, channel, argv, ENVIRONMENT, (in_read, out_write, err_write), tty=False)
    for each in (in_read, out_write, err_write):
        os.close(each)
    readers = [
        threading.Thread(target=_pump_out, args=(out_read, channel.sendall, watch)),
        threading.Thread(target=_pump_out, args=(err_read, channel.sendall_stderr, watch)),
    ]
    threading.Thread(target=_pump_in, args=(channel, in_write), daemon=True).start()
    for reader in readers:
        reader.start()
    # As sshd does: the output is complete when nobody holds the pipes any more.
    for reader in readers:
        reader.join()
    _finish(channel, process, watch)


def _on_terminal(
    sandbox: Inside, channel: paramiko.Channel, argv: list[str], watch: Callable[[], None], ends: tuple[int, int]
) -> None:
    master, slave = ends
    environment = {**ENVIRONMENT, "TERM": "xterm-256color", "PS1": "practice:\\w# "}
    process = _started(sandbox, channel, argv, environment, (slave, slave, slave), tty=True)
    os.close(slave)
    threading.Thread(target=_pump_in, args=(channel, os.dup(master)), daemon=True).start()
    _pump_out(master, channel.sendall, watch)
    _finish(channel, process, watch)


def _started(
    sandbox: Inside,
    channel: paramiko.Channel,
    argv: list[str],
    environment: Mapping[str, str],
    files: tuple[int, int, int],
    *,
    tty: bool,
) -> Process | None:
    try:
        process = sandbox.start(argv, environment, files, tty=tty)
    except SprocketError:
        channel.close()
        return None
    if tty:
        threading.Thread(target=_hang_up, args=(channel, process), daemon=True).start()
    return process


def _hang_up(channel: paramiko.Channel, process: Process) -> None:
    """Tells a terminal session whose connection has gone, as the kernel does when a line is dropped."""
    channel.get_transport().join()
    if not process.ended.done():
        process.signal(signal.SIGHUP)


def _pump_in(channel: paramiko.Channel, pipe: int) -> None:
    with os.fdopen(pipe, "wb", buffering=0) as file, suppress(OSError, EOFError):
        while data := channel.recv(_CHUNK):
            file.write(data)


def _pump_out(pipe: int, send: Callable[[bytes], object], watch: Callable[[], None]) -> None:
    with os.fdopen(pipe, "rb", buffering=0) as file, suppress(OSError, EOFError):
        while data := file.read(_CHUNK):
            send(data)
            watch()


def _finish(channel: paramiko.Channel, process: Process | None, watch: Callable[[], None]) -> None:
    if process is None:
        return
    status = process.ended.result()
    watch()
    with suppress(OSError, EOFError):
        channel.send_exit_status(status if status >= 0 else 128 - status)
        channel.close()


def _key(path: Path) -> paramiko.PKey:
    """The key kept at `path`; made when it is not there. For a rehearsal it need not outlive its directory."""
    if not path.exists():
        paramiko.ECDSAKey.generate().write_private_key_file(str(path))
        path.chmod(0o600)
    return paramiko.ECDSAKey.from_private_key_file(str(path))
