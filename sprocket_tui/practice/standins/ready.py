"""Answers for stand-ins from a process that has them loaded: each command line in a child of its own."""

from __future__ import annotations

import fcntl
import gc
import marshal
import os
import signal
import socket
import sys
import traceback
from importlib import import_module
from typing import NoReturn, TextIO, cast

from sprocket_tui.practice.standins import MODULES
from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.launch import ADDRESS, LARGEST, name_us
from sprocket_tui.practice.standins.main import main as answer

_FILES = 4
_CRASHED = 1
# What Pulumi's stand-in loads when it is called.
_LATER = ("backend", "settings", "stacks")


def main(call: Call) -> NoReturn:
    """Never returns by itself."""
    for name in {*MODULES.values(), *(f"pulumi.{each}" for each in _LATER)}:
        import_module(f"sprocket_tui.practice.standins.{name}")
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(ADDRESS)
    listener.listen(128)
    # Children are nobody's to wait for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _serve(connection)
        connection.close()


def _serve(connection: socket.socket) -> NoReturn:
    """A child's life. It ends with the process that it answers for."""
    status = _CRASHED
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        asked, files, _, _ = socket.recv_fds(connection, LARGEST, _FILES)
        _die_with(connection)
        argv, environment = marshal.loads(asked)  # noqa: S302 from our own launcher, in the sandbox
        *streams, directory = files
        for number, file in enumerate(streams):
            os.dup2(file, number)
        os.fchdir(directory)
        for file in files:
            os.close(file)
        os.environ.clear()
        os.environ.update(environment)
        _reopen()
        name_us(argv[0])
        status = _answered(argv)
        connection.send(bytes([status & 0xFF]))
    finally:
        os._exit(status)


def _die_with(connection: socket.socket) -> None:
    """Whoever asked is gone when the connection is: SIGIO tells so, and ends us."""
    descriptor = connection.fileno()
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)


def _reopen() -> None:
    sys.stdin, sys.stdout, sys.stderr = _stream(0, "r"), _stream(1, "w"), _stream(2, "w")


def _stream(number: int, mode: str) -> TextIO:
    buffering = 1 if number == 2 else -1
    return cast("TextIO", os.fdopen(number, mode, buffering, "utf-8", "surrogateescape", closefd=False))


def _answered(argv: list[str]) -> int:
    try:
        return answer(argv)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else _CRASHED
    except Exception:
        traceback.print_exc()
        return _CRASHED
    finally:
        sys.stdout.flush()
