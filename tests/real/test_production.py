"""In production the walk asks whether production is meant, and its names and ports are measured from here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.dns import DnsLab
from tests.lab.pulumi import CONFIG, PulumiLab
from tests.lab.sshd import Sshd
from tests.lab.swarm import SwarmLab
from tests.real.deploy import Deployment, explained

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("swarm"), pytest.mark.lane("pulumi"), pytest.mark.lane("dns")]

DOMAIN = CONFIG["hostname"]


@pytest.fixture
def server(swarm: SwarmLab) -> Iterator[DnsLab]:
    """The droplet's own names, but that of the login in front of the dashboard."""
    records = {name: [f"A {swarm.droplet.address}"] for name in ("traefik", "vault")}
    # A search for CAA goes upwards, and ends where somebody answers.
    with DnsLab({DOMAIN: records, "test": {}}, swarm.droplet) as lab:
        yield lab


def test_a_production_walk_is_confirmed_and_stops_at_a_missing_name_and_at_a_filtered_port(
    swarm: SwarmLab, droplet_sshd: Sshd, pulumi_lab: PulumiLab, tmp_path: Path, server: DnsLab
) -> None:
    address, resolvers = swarm.droplet.address, (server.address,)
    deployment = Deployment(swarm, droplet_sshd, pulumi_lab, tmp_path, environment="production", resolvers=resolvers)
    deployment.write_answers(access_production={})
    unconfirmed = deployment.run()
    assert unconfirmed.returncode == 7, unconfirmed.stdout + unconfirmed.stderr
    assert f"I mean to change production at {DOMAIN}" in unconfirmed.stdout
    assert ended(deployment)[-1] == ("access.environment", "done")

    # A yes that was prepared is not the name.
    deployment.write_answers(access_production={"confirm": True})
    assert deployment.resume().returncode == 7
    assert ended(deployment)[-1] == ("access.production", "failed")

    # The walk is done for this test once nothing but the checkout's packages is left to be agreed to.
    deployment.write_answers(checkout_npm_layer_1={})
    unnamed = deployment.resume()
    assert unnamed.returncode == 3, unnamed.stdout + unnamed.stderr
    assert ended(deployment)[-1] == ("network.names", "failed")
    told = explained(unnamed.stdout, f"fa.{DOMAIN} points to the droplet")
    assert told["observed"] == f"fa.{DOMAIN} A: no such name"
    assert told["expected"] == f"one A record, {address}, from every resolver"
    assert told["do"].startswith(f"Set the A record of fa.{DOMAIN} to {address} at the DNS provider")

    server.change(DOMAIN, {name: [f"A {address}"] for name in ("traefik", "fa", "vault")})
    closed = ["INPUT", "-p", "tcp", "--dport", "443", "-j", "DROP"]
    swarm.droplet.run(["iptables", "-I", *closed])
    try:
        filtered = deployment.resume()
    finally:
        swarm.droplet.run(["iptables", "-D", *closed])
    assert filtered.returncode == 3, filtered.stdout + filtered.stderr
    assert ended(deployment)[-2:] == [("network.names", "done"), ("network.ports", "failed")]
    told = explained(filtered.stdout, "Port 443 can be reached from outside")
    assert told["observed"] == f"{address} port 443 does not answer (filtered or dropped)"
    assert "ufw prepend allow" in told["run"]
    assert told["run"].endswith(" sh 443/tcp")

    opened = deployment.resume()
    assert opened.returncode == 7, opened.stdout + opened.stderr
    for port in (80, 443):
        proved = f"  pass     Port {port} can be reached from outside: {address} port {port} is answered by the droplet"
        assert any(line.startswith(proved) for line in opened.stdout.splitlines())
    assert ("network.ports", "done") in ended(deployment)


def ended(deployment: Deployment) -> list[tuple[str, str]]:
    """Every step that ended, and how."""
    facts = (event["data"] for event in deployment.program.journal() if event["kind"] == "step.ended")
    return [(fact["step"], fact["how"]) for fact in facts]
