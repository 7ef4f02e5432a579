"""What the kernel shows below /proc, of our processes and our world."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial

from sprocket_tui.practice.interpreter.processes import Process, Table
from sprocket_tui.practice.standins import kernel
from sprocket_tui.practice.world import World

_OF_A_PROCESS = ("cmdline", "comm", "environ", "stat")


class Kernel:
    """Answers for /proc; a process that has ended is not there."""

    def __init__(self, table: Table, world: World) -> None:
        self._table, self._world = table, world
        self._texts: dict[str, Callable[[], str]] = {
            **{f"/proc/{name}": partial(self._machine, name) for name in kernel.FILES},
            "/proc/sys/kernel/random/boot_id": lambda: f"{table.boot}\n",
            "/proc/uptime": lambda: f"{table.ticks() / 100:.2f} {table.ticks() / 100:.2f}\n",
        }

    def _machine(self, name: str) -> str:
        return kernel.texts(self._world.read())[name]

    def look(self, path: str) -> bytes | list[str] | None:
        """The text of a file, the names in a directory, or None where nothing is."""
        if path in self._texts:
            return self._texts[path]().encode()
        if path == "/proc":
            return [*kernel.FILES, "sys", "uptime", *(str(each.pid) for each in self._table.running())]
        words = path.split("/")[2:]
        process = self._table.find(int(words[0])) if words[0].isdecimal() and len(words[0]) < 10 else None
        if process is not None:
            if len(words) == 1:
                return list(_OF_A_PROCESS)
            return _shown(process, words[1]) if len(words) == 2 and words[1] in _OF_A_PROCESS else None
        below = {each.removeprefix(f"{path}/").partition("/")[0] for each in self._texts if each.startswith(f"{path}/")}
        return sorted(below) or None


def _shown(process: Process, what: str) -> bytes:
    match what:
        case "comm":
            text = f"{process.name}\n"
        case "cmdline":
            text = "".join(f"{word}\0" for word in process.argv)
        case "environ":
            text = "".join(f"{name}={value}\0" for name, value in process.environ.items())
        case _:
            text = _stat(process)
    return text.encode(errors="surrogateescape")


def _stat(process: Process) -> str:
    """The 52 fields of proc(5). True are those that a script asks for: state, parent, group, session, start."""
    parent = process.parent
    above = parent.pid if parent is not None and parent.status is None else 1
    fields = [str(process.pid), f"({process.name})", "S", str(above), str(process.group), str(process.session)]
    fields += ["0"] * 15
    fields += [str(process.began)]
    fields += ["0"] * 15 + [str(int(signal.SIGCHLD))] + ["0"] * 14
    return " ".join(fields) + "\n"
