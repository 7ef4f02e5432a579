"""Times commands in turn, so that noise falls on all of them alike, and prints one table."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Entrant:
    """A command line with what it reads; `seconds` and `cpu` get one figure a round."""

    name: str
    argv: Sequence[str]
    stdin: str = ""
    env: Mapping[str, str] | None = None
    ok: tuple[int, ...] = (0,)
    seconds: list[float] = field(default_factory=list[float])
    cpu: list[float] = field(default_factory=list[float])

    def once(self) -> None:
        """Runs it once, as a cold process."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        done = subprocess.run(
            self.argv, input=self.stdin, env=self.env, capture_output=True, text=True, timeout=600, check=False
        )
        self.seconds.append(time.perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        if done.returncode not in self.ok:
            raise RuntimeError(f"{self.name} ended {done.returncode}: {done.stdout[-800:]}{done.stderr[-800:]}")


def race(title: str, entrants: Sequence[Entrant], rounds: int) -> None:
    """Runs all in turn `rounds` times and prints the table; the ratio is to the last entrant, the peer."""
    for _ in range(rounds):
        for entrant in entrants:
            entrant.once()
    peer = statistics.median(entrants[-1].seconds)
    print(f"\n{title} ({rounds} rounds, ratio of medians to {entrants[-1].name})")
    print(f"  {'':28} {'ratio':>6} {'min s':>8} {'median':>8} {'max':>8} {'cpu s':>8}")
    for each in entrants:
        middle = statistics.median(each.seconds)
        print(
            f"  {each.name:28} {middle / peer:6.2f} {min(each.seconds):8.3f} {middle:8.3f} {max(each.seconds):8.3f}"
            f" {statistics.median(each.cpu):8.3f}"
        )
