"""The whole preflight of the bundled guide beside its probes one by one over the same link.

Twice: on a practice droplet without latency, where its probes share the processor, and on a real Swarm that is far
away, where they wait for the wire. What it takes to connect is told apart: it is there once, before any probe.
"""

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
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

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
from tests.lab.cable import Cable
from tests.lab.dns import DnsLab, Zone
from tests.lab.pulumi import CONFIG, PulumiLab
from tests.lab.sshd import Sshd
from tests.lab.swarm import SwarmLab

ONE_WAY = 0.1
_RESOLVERS = (5301, 5302, 5303)
_LABELS = ("traefik", "fa", "vault", "api", "image-generation", "grafana", "influx", "status", "rabbitMq", "redis")


@dataclass
class Figures:
    """Seconds of each round."""

    connected: list[float] = field(default_factory=list[float])
    wholes: list[float] = field(default_factory=list[float])
    slowest: list[float] = field(default_factory=list[float])
    sums: list[float] = field(default_factory=list[float])


def main(rounds: int = 3) -> None:
    """Prints both tables; the second needs root for the Swarm, the SSH server and the cable."""
    guide = load_guide()
    for title, place in (
        ("on a practice droplet, no latency", _practice()),
        (f"on a real Swarm, {ONE_WAY * 1e3:g} ms each way to it and to the name servers", _far()),
    ):
        with place as goal:
            _compare(title, goal, guide, rounds)


def _compare(title: str, goal: Goal, guide: Guide, rounds: int) -> None:
    """Prints seconds of the whole, and of the slowest and the sum of its probes where each is measured alone."""
    checks = [check for each in guide.checklists if each.moment == "before" for check in each.checks]
    values, figures, last, number = measuring.values(guide, goal), Figures(), "", 0
    for _ in range(rounds):
        began = time.perf_counter()
        with contextlib.closing(goal.connect(Headless())) as link:
            figures.connected.append(time.perf_counter() - began)
            seconds, verdicts = _timed(link, goal, guide, checks, values)
            figures.wholes.append(seconds)
            told = values | _found(guide, verdicts)
            # Also what it could not measure in the end: it waited for that as well.
            asked = {verdict.id for verdict in verdicts if verdict.asked}
            alone = {
                check.id: _timed(link, goal, guide, [check], told)[0]
                for check in checks
                if check.id in asked or any(name.startswith(f"{check.id}.") for name in asked)
            }
            last, number = max(alone, key=alone.__getitem__), len(alone)
            figures.slowest.append(alone[last])
            figures.sums.append(sum(alone.values()))
    whole = statistics.median(figures.wholes)
    print(f"\nthe preflight {title}: {number} checks ({rounds} rounds, load {os.getloadavg()[0]:.1f})")
    for label, seconds in (
        ("all at once", figures.wholes),
        (f"the slowest alone, {last}", figures.slowest),
        ("one by one", figures.sums),
        ("to connect before", figures.connected),
    ):
        middle = statistics.median(seconds)
        print(f"  {label:44} {whole / middle:6.2f} {min(seconds):8.3f} {middle:8.3f} {max(seconds):8.3f}")


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
def _practice() -> Generator[Goal, None, None]:
    """A practice droplet with a home of its own, as its profile has it."""
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        argv = [sys.executable, "-m", "sprocket_tui", "practice", "serve", "--json"]
        environ = {**os.environ, "HOME": home}
        with subprocess.Popen(argv, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as served:
            assert served.stdin
            assert served.stdout
            os.environ["XDG_CONFIG_HOME"] = json.loads(served.stdout.readline())["config"]
            yield _goal("practice")
            served.stdin.close()


@contextlib.contextmanager
def _far() -> Generator[Goal, None, None]:
    """A Swarm with a checkout and Pulumi at the other end of a long cable, where its zone is served too."""
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        machine = stack.enter_context(SwarmLab()).droplet
        machine.address = address = stack.enter_context(Cable(machine, ONE_WAY)).address
        # More resolvers than there are servers: each port of theirs leads to the same one.
        ports = f"{_RESOLVERS[0]}:{_RESOLVERS[-1]}"
        rule = ["PREROUTING", "-p", "udp", "--dport", ports, "-j", "REDIRECT", "--to-ports", "53"]
        machine.run(["iptables", "-t", "nat", "-A", *rule])
        own = {"@": ["NS ns1", "NS ns2", f"A {address}"], "*": [f"A {address}"]}
        names = {label: [f"A {address}"] for label in (*_LABELS, "ns1", "ns2")}
        zones: dict[str, Zone] = {CONFIG["hostname"]: {**own, **names}, "test": {}}
        stack.enter_context(DnsLab(zones, machine))
        pulumi = PulumiLab(machine)
        pulumi.install(pulumi.checkout(machine.home / "sprocket-infra"))
        server = stack.enter_context(Sshd(directory, droplet=machine))
        profile = {
            "environment": "staging",
            "host": "lab",
            "ssh_config": str(server.ssh_config()),
            "domain": CONFIG["hostname"],
            "address": address,
            "resolvers": [f"{address}:{port}" for port in _RESOLVERS],
            "backend": pulumi.backend,
            "path": pulumi.path,
        }
        (directory / "sprocket-tui").mkdir()
        (directory / "sprocket-tui" / "profiles.yaml").write_text(yaml.safe_dump({"far": profile}))
        os.environ["XDG_CONFIG_HOME"] = str(directory)
        yield _goal("far")


def _goal(profile: str) -> Goal:
    return targets.goal(argparse.Namespace(profile=profile, target=None, ssh_config=None))


if __name__ == "__main__":
    main()
