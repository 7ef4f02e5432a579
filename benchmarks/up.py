"""`up` of Layer 1 through us beside `ssh host pulumi up`: same program, Swarm and backend, from nothing each time."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from tests.lab.pulumi import PulumiLab
from tests.lab.sshd import Sshd
from tests.lab.swarm import SwarmLab
from tests.real.deploy import Deployment


def main(rounds: int = 2) -> None:
    """Prints both times: ours from the intent of the update to its end, theirs of the whole ssh command."""
    ours, theirs = list[float](), list[float]()
    with tempfile.TemporaryDirectory(prefix="bench-") as name, SwarmLab() as swarm:
        for number in range(rounds):
            for timed, figures in ((_theirs, theirs), (_ours, ours)):
                directory = Path(name) / f"{number}{timed.__name__}"
                directory.mkdir()
                swarm.reset()
                with Sshd(directory, droplet=swarm.droplet) as server:
                    figures.append(timed(swarm, server, directory))
    peer = statistics.median(theirs)
    print(f"\nup of Layer 1 ({rounds} rounds, ratio of medians to ssh host pulumi up)")
    for label, figures in (("through us", ours), ("ssh host pulumi up", theirs)):
        middle = statistics.median(figures)
        print(f"  {label:28} {middle / peer:6.2f} {min(figures):8.3f} {middle:8.3f} {max(figures):8.3f}")


def _deployment(swarm: SwarmLab, server: Sshd, directory: Path) -> Deployment:
    deployment = Deployment(swarm, server, PulumiLab(swarm.droplet), directory)
    deployment.configure()
    return deployment


def _ours(swarm: SwarmLab, server: Sshd, directory: Path) -> float:
    deployment = _deployment(swarm, server, directory)
    done = deployment.run()
    if done.returncode != 4:
        raise RuntimeError(done.stdout + done.stderr)
    update = [event for event in deployment.program.journal() if event["data"].get("step") == "layer-1.up"]
    intents = [event["data"] for event in update if event["kind"] == "attempt.intended"]
    number = next(intent["number"] for intent in intents if intent["stage"] == "perform")
    at = {event["kind"]: event["at"] for event in update if event["data"].get("number") == number}
    return _seconds(at["attempt.ended"]) - _seconds(at["attempt.intended"])


def _theirs(swarm: SwarmLab, server: Sshd, directory: Path) -> float:
    deployment = _deployment(swarm, server, directory)
    exports = " ".join(f"{name}={value!r}" for name, value in deployment.pulumi.environment.items())
    line = f"cd {deployment.layer_1} && {exports} pulumi up --yes --skip-preview --non-interactive --stack layer_1"
    began = time.perf_counter()
    subprocess.run(["ssh", "-F", str(server.ssh_config("lab")), "lab", line], check=True, capture_output=True)
    return time.perf_counter() - began


def _seconds(at: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(at).timestamp()


if __name__ == "__main__":
    main()
