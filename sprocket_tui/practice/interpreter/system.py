"""One droplet's processes, files and programs together, and what a program is called with."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui.practice.interpreter import unknown
from sprocket_tui.practice.interpreter.files import Files
from sprocket_tui.practice.interpreter.limits import MOST_READ, TooLong, checked
from sprocket_tui.practice.interpreter.processes import Ended, Process, Table
from sprocket_tui.practice.interpreter.streams import CHUNK, Stream
from sprocket_tui.practice.interpreter.unknown import NotKnown
from sprocket_tui.practice.interpreter.web import Web
from sprocket_tui.practice.world import World

# What a program's file holds: it is there to be found, and is never read as one.
MARK = b"practice\n"
PLACES = ("/usr/bin/", "/usr/local/bin/")
_NOT_FOUND = 127
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class NotFound(Exception):
    """There is no such program on this droplet, although there could be."""


@dataclass(frozen=True)
class Run:
    """One program that is carried out by a process; `argv` begins with its name."""

    system: System
    process: Process
    argv: Sequence[str]

    @property
    def name(self) -> str:
        return self.argv[0].rpartition("/")[2]

    @property
    def words(self) -> list[str]:
        return list(self.argv[1:])

    @property
    def files(self) -> Files:
        return self.system.files

    @property
    def directory(self) -> str:
        return self.process.directory

    def out(self, data: bytes | str) -> None:
        """Prints. Raises OSError, BrokenPipeError among them."""
        self.put(1, data)

    def put(self, number: int, data: bytes | str) -> None:
        """Writes to a descriptor."""
        raw = data.encode(errors="surrogateescape") if isinstance(data, str) else data
        self.process.files.get(number).write(raw, self.process.alive)

    def complain(self, text: str, status: int = 1) -> int:
        """A line on stderr after the program's name; the status to end with."""
        return self.complain_in_full(f"{self.name}: {text}", status)

    def complain_in_full(self, text: str, status: int = 1) -> int:
        """A line on stderr; the status to end with. A closed stderr is nobody's matter."""
        stream = self.process.files.find(2)
        if stream is not None:
            stream.write(f"{text}\n".encode(errors="surrogateescape"), self.process.alive)
        return status

    def failed(self, path: str, error: OSError) -> int:
        """What coreutils say of a path that could not be used."""
        return self.complain(f"{path}: {error.strerror}")

    def stdin(self) -> bytes:
        """All that there is to read. Raises OSError, and TooLong for more than is held."""
        return self._all(self.process.files.get(0))

    def read(self, path: str) -> bytes:
        """All of a file. Raises OSError."""
        stream = self.files.open(path, self.directory, os.O_RDONLY, 0).held()
        try:
            return self._all(stream)
        finally:
            stream.released()

    def _all(self, stream: Stream) -> bytes:
        found = bytearray()
        while data := stream.read(CHUNK, self.process.alive):
            found += data
            checked(len(found), MOST_READ)
        return bytes(found)


Program = Callable[[Run], int]


class System:
    """Starts programs, in the calling thread or in one of their own."""

    def __init__(self, files: Files, table: Table, world_file: Path, web: Web, programs: Mapping[str, Program]) -> None:
        self.files, self.table, self.web, self._programs = files, table, web, programs
        self.world_file, self.world = world_file, World(world_file)

    def find(self, name: str, environ: Mapping[str, str], directory: str) -> str:
        """Where the program is that a command line names; "" where none is."""
        if "/" in name:
            return name if self._executable(name, directory) else ""
        for place in environ.get("PATH", _PATH).split(":"):
            path = f"{place or directory}/{name}"
            if self._executable(path, directory):
                return path
        return ""

    def program(self, name: str, environ: Mapping[str, str], directory: str) -> Program:
        """What carries it out. Raises NotFound, and NotKnown for what is no program of ours."""
        place = self.find(name, environ, directory)
        known = self._programs.get(name.rpartition("/")[2])
        if not place:
            if known is None:
                raise NotKnown(name)
            raise NotFound(name)
        whole = self.files.absolute(place, directory)
        if known is None or not whole.startswith(PLACES) or self._held(whole) != MARK:
            raise NotKnown(name)
        return known

    def become(self, process: Process, argv: Sequence[str], environ: Mapping[str, str]) -> int:
        """The process carries out this command line from now on; the exit status. Says itself what is not found."""
        try:
            program = self.program(argv[0], environ, process.directory)
        except NotFound:
            run = Run(self, process, argv)
            return run.complain_in_full(f"{process.name}: 1: {argv[0]}: not found", _NOT_FOUND)
        except NotKnown as what:
            return self.refuse(process, what)
        process.become(argv, environ)
        return self.run(program, Run(self, process, argv))

    def run(self, program: Program, run: Run) -> int:
        """The program's status, with what it does not know and what it could not write said as a process says it."""
        try:
            return program(run)
        except NotKnown as what:
            return self.refuse(run.process, what)
        except TooLong:
            return run.complain("memory exhausted", 2)
        except NotFound as error:
            return run.complain(f"failed to run command '{error}': No such file or directory", _NOT_FOUND)
        except BrokenPipeError:
            run.process.signal(13)
            run.process.alive()
            return run.complain("write error: Broken pipe")
        except OSError as error:
            return run.complain(error.strerror or "failed")

    def refuse(self, process: Process, what: NotKnown) -> int:
        """Says that it is not known."""
        stream = process.files.find(2)
        if stream is not None:
            stream.write(unknown.line(str(what)), process.alive)
        return unknown.STATUS

    def carry_out(self, process: Process, body: Callable[[], int]) -> int:
        """`body` as that process, in this thread, to its end; its status, negative for a signal."""
        status = 1
        try:
            status = body()
        except Ended as ended:
            if ended.process is not process:
                raise
        finally:
            process.end(status)
        return process.ended.result()

    def beside(self, process: Process, body: Callable[[], int]) -> None:
        """`body` as that process, in a thread of its own."""

        def live() -> None:
            self.carry_out(process, body)

        threading.Thread(target=live, name=f"practice-{process.pid}", daemon=True).start()

    def _executable(self, path: str, directory: str) -> bool:
        found = self.files.exists(path, directory)
        return found is not None and found.st_mode & 0o170111 > 0o100000

    def _held(self, path: str) -> bytes:
        try:
            return self.files.real(path).read_bytes()
        except OSError:
            return b""


def shell_status(status: int) -> int:
    """A process's end as `$?` tells it."""
    return status if status >= 0 else 128 - status
