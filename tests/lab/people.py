"""What sits at the other end of a login: an SSH agent with keys, and a person with prepared answers."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from sprocket_tui.secret import Secret
from tests.lab.sshd import wait_until


class Agent:
    """A real ssh-agent on a socket of its own; `socket` is its path."""

    def __init__(self) -> None:
        # A short path: Unix sockets take 107 bytes.
        self._directory = tempfile.TemporaryDirectory(prefix="agent-", dir="/tmp")
        self.socket = str(Path(self._directory.name) / "socket")

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            ["ssh-agent", "-D", "-a", self.socket], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        wait_until(lambda: Path(self.socket).exists(), "the SSH agent")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._directory.cleanup()

    def add(self, *keys: Path) -> None:
        environment = {**os.environ, "SSH_AUTH_SOCK": self.socket}
        subprocess.run(["ssh-add", "-q", *map(str, keys)], env=environment, check=True, stdin=subprocess.DEVNULL)


class Person:
    """An asker that accepts host keys or not and gives `answers` by question id, one after the other."""

    def __init__(self, *, accepts: bool = True, **answers: list[str]) -> None:
        self._accepts = accepts
        self._answers = {f"ssh.{name.replace('_', '-')}": list(values) for name, values in answers.items()}
        self.host_keys: list[tuple[str, str, str, str]] = []
        self.asked: list[tuple[str, str]] = []

    def host_key(self, host: str, kind: str, fingerprint: str, file: str) -> bool:
        self.host_keys.append((host, kind, fingerprint, file))
        return self._accepts

    def secret(self, question: str, prompt: str) -> Secret | None:
        self.asked.append((question, prompt))
        answers = self._answers.get(question, [])
        return Secret(answers.pop(0)) if answers else None
