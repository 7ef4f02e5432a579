"""Records again what the real docker answers: `python -m tests.lab.record_docker [SCENE...]`.

As root, where the lab can have a Swarm. The scenes are in tests/recordings/practice/docker; their answers are replaced.
"""

import datetime
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import yaml

from tests.lab.swarm import SwarmLab
from tests.practice.contract import SCENES, Answer, Scene, environment, scenes, substituted


class RealDocker:
    """The real client against the real daemon of a lab's droplet."""

    def __init__(self, lab: SwarmLab) -> None:
        self._lab, self._key = lab, ""

    def docker(self, argv: Sequence[str], stdin: str = "") -> Answer:
        """What it answers."""
        done = subprocess.run(
            [*self._lab.droplet.enter, "docker", *argv],
            env=environment(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def step(self, step: dict[str, Any]) -> Answer | None:
        """Takes one step; the answer of a command line."""
        match step:
            case {"run": argv}:
                stdin = step.get("stdin", "").replace("<key>", self._key)
                return self.docker(substituted(argv, self.docker)[1:], stdin)
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


def versions(docker: RealDocker) -> dict[str, str]:
    """The versions of the client and of the server."""
    answer = docker.docker(["version", "--format", "{{.Client.Version}} {{.Server.Version}}"]).out.split()
    return {"client": answer[0], "server": answer[1]}


def record(scene: Scene) -> dict[str, Any]:
    """The scene with new answers, from a manager of its own."""
    with SwarmLab() as lab:
        docker = RealDocker(lab)
        known = versions(docker)
        steps = list[dict[str, Any]]()
        for step in scene.steps:
            answer = docker.step(step)
            told = {}
            if answer is not None:
                answer = answer.normalised()
                told = {"status": answer.status, "out": answer.out, "err": answer.err}
            steps.append({name: value for name, value in {**step, **told}.items() if value != "" or name == "stdin"})
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return {"docker": known, "date": today, "recorder": "tests/lab/record_docker.py", "steps": steps}


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they are, command lines on one line."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.Node:
    plain = all(isinstance(item, str) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=plain)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def main(names: Sequence[str]) -> None:
    """Records the named scenes, or all."""
    for scene in scenes():
        if not names or scene.name in names:
            document = record(scene)
            text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=10_000, allow_unicode=True)
            (SCENES / f"{scene.name}.yaml").write_text(text)
            print(scene.name, len(document["steps"]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
