"""A short walk that makes two real Swarm services over SSH, to be killed, cut and watched."""

from __future__ import annotations

import contextlib
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab.sshd import Sshd
from tests.lab.swarm import SwarmLab
from tests.real.watching import Watcher, found_in
from tests.walk.program import Program

GUIDE = Path(__file__).resolve().parent.parent / "guides" / "services"


@dataclass
class Services:
    """The walk, its program in a home of its own, and what it should have made in the end."""

    swarm: SwarmLab
    server: Sshd
    directory: Path
    port: int = 0
    extra: str = ""

    def __post_init__(self) -> None:
        home = self.directory / "home"
        home.mkdir(parents=True)
        self.canary = f"canary-{secrets.token_hex(8)}"
        token = self.directory / "token"
        token.write_text(self.canary)
        token.chmod(0o600)
        answers = self.directory / "answers.yaml"
        answers.write_text(
            f"services:\n  services.token: {{token: {{file: {token}}}}}\n"
            "  services.one: {gate: yes, failed: [retry, leave]}\n  services.two: {gate: yes, failed: [retry, leave]}\n"
        )
        self.temporary = self.directory / "tmp"
        self.temporary.mkdir()
        self.said = ""
        self.program = Program(home, GUIDE, {"TMPDIR": str(self.temporary)}, answers)
        self.config = self.server.ssh_config("lab", port=self.port, extra=self.extra)
        self.began = self.swarm.now()

    def run(self, **extra: str) -> subprocess.CompletedProcess[str]:
        return self._heard(self.program.run("--ssh-config", str(self.config), target="ssh://lab", **extra))

    def resume(self, **extra: str) -> subprocess.CompletedProcess[str]:
        return self._heard(self.program.resume("--ssh-config", str(self.config), **extra))

    def _heard(self, done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
        self.said += done.stdout + done.stderr
        return done

    def finish(self) -> None:
        """Resumes until it ends well, as a person would."""
        for _ in range(4):
            done = self.run() if not self.program.runs() or not self.program.kinds() else self.resume()
            if done.returncode == 0:
                return
        raise AssertionError(self.said)

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Looks for the secret in every process of the droplet and of ours meanwhile."""
        with Watcher({"token": self.canary}, self.swarm.droplet) as watcher:
            yield
        assert watcher.processes > 0
        assert watcher.found == set()

    def settled(self) -> None:
        """Each service was made once, by Docker's own account, and every attempt was started at most once."""
        assert sorted(self.swarm.created_events(since=self.began)) == ["one", "two"]
        assert self.swarm.services() == ["one", "two"]
        started = [
            (event["data"]["step"], event["data"]["number"])
            for event in self.program.journal()
            if event["kind"] == "attempt.started"
        ]
        assert len(started) == len(set(started))
        self.no_secret_left()

    def no_secret_left(self) -> None:
        """The planted secret was not printed, and is in no file of ours: here, on the droplet, or on its tmpfs."""
        self.no_secret_on_a_disk()
        assert found_in({"token": self.canary}, Path("/dev/shm")) == []

    def no_secret_on_a_disk(self) -> None:
        """The same, while a job may still run that holds it on tmpfs."""
        assert self.canary not in self.said
        ours = (self.program.home, self.temporary, self.swarm.droplet.home)
        assert found_in({"token": self.canary}, *ours) == []

    def clear(self) -> None:
        """Removes the services, so that the next walk begins anew."""
        for name in self.swarm.services():
            self.swarm.docker("service", "rm", name)
