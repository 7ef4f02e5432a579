"""Services in a practice world, and the program's own scripts run by the real shell over it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes import PROBES
from sprocket_tui.guide.model import ProbeWords
from sprocket_tui.practice.standins.docker import fates
from sprocket_tui.practice.world import Service, State, World, identifier
from sprocket_tui.target.batch import Answer
from tests.practice.contract import Answer as Said
from tests.practice.replay import manager
from tests.unit.checks_kit import answered

SOURCE = Path(__file__).parents[2]
ALL_THERE = 60.0
SHIM = """#!{python}
import os, sys
sys.path.insert(0, "{source}")
from pathlib import Path
from sprocket_tui.practice.standins.{module} import main
from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.world import World
world = World(Path("{base}/world.json"))
given = (os.environ, os.getcwd(), sys.stdin, sys.stdout, sys.stderr, Path("{base}"))
sys.exit(main(Call("{name}", sys.argv[1:], world, *given)))
"""


def service(state: State, name: str, age: float = ALL_THERE, **fields: Any) -> Service:
    """A service that somebody made `age` seconds ago."""
    began = time.time() - age
    made: Service = {
        "id": identifier(state),
        "name": name,
        "image": "lab/web:1",
        "created": began,
        "updated": began,
        "replicas": 1,
        "ports": [],
        "labels": {},
        "networks": [],
        "mounts": [],
        "fate": "runs",
        "error": "",
    }
    made.update(fields)  # type: ignore[typeddict-item]
    state["docker"]["services"].append(made)
    return made


def decided(state: State, name: str, **fields: Any) -> tuple[str, str]:
    """Fate and error of a new service; only /here is there."""
    made = service(state, name, **fields)
    fates.decide(state, made, lambda source: source in ("/here", "data"))
    return made["fate"], made["error"]


class Node:
    """A world, and commands on the PATH that answer from it: the program's own scripts run with the real shell."""

    def __init__(self, base: Path) -> None:
        self.base, self.world = base, World(base / "world.json")
        self.world.make(manager())
        (base / "bin").mkdir()
        for name, module in (("docker", "docker"), ("ss", "network")):
            words = {"python": sys.executable, "source": SOURCE, "base": base, "name": name, "module": module}
            (base / "bin" / name).write_text(SHIM.format(**words))
            (base / "bin" / name).chmod(0o755)

    def shell(self, script: str) -> Answer:
        path = f"{self.base}/bin:{os.environ['PATH']}"
        done = subprocess.run(["sh", "-s"], input=script.encode(), capture_output=True, check=False, env={"PATH": path})
        return Answer(done.returncode, done.stdout, done.stderr)

    def observe(self, asked: ProbeWords) -> Observation:
        """What a probe of the program sees."""
        commands = PROBES[asked.kind].commands
        assert commands
        return answered(asked, *(self.shell(command.script) for command in commands(asked)))

    @contextmanager
    def change(self) -> Iterator[State]:
        with self.world.change() as state:
            yield state


def ok(said: Said) -> str:
    """What was said by what ended well."""
    assert said.status == 0, said.err
    return said.out
