"""Looks at processes, again and again, and at files, for secrets where none may be."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.lab.droplet import Droplet

# Whose environment is not ours: Pulumi's Node host and what runs in containers get secrets there by design.
_THEIRS = ("node", "pulumi-language", "busybox", "web", "traefik", "httpd", "tini", "sh-container")
# A process that is new may still become another program; one that is old is looked at again only now and then.
_YOUNG, _AGAIN = 8, 32


class Watcher:
    """While open, samples argv of every process and the environment of ours; `found` says which secret stood where.

    With a droplet only its processes and our own children are looked at, less often: cheap enough for many tests.
    """

    def __init__(self, secrets: Mapping[str, str], droplet: Droplet | None = None) -> None:
        self._secrets = {name: secret.encode() for name, secret in secrets.items()}
        self._space = os.readlink(f"/proc/{droplet.pid}/ns/pid") if droplet else ""
        self._pause = 0.02 if droplet else 0.003
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._seen: set[str] = set()
        self._ours = {str(os.getpid())}
        self._young: dict[str, int] = {}
        self.found: set[str] = set()
        self.samples = 0
        self.processes = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(self._pause):
            self.samples += 1
            alive = set(os.listdir("/proc"))
            new, self._seen = alive - self._seen, alive
            self._ours &= alive
            for number in filter(str.isdigit, new):
                with contextlib.suppress(OSError):  # it ended while we looked
                    self._welcome(number)
            due = self._ours if not self._space or self.samples % _AGAIN == 0 else self._young.keys() & alive
            for number in due:
                with contextlib.suppress(OSError):
                    self._look(Path("/proc", number))
            self._young = {number: looks - 1 for number, looks in self._young.items() if looks > 1}

    def _welcome(self, number: str) -> None:
        """Takes in a process that is to be looked at."""
        if not self._space or self._is_ours(number):
            self._ours.add(number)
            self._young[number] = _YOUNG
            self.processes += 1

    def _is_ours(self, number: str) -> bool:
        """Whether it lives in the droplet, or is a child of ours or of one of them."""
        if os.readlink(f"/proc/{number}/ns/pid") == self._space:
            return True
        parent = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1]
        return parent in self._ours

    def _look(self, process: Path) -> None:
        name = (process / "comm").read_text().strip()
        self._search(f"argv of {name}", (process / "cmdline").read_bytes())
        if not name.startswith(_THEIRS):
            self._search(f"environment of {name}", (process / "environ").read_bytes())

    def _search(self, where: str, data: bytes) -> None:
        self.found |= {f"{name} in {where}" for name, secret in self._secrets.items() if secret in data}


def found_in(secrets: Mapping[str, str], *places: Path) -> list[str]:
    """The files below `places` that hold a secret; others may come and go meanwhile in what is shared."""
    found: list[str] = []
    for place in places:
        for file in place.rglob("*"):
            with contextlib.suppress(FileNotFoundError):
                if file.is_file() and not file.is_symlink():
                    held = file.read_bytes()
                    found += [f"{name} in {file}" for name, secret in secrets.items() if secret.encode() in held]
    return found
