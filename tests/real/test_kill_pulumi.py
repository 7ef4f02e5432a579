"""The walk with the real Pulumi is killed around preview, gate, update and verification; all is made once."""

from pathlib import Path

import pytest

from tests.lab.pulumi import PulumiLab
from tests.lab.sshd import Sshd
from tests.lab.swarm import SwarmLab
from tests.real.deploy import Deployment
from tests.real.kill_points import kill_at

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("swarm"), pytest.mark.lane("pulumi")]

# Kind of event, and which occurrence within the step: the first attempt is the preview, the second the update.
POINTS = [
    "attempt.started:1",
    "card.shown:1",
    "question.asked:1",
    "attempt.intended:2",
    "attempt.started:2",
    "attempt.ended:2",
    "waiting:1",
]


@pytest.mark.parametrize("point", POINTS)
def test_killed_right_after(
    point: str, swarm: SwarmLab, droplet_sshd: Sshd, pulumi_lab: PulumiLab, tmp_path: Path
) -> None:
    deployment = Deployment(swarm, droplet_sshd, pulumi_lab, tmp_path)
    deployment.configure()
    kind, _, number = point.partition(":")
    outcome = kill_at(deployment, f"kind:{kind}:layer-1.up:{number}")
    assert outcome.good, outcome
    assert outcome.resumes == 1
