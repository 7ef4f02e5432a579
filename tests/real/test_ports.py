"""The installed program asks who answers at the droplet's ports: itself, somebody else, nobody, or a firewall."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.droplet import Droplet
from tests.lab.firewall import Ufw
from tests.lab.sshd import Sshd, wait_until
from tests.real.checking import Checker
from tests.real.dry_run import DryRun, Row
from tests.walk.program import Program

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("ufw")]

CHECK = "ports.https-reachable"


@pytest.fixture
def ufw(lent: Ufw, sshd: Sshd) -> Ufw:
    """On, refusing what it was not told to let in; SSH it lets in."""
    lent.clear()
    lent("allow", f"{sshd.port}/tcp")
    lent("--force", "enable")
    return lent


def dry_run(sshd: Sshd, home: Path, login: str = "root") -> DryRun:
    config = str(sshd.ssh_config())
    target = ("--target", f"ssh://{login}@lab", "--ssh-config", config)
    return DryRun(home, {"address": sshd.address, "environment": "staging"}, target=target)


def judged(sshd: Sshd, home: Path, login: str = "root") -> Row:
    return dry_run(sshd, home, login).row(CHECK)


def mended(row: Row, sshd: Sshd, home: Path) -> Row:
    """The row after the command of its remedy was run in a fresh shell of the droplet."""
    Checker(sshd, home).shell(row["remedy"]["command"])
    return judged(sshd, home)


def listens(machine: Droplet, port: int = 443) -> bool:
    table = machine.run(["cat", "/proc/net/tcp", "/proc/net/tcp6"]).stdout
    return re.search(f":{port:04X} [0-9A-F]+:0000 0A", table) is not None


@contextmanager
def web(machine: Droplet, port: int) -> Generator[None, None, None]:
    """A web server on the droplet."""
    process = machine.spawn(["python3", "-m", "http.server", str(port)])
    try:
        wait_until(lambda: listens(machine, port), "the web server")
        yield
    finally:
        process.kill()
        process.wait()


def test_a_port_that_is_dropped_is_let_in_and_then_the_droplet_itself_answers(
    ufw: Ufw, sshd: Sshd, machine: Droplet, tmp_path: Path
) -> None:
    row = judged(sshd, tmp_path)
    assert (row["state"], row["value"]["state"]) == ("fail", "filtered")
    assert row["observed"] == f"{machine.address} port 443 does not answer (filtered or dropped)"
    row = mended(row, sshd, tmp_path)
    assert (row["state"], row["value"]["state"]) == ("pass", "droplet")
    assert row["observed"] == f"{machine.address} port 443 is answered by the droplet itself"
    assert not listens(machine)


def test_a_port_that_is_rejected_is_told_from_one_where_nobody_listens_yet(
    ufw: Ufw, sshd: Sshd, machine: Droplet, tmp_path: Path
) -> None:
    ufw("reject", "443/tcp")
    row = judged(sshd, tmp_path)
    assert (row["state"], row["value"]["state"]) == ("fail", "refused")
    assert row["observed"] == f"{machine.address} port 443 refuses connections, though the droplet listens there"
    assert mended(row, sshd, tmp_path)["state"] == "pass"


def test_another_machine_that_answers_at_the_address_is_shown(
    lent: Ufw, sshd: Sshd, machine: Droplet, tmp_path: Path
) -> None:
    lent.clear()
    rule = ["PREROUTING", "-p", "tcp", "--dport", "443", "-j", "REDIRECT", "--to-ports", "8443"]
    machine.run(["iptables", "-t", "nat", "-A", *rule])
    with web(machine, 8443):
        row = judged(sshd, tmp_path)
    assert (row["state"], row["value"]["state"]) == ("fail", "other")
    assert row["observed"] == f"{machine.address} port 443 is answered by somebody else: HTTP/1.0 200 OK"
    looked = Checker(sshd, tmp_path).shell(row["remedy"]["command"])
    assert machine.address in looked
    assert "--dport 443 -j REDIRECT --to-ports 8443" in looked
    machine.run(["iptables", "-t", "nat", "-D", *rule])
    assert judged(sshd, tmp_path)["state"] == "pass"


def test_a_port_that_is_held_is_judged_by_its_holder(lent: Ufw, sshd: Sshd, machine: Droplet, tmp_path: Path) -> None:
    lent.clear()
    with web(machine, 443):
        row = judged(sshd, tmp_path)
    assert (row["state"], row["value"]["state"], row["value"]["listened"]) == ("pass", "open", False)
    assert f"on the droplet {row['value']['holder']} holds it" in row["observed"]


def test_a_login_without_root_cannot_listen_and_is_told_why(
    lent: Ufw, sshd: Sshd, machine: Droplet, tmp_path: Path
) -> None:
    lent.clear()
    row = judged(sshd, tmp_path, "guest")
    assert row["state"] == "unknown"
    assert row["observed"] == "guest may not listen on port 443 of the droplet: ports below 1024 are root's"
    assert row["remedy"]["text"] == "Log in as root, or set sudo to yes in the profile."


def test_a_connection_that_is_cut_leaves_no_listener(ufw: Ufw, sshd: Sshd, machine: Droplet, tmp_path: Path) -> None:
    # Dropped, so that the listener waits for its whole time.
    asking = dry_run(sshd, tmp_path)
    words = asking.words("--only", CHECK)
    program = Program(tmp_path, None)
    with subprocess.Popen(program.argv(*words), env=program.env(), stdout=subprocess.PIPE, text=True) as running:
        wait_until(lambda: listens(machine), "the listener")
        sshd.kill_sessions()
        printed, _ = running.communicate(timeout=60)
    assert "connection lost" in printed
    wait_until(lambda: not listens(machine), "the listener to end by itself")


def test_both_ports_are_asked_about_in_one_channel_also_by_a_login_that_becomes_root(
    lent: Ufw, sshd: Sshd, machine: Droplet, tmp_path: Path
) -> None:
    lent.clear()
    fields = {"host": "lab", "user": "operator", "sudo": "yes", "ssh_config": str(sshd.ssh_config(user="operator"))}
    run = DryRun(tmp_path).with_profile(environment="staging", address=machine.address, **fields)
    before = sshd.sessions()
    rows = run.rows("ports")
    reached = [rows[id_] for id_ in ("ports.http-reachable", CHECK)]
    assert [(row["state"], row["value"]["state"]) for row in reached] == [("pass", "droplet")] * 2
    # Everything that is only looked at, and then both listeners.
    assert sshd.sessions() - before == 2
    assert not listens(machine) and not listens(machine, 80)
