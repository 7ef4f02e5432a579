"""The whole walk on the practice droplet, without a fault, and the forms of the command around it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.practice.droplet import Droplet
from sprocket_tui.practice.faults import faults
from tests.practice.rehearsing import CANARY, Person

FAULTS = faults()


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


def test_the_walk_ends_well_and_shows_that_it_is_a_rehearsal(person: Person) -> None:
    done = person.walk()
    assert done.status == 0, done.out + done.err
    assert done.complete
    assert "What did not pass" not in done.out
    assert done.out.endswith("\nThe walk is complete.\n")
    assert "PRACTICE: this run is a rehearsal" in done.out
    assert "*** PRACTICE ***" in done.err
    assert "     16 of 16  created" in done.out
    # What comes from the profile is read before anything changes, and the backend stands on the card of the update.
    assert "works on sprocket.practice.test (staging) at 127.0.0.1." in done.out
    assert "Pulumi keeps its state in file:///root/pulumi-state." in done.out
    assert "changes   the state of the stack layer_1 in file:///root/pulumi-state" in done.out
    (journal,) = person.home.glob("**/practice/runs/**/journal.jsonl")
    assert json.loads(journal.read_text().splitlines()[0])["data"]["practice"] is True
    again = person.walk()
    assert again.complete
    assert "doing it" not in again.out
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
        assert before["left_out"] == ["swarm", "storage", "dependencies", "layer-1", "running", "certificates"]
        held_up = {row["id"]: row["state"] for row in before["checks"] if row["blocking"] and row["state"] != "pass"}
        # What belongs to somebody else is not asked in a rehearsal.
        elsewhere = ("backend.lock", "backend.pending", "services.images", "services.vault-bucket")
        assert held_up == dict.fromkeys(elsewhere, "skipped")
        assert checked("layer-1")["exit"] in {3, 5}

        answers = ("--answers", str(person.answers))
        walked = person("run", "--plain", "--profile", "practice", *answers, XDG_CONFIG_HOME=config)
        assert "The walk is complete." in walked.stdout, walked.stdout + walked.stderr

        after = checked("swarm", "dependencies", "layer-1")
        assert {row["state"] for row in after["checks"]} == {"pass"}, after
        assert checked()["exit"] == 4


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
        measured = person("check", "--target", f"ssh://root@127.0.0.1:{way['port']}", "--ssh-config", way["ssh_config"])
        assert measured.stdout.startswith("PRACTICE: a rehearsal's droplet was measured"), measured
        served.stdin.close()
        assert served.wait(10) == 0


def test_who_comes_without_the_profile_is_told_by_the_droplet_itself_that_it_is_a_rehearsal(person: Person) -> None:
    with person.at_the_droplet() as served:
        target = ("--target", "ssh://practice", "--ssh-config", str(served.ssh_config()))
        shown = person("check", *target, "--only", "swarm.active")
        assert shown.stdout.startswith("PRACTICE: a rehearsal's droplet was measured")
        told = json.loads(person("check", *target, "--only", "swarm.active", "--format", "json").stdout)
        assert told["practice"] is True
        walked = person("run", "--plain", *target)
        assert walked.returncode == 7
        assert "PRACTICE: this droplet is for rehearsals; nothing here is real." in walked.stdout
        assert " PRACTICE, left (unanswered) at " in person("runs").stdout
        assert "stands    PRACTICE, left (unanswered) at " in person("status").stdout
        assert "PRACTICE" in person("resume").stdout


def test_what_is_printed_while_it_is_served_is_a_way_in_and_a_way_to_measure_it(person: Person) -> None:
    environment = {"HOME": str(person.home), "PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    argv = [sys.executable, "-m", "sprocket_tui", "practice", "serve", "--speed", "max"]
    argv += ["--fault", "port-taken", "--fault", "name-missing"]
    with subprocess.Popen(argv, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout
        assert served.stdin
        ssh = next(line for line in served.stdout if line.startswith("ssh "))
        inside = [*shlex.split(ssh), "hostname"]
        assert subprocess.run(inside, capture_output=True, text=True, check=True).stdout == "sprocket-practice\n"
        setting, program, *words = shlex.split(served.stdout.readline())
        assert program == "sprocket-tui"
        name, _, value = setting.partition("=")
        measured = person(*words, "dns", "ports", "--format", "json", **{name: value})
        told = json.loads(measured.stdout)
        assert told["practice"] is True
        # It measures what this droplet has, on its own ports and by its own resolvers.
        assert {"dns.layer-1.fa", "ports.http"} == {each["id"] for each in told["checks"] if each["state"] == "fail"}
        assert measured.returncode == 3
        served.stdin.close()
        assert served.wait(10) == 0


def test_a_reset_throws_it_away(person: Person) -> None:
    assert "There is no practice droplet" in person("practice", "reset").stdout
    assert person("practice", "serve", "--json").returncode == 0
    assert "was removed" in person("practice", "reset").stdout
    assert not list(person.home.rglob("world.json"))


def test_every_fault_is_listed_with_the_rows_it_rehearses_and_its_moment(person: Person) -> None:
    listed = person("practice", "faults").stdout
    rows = listed.replace("\n" + " " * 18, "").splitlines()
    assert [row.split()[0] for row in rows] == list(FAULTS)
    for row, fault in zip(rows, FAULTS.values(), strict=True):
        assert fault.title in row
        assert all(each in row for each in (*fault.rehearses, fault.at or "from the start"))
    assert max(map(len, listed.splitlines())) <= 80


def test_what_somebody_does_elsewhere_is_a_command_of_the_rehearsal(person: Person) -> None:
    assert "there is no practice droplet" in person("practice", "mend", "name-missing").stderr
    assert person("practice", "serve", "--json", "--fault", "name-missing").returncode == 0
    (world,) = person.home.rglob("world.json")
    assert json.loads(world.read_text())["names"] == {"fa": ["nxdomain"]}
    assert person("practice", "mend", "name-missing").stdout == "At the DNS provider the A record of fa was made.\n"
    assert json.loads(world.read_text())["names"] == {}
    assert "clock-wrong is mended on the droplet" in person("practice", "mend", "clock-wrong").stderr
