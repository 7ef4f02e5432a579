"""Looks at every process of the machine, again and again, for secrets where none may be."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Self

# Whose environment is not ours: Pulumi's Node host and what runs in containers get secrets there by design.
_THEIRS = ("node", "pulumi-language", "busybox", "web", "traefik", "httpd", "tini", "sh-container")


class Watcher:
    """While open, samples argv of every process and the environment of ours; `found` says where a secret stood."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = [secret.encode() for secret in secrets]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.found: set[str] = set()
        self.samples = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.003):
            self.samples += 1
            for process in Path("/proc").iterdir():
                if process.name.isdigit():
                    with contextlib.suppress(OSError):  # it ended while we looked
                        self._look(process)

    def _look(self, process: Path) -> None:
        name = (process / "comm").read_text().strip()
        self._search(f"argv of {name}", (process / "cmdline").read_bytes())
        if not name.startswith(_THEIRS):
            self._search(f"environment of {name}", (process / "environ").read_bytes())

    def _search(self, where: str, data: bytes) -> None:
        for number, secret in enumerate(self._secrets):
            if secret in data:
                self.found.add(f"secret {number} in {where}")
