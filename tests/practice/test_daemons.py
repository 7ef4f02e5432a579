"""What runs on the droplet by itself: since when, under which number, and that everybody says the same of it."""

from __future__ import annotations

import calendar
import re
import time
from pathlib import Path

import pytest

from sprocket_tui.practice.droplet import Droplet
from sprocket_tui.practice.interpreter.interpreter import Interpreter
from sprocket_tui.practice.standins.systemd import ago
from tests.practice.conftest import Shell, made, shell_of
from tests.practice.interpreting import InsideLink, inside
from tests.practice.replay import StandIn

__all__ = ["inside"]

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@pytest.fixture
def machine(tmp_path: Path) -> StandIn:
    """A world whose waits and clock are ours, without a sandbox."""
    return StandIn(tmp_path)


def since(machine: StandIn, unit: str) -> str:
    """What systemd says of the beginning of a unit."""
    return re.findall(r"since (.* UTC);", machine.run(["systemctl", "status", unit]).out)[0]


def main_pid(machine: StandIn, unit: str) -> int:
    """What systemd says of its process."""
    return int(re.findall(r"Main PID: (\d+) ", machine.run(["systemctl", "status", unit]).out)[0])


@pytest.mark.parametrize("unit", ["docker", "ssh", "containerd", "systemd-timesyncd"])
def test_what_began_with_the_machine_began_at_the_same_moment_whenever_one_looks(unit: str, machine: StandIn) -> None:
    before = since(machine, unit)
    machine.wait(_DAY + _MINUTE)
    assert since(machine, unit) == before
    assert "; 1 day 1h ago" in machine.run(["systemctl", "status", unit]).out


def test_what_was_started_again_is_another_process_since_then(machine: StandIn) -> None:
    before = (since(machine, "docker"), main_pid(machine, "docker"))
    machine.run(["systemctl", "start", "docker"])
    assert (since(machine, "docker"), main_pid(machine, "docker")) == before
    machine.wait(_HOUR)
    machine.run(["systemctl", "restart", "docker"])
    after = (since(machine, "docker"), main_pid(machine, "docker"))
    assert not {*before} & {*after}
    machine.wait(90)
    assert "1min 30s ago" in machine.run(["systemctl", "status", "docker"]).out
    assert (since(machine, "docker"), main_pid(machine, "docker")) == after
    machine.run(["systemctl", "restart", "ssh"])
    assert main_pid(machine, "ssh") != main_pid(machine, "docker")


def test_a_clock_that_is_set_moves_no_moment_that_was(machine: StandIn) -> None:
    before = since(machine, "ssh")
    with machine.world.change() as state:
        state["node"]["clock"] = _HOUR
    assert since(machine, "ssh") == before
    assert "ago" in machine.run(["systemctl", "status", "ssh"]).out


def test_the_port_of_a_service_that_was_stopped_is_closed(machine: StandIn) -> None:
    with machine.world.change() as state:
        state["listeners"].append({"port": 9000, "process": "nginx", "pid": 1043})
    assert f"pid={main_pid(machine, 'nginx')}," in machine.run(["ss", "-Hltnp"]).out
    machine.run(["systemctl", "stop", "nginx"])
    assert ":9000 " not in machine.run(["ss", "-Hltnp"]).out


@pytest.mark.parametrize(
    "words", ["stop ssh", "stop sshd.service", "stop docker ssh", "disable --now ssh", "--now disable sshd"]
)
def test_the_way_in_cannot_be_shut_and_nothing_is_said_to_be(words: str, machine: StandIn) -> None:
    before = machine.world.read()
    given = machine.run(["systemctl", *words.split()])
    named = words.replace("--now ", "")
    assert (given.status, given.out) == (126, "")
    assert given.err == (
        f"practice: systemctl {named} is not in this rehearsal, whose way in cannot be shut; a real droplet has it\n"
    )
    assert machine.world.read() == before
    assert machine.run(["systemctl", "is-active", "ssh", "docker"]).out == "active\nactive\n"


def test_ssh_goes_by_both_of_its_names(machine: StandIn) -> None:
    assert machine.run(["systemctl", "is-active", "sshd"]).out == "active\n"
    before = main_pid(machine, "ssh")
    assert machine.run(["systemctl", "restart", "sshd"]).status == 0
    assert main_pid(machine, "ssh") == main_pid(machine, "sshd") != before


@pytest.mark.parametrize(
    "words", ["-ltn state listening", "-tn state LISTENING", "-ltn state listening ( sport = :22 )"]
)
def test_who_listens_is_listed_by_that_state_too_without_a_column_that_says_it(words: str, machine: StandIn) -> None:
    listed = machine.run(["ss", *words.split()]).out.splitlines()
    plain = machine.run(["ss", "-ltn", *words.split()[3:]]).out.splitlines()
    assert [row.split() for row in listed] == [row.split()[1:] for row in plain]
    assert ":22" in listed[1]


