"""Records again what the real tools answer: `python -m tests.lab.record TOOL [SCENE...]`.

As root, where the lab's droplets can be. The scenes are in tests/recordings/practice/TOOL; their answers are replaced.
"""

import argparse
import datetime
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import yaml

from tests.lab import droplet, pulumi, real_systemd, swarm
from tests.lab.real_apt import RealApt
from tests.lab.real_docker import RealDocker
from tests.lab.real_doppler import RealDoppler
from tests.lab.real_machine import RealMachine
from tests.lab.real_pulumi import RealPulumi
from tests.lab.real_systemd import RealSystemd
from tests.lab.real_vault import RealVault
from tests.lab.tools import DOPPLER, VAULT, missing_files, missing_programs, tool_cache
from tests.practice.contract import Answer, Scene, scenes

RECORDER = "tests/lab/record.py"


class Real(Protocol):
    """A droplet in which a real tool takes the steps of one scene."""

    @property
    def version(self) -> Any:
        """What the tool says it is."""

    def step(self, step: dict[str, Any]) -> Answer | None:
        """Takes one step; the answer of a command line."""


_REALS: dict[str, Callable[[str], AbstractContextManager[Real]]] = {
    "apt-get": RealApt,
    "docker": lambda tool: RealDocker(),
    "doppler": lambda tool: RealDoppler(),
    "pulumi": lambda tool: RealPulumi(),
    "systemctl": RealSystemd,
    "timedatectl": RealSystemd,
    "vault": lambda tool: RealVault(),
}
# Those that lie in the tool cache alone.
_BUILT = {"doppler": DOPPLER, "vault": VAULT}


def real(tool: str) -> AbstractContextManager[Real]:
    """A fresh droplet for a scene of a tool."""
    return _REALS.get(tool, RealMachine)(tool)


def missing(tool: str) -> str:
    """Why a tool cannot be asked here; "" when it can."""
    if tool in ("systemctl", "timedatectl") and (reason := real_systemd.missing()):
        return reason
    lanes = {"pulumi": pulumi.missing, "npm": pulumi.missing, "docker": swarm.missing}
    if tool in _BUILT:
        return droplet.missing() or missing_files(tool_cache() / _BUILT[tool])
    return droplet.missing() or (lanes[tool]() if tool in lanes else missing_programs(tool))


def record(scene: Scene) -> dict[str, Any]:
    """The scene with new answers, from a droplet of its own."""
    with real(scene.tool) as tool:
        version = tool.version
        steps = [_told(step, tool.step(step)) for step in scene.steps]
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return {"version": version, "date": today, "recorder": RECORDER, "steps": steps}


def _told(step: dict[str, Any], answer: Answer | None) -> dict[str, Any]:
    asked = {name: value for name, value in step.items() if name not in ("status", "out", "err")}
    if answer is None:
        return asked
    kept = answer.normalised(step["run"])
    texts = {"out": kept.out, "err": kept.err}
    return {**asked, "status": kept.status, **{name: text for name, text in texts.items() if text}}


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they are, command lines on one line."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.Node:
    plain = all(isinstance(item, str) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=plain)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def main() -> None:
    """Records the named scenes of a tool, or all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tool")
    parser.add_argument("scene", nargs="*")
    given = parser.parse_args()
    for scene in scenes(given.tool):
        if not given.scene or scene.name in given.scene:
            document = record(scene)
            scene.file.write_text(
                yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=10_000, allow_unicode=True)
            )
            print(scene, len(document["steps"]), flush=True)


if __name__ == "__main__":
    main()
