"""What goes wrong is stopped at the right step, explained, and mended with the command that was printed."""

from pathlib import Path

import pytest

from tests.lab.pulumi import PulumiLab
from tests.lab.sshd import Sshd, wait_until
from tests.lab.swarm import SwarmLab
from tests.real.deploy import Deployment, command_of

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("swarm"), pytest.mark.lane("pulumi")]


@pytest.fixture
def deployment(swarm: SwarmLab, droplet_sshd: Sshd, pulumi_lab: PulumiLab, tmp_path: Path) -> Deployment:
    return Deployment(swarm, droplet_sshd, pulumi_lab, tmp_path)


def completes(deployment: Deployment) -> str:
    done = deployment.resume()
    assert done.returncode == 4, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("The walk is complete.")
    return done.stdout


def test_a_wrong_passphrase_is_named_before_anything_is_made(deployment: Deployment) -> None:
    deployment.configure()
    right = deployment.planted["pulumi_passphrase"]
    wrong = deployment.directory / "secrets" / "pulumi_passphrase"
    wrong.write_text("not-the-passphrase")
    failed = deployment.run()
    assert failed.returncode in (3, 5), failed.stdout
    assert "passphrase" in failed.stdout
    assert deployment.swarm.services() == []
    wrong.write_text(right)
    completes(deployment)


def test_a_missing_key_is_set_by_the_printed_command(deployment: Deployment) -> None:
    deployment.configure()
    program = deployment.layer_1 / "index.js"
    whole = program.read_text()
    begin = "const config = new pulumi.Config();"
    program.write_text(whole.replace(begin, f'{begin}\nconfig.require("forgotten");', 1))
    failed = deployment.run()
    assert failed.returncode == 3, failed.stdout
    assert "Missing required configuration variable 'layer_1:forgotten'" in failed.stdout
    assert "hint pulumi." in failed.stdout
    assert deployment.swarm.services() == []
    deployment.pulumi_at("config", "set", "forgotten", "found")
    completes(deployment)


def test_a_missing_image_is_shown_with_the_task_s_own_words_and_mended(deployment: Deployment) -> None:
    deployment.configure(lab_image="lab/no-such-image:7")
    failed = deployment.run()
    assert failed.returncode == 3, failed.stdout
    assert "No such image: lab/no-such-image:7" in failed.stdout
    assert "service ps --no-trunc vault" in failed.stdout
    assert "No such image" in deployment.shell(command_of(failed.stdout, "service ps --no-trunc vault"))
    deployment.pulumi_at("config", "set", "lab-image", "lab/web:1")
    completes(deployment)


def test_a_port_that_somebody_holds_stops_the_walk_before_the_update(deployment: Deployment) -> None:
    deployment.configure()
    droplet = deployment.swarm.droplet
    squatter = droplet.spawn(["socat", "TCP-LISTEN:443,fork,reuseaddr", "EXEC:true"])
    wait_until(lambda: ":443" in droplet.run(["ss", "-Hltn"]).stdout, "the squatter to listen", 10)
    failed = deployment.run()
    assert failed.returncode == 3, failed.stdout
    assert "Port 443" in failed.stdout
    assert "socat" in failed.stdout
    assert deployment.swarm.services() == []
    deployment.shell(deployment.remedy("ports.https"))
    squatter.wait(timeout=20)
    completes(deployment)


def test_a_service_that_never_becomes_healthy_is_named_and_mended(deployment: Deployment) -> None:
    deployment.configure(lab_image="lab/unhealthy:1")
    failed = deployment.run()
    assert failed.returncode in (3, 5), failed.stdout
    assert "Vault runs" in failed.stdout
    assert not deployment.swarm.running("vault")
    deployment.pulumi_at("config", "set", "lab-image", "lab/web:1")
    completes(deployment)
    assert deployment.unchanged()


def test_what_was_approved_is_what_runs(deployment: Deployment) -> None:
    """The configuration changes after the card was shown: the approved plan no longer fits, and nothing runs."""
    deployment.configure()
    died = deployment.run(SPROCKET_TEST_DEATH="kind:card.shown:layer-1.up")
    assert died.returncode == -9
    deployment.pulumi_at("config", "set", "lab-pause-ms", "100")
    plan = next((deployment.swarm.droplet.home / ".sprocket" / "runs").glob("*/plan-layer-1.up.json"))
    refused = deployment.pulumi_at(
        "up", "--yes", "--skip-preview", "--non-interactive", "--plan", str(plan), check=False
    )
    assert refused.returncode != 0
    assert "violates plan" in refused.stdout
    assert deployment.swarm.services() == []
    completes(deployment)
