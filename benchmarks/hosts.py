"""Three hosts side by side beside one: forty checks on each, every host behind a link with 100 ms round trip."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.checks import CHECKS, ONE_WAY, command
from benchmarks.guides import write
from benchmarks.timing import Entrant, race
from sprocket_tui.guide.loader import load_guide
from tests.lab.sshd import Sshd
from tests.lab.wire import Wire

HOSTS = 3


def main(rounds: int = 5) -> None:
    """Prints the table; needs root for the SSH server, which stands for all three."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, Sshd(Path(name) / "lab") as server, ExitStack() as wires:
        directory = Path(name)
        stanzas: list[str] = []
        for number in range(HOSTS):
            wire = wires.enter_context(Wire((server.address, server.port), ONE_WAY))
            stanzas.append(server.ssh_config(f"lab{number}", port=wire.port).read_text())
        config = directory / "config"
        config.write_text("".join(stanzas))
        guide = write(directory / "guide", CHECKS)
        trust = ["--guide", str(guide), "--trust-guide", load_guide(guide).digest, "--ssh-config", str(config)]
        env = {"HOME": str(directory), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}

        def entrant(number: int) -> Entrant:
            named = [word for each in range(number) for word in ("--target", f"ssh://lab{each}")]
            argv = [command("sprocket-tui"), "check", *named, *trust, "--format", "json"]
            return Entrant(f"{number} host{'' if number == 1 else 's'}", argv, env=env)

        race(f"{CHECKS} checks on each host, 100 ms round trip", [entrant(HOSTS), entrant(1)], rounds)


if __name__ == "__main__":
    main()
