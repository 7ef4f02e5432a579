"""Kills the walk of Layer 1 with the real Pulumi once after every event of its update, and prints what came of it.

    python -m tests.real.kill_points [--all] [--share K/N]

With --all after every event of the whole walk; that takes hours, so --share does every N-th event from the K-th on, for
N of these beside each other. CI kills at the seven points that matter most.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.lab.pulumi import RESOURCES, PulumiLab
from tests.lab.sshd import Sshd
from tests.lab.swarm import SwarmLab
from tests.real.deploy import Deployment
from tests.real.watching import Watcher, found_in

SERVICES = 4


@dataclass(frozen=True)
class Outcome:
    """After one kill and the resumes it took: services made by Docker's account, resources, an empty preview.

    `leaked` says where a planted secret was seen, among the `processes` that were looked at as well.
    """

    resumes: int
    created: int
    services: int
    resources: int
    unchanged: bool
    started_twice: int
    leaked: tuple[str, ...]
    processes: int

    @property
    def good(self) -> bool:
        made_once = self.created == self.services == SERVICES
        whole = self.resources >= RESOURCES and self.unchanged
        return made_once and whole and not self.started_twice and not self.leaked and self.processes > 0


def kill_at(deployment: Deployment, death: str) -> Outcome:
    """Starts a walk that dies as `death` says, and resumes it to its end, all of it watched."""
    began = deployment.swarm.now()
    with Watcher(deployment.planted, deployment.swarm.droplet) as watcher:
        done = deployment.run(SPROCKET_TEST_DEATH=death)
        said, resumes = done.stdout + done.stderr, 0
        while done.returncode != 4 and resumes < 3:
            resumes += 1
            done = deployment.resume()
            said += done.stdout + done.stderr
    if done.returncode != 4:
        raise AssertionError(said)
    printed = [f"{name} at the terminal" for name, secret in deployment.planted.items() if secret in said]
    started = [
        (event["data"]["step"], event["data"]["number"])
        for event in deployment.program.journal()
        if event["kind"] == "attempt.started"
    ]
    return Outcome(
        resumes=resumes,
        created=len(deployment.swarm.created_events(since=began)),
        services=len(deployment.swarm.services()),
        resources=len(deployment.pulumi.state(deployment.layer_1)["resources"]),
        unchanged=deployment.unchanged(),
        started_twice=len(started) - len(set(started)),
        leaked=(*printed, *sorted(watcher.found), *found_in(deployment.planted, *deployment.kept())),
        processes=watcher.processes,
    )


def main(every: bool, first: int, stride: int) -> int:
    """Prints one line a point; 1 when any of them ended otherwise than an undisturbed run."""
    bad = 0
    with tempfile.TemporaryDirectory(prefix="kill-") as name, SwarmLab() as swarm:
        number = first + (0 if every else _first_of_the_update(swarm, Path(name)))
        while True:
            swarm.reset()
            directory = Path(name) / str(number)
            directory.mkdir()
            began = time.monotonic()
            with Sshd(directory, droplet=swarm.droplet) as server:
                deployment = _ready(swarm, server, directory, configured=not every)
                outcome = kill_at(deployment, f"event:{number}")
            bad += not outcome.good
            if not outcome.resumes:
                print(f"{'past the end':>23} {'good' if outcome.good else 'BAD '}; {bad} bad", flush=True)
                return int(bad > 0)
            event = deployment.program.journal()[number - 1]
            seconds = time.monotonic() - began
            print(
                f"{number:4} {event['kind']:18} {'good' if outcome.good else 'BAD '} {seconds:5.0f} s  {outcome}",
                flush=True,
            )
            number += stride


def _ready(swarm: SwarmLab, server: Sshd, directory: Path, *, configured: bool) -> Deployment:
    deployment = Deployment(swarm, server, PulumiLab(swarm.droplet), directory)
    if configured:
        deployment.configure()
    return deployment


def _first_of_the_update(swarm: SwarmLab, directory: Path) -> int:
    """How many events an undisturbed walk writes before the update begins."""
    swarm.reset()
    (directory / "first").mkdir()
    with Sshd(directory / "first", droplet=swarm.droplet) as server:
        deployment = _ready(swarm, server, directory / "first", configured=True)
        done = deployment.run(SPROCKET_TEST_DEATH="kind:step.started:layer-1.up:1")
        if done.returncode != -signal.SIGKILL:
            raise AssertionError(done.stdout + done.stderr)
        return len(deployment.program.journal()) - 1


def share(text: str) -> tuple[int, int]:
    """ "2/3" as (2, 3); raises ValueError when it is not one of them."""
    first, _, stride = text.partition("/")
    if not 1 <= int(first) <= int(stride):
        raise ValueError(text)
    return int(first), int(stride)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every event of the walk, not only those of the update")
    parser.add_argument("--share", type=share, default=(1, 1), metavar="K/N")
    given = parser.parse_args()
    sys.exit(main(given.all, *given.share))
