"""The walk on the practice droplet, at full speed, beside the same walk on the real lab; and how soon it is there."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.lab.pulumi import PulumiLab
from tests.lab.sshd import Sshd
from tests.lab.swarm import SwarmLab
from tests.practice.test_rehearsal import Person
from tests.real.deploy import Deployment


def main(rounds: int = 2) -> None:
    """Prints the times of both walks, of the droplet's start until an SSH client may come, and their ratios."""
    practised, real, started = list[float](), list[float](), list[float]()
    with tempfile.TemporaryDirectory(prefix="bench-") as name, SwarmLab() as swarm:
        for number in range(rounds):
            directory = Path(name) / str(number)
            directory.mkdir()
            swarm.reset()
            with Sshd(directory, droplet=swarm.droplet) as server:
                deployment = Deployment(swarm, server, PulumiLab(swarm.droplet), directory, guide=None)
                real.append(_timed(lambda deployment=deployment: deployment.run().returncode))
            person = Person(directory / "person")
            practised.append(_timed(lambda person=person: person.walk().status))
            started.append(_start(person))
    peer = statistics.median(real)
    print(f"\nthe walk to the end of Layer 1 ({rounds} rounds, ratio of medians to the real lab)")
    for label, figures in (("on the practice droplet", practised), ("on the real lab", real)):
        middle = statistics.median(figures)
        print(f"  {label:28} {middle / peer:6.2f} {min(figures):8.3f} {middle:8.3f} {max(figures):8.3f}")
    print(f"  start of the droplet: {statistics.median(started):.3f} s, {statistics.median(started) / peer:.3f} of it")


def _timed(walk: Callable[[], int]) -> float:
    """Seconds of a walk that ends with warnings, as both do."""
    began = time.perf_counter()
    status = walk()
    if status != 4:
        raise RuntimeError(f"the walk ended with {status}")
    return time.perf_counter() - began


def _start(person: Person) -> float:
    """Seconds until the line that says how to get in, with a home where no droplet was before."""
    assert person("practice", "reset").returncode == 0
    argv = [sys.executable, "-m", "sprocket_tui", "practice", "serve", "--json"]
    home = {"HOME": str(person.home), "PATH": os.environ["PATH"]}
    began = time.perf_counter()
    with subprocess.Popen(argv, env=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdin
        assert served.stdout
        if not served.stdout.readline():
            raise RuntimeError("the droplet did not start")
        took = time.perf_counter() - began
        served.stdin.close()
    return took


if __name__ == "__main__":
    main()
