"""The whole walk on the practice droplet, and each fault: shown by its check, mended by what the report says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from sprocket_tui.practice.droplet import Droplet
from sprocket_tui.practice.faults import faults

SECRETS = {
    "credentials.passphrase": ["pulumi_passphrase"],
    "credentials.images": ["docker_access_token", "discord_fa_client_secret"],
    "credentials.vault": ["vault_s3_access_key", "vault_s3_secret_key"],
}
CANARY = "canary-of-practice"
FAULTS = faults()
# Their remedy is a command of the report; the others are mended at a provider, in the program, or by a bigger droplet.
MENDED = ["clock-wrong", "disk-full", "npm-missing", "port-closed", "port-taken", "daemon-down"]


class Person:
    """Somebody at a keyboard, with a home of their own."""

    def __init__(self, directory: Path) -> None:
        self.home = directory / "home"
        self.home.mkdir(parents=True)
        self.answers = directory / "answers.yaml"
        self.answers.write_text(yaml.safe_dump(self._answers(directory)))

    def __call__(self, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **extra}
        if "PYTHONPATH" in os.environ:
            environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
        argv = [sys.executable, "-m", "sprocket_tui", *words]
        return subprocess.run(
            argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=280, check=False
        )

    def walk(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self("practice", "--plain", "--speed", "max", "--answers", str(self.answers), *words)

    @staticmethod
    def _answers(directory: Path) -> dict[str, Any]:
        given: dict[str, dict[str, Any]] = {"credentials.vault": {"vault_s3_bucket": "vault-secrets"}}
        given["credentials.vault"]["vault_s3_endpoint"] = "https://nyc3.digitaloceanspaces.com"
        given["credentials.images"] = {"docker_username": "practice"}
        for step, names in SECRETS.items():
            for name in names:
                file = directory / name
                file.write_text(f"{CANARY}-{name}")
                given.setdefault(step, {})[name] = {"file": str(file)}
        gates = ("login", "stack", "config", "config-vault", "up")
        return {
            "access": {"access.moment": {"confirm": True}},
            "swarm": {"swarm.init": {"gate": True}},
            "checkout": {f"checkout.{each}": {"gate": True} for each in ("unseal-tokens", "npm-global", "npm-layer-1")},
            "credentials": given,
            "layer-1": {f"layer-1.{each}": {"gate": True} for each in gates}
            | {"layer-1.up": {"gate": True, "repair": True}},
        }


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


def test_the_walk_ends_well_and_shows_that_it_is_a_rehearsal(person: Person) -> None:
    done = person.walk()
    assert done.returncode == 4, done.stdout + done.stderr
    assert "The walk is complete." in done.stdout
    assert "PRACTICE: this run is a rehearsal" in done.stdout
    assert "*** PRACTICE ***" in done.stderr
    assert "     16 of 16  created" in done.stdout
    # What comes from the profile is read before anything changes, and the backend stands on the card of the update.
    assert "works on sprocket.practice.test (staging) at 127.0.0.1." in done.stdout
    assert "Pulumi keeps its state in file:///root/pulumi-state." in done.stdout
    assert "changes   the state of the stack layer_1 in file:///root/pulumi-state" in done.stdout
    (journal,) = person.home.glob("**/practice/runs/**/journal.jsonl")
    assert json.loads(journal.read_text().splitlines()[0])["data"]["practice"] is True
    again = person.walk()
    assert "The walk is complete." in again.stdout
    assert "doing it" not in again.stdout
    # The person's own profiles and runs are others.
    assert "No run is kept" in person("runs").stdout
    assert "No profile is saved" in person("profiles").stdout
    leaked = [file for file in person.home.rglob("*") if file.is_file() and CANARY.encode() in file.read_bytes()]
    assert leaked == []


def test_a_dry_run_says_go_before_the_walk_and_its_result_is_judged_after(tmp_path: Path, person: Person) -> None:
    with Droplet(tmp_path / "droplet", speed=1000) as droplet:
        config = str(droplet.write_profile("practice"))

        def checked(*words: str) -> dict[str, Any]:
            done = person("check", "--profile", "practice", "--format", "json", *words, XDG_CONFIG_HOME=config)
            return json.loads(done.stdout)

        before = checked()
        assert before["exit"] == 4, before
        assert before["left_out"] == ["swarm", "dependencies", "layer-1"]
        assert {row["state"] for row in before["checks"] if row["blocking"]} == {"pass"}
        assert checked("layer-1")["exit"] in {3, 5}

        answers = ("--answers", str(person.answers))
        walked = person("run", "--plain", "--profile", "practice", *answers, XDG_CONFIG_HOME=config)
        assert "The walk is complete." in walked.stdout, walked.stdout + walked.stderr

        after = checked("swarm", "dependencies", "layer-1")
        assert {row["state"] for row in after["checks"]} == {"pass"}, after
        assert checked()["exit"] == 4


@pytest.mark.parametrize("fault", MENDED)
def test_a_fault_is_shown_and_mended_by_the_command_of_the_report(fault: str, tmp_path: Path, person: Person) -> None:
    with Droplet(tmp_path / "droplet", speed=1000, faults=[FAULTS[fault]]) as droplet:
        report = checker(droplet, person)
        shown = report(FAULTS[fault].shows)
        assert shown["state"] in {"fail", "warn"}, shown
        assert shown["remedy"]["where"] == "droplet"
        address = droplet.address
        ssh = ["ssh", "-p", str(address.port), "-i", address.key, "-o", f"UserKnownHostsFile={address.known_hosts}"]
        command = [*ssh, f"{address.user}@{address.host}", shown["remedy"]["command"]]
        mended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        assert mended.returncode == 0, mended.stderr
        assert report(FAULTS[fault].shows)["state"] == "pass"


@pytest.mark.parametrize("fault", ["memory-small", "inodes-gone", "node-old", "name-missing", "name-stale"])
def test_a_fault_without_a_command_is_shown_with_what_to_do(fault: str, tmp_path: Path, person: Person) -> None:
    with Droplet(tmp_path / "droplet", speed=1000, faults=[FAULTS[fault]]) as droplet:
        shown = checker(droplet, person)(FAULTS[fault].shows)
        assert shown["state"] == "fail"
        assert shown["remedy"]["text"]


@pytest.mark.parametrize("fault", ["image-missing", "service-unhealthy", "restart-loop"])
def test_a_service_that_fails_is_named_with_its_hint(fault: str, person: Person) -> None:
    stopped = person.walk("--fault", fault)
    assert stopped.returncode in {3, 5}, stopped.stdout
    assert "16 of 16  created" in stopped.stdout
    assert "fail     Vault runs:" in stopped.stdout
    assert f"hint {FAULTS[fault].hint}:" in stopped.stdout


def test_any_ssh_client_can_look_inside_while_it_is_served(person: Person) -> None:
    environment = {"HOME": str(person.home), "PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    argv = [sys.executable, "-m", "sprocket_tui", "practice", "serve", "--json", "--speed", "max"]
    with subprocess.Popen(argv, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout
        assert served.stdin
        way = json.loads(served.stdout.readline())
        ssh = ["ssh", "-p", str(way["port"]), "-i", way["key"], "-o", f"UserKnownHostsFile={way['known_hosts']}"]
        done = subprocess.run(
            [*ssh, f"{way['user']}@{way['host']}", "hostname; docker --version; exit 5"],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == 5
        assert done.stdout.startswith("sprocket-practice\nDocker version ")
        served.stdin.close()
        assert served.wait(10) == 0


def test_a_reset_throws_it_away(person: Person) -> None:
    assert "There is no practice droplet" in person("practice", "reset").stdout
    assert person("practice", "serve", "--json").returncode == 0
    assert "was removed" in person("practice", "reset").stdout
    assert not list(person.home.rglob("world.json"))


def test_every_fault_is_listed_with_what_it_rehearses(person: Person) -> None:
    listed = person("practice", "faults").stdout
    assert all(fault in listed for fault in FAULTS)


def checker(droplet: Droplet, person: Person) -> Callable[[str], dict[str, Any]]:
    """`check` of one check on the droplet: its row of the JSON report."""
    config = droplet.write_profile("practice")

    def report(check: str) -> dict[str, Any]:
        words = ("check", "--profile", "practice", "--format", "json", "--only", check)
        done = person(*words, XDG_CONFIG_HOME=str(config))
        document = json.loads(done.stdout)
        assert document["practice"] is True
        return next(row for row in document["checks"] if row["id"] == check)

    return report
