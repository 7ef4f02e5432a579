"""The installed program reads a real ufw: off, without SSH, in the wrong order, without IPv6, and Docker around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.droplet import Droplet
from tests.lab.firewall import Ufw
from tests.lab.sshd import Sshd, wait_until
from tests.lab.swarm import SwarmLab
from tests.real.checking import Checker

pytestmark = pytest.mark.lane("ufw")


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
    assert rows["firewall.on"]["observed"] == "ufw is inactive and has no rules"
    assert checker.mended(rows["firewall.on"])["state"] == "pass"
    # The connections that ask now are new ones.
    rows = checker.rows("firewall")
    assert {row["state"] for row in rows.values()} == {"pass"}, rows
    assert rows["firewall.ssh"]["observed"] == f"port {port} is let in: allow {port}/tcp"


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


@pytest.mark.lane("swarm")
def test_what_docker_publishes_is_open_though_ufw_refuses_it(
    swarm: SwarmLab, droplet_sshd: Sshd, tmp_path: Path
) -> None:
    ufw, checker = Ufw(swarm.droplet), Checker(droplet_sshd, tmp_path)
    published = ("--endpoint-mode", "dnsrr", "--publish", "mode=host,target=8200,published=24224")
    swarm.docker("service", "create", "--detach", "--name", "fluent", *published, "lab/web:1")
    wait_until(lambda: swarm.running("fluent"), "the service to run", 60)
    ufw("allow", f"{droplet_sshd.port}/tcp")
    ufw("deny", "24224")
    ufw("--force", "enable")
    row = checker.row("firewall.docker")
    assert row["state"] == "warn"
    assert row["observed"] == "24224/tcp (fluent) is open to everybody, though ufw refuses it"
    assert checker.mended(row)["state"] == "pass"
    ufw.clear()
    swarm.droplet.run(["iptables", "-F", "DOCKER-USER"])
