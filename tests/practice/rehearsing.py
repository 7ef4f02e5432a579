"""A person who rehearses: walks on a practice droplet, reads its report, and does what it says in a fresh shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sprocket_tui.engine.outputs import lines
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.practice.droplet import Droplet

SECRETS = {
    "credentials.passphrase": ["pulumi_passphrase"],
    "credentials.images": ["docker_access_token", "discord_fa_client_secret"],
    "credentials.vault": ["vault_s3_access_key", "vault_s3_secret_key"],
}
CANARY = "canary-of-practice"
GATES = {
    "swarm": ["init"],
    "checkout": ["unseal-tokens", "npm-global", "npm-layer-1"],
    "layer-1": ["login", "stack", "config", "config-vault", "up"],
}
GUIDE = load_guide()
# What a first walk says of a good droplet, and nobody has to mend.
HARMLESS = {"checkout.unseal-tokens", "dns.vault"}


@dataclass
class Walked:
    """What a walk said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def complete(self) -> bool:
        return "The walk is complete." in self.out


class Person:
    """Somebody at a keyboard, with a home of their own; `left_at` is a change to which they do not agree.

    `before` is called in the program's own process before it begins.
    """

    before: Callable[[], None] | None = None

    def __init__(self, directory: Path, left_at: str = "") -> None:
        self.directory, self.home = directory, directory / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.base = self.home / ".local/state/sprocket-tui/practice"
        self.answers = directory / "answers.yaml"
        self.answers.write_text(yaml.safe_dump(self._answers(left_at)))

    def __call__(self, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **extra}
        if "PYTHONPATH" in os.environ:
            environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
        argv = [sys.executable, "-m", "sprocket_tui", *words]
        return subprocess.run(
            argv,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=800,
            check=False,
            preexec_fn=self.before,
        )

    def walk(self, *words: str) -> Walked:
        done = self("practice", "--plain", "--speed", "max", "--answers", str(self.answers), *words)
        return Walked(done.returncode, done.stdout, done.stderr)

    def given(self, name: str) -> Path:
        """The file with a secret that the person gives."""
        return self.directory / name

    @contextmanager
    def at_the_droplet(self) -> Iterator[Served]:
        """The same droplet, served to anybody while nobody walks."""
        with Droplet(self.base, speed=1000) as droplet:
            yield Served(self, droplet)

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The events of that kind of the newest run."""
        rows = map(json.loads, (self._run() / "journal.jsonl").read_text().splitlines())
        return [row["data"] for row in rows if row["kind"] == kind]

    def hints(self) -> dict[str, str]:
        """The hints that were shown, with their commands."""
        return {each["hint"]: each["command"] for each in self.events("hint.found")}

    def bad_checks(self) -> set[str]:
        """The checks that did not pass and were not kept from being asked by another one."""
        verdicts = [each["verdict"] for each in self.events("check.judged")]
        bad = {each["id"] for each in verdicts if each["state"] not in ("pass", "skipped") and not each["blocked_by"]}
        return bad - HARMLESS

    def judged(self, check: str) -> dict[str, Any]:
        """The newest verdict of a check in the walk."""
        return [each["verdict"] for each in self.events("check.judged") if each["verdict"]["id"] == check][-1]

    def printed(self) -> str:
        """All that the run's jobs printed and its checks saw amiss."""
        attempts = sorted((self._run() / "attempts").glob("*/*"))
        jobs = [line for attempt in attempts for line in lines(attempt, ("out", "err", "events"))]
        verdicts = [each["verdict"] for each in self.events("check.judged")]
        return "\n".join([*jobs, *(each["observed"] for each in verdicts if each["state"] != "pass")])

    def _run(self) -> Path:
        runs = (self.base / "runs/sprocket-tui/runs").iterdir()
        return max(runs, key=lambda each: (each / "journal.jsonl").stat().st_mtime)

    def _answers(self, left_at: str) -> dict[str, Any]:
        given: dict[str, dict[str, Any]] = {"credentials.vault": {"vault_s3_bucket": "vault-secrets"}}
        given["credentials.vault"]["vault_s3_endpoint"] = "https://nyc3.digitaloceanspaces.com"
        given["credentials.images"] = {"docker_username": "practice"}
        for step, names in SECRETS.items():
            for name in names:
                self.given(name).write_text(f"{CANARY}-{name}")
                given.setdefault(step, {})[name] = {"file": str(self.given(name))}
        agreed = {
            screen: {f"{screen}.{step}": {"gate": True} for step in steps if f"{screen}.{step}" != left_at}
            for screen, steps in GATES.items()
        }
        agreed["layer-1"].setdefault("layer-1.up", {})["repair"] = True
        return {"access": {"access.moment": {"confirm": True}}, "credentials": given, **agreed}


@dataclass
class Served:
    """A droplet that is served, and the person's way into it."""

    person: Person
    droplet: Droplet

    def report(self, check: str) -> dict[str, Any]:
        """The check's row in the JSON report of a dry run."""
        config = self.droplet.write_profile("practice")
        words = ("check", "--profile", "practice", "--format", "json", "--only", check)
        document = json.loads(self.person(*words, XDG_CONFIG_HOME=str(config)).stdout)
        assert document["practice"] is True
        return next(row for row in document["checks"] if row["id"] == check)

    def shell(self, command: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """What a command prints in a fresh shell of the droplet; `given` is typed where it asks."""
        address = self.droplet.address
        ssh = ["ssh", "-p", str(address.port), "-i", address.key, "-o", f"UserKnownHostsFile={address.known_hosts}"]
        return subprocess.run(
            [*ssh, f"{address.user}@{address.host}", command], capture_output=True, text=True, input=given, check=False
        )

    def ssh_config(self) -> Path:
        """An SSH configuration in which `practice` is the droplet, as a person would write it who was told the way."""
        address, file = self.droplet.address, self.person.directory / "ssh_config"
        file.write_text(
            f"Host practice\n  HostName {address.host}\n  Port {address.port}\n  User {address.user}\n"
            f'  IdentityFile "{address.key}"\n  UserKnownHostsFile "{address.known_hosts}"\n'
        )
        return file
