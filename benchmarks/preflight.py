"""The whole preflight of the bundled guide on a practice droplet, beside its probes one by one over the same link."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence

from sprocket_tui.checks.observation import Verdict
from sprocket_tui.checks.runner import run_checks
from sprocket_tui.commands import measuring, targets
from sprocket_tui.commands.targets import Goal
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.guide.model import Check, Guide
from sprocket_tui.guide.resolve import measured
from sprocket_tui.target.link import Link
from sprocket_tui.target.ssh.asking import Headless
from sprocket_tui.values import JSON


def main(rounds: int = 3) -> None:
    """Prints seconds of the whole, and of the slowest and the sum of its probes where each is measured alone."""
    guide = load_guide()
    checks = [check for each in guide.checklists if each.moment == "before" for check in each.checks]
    wholes, slowest, sums, number = list[float](), list[float](), list[float](), 0
    with _droplet() as goal, contextlib.closing(goal.connect(Headless())) as link:
        values = measuring.values(guide, goal)
        for _ in range(rounds):
            seconds, verdicts = _timed(link, goal, guide, checks, values)
            wholes.append(seconds)
            told = values | _found(guide, verdicts)
            names = {verdict.id for verdict in verdicts if verdict.observation.measured}
            alone = [
                _timed(link, goal, guide, [check], told)[0]
                for check in checks
                if check.id in names or any(name.startswith(f"{check.id}.") for name in names)
            ]
            number = len(alone)
            slowest.append(max(alone))
            sums.append(sum(alone))
    whole = statistics.median(wholes)
    print(f"\nthe preflight, {number} probes that could measure ({rounds} rounds, medians)")
    for label, figures in (("all at once", wholes), ("the slowest alone", slowest), ("one by one", sums)):
        middle = statistics.median(figures)
        print(f"  {label:28} {whole / middle:6.2f} {min(figures):8.3f} {middle:8.3f} {max(figures):8.3f}")


def _timed(
    link: Link, goal: Goal, guide: Guide, checks: Sequence[Check], values: Mapping[str, JSON]
) -> tuple[float, tuple[Verdict, ...]]:
    began = time.perf_counter()
    verdicts = run_checks(
        checks, link=link, values=values, secrets={}, variables=guide.vars, path=goal.profile.path, deadline=44
    )
    return time.perf_counter() - began, verdicts


def _found(guide: Guide, verdicts: Sequence[Verdict]) -> dict[str, JSON]:
    """What the whole measured of variables, so that a probe alone asks what it asked there."""
    seen = {verdict.id: verdict.observation for verdict in verdicts if verdict.observation.measured}
    of = {var.name: (var, seen[var.measured_by]) for var in guide.vars if var.measured_by in seen}
    return {name: measured(var, each.value, each.seen) for name, (var, each) in of.items()}


@contextlib.contextmanager
def _droplet() -> Iterator[Goal]:
    """A practice droplet with a home of its own, as its profile has it."""
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        argv = [sys.executable, "-m", "sprocket_tui", "practice", "serve", "--json"]
        environ = {**os.environ, "HOME": home}
        with subprocess.Popen(argv, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as served:
            assert served.stdin
            assert served.stdout
            os.environ["XDG_CONFIG_HOME"] = json.loads(served.stdout.readline())["config"]
            yield targets.goal(argparse.Namespace(profile="practice", target=None, ssh_config=None))
            served.stdin.close()


if __name__ == "__main__":
    main()
