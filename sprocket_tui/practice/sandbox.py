"""The sandbox from outside: make one, run programs in it, reach its ports, end it.

Nothing in it can reach what is outside its directory: see docs/security.md for what it is made of and what was tried.
"""

from __future__ import annotations

import compileall
import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sprocket_tui.errors import SprocketError
from sprocket_tui.practice import standins
from sprocket_tui.practice.inside import Process
from sprocket_tui.practice.world import State, uptime

_PACKAGE = Path(__file__).parent
_STARTING = 20.0
# What the stand-ins need besides themselves.
_SHARED = ("__init__.py", "reading.py", "world.py")
_UNPRIVILEGED = 65534


@dataclass(frozen=True)
class Places:
    """The directories of a practice droplet below its own: its root with the login's home and /mnt in it, the world,
    the stand-ins' code.
    """

    root: Path
    home: Path
    mnt: Path
    world: Path
    library: Path


def places(base: Path) -> Places:
    """Makes them where they are missing, and lets the sandbox's user own what it may write."""
    base.mkdir(parents=True, exist_ok=True, mode=0o700)
    root = base / "root"
    found = Places(root, root / "root", root / "mnt", base / "world", base / "library")
    for directory in (found.home, found.mnt, found.world, found.library):
        directory.mkdir(parents=True, exist_ok=True)
        if directory in (found.home, found.mnt, found.world):
            give_away(directory)
    return found


def give_away(path: Path) -> None:
    """As root: lets the sandbox's user own it. In a user namespace without that one, root is the sandbox's user."""
    if os.geteuid() == 0:
        try:
            os.chown(path, _UNPRIVILEGED, _UNPRIVILEGED, follow_symlinks=False)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise


class NoSandbox(SprocketError):
    """This machine does not let us make one."""


class Sandbox:
    """A running sandbox; all in it ends when it is closed, or when we die. Raises NoSandbox where none can be."""

    def __init__(self, base: Path, state: State, sites: Sequence[str]) -> None:
        if sys.platform != "linux":
            raise NoSandbox(f"no sandbox can be made here: {sys.platform} has no namespaces")
        there = places(base)
        _copy_standins(there.library)
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        node = state["node"]
        with theirs:
            self._warden = subprocess.Popen(  # noqa: S603 ourselves
                [
                    *(sys.executable, "-B", "-P", "-m", "sprocket_tui.practice.warden", str(theirs.fileno())),
                    *map(str, (there.home, there.mnt, there.world, there.library)),
                    *(node["release"], node["hostname"], " ".join(sites), str(uptime(state)), *_installed(state)),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                # Process 1's environment can be read inside.
                env={"PYTHONPATH": str(_PACKAGE.parent.parent), "LANG": "C.UTF-8"},
            )
        self._lock = threading.Lock()
        self._asked: dict[int, Future[tuple[dict[str, Any], socket.socket | None]]] = {}
        self._running: dict[int, Future[int]] = {}
        self._number = 0
        self._await_ready()
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, argv: Sequence[str], env: Mapping[str, str], files: Sequence[int], *, tty: bool = False) -> Process:
        """Starts a program in a session of its own; `files` are its standard input, output and error."""
        answer, _ = self._ask({"argv": list(argv), "env": dict(env), "tty": tty}, files)
        return Process(self, answer["pid"], answer["ended"])

    def connect(self, port: int) -> socket.socket | None:
        """A connection to that port inside; None when nobody listens there."""
        return self._ask({"port": port})[1]

    def kill(self, pid: int, number: signal.Signals) -> None:
        """Signals a process group inside."""
        with suppress(OSError):
            self._channel.send(json.dumps({"kill": pid, "signal": int(number)}).encode())

    def close(self) -> None:
        """Ends everything inside."""
        # A thread of ours may be reading: only a shutdown is seen by the other side.
        with suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        self._channel.close()
        self._warden.kill()
        self._warden.wait()
        if self._warden.stderr:
            self._warden.stderr.close()

    def _await_ready(self) -> None:
        self._channel.settimeout(_STARTING)
        try:
            answer: dict[str, Any] = json.loads(self._channel.recv(65536) or b"{}")
        except (OSError, ValueError):
            answer = {}
        if not answer.get("ready"):
            self._warden.kill()
            said = self._warden.stderr.read().decode(errors="replace") if self._warden.stderr else ""
            why = answer.get("refused") or (said.strip().splitlines() or ["it did not start"])[-1]
            self.close()
            raise NoSandbox(
                f"no sandbox can be made here: {why}",
                remedy="a sandbox needs Linux with user namespaces; inside a container, allow them (`--security-opt`)",
            )
        self._channel.settimeout(None)

    def _ask(self, asked: dict[str, Any], files: Sequence[int] = ()) -> tuple[dict[str, Any], socket.socket | None]:
        answer: Future[tuple[dict[str, Any], socket.socket | None]] = Future()
        with self._lock:
            self._number += 1
            number = self._number
            self._asked[number] = answer
        try:
            socket.send_fds(self._channel, [json.dumps({**asked, "id": number}).encode()], list(files))
        except OSError as error:
            raise SprocketError("the practice droplet has ended", remedy="start it again") from error
        return answer.result(timeout=_STARTING)

    def _listen(self) -> None:
        while True:
            try:
                message, files, _, _ = socket.recv_fds(self._channel, 65536, 1)
            except OSError:
                message, files = b"", []
            if not message:
                break
            answer: dict[str, Any] = json.loads(message)
            if "status" in answer:
                self._running.pop(answer["pid"], Future[int]()).set_result(answer["status"])
                continue
            if "pid" in answer:
                # Made here, since the next message may already tell its end.
                answer["ended"] = self._running[answer["pid"]] = Future()
            waiting = self._asked.pop(answer["id"])
            waiting.set_result((answer, socket.socket(fileno=files[0]) if files else None))
        for ended in self._running.values():
            ended.set_result(-signal.SIGKILL)


def _installed(state: State) -> list[str]:
    """The stand-ins that are there: a program that the world lacks is nowhere to be found."""
    return [name for name in standins.NAMES if name not in standins.SOFTWARE or name in state["software"]]


def _copy_standins(library: Path) -> None:
    """Copies the stand-ins' code, compiled, so that the sandbox needs nothing of where we are installed."""
    found = [each for kind in ("*.py", "*.json") for each in (_PACKAGE / "standins").rglob(kind)]
    files = sorted([*(_PACKAGE / name for name in _SHARED), *found])
    stamp = repr([sys.version, *((str(each), each.stat().st_mtime_ns, each.stat().st_size) for each in files)])
    if (library / "stamp").exists() and (library / "stamp").read_text(encoding="utf-8") == stamp:
        return
    shutil.rmtree(library, ignore_errors=True)
    target = library / "sprocket_tui" / "practice"
    target.mkdir(parents=True)
    (library / "sprocket_tui" / "__init__.py").touch()
    for name in _SHARED:
        shutil.copyfile(_PACKAGE / name, target / name)
    shutil.copytree(_PACKAGE / "standins", target / "standins", ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(library, quiet=2)
    (library / "stamp").write_text(stamp, encoding="utf-8")
