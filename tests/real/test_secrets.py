"""Planted secrets are looked for everywhere during and after a deployment: terminal, files, argv, environments."""

import uuid
from pathlib import Path

import pytest

from tests.lab.pulumi import PulumiLab
from tests.lab.sshd import Sshd
from tests.lab.swarm import SwarmLab
from tests.real.deploy import PLANTED, Deployment
from tests.real.watching import Watcher

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("swarm"), pytest.mark.lane("pulumi")]


def test_no_planted_secret_shows_anywhere_while_layer_1_is_deployed_by_sudo(
    swarm: SwarmLab, droplet_sshd: Sshd, pulumi_lab: PulumiLab, tmp_path: Path
) -> None:
    # Values that no test beside this one has: the lab itself configures stacks by argv, and every process is watched.
    own = {name: f"{secret}-{uuid.uuid4().hex}" for name, secret in PLANTED.items()}
    deployment = Deployment(swarm, droplet_sshd, pulumi_lab, tmp_path, user="deploy", secrets=own)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    planted = deployment.planted
    with Watcher(planted.values()) as watcher:
        done = deployment.run(TMPDIR=str(temporary))
    assert done.returncode == 4, done.stdout + done.stderr
    assert watcher.samples > 100
    assert watcher.found == set()
    places = [deployment.program.home, temporary, droplet_sshd.home("deploy"), swarm.droplet.home / ".sprocket"]
    for name, secret in planted.items():
        assert secret not in done.stdout + done.stderr, name
        for place in (*places, Path("/dev/shm")):
            for file in place.rglob("*"):
                if file.is_file() and not file.is_symlink():
                    assert secret.encode() not in file.read_bytes(), f"{name} in {file}"
    run = deployment.program.runs()[0].name
    assert list(Path("/dev/shm").glob(f"sprocket-*/{run}")) == []
