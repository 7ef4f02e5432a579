"""Redirects: files, copies of descriptors, here-documents, and bash's /dev/tcp."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping

from sprocket_tui.practice.interpreter import expansion
from sprocket_tui.practice.interpreter.expansion import Values
from sprocket_tui.practice.interpreter.processes import Process
from sprocket_tui.practice.interpreter.streams import Opened, Stream, Text
from sprocket_tui.practice.interpreter.syntax import Redirect
from sprocket_tui.practice.interpreter.system import System
from sprocket_tui.practice.interpreter.unknown import NotKnown

_FLAGS = {
    "<": os.O_RDONLY,
    ">": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
    ">>": os.O_WRONLY | os.O_CREAT | os.O_APPEND,
    "<>": os.O_RDWR | os.O_CREAT,
}
_NAMED: Mapping[str, int] = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_SOCKET = re.compile(r"/dev/tcp/([^/]+)/(\d{1,5})")


class Unredirected(Exception):
    """A redirect that could not be made; the text says why, as a shell does."""


def redirect(system: System, shell: Values, process: Process, wanted: Redirect) -> None:
    """Makes it in the process. Raises Unredirected and NotKnown."""
    if wanted.document is not None:
        process.files.put(wanted.number, Text(_encoded(expansion.text(wanted.document.body, shell))))
        return
    target = expansion.text(wanted.target, shell)
    if wanted.op in (">&", "<&"):
        process.files.put(wanted.number, None if target == "-" else _copied(process, target))
        return
    process.files.put(wanted.number, _opened(system, process, target, wanted.op))


def _copied(process: Process, target: str) -> Stream:
    if not target.isdecimal():
        raise NotKnown(f">&{target}")
    stream = process.files.find(int(target))
    if stream is None:
        raise Unredirected(f"{target}: Bad file descriptor")
    return stream


def _opened(system: System, process: Process, target: str, op: str) -> Stream:
    if target in _NAMED:
        return _copied(process, str(_NAMED[target]))
    if match := _SOCKET.fullmatch(target):
        if process.name != "bash":
            raise Unredirected(f"cannot open {target}: No such file or directory")
        return _connected(system, match[1], int(match[2]), target)
    try:
        return system.files.open(target, process.directory, _FLAGS[op], process.umask)
    except OSError as error:
        verb = "open" if op == "<" else "create"
        raise Unredirected(f"cannot {verb} {target}: {error.strerror}") from error


def _connected(system: System, host: str, port: int, target: str) -> Stream:
    try:
        return Opened(system.web.reach(host, port).detach())
    except socket.gaierror as error:
        raise Unredirected(f"{host}: {error.strerror}\nbash: line 1: {target}: Invalid argument") from error
    except OSError as error:
        raise Unredirected(f"connect: {error.strerror}\nbash: line 1: {target}: {error.strerror}") from error


def _encoded(text: str) -> bytes:
    return text.encode(errors="surrogateescape")
