"""A world for the stand-ins of pulumi, npm and git without a sandbox, and what the real ones printed."""

from __future__ import annotations

import atexit
import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.actions.base import Conclusion
from sprocket_tui.actions.pulumi.reader import PulumiReader
from sprocket_tui.practice.standins.first_day import fresh
from sprocket_tui.practice.standins.repository import checkout
from sprocket_tui.practice.world import State, World

RECORDINGS = Path(__file__).parent.parent / "recordings" / "pulumi"
SOURCE = Path(__file__).parents[2]
ALWAYS = ("--stack", "layer_1", "--non-interactive", "--color", "never")
PLAIN = {
    "hostname": "sprocket.lab.test",
    "docker-username": "lab-hub-user",
    "vault-s3-bucket": "vault-secrets",
    "vault-s3-endpoint": "https://s3.lab.test",
}
SECRETS = {
    "docker-access-token": "token-not-real-0001",
    "discord-fa-client-secret": "discord-not-real-0002",
    "vault-s3-access-key": "KEYNOTREAL0003",
    "vault-s3-secret-key": "key/not/real/0004",
}
LOCKS = "root/state/.pulumi/locks/organization/layer_1/layer_1"
RUNNER = """
import os, sys
from importlib import import_module
from pathlib import Path
from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.world import World
root, directory, program, *argv = sys.argv[1:]
main = import_module(f"sprocket_tui.practice.standins.{program}").main
world = World(Path(root) / "world.json")
sys.exit(main(Call(program, argv, world, os.environ, directory, sys.stdin, sys.stdout, sys.stderr, Path(root))))
"""


@dataclass
class Droplet:
    """A world and its files below `root`; commands run in the directory of the program."""

    root: Path
    directory: str = "/root/sprocket-infra/layer_1"
    environ: dict[str, str] = field(
        default_factory=lambda: {
            "HOME": "/root",
            "PYTHONPATH": str(SOURCE),
            "PULUMI_BACKEND_URL": "file:///root/state",
            "PULUMI_CONFIG_PASSPHRASE_FILE": "/root/passphrase",
            "PULUMI_DEBUG_COMMANDS": "true",
        }
    )

    @property
    def world(self) -> World:
        return World(self.root / "world.json")

    def state(self) -> State:
        return self.world.read()

    def start(self, program: str, *argv: str) -> subprocess.Popen[str]:
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        command = [sys.executable, "-c", RUNNER, str(self.root), self.directory, program, *argv]
        return subprocess.Popen(command, env=self.environ, text=True, **pipes)

    def run(self, program: str, *argv: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        with self.start(program, *argv) as process:
            out, err = process.communicate(stdin, timeout=60)
        return subprocess.CompletedProcess(argv, process.returncode, out, err)

    def pulumi(self, *argv: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        place = argv.index("--") if "--" in argv else len(argv)
        return self.run("pulumi", *argv[:place], *ALWAYS, *argv[place:], stdin=stdin)

    def configure(self) -> None:
        for key, value in PLAIN.items():
            assert self.pulumi("config", "set", "--plaintext", "--", f"layer_1:{key}", value).returncode == 0
        for key, value in SECRETS.items():
            assert self.pulumi("config", "set", "--secret", f"layer_1:{key}", stdin=value).returncode == 0

    def install(self, *directories: str) -> None:
        for name in directories:
            package = self.root / "root/sprocket-infra" / name / "node_modules/@pulumi/pulumi/package.json"
            package.parent.mkdir(parents=True, exist_ok=True)
            package.write_text("{}")

    def change(self, change: Callable[[State], Any]) -> None:
        with self.world.change() as state:
            change(state)

    def until(self, holds: Callable[[State], bool]) -> None:
        for _ in range(500):
            if holds(self.state()):
                return
            time.sleep(0.01)
        pytest.fail("the update did not get there")


def bare(root: Path) -> Droplet:
    """A droplet with a checkout and a backend, at a hundred times the speed of life."""
    state = fresh(seed=1, speed=100)
    state["docker"]["swarm"] = "active"
    made = Droplet(root)
    made.world.make(state)
    (root / "root/state").mkdir(parents=True)
    (root / "root/passphrase").write_text("correct-horse\n")
    checkout(root / "root/sprocket-infra")
    return made


def configured(root: Path) -> Droplet:
    """The same with its packages installed and the stack made and configured."""
    shutil.copytree(_template(), root, dirs_exist_ok=True)
    return Droplet(root)


@cache
def _template() -> Path:
    root = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    made = bare(root)
    made.install("layer_1", "global")
    assert made.pulumi("stack", "select", "--create").returncode == 0
    made.configure()
    return root


def recorded(name: str) -> str:
    return gzip.decompress((RECORDINGS / f"{name}.gz").read_bytes()).decode()


def lines(text: str) -> list[str]:
    """What is printed whatever the order in which calls end: without heartbeats, times and generated names."""
    text = text.replace("/srv/sprocket-infra", "/root/sprocket-infra").replace(
        "/run/absent.sock", "/var/run/docker.sock"
    )
    text = re.sub(r"\((?:[\d.]+s)\)", "(0s)", text)
    text = re.sub(r"Duration: \d+s", "Duration: 0s", text)
    text = re.sub(r'"[0-9a-z]{25}"', '"ID"', text)
    return sorted(line.rstrip() for line in text.splitlines() if line.strip() and not line.startswith("@ "))


def conclude(stage: Any, status: int, events: str, text: str = "") -> Conclusion:
    reader = PulumiReader(stage)
    for stream, whole in (("events", events), ("out", text)):
        for line in whole.splitlines():
            if (kept := reader.reduce(stream, line)) is not None:
                reader.feed(stream, kept)
    return reader.conclude(status)


def steps(events: str, kind: str) -> Iterator[dict[str, Any]]:
    for line in events.splitlines():
        if found := json.loads(line).get(kind):
            yield found["metadata"]


def normal(value: Any) -> Any:
    """Properties without what differs from world to world: ids, generated names, ports and long texts."""
    if isinstance(value, dict):
        return {k: "DATA" if k == "data" else "PORT" if k == "publishedPort" else normal(v) for k, v in value.items()}
    if isinstance(value, list):
        return [normal(each) for each in value]
    if not isinstance(value, str):
        return value
    value = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|^[0-9a-z]{25}$", "ID", value)
    return re.sub(r"-[0-9a-f]{7}\b", "-RANDOM", value.replace("/srv/sprocket-infra", "/root/sprocket-infra"))
