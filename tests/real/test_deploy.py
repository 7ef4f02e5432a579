"""Layer 1 is deployed by the installed program over SSH, with the real Pulumi on a real Swarm."""

from pathlib import Path

import pytest

from tests.lab.pulumi import RESOURCES, PulumiLab
from tests.lab.s3 import ACCESS_KEY, SECRET_KEY, S3Lab
from tests.lab.sshd import Sshd
from tests.lab.swarm import SwarmLab
from tests.real.deploy import Deployment

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("swarm"), pytest.mark.lane("pulumi")]


@pytest.mark.parametrize("user", ["root", "deploy", "operator"])
def test_first_deployment_then_nothing_left_to_do(
    user: str, swarm: SwarmLab, droplet_sshd: Sshd, pulumi_lab: PulumiLab, tmp_path: Path
) -> None:
    deployment = Deployment(swarm, droplet_sshd, pulumi_lab, tmp_path, user=user)
    began = swarm.now()
    first = deployment.run()
    assert first.returncode == 4, first.stdout + first.stderr
    assert f"{RESOURCES} of {RESOURCES}" in first.stdout
    assert first.stdout.rstrip().endswith("The walk is complete.")
    assert all(swarm.running(service) for service in swarm.services())
    created, state = swarm.created_events(since=began), deployment.pulumi.state(deployment.layer_1)
    assert sorted(created) == swarm.services()
    assert len(state["resources"]) >= RESOURCES

    second = deployment.run()
    assert second.returncode == 4, second.stdout + second.stderr
    assert second.stdout.rstrip().endswith("The walk is complete.")
    assert "doing it" not in second.stdout
    assert swarm.created_events(since=began) == created
    assert deployment.pulumi.state(deployment.layer_1)["resources"] == state["resources"]


@pytest.mark.lane("s3")
def test_the_state_may_lie_in_a_bucket(
    swarm: SwarmLab, droplet_sshd: Sshd, pulumi_lab: PulumiLab, s3_lab: S3Lab, tmp_path: Path
) -> None:
    keys = {"s3_backend_access_key": ACCESS_KEY, "s3_backend_secret_key": SECRET_KEY}
    deployment = Deployment(swarm, droplet_sshd, pulumi_lab, tmp_path, backend=s3_lab.backend, secrets=keys)
    began = swarm.now()
    done = deployment.run()
    assert done.returncode == 4, done.stdout + done.stderr
    assert any(name.endswith("layer_1.json") for name in s3_lab.keys())
    assert not any("locks" in name for name in s3_lab.keys())
    assert len(swarm.services()) == 4
    created = swarm.created_events(since=began)
    assert sorted(created) == swarm.services()

    second = deployment.run()
    assert second.returncode == 4, second.stdout + second.stderr
    assert "doing it" not in second.stdout
    assert swarm.created_events(since=began) == created
