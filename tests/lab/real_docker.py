"""The real docker for scenes: its client against the daemon of a lab's Swarm manager."""

import os
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from tests.lab.swarm import SwarmLab
from tests.practice.contract import Answer, substituted


class RealDocker:
    """A manager of its own, on which the steps of a scene are taken."""

    def __init__(self) -> None:
        self._lab, self._key = SwarmLab(), ""

    @property
    def version(self) -> dict[str, str]:
        """The versions of the client and of the server."""
        form = "{{.Client.Version}} {{.Server.Version}}"
        client, server = self.run(["docker", "version", "--format", form]).out.split()
        return {"client": client, "server": server}

    def run(self, argv: Sequence[str], stdin: str = "") -> Answer:
        """What a command line answers."""
        # A client's environment and directory are not the droplet's login's: docker reads neither.
        done = self._lab.droplet.run(argv, env={"PATH": os.environ["PATH"], "HOME": "/root"}, stdin=stdin, check=False)
        return Answer(done.returncode, done.stdout, done.stderr)

    def step(self, step: dict[str, Any]) -> Answer | None:
        """Takes one step; the answer of a command line."""
        match step:
            case {"run": argv}:
                return self.run(substituted(argv, self.run), step.get("stdin", "").replace("<key>", self._key))
            case {"wait": seconds}:
                time.sleep(seconds)
            case {"daemon": "stop"}:
                self._lab.kill_daemon()
            case {"daemon": "restart"}:
                self._lab.start_daemon()
                time.sleep(1)
            case {"make": "volume", "name": name}:
                self._lab.docker("volume", "create", name)
            case {"make": kind, "name": name}:
                self._lab.docker(kind, "create", name, "-", stdin="hello\n")
            case {"autolock": True}:
                self._lab.docker("swarm", "update", "--autolock=true")
                self._key = self._lab.docker("swarm", "unlock-key", "-q").strip()
            case {"addresses": 2}:
                self._lab.droplet.run(["ip", "addr", "add", "10.96.0.2/30", "dev", "eth0"])
            case _:
                raise ValueError(f"an unknown step: {step}")
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lab.close()
