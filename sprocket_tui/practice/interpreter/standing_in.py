"""The stand-ins of `docker`, `pulumi` and the rest, called inside this process."""

from __future__ import annotations

import io
import signal
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sprocket_tui.practice.interpreter.files import Files
from sprocket_tui.practice.interpreter.processes import Process
from sprocket_tui.practice.interpreter.system import Run
from sprocket_tui.practice.standins.call import Become, Call
from sprocket_tui.practice.standins.rehearsed import answer
from sprocket_tui.practice.world import State, World

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_BROKEN = 141


def stand_in(run: Run) -> int:
    """Calls it in a thread of its own, which stops for good where it stands when the process is killed."""
    process, done = run.process, Future[int]()

    def live() -> None:
        try:
            done.set_result(_called(run))
        except Become as other:
            done.set_exception(other)
        finally:
            # A fault of ours is shown by the thread; whoever waits is not left waiting.
            if not done.done():
                done.set_result(1)
            process.table.tell()

    threading.Thread(target=live, name=f"practice-{process.pid}-{run.name}", daemon=True).start()
    process.pause(None, done.done)
    try:
        return done.result()
    except Become as other:
        if not run.system.find(other.argv[0], other.environ, process.directory):
            return run.complain_in_full(other.missing)
        return run.system.become(process, other.argv, other.environ)


def _called(run: Run) -> int:
    process, life = run.process, _Life(run.process)
    raws = [_Raw(life, number) for number in range(3)]
    stdin = io.TextIOWrapper(io.BufferedReader(raws[0]), encoding="utf-8", errors="surrogateescape")
    stdout, stderr = (
        io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="surrogateescape", line_buffering=lines)
        for raw, lines in zip(raws[1:], (False, True), strict=True)
    )

    def catch(told: Callable[[int], None] | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            if told is None:
                process.handlers.pop(number, None)
            else:
                process.handlers[number] = told

    call = _Confined(
        run.name,
        run.words,
        _Watched(run.system.world_file, life),
        process.environ,
        process.directory,
        stdin,
        stdout,
        stderr,
        run.files.root,
        process.pid,
        catch,
        files=run.files,
        life=life,
    )
    try:
        status = answer(call)
    except OSError as error:
        status = call.fail(f"{run.name}: {error}")
    finally:
        _flushed(stdout, stderr)
    return _BROKEN if any(raw.broken for raw in raws) else status


def _flushed(*streams: TextIO) -> None:
    for each in streams:
        each.flush()


@dataclass(frozen=True)
class _Confined(Call):
    """A call whose files are those of the droplet: no link leads out of it."""

    files: Files = field(kw_only=True)
    life: _Life = field(kw_only=True)

    def path(self, name: str) -> Path:
        home = self.environ.get("HOME", "/root")
        whole = f"{home}{name[1:]}" if name == "~" or name.startswith("~/") else name
        return self.files.real(whole or ".", self.directory)

    def look(self, path: str) -> bytes | list[str] | None:
        return self.files.kernel.look(path)

    def kill(self) -> None:
        self.life.process.end(-signal.SIGKILL)
        self.life.check()


class _Life:
    """Whether the process still runs. What was killed stops where it stands, and cleans nothing up."""

    def __init__(self, process: Process) -> None:
        self.process, self.changing = process, False

    def check(self) -> None:
        """Never returns to what was killed, but that a change of the world that was begun is ended first."""
        if self.process.status is not None and not self.changing:
            threading.Event().wait()


class _Watched(World):
    """The world, for one process."""

    def __init__(self, path: Path, life: _Life) -> None:
        super().__init__(path)
        self._life = life

    def read(self) -> State:
        self._life.check()
        return super().read()

    @contextmanager
    def change(self) -> Generator[State]:
        self._life.check()
        self._life.changing = True
        try:
            with super().change() as state:
                yield state
        finally:
            self._life.changing = False


class _Raw(io.RawIOBase):
    """A descriptor of the process. What nobody reads any more is dropped, and noted."""

    def __init__(self, life: _Life, number: int) -> None:
        super().__init__()
        self._life, self._number, self.broken = life, number, False

    def readable(self) -> bool:
        return self._number == 0

    def writable(self) -> bool:
        return self._number != 0

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        self._life.check()
        data = self._life.process.files.get(self._number).read(len(view), self._life.check)
        view[: len(data)] = data
        return len(data)

    def write(self, data: ReadableBuffer) -> int:
        raw = bytes(data)
        self._life.check()
        if not self.broken:
            try:
                self._life.process.files.get(self._number).write(raw, self._life.check)
            except OSError:
                self.broken = True
        return len(raw)