def test_a_filter_of_every_state_lists_as_all_does(machine: StandIn) -> None:
    assert machine.run(["ss", "-tn", "state", "all"]) == machine.run(["ss", "-tan"])
    assert machine.run(["ss", "state", "listening"]).out.startswith("Netid Recv-Q")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("-ltn state listen", "ss: wrong state name: listen\n"),
        ("state", 'Command line is not complete. Try option "help"\n'),
    ],
)
def test_a_state_that_is_none_is_refused_as_ss_refuses_it(words: str, said: str, machine: StandIn) -> None:
    given = machine.run(["ss", *words.split()])
    assert (given.status, given.out, given.err) == (255, "", said)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.25, "250ms ago"),
        (-90, "1min 30s left"),
        (59, "59s ago"),
        (61, "1min 1s ago"),
        (5 * _MINUTE + 9, "5min ago"),
        (_HOUR, "1h 0min ago"),
        (7 * _HOUR + 300, "7h ago"),
        (24 * _HOUR, "24h ago"),
        (26 * _HOUR, "1 day 2h ago"),
        (3 * _DAY, "3 days ago"),
        (7 * _DAY, "1 week 0 days ago"),
        (32 * _DAY, "1 month 1 day ago"),
        (800 * _DAY, "2 years 2 months ago"),
    ],
)
def test_a_span_is_told_the_rougher_the_longer(seconds: float, said: str) -> None:
    assert ago(seconds) == said


def test_the_machine_has_been_up_since_the_same_moment_from_walk_to_walk(tmp_path: Path) -> None:
    booted = list[float]()
    for number in range(2):
        with made(tmp_path / "droplet") as droplet:
            seconds = float(shell_of(droplet, tmp_path)("cut -d' ' -f1 /proc/uptime").stdout)
            booted.append(time.time() - seconds)
            assert booted[-1] == pytest.approx(droplet.world.read()["booted"], abs=30), number
    assert booted[0] == pytest.approx(booted[1], abs=30)


def test_no_process_and_no_service_began_before_the_machine(droplet: Droplet, shell: Shell) -> None:
    said = shell(
        "uptime -s; systemctl status docker | sed -n 's/.* since \\(.*\\) UTC.*/\\1/p'; grep btime /proc/stat"
    ).stdout
    up, docker, btime = said.splitlines()
    began = calendar.timegm(time.strptime(docker, "%a %Y-%m-%d %H:%M:%S"))
    booted = droplet.world.read()["booted"]
    assert int(btime.split()[1]) == pytest.approx(booted, abs=30)
    assert time.mktime(time.strptime(up, "%Y-%m-%d %H:%M:%S")) == pytest.approx(booted, abs=30)
    assert 0 < began - booted < _MINUTE


def test_everybody_names_the_same_process_for_the_same_thing(machine: StandIn) -> None:
    with machine.world.change() as state:
        state["listeners"].append({"port": 9000, "process": "nginx", "pid": 1043})
    machine.run(["systemctl", "restart", "docker"])
    listed = {int(row.split()[0]): row.split()[1] for row in machine.run(["ps", "-eo", "pid=,comm="]).out.splitlines()}
    for unit, name in (("docker", "dockerd"), ("containerd", "containerd"), ("ssh", "sshd"), ("nginx", "nginx")):
        assert listed[main_pid(machine, unit)] == name
    listening = re.findall(r'\(\("(\S+)",pid=(\d+),', machine.run(["ss", "-Hltnp"]).out)
    assert {name for name, _ in listening} == {"sshd", "nginx"}
    assert all(listed[int(pid)] == name for name, pid in listening)


def test_a_process_began_when_systemd_says_so(machine: StandIn) -> None:
    machine.wait(_DAY)
    machine.run(["systemctl", "restart", "docker"])
    for unit in ("docker", "ssh"):
        told = machine.run(["ps", "-p", str(main_pid(machine, unit)), "-o", "lstart="]).out.strip()
        moment = time.strptime(told, "%a %b %d %H:%M:%S %Y")
        assert moment[:6] == time.strptime(since(machine, unit), "%a %Y-%m-%d %H:%M:%S UTC")[:6]


def test_a_service_that_was_stopped_is_no_process(machine: StandIn) -> None:
    pid = str(main_pid(machine, "docker"))
    assert machine.run(["ps", "-p", pid, "-o", "comm="]).out == "dockerd\n"
    machine.run(["systemctl", "stop", "docker"])
    assert machine.run(["ps", "-p", pid]).status == 1


def test_what_really_runs_is_listed_beside_what_the_world_runs_and_as_what_it_stands_for(shell: Shell) -> None:
    listed = shell("sleep 77 & ps -eo pid,ppid,comm,args; ps -ef | grep -c '[d]ockerd'; kill $!").stdout.splitlines()
    rows = [row.split(None, 3) for row in listed[1:-1]]
    assert listed[-1] == "1"
    assert ["sleep", "sleep 77"] in [row[2:] for row in rows]
    assert ["ps", "ps -eo pid,ppid,comm,args"] in [row[2:] for row in rows]
    assert [row[2] for row in rows].count("ps") == 1
    pids = [int(row[0]) for row in rows]
    assert len(pids) == len({*pids})
    assert "practice" in [row[3] for row in rows if row[0] == "1"]


def test_the_interpreter_lists_its_own_processes_too(inside: Interpreter) -> None:
    done = InsideLink(inside).run("ps -eo pid,comm --sort=-pid | head -n 20", deadline=20)
    names = [row.split()[1] for row in done.stdout.decode().splitlines()]
    assert {"COMMAND", "sh", "dockerd", "sshd"} <= {*names}
