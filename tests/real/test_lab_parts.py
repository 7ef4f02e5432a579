"""The lab's name server, S3 and Pulumi do what the other tests stand on."""

import socket
import time

import dns.message
import dns.query
import dns.rcode
import pytest

from tests.lab import cable
from tests.lab.cable import Cable
from tests.lab.dns import ELSEWHERE, HERE, DnsLab
from tests.lab.droplet import Droplet
from tests.lab.pulumi import RESOURCES, SERVICES, STACK, PulumiLab
from tests.lab.s3 import S3Lab
from tests.lab.sshd import wait_until
from tests.lab.swarm import SwarmLab


@pytest.mark.lane("dns")
def test_the_name_server_knows_right_missing_wrong_and_wildcard_names(dns_lab: DnsLab) -> None:
    assert _ask(dns_lab, "api.sprocket.lab.test") == [HERE]
    assert _ask(dns_lab, "vault.broken.lab.test") == "NXDOMAIN"
    assert _ask(dns_lab, "traefik.broken.lab.test") == [ELSEWHERE]
    assert _ask(dns_lab, "api.broken.lab.test", "AAAA") == ["2001:db8::dead"]
    assert _ask(dns_lab, "management.rabbit.wild.lab.test") == [HERE]
    assert _ask(dns_lab, "wild.lab.test") == []
    assert _ask(dns_lab, "example.org") == "REFUSED"


@pytest.mark.lane("dns")
def test_a_mended_zone_is_answered_at_once(dns_lab: DnsLab) -> None:
    dns_lab.change("broken.lab.test", {"vault": [f"A {HERE}"]})
    assert _ask(dns_lab, "vault.broken.lab.test") == [HERE]


@pytest.mark.lane("swarm")
@pytest.mark.lane("dns")
def test_a_droplet_can_have_a_name_server_of_its_own(swarm: SwarmLab) -> None:
    with DnsLab(droplet=swarm.droplet) as server:
        assert _ask(server, "api.sprocket.lab.test") == [HERE]


@pytest.mark.skipif(bool(cable.missing()), reason=cable.missing() or "present")
def test_over_a_cable_every_answer_takes_both_ways_longer() -> None:
    with Droplet() as machine, Cable(machine, 0.1) as far:
        began = time.monotonic()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((far.address, 9), timeout=10)
        assert time.monotonic() - began >= 0.2


@pytest.mark.lane("pulumi")
@pytest.mark.lane("swarm")
def test_the_program_makes_its_services_and_secrets_stay_sealed(swarm: SwarmLab, pulumi_lab: PulumiLab) -> None:
    program = pulumi_lab.checkout(installed=True)
    pulumi_lab.configure(program, {"lab-pause-ms": "0"})
    shown = pulumi_lab.up(program).stdout
    assert f"+ {RESOURCES} created" in shown
    assert [name for name in swarm.services() if not name.startswith(SERVICES)] == []
    assert len(swarm.created_events()) >= len(SERVICES)
    for service in swarm.services():
        wait_until(lambda name=service: swarm.running(name), f"{service} to run", 60)
    wait_until(lambda: "200 OK" in _through_traefik(swarm), "Traefik to route to Vault", 60)
    exported = str(pulumi_lab.state(program))
    assert [value for value in pulumi_lab.secrets.values() if value in exported] == []
    assert f"{RESOURCES} unchanged" in pulumi_lab.up(program).stdout
    gone = pulumi_lab.run(program, "pulumi", "destroy", "--yes", "--skip-preview", "--stack", STACK)
    assert f"- {RESOURCES} deleted" in gone.stdout
    assert swarm.services() == []


@pytest.mark.lane("pulumi")
@pytest.mark.lane("s3")
@pytest.mark.lane("swarm")
def test_the_state_can_live_in_the_labs_bucket(swarm: SwarmLab, s3_lab: S3Lab) -> None:
    credentials = s3_lab.credentials_file(swarm.droplet.base / "credentials")
    lab = PulumiLab(swarm.droplet, s3_lab.backend, credentials)
    program = lab.checkout()
    lab.run(program, "pulumi", "stack", "init", STACK)
    assert f".pulumi/stacks/{STACK}/{STACK}.json" in s3_lab.keys()


def _ask(server: DnsLab, name: str, kind: str = "A") -> list[str] | str:
    answer = dns.query.udp(dns.message.make_query(name, kind), server.address, port=server.port, timeout=5)
    if answer.rcode() != dns.rcode.NOERROR:
        return dns.rcode.to_text(answer.rcode())
    return [record.to_text() for found in answer.answer for record in found]


def _through_traefik(swarm: SwarmLab) -> str:
    request = ["curl", "-sS", "-i", "-H", "Host: vault.sprocket.lab.test", "http://127.0.0.1/v1/sys/health"]
    return swarm.droplet.run(request, check=False).stdout
