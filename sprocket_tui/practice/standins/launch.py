"""The first thing a stand-in's process does: it has itself answered by a process that has everything loaded already.

A check asks dozens of commands at once, and most of the time of each would go into starting Python. What is killed by
its pid, or may ask at a terminal, runs in its own process; so does everything while nobody is ready.
"""

from __future__ import annotations

import _socket
import marshal
import os
import sys

# Loading typing would take twice as long as all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

# In the sandbox's network namespace, and of it alone.
ADDRESS = b"\0practice-stand-ins"
LARGEST = 1 << 17
# Their pid stands in locks, and their children outlive them.
_OF_THEIR_OWN = {"up", "preview", "refresh", "destroy"}
_INTERNAL = ("weather", "ready")
_KILLED = 137


def run() -> NoReturn:
    """The process's entry: `sys.argv` is -c and the command line."""
    argv = sys.argv[1:]
    name_us(argv[0])
    if (argv[1:2] and argv[1] in _INTERNAL) or _OF_THEIR_OWN & set(argv[1:]) or os.isatty(0):
        _run_here()
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    try:
        connection.connect(ADDRESS)
        asked = marshal.dumps((argv, dict(os.environ)))
        if len(asked) > LARGEST:
            _run_here()
        files = (0, 1, 2, os.open(".", os.O_PATH | os.O_DIRECTORY))
        rights = b"".join(each.to_bytes(4, sys.byteorder) for each in files)
        connection.sendmsg([asked], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
    except OSError:
        _run_here()
    answer = connection.recv(1)
    os._exit(answer[0] if answer else _KILLED)


def name_us(program: str) -> None:
    """The process bears the program's name, as whoever looks for it expects."""
    # Loading pathlib would take longer than we last.
    with open("/proc/self/comm", "w", encoding="utf-8") as comm:  # noqa: PTH123
        comm.write(program.rpartition("/")[2])


def _run_here() -> NoReturn:
    from sprocket_tui.practice.standins.main import run as start  # noqa: PLC0415 it loads what this spares

    start()
