"""The real parts as fixtures. One Swarm serves all tests of a process; each test finds it empty."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.dns import DnsLab
from tests.lab.droplet import Droplet
from tests.lab.firewall import Ufw
from tests.lab.pulumi import PulumiLab
from tests.lab.s3 import S3Lab
from tests.lab.sshd import Sshd
from tests.lab.swarm import SwarmLab


@pytest.fixture(scope="session")
def shared_swarm() -> Iterator[SwarmLab]:
    with SwarmLab() as lab:
        yield lab


@pytest.fixture
def swarm(shared_swarm: SwarmLab) -> SwarmLab:
    """A Swarm without services, on a droplet whose /root is empty; its daemon is up."""
    shared_swarm.reset()
    return shared_swarm


@pytest.fixture
def droplet_sshd(swarm: SwarmLab, tmp_path: Path) -> Iterator[Sshd]:
    """An OpenSSH server on the Swarm's droplet."""
    with Sshd(tmp_path, droplet=swarm.droplet) as server:
        yield server


@pytest.fixture
def pulumi_lab(swarm: SwarmLab) -> PulumiLab:
    """Pulumi on the Swarm's droplet, with a fresh local file backend."""
    return PulumiLab(swarm.droplet)


@pytest.fixture
def s3_lab(swarm: SwarmLab) -> Iterator[S3Lab]:
    """An S3 server that the droplet reaches."""
    with S3Lab(swarm.droplet.gateway) as lab:
        yield lab


@pytest.fixture
def dns_lab() -> Iterator[DnsLab]:
    with DnsLab() as lab:
        yield lab


@pytest.fixture(scope="module")
def machine() -> Iterator[Droplet]:
    """A droplet of one file's tests; each finds what the one before left."""
    with Droplet() as droplet:
        yield droplet


@pytest.fixture(scope="module")
def lent(machine: Droplet) -> Ufw:
    """ufw on that droplet, as the test before left it."""
    return Ufw(machine)


@pytest.fixture
def sshd(machine: Droplet, tmp_path: Path) -> Iterator[Sshd]:
    """An OpenSSH server on that droplet."""
    with Sshd(tmp_path, droplet=machine) as server:
        yield server
