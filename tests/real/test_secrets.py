"""Planted secrets are looked for everywhere during and after a deployment: terminal, files, argv, environments."""

from pathlib import Path

import pytest

from tests.lab.pulumi import PulumiLab
from tests.lab.sshd import Sshd
from tests.lab.swarm import SwarmLab
from tests.real.deploy import Deployment
from tests.real.watching import Watcher, found_in

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("swarm"), pytest.mark.lane("pulumi")]


def test_no_planted_secret_shows_anywhere_while_layer_1_is_deployed_by_sudo(
    swarm: SwarmLab, droplet_sshd: Sshd, pulumi_lab: PulumiLab, tmp_path: Path
) -> None:
    deployment = Deployment(swarm, droplet_sshd, pulumi_lab, tmp_path, user="deploy")
    planted = deployment.planted
    with Watcher(planted) as watcher:
        done = deployment.run()
    assert done.returncode == 4, done.stdout + done.stderr
    assert watcher.samples > 100
    assert watcher.found == set()
    assert [name for name, secret in planted.items() if secret in done.stdout + done.stderr] == []
    assert found_in(planted, *deployment.kept(), droplet_sshd.home("deploy")) == []
    run = deployment.program.runs()[0].name
    assert list(Path("/dev/shm").glob(f"sprocket-*/{run}")) == []
