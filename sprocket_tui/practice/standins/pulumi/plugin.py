"""The provider as a process of its own, as Pulumi's plugins are: it finishes what it was asked when Pulumi is killed.

Inside another program (no process of our own) the same calls are made in place.
"""

from __future__ import annotations

import json
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.pulumi import provider
from sprocket_tui.practice.world import pause

# How long a plugin without its engine stays, in seconds of the world.
_LINGERS = 60.0
_COMM = "/proc/self/comm"
_TICK = 0.02


class Lost(Exception):
    """The plugin ended before it answered."""


class Plugin:
    """Does calls one after the other, in the order in which they were asked."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._answers: list[dict[str, Any]] = []
        self._pid, self._to, self._from = 0, -1, -1
        self._buffer = b""
        if threading.current_thread() is threading.main_thread():
            self._start()

    def ask(self, request: dict[str, Any]) -> None:
        """Begins a call: {do, type, id, inputs, seconds}."""
        if self._pid:
            os.write(self._to, json.dumps(request).encode() + b"\n")
        else:
            self._answers.append(_done(self._call, request))

    def answer(self, stop: Callable[[], bool]) -> dict[str, Any] | None:
        """The answer to the oldest call, {id, outputs} or {error}; None when `stop` says so first. Raises Lost."""
        if not self._pid:
            return self._answers.pop(0)
        while b"\n" not in self._buffer:
            if stop():
                return None
            if select.select([self._from], [], [], _TICK)[0]:
                data = os.read(self._from, 65536)
                if not data:
                    raise Lost
                self._buffer += data
        row, _, self._buffer = self._buffer.partition(b"\n")
        found: dict[str, Any] = json.loads(row)
        return found

    def cancel(self) -> None:
        """Ends the plugin in the middle of its call."""
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGTERM)
        self.close()

    def close(self) -> None:
        """Ends the plugin when it has done what it was asked."""
        if self._pid:
            os.close(self._to)
            os.close(self._from)
            os.waitpid(self._pid, 0)
            self._pid = 0

    def _start(self) -> None:
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        for stream in (self._call.stdout, self._call.stderr):
            stream.flush()
        engine = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.close(ours_in)
            os.close(ours_out)
            _live(self._call, theirs_in, theirs_out, engine)
        os.close(theirs_in)
        os.close(theirs_out)
        self._pid, self._to, self._from = pid, ours_out, ours_in


def _live(call: Call, asked: int, answers: int, engine: int) -> NoReturn:
    """The plugin's own life; nothing of the engine's is left to it, whatever happens."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # A ^C of the terminal is the engine's matter.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with suppress(OSError):
            Path(_COMM).write_text("pulumi-resource-docker", encoding="ascii")
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nothing, number)
        _serve(call, asked, answers)
        if os.getppid() != engine:
            time.sleep(_LINGERS / call.world.read()["speed"])
    finally:
        os._exit(0)


def _serve(call: Call, asked: int, answers: int) -> None:
    with os.fdopen(asked, encoding="utf-8") as requests:
        for row in requests:
            answer = json.dumps(_done(call, json.loads(row))).encode() + b"\n"
            with suppress(BrokenPipeError):
                os.write(answers, answer)


def _done(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    pause(call.world.read(), request["seconds"])
    kind, mark, inputs = request["type"], request["id"], request["inputs"]

    def exists(source: str) -> bool:
        return call.path(source).exists()

    try:
        with call.world.change() as state:
            if request["do"] == "create":
                mark, outputs = provider.create(state, kind, inputs, exists)
                return {"id": mark, "outputs": outputs}
            if request["do"] == "update":
                return {"id": mark, "outputs": provider.update(state, mark, inputs, exists)}
            provider.delete(state, kind, mark)
            return {"id": mark, "outputs": {}}
    except provider.Failed as error:
        return {"error": str(error)}
