"""The installed program reads a real ufw: off, without SSH, in the wrong order, without IPv6, and Docker around it."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from tests.lab.droplet import Droplet
from tests.lab.firewall import Ufw
from tests.lab.sshd import Sshd, wait_until
from tests.lab.swarm import SwarmLab
from tests.real.checking import Checker

pytestmark = pytest.mark.lane("ufw")


def reach(address: str, port: int) -> bool:
    """Whether somebody outside gets a connection."""
    try:
        socket.create_connection((address, port), timeout=2).close()
    except OSError:
        return False
    return True


@pytest.fixture
def ufw(lent: Ufw) -> Ufw:
    lent.clear()
    return lent


@pytest.fixture
def checker(sshd: Sshd, tmp_path: Path) -> Checker:
    return Checker(sshd, tmp_path)


def test_a_firewall_that_is_off_is_turned_on_without_locking_anybody_out(ufw: Ufw, checker: Checker) -> None:
    rows = checker.rows("firewall")
    port = checker.server.port
    assert rows["firewall.ssh"]["state"] == "warn"
    assert f"would refuse port {port}" in rows["firewall.ssh"]["observed"]
    assert (rows["firewall.on"]["state"], rows["firewall.web"]["state"]) == ("warn", "skipped")
    assert rows["firewall.on"]["observed"].partition(";")[0] == "ufw is inactive and has no rules"
    assert checker.mended(rows["firewall.on"])["state"] == "pass"
    # The connections that ask now are new ones.
    rows = checker.rows("firewall")
    # This droplet may have the client of Docker; it has no daemon that could tell.
    assert rows.pop("firewall.docker")["state"] == ("unknown" if shutil.which("docker") else "pass")
    assert {row["state"] for row in rows.values()} == {"pass"}, rows
    assert rows["firewall.ssh"]["observed"] == f"port {port} is let in: allow {port}/tcp"


def test_a_refusal_that_slept_while_ufw_was_off_locks_nobody_out_when_it_is_turned_on(
    ufw: Ufw, checker: Checker
) -> None:
    ufw("deny", "1:65535/tcp")
    assert checker.mended(checker.row("firewall.on"))["state"] == "pass"
    assert checker.row("firewall.ssh")["state"] == "pass"


def test_the_rule_for_ssh_that_is_missing_is_added_before_ufw_is_on(ufw: Ufw, checker: Checker) -> None:
    ufw("allow", "80/tcp")
    row = checker.row("firewall.ssh")
    assert row["state"] == "warn"
    assert checker.mended(row)["state"] == "pass"
    assert ufw("show", "added").splitlines()[1:] == [f"ufw allow {checker.server.port}/tcp", "ufw allow 80/tcp"]


def test_a_refusal_before_the_rule_for_ssh_is_named_while_the_connection_still_lives(
    ufw: Ufw, checker: Checker, machine: Droplet
) -> None:
    port = f"{checker.server.port}/tcp"
    ufw("deny", "from", "203.0.113.0/24")
    ufw("deny", port)
    ufw("allow", "from", machine.gateway, "to", "any", "port", str(checker.server.port), "proto", "tcp")
    row = checker.row("firewall.ssh")
    assert (row["state"], row["observed"].endswith(f"{machine.gateway} deny {port}")) == ("warn", True), row
    order = checker.row("firewall.order")
    assert order["state"] == "warn"
    assert order["observed"].endswith(f"is never reached; deny {port} comes before it")
    assert checker.mended(order)["state"] == "pass"
    assert checker.row("firewall.ssh")["state"] == "pass"


def test_a_refusal_of_the_very_port_of_ssh_is_replaced(ufw: Ufw, checker: Checker) -> None:
    port = f"{checker.server.port}/tcp"
    ufw("allow", "80/tcp")
    ufw("deny", port)
    row = checker.row("firewall.ssh")
    assert (row["state"], row["value"]["ssh"]["word"]) == ("warn", "deny")
    assert checker.mended(row)["state"] == "pass"
    assert ufw("show", "added").splitlines()[1:] == [f"ufw allow {port}", "ufw allow 80/tcp"]


@pytest.mark.parametrize("turned", ["on", "off"])
def test_a_rule_for_ipv6_alone_is_moved_and_not_lost(ufw: Ufw, checker: Checker, turned: str) -> None:
    port, lone = f"{checker.server.port}/tcp", "allow from 2001:db8::5 to any port 24224 proto tcp"
    for rule in (f"allow {port}", "deny 24224/tcp", lone):
        ufw(*rule.split())
    if turned == "on":
        ufw("--force", "enable")
    row = checker.row("firewall.order")
    assert (row["state"], row["observed"]) == ("warn", f"{lone} is never reached; deny 24224/tcp comes before it")
    assert checker.mended(row)["state"] == "pass"
    assert sorted(ufw("show", "added").splitlines()[1:]) == sorted(
        f"ufw {rule}" for rule in (f"allow {port}", "deny 24224/tcp", lone)
    )


def test_a_login_with_sudo_is_not_locked_out_of_its_own_port(
    ufw: Ufw, sshd: Sshd, tmp_path: Path, machine: Droplet
) -> None:
    # As every distribution has it; the lab's own sudoers is shorter.
    secure = "Defaults secure_path=/usr/sbin:/usr/bin:/sbin:/bin"
    machine.run(["sh", "-c", 'echo "$1" >>/etc/sudoers', "sh", secure])
    checker = Checker(sshd, tmp_path, user="operator")
    row = checker.rows("--only", "firewall.on")["firewall.on"]
    assert row["state"] == "warn"
    assert row["value"]["ssh"]["port"] == sshd.port
    assert checker.mended(row)["state"] == "pass"
    ssh = checker.row("firewall.ssh")
    assert (ssh["state"], ssh["observed"]) == ("pass", f"port {sshd.port} is let in: allow {sshd.port}/tcp")


def test_a_login_that_may_not_ask_ufw_is_told_how_it_may(ufw: Ufw, sshd: Sshd, tmp_path: Path) -> None:
    row = Checker(sshd, tmp_path, user="guest", sudo=False).row("firewall.ssh")
    assert (row["state"], "need to be root" in row["observed"]) == ("unknown", True), row
    assert row["remedy"]["text"] == "Log in as root, or set sudo to yes in the profile."


def test_rules_for_an_interface_are_for_those_who_come_by_it(ufw: Ufw, checker: Checker) -> None:
    port = str(checker.server.port)
    ufw("allow", "in", "on", "tailscale0", "to", "any", "port", port, "proto", "tcp")
    row = checker.row("firewall.ssh")
    assert (row["state"], row["value"]["ssh"]["word"]) == ("warn", "deny")
    ufw("allow", port)
    assert checker.row("firewall.ssh")["state"] == "pass"
    device = next(line.split()[1] for line in checker.shell("ip -o -4 addr").splitlines() if " lo " not in line)
    ufw("prepend", "deny", "in", "on", device, "to", "any", "port", port)
    row = checker.row("firewall.ssh")
    assert row["observed"].endswith(f"deny in on {device} to any port {port}")
    assert checker.mended(row)["state"] == "pass"


def test_without_ipv6_its_rules_are_for_ipv4_alone(ufw: Ufw, checker: Checker) -> None:
    ufw.set("IPV6=no")
    port = f"{checker.server.port}/tcp"
    ufw("allow", port)
    ufw("--force", "enable")
    row = checker.row("firewall.ipv6")
    assert (row["state"], row["observed"].partition(":")[0]) == ("warn", "IPV6=no in /etc/default/ufw")
    assert checker.mended(row)["state"] == "pass"
    assert f"{port} (v6)" in ufw("status")


def test_a_port_of_traefik_that_is_refused_is_let_in(ufw: Ufw, checker: Checker) -> None:
    ufw("allow", f"{checker.server.port}/tcp")
    ufw("deny", "443")
    ufw("--force", "enable")
    row = checker.row("firewall.web")
    assert (row["state"], row["observed"]) == ("warn", "ufw refuses these ports: 80,443")
    assert checker.mended(row)["state"] == "pass"


def test_a_limit_on_ssh_is_told_and_taken_away(ufw: Ufw, checker: Checker) -> None:
    ufw("limit", f"{checker.server.port}/tcp")
    row = checker.row("firewall.ssh")
    assert (row["state"], "six times in half a minute" in row["observed"]) == ("warn", True)
    assert checker.mended(row)["state"] == "pass"


@pytest.mark.parametrize(
    "rule",
    [
        "limit PORT",
        "limit from GATEWAY to any port PORT",
        "limit log PORT/tcp",
        "limit log from GATEWAY to any port PORT",
        "limit in on DEVICE log to any port PORT proto tcp",
    ],
)
def test_a_limit_is_taken_away_however_it_was_written(ufw: Ufw, checker: Checker, machine: Droplet, rule: str) -> None:
    device = next(line.split()[1] for line in checker.shell("ip -o -4 addr").splitlines() if " lo " not in line)
    written = rule.replace("PORT", str(checker.server.port)).replace("GATEWAY", machine.gateway)
    written = written.replace("DEVICE", device)
    ufw("allow", "80/tcp")
    ufw(*written.split())
    row = checker.row("firewall.ssh")
    assert (row["state"], row["value"]["ssh"]["rule"]) == ("warn", written)
    assert checker.mended(row)["state"] == "pass"
    assert ufw("show", "added").splitlines()[1:] == ["ufw allow 80/tcp", f"ufw {written.replace('limit', 'allow', 1)}"]


def test_a_rule_for_another_address_of_the_droplet_lets_nobody_in_and_keeps_nobody_out(
    ufw: Ufw, checker: Checker
) -> None:
    port = str(checker.server.port)
    ufw("deny", "from", "any", "to", "10.9.9.9", "port", port, "proto", "tcp")
    ufw("allow", f"{port}/tcp")
    assert checker.row("firewall.ssh")["state"] == "pass"
    ufw.clear()
    ufw("allow", "from", "any", "to", "10.9.9.9", "port", port, "proto", "tcp")
    row = checker.row("firewall.ssh")
    assert (row["state"], row["value"]["ssh"]["word"]) == ("warn", "deny")
    assert checker.mended(row)["state"] == "pass"


def test_the_ports_of_a_profile_are_known(ufw: Ufw, checker: Checker, machine: Droplet) -> None:
    ports = {"Web Full": "80,443/tcp", "My SSH": f"{checker.server.port}/tcp"}
    profiles = "\n".join(f"[{name}]\ntitle=a\ndescription=b\nports={each}\n" for name, each in ports.items())
    machine.run(["sh", "-c", "cat >/etc/ufw/applications.d/lab"], stdin=profiles)
    ufw("deny", "1:65000/tcp")
    ufw("limit", "My SSH")
    ufw("allow", "Web Full")
    rows = checker.rows("firewall")
    assert rows["firewall.ssh"]["value"]["ssh"]["word"] == "deny"
    row = rows["firewall.order"]
    assert row["observed"] == "limit 'My SSH' is never reached; deny 1:65000/tcp comes before it"
    row = checker.mended(row)
    assert row["observed"] == "allow 'Web Full' is never reached; deny 1:65000/tcp comes before it"
    assert checker.mended(row)["state"] == "pass"
    row = checker.row("firewall.ssh")
    assert row["observed"].endswith("six times in half a minute: limit 'My SSH'")
    assert checker.mended(row)["state"] == "pass"
    ufw("--force", "enable")
    assert checker.row("firewall.web")["state"] == "pass"


@pytest.mark.lane("swarm")
def test_what_docker_publishes_is_open_though_ufw_refuses_it(
    swarm: SwarmLab, droplet_sshd: Sshd, tmp_path: Path
) -> None:
    ufw, checker = Ufw(swarm.droplet), Checker(droplet_sshd, tmp_path)
    published = {"fluent": 24224, "influx": 8086, "traefik-abcdef1": 443}
    for name, port in published.items():
        options = ("--endpoint-mode", "dnsrr", "--publish", f"mode=host,target=8200,published={port}")
        swarm.docker("service", "create", "--detach", "--name", name, *options, "lab/web:1")
    for name in published:
        wait_until(lambda name=name: swarm.running(name), "the service to run", 60)

    def answering() -> list[int]:
        return [port for port in published.values() if reach(swarm.droplet.address, port)]

    ufw("allow", f"{droplet_sshd.port}/tcp")
    ufw("deny", "24224")
    ufw("--force", "enable")
    # The web's own port is published around it too, and that is meant.
    assert answering() == [24224, 8086, 443]
    row = checker.row("firewall.docker")
    assert (row["state"], row["value"]["closed"]) == ("warn", [80, 443])
    assert row["observed"] == "8086/tcp (influx) is open to everybody, though ufw refuses it"
    row = checker.mended(row)
    assert row["state"] == "warn"
    assert row["observed"] == "24224/tcp (fluent) is open to everybody, though ufw refuses it"
    assert answering() == [24224, 443]
    row = checker.mended(row)
    assert row["state"] == "pass"
    assert row["observed"] == "nothing: DOCKER-USER refuses 8086/tcp (influx) as ufw does"
    assert answering() == [443]
    ufw.clear()
    swarm.droplet.run(["iptables", "-F", "DOCKER-USER"])
