"""The interpreter from outside, in the place of a sandbox: start command lines, reach ports, signal, end it all."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from sprocket_tui.practice.inside import Process
from sprocket_tui.practice.interpreter import layout
from sprocket_tui.practice.interpreter.files import Files, check
from sprocket_tui.practice.interpreter.proc import Kernel
from sprocket_tui.practice.interpreter.processes import Table
from sprocket_tui.practice.interpreter.programs import PROGRAMS
from sprocket_tui.practice.interpreter.streams import Opened
from sprocket_tui.practice.interpreter.system import System
from sprocket_tui.practice.interpreter.web import Web
from sprocket_tui.practice.sandbox import places
from sprocket_tui.practice.world import State, World, uptime


class Interpreter:
    """A droplet without a shell. Raises SprocketError where its directory holds what cannot be kept in."""

    def __init__(self, base: Path, state: State, sites: Sequence[str]) -> None:
        there = places(base)
        layout.clear(there.root)
        check(there.root)
        layout.build(there.root, state, sites)
        self._root, self._table = there.root, Table(uptime(state))
        file = there.world / "world.json"
        world = World(file)
        self._web = Web(world, there.world / "tls", sites)
        files = Files(there.root, Kernel(self._table, world))
        self._system = System(files, self._table, file, self._web, PROGRAMS)

    def start(self, argv: Sequence[str], env: Mapping[str, str], files: Sequence[int], *, tty: bool = False) -> Process:
        """Begins a command line in a session of its own; `files` are its standard input, output and error."""
        process = self._table.start(None, argv, env)
        for number, file in enumerate(files):
            process.files.put(number, Opened(os.dup(file)))
        self._system.beside(process, lambda: self._system.become(process, argv, env))
        return Process(self, process.pid, process.ended)

    def connect(self, port: int) -> socket.socket | None:
        """A connection to that port of the droplet; None when nobody listens there."""
        return self._web.connect(port)

    def kill(self, pid: int, number: signal.Signals) -> None:
        """Signals a process group inside."""
        for each in self._table.named(-pid):
            each.signal(number)

    def close(self) -> None:
        """Ends everything inside, and removes what is not kept."""
        self._table.close()
        self._web.close()
        with suppress(OSError):
            layout.clear(self._root)
