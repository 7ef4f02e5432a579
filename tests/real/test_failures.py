"""What goes wrong is stopped at the right step, explained, and mended with the command that was printed."""

import re
from pathlib import Path

import pytest

from tests.lab.pulumi import CONFIG, PulumiLab
from tests.lab.sshd import Sshd, wait_until
from tests.lab.swarm import SwarmLab
from tests.real.deploy import Deployment, explained, hinted

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("swarm"), pytest.mark.lane("pulumi")]


@pytest.fixture
def deployment(swarm: SwarmLab, droplet_sshd: Sshd, pulumi_lab: PulumiLab, tmp_path: Path) -> Deployment:
    return Deployment(swarm, droplet_sshd, pulumi_lab, tmp_path)


def stops_at(deployment: Deployment, step: str) -> str:
    """A walk that must fail at `step` and say how it goes on; what it printed."""
    failed = deployment.run()
    assert failed.returncode == 3, failed.stdout + failed.stderr
    ended = [event["data"] for event in deployment.program.journal() if event["kind"] == "step.ended"]
    assert (ended[-1]["step"], ended[-1]["how"]) == (step, "failed")
    run = failed.stdout.rstrip().rpartition("Go on with: sprocket-tui resume ")[2]
    assert run in {each.name for each in deployment.program.runs()}
    return failed.stdout


def completes(deployment: Deployment) -> str:
    done = deployment.resume()
    assert done.returncode == 4, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("The walk is complete.")
    return done.stdout


def nothing_was_made(deployment: Deployment, since: float) -> bool:
    """By Docker's own account, and by the state, which may at most know the stack and its components."""
    held = deployment.pulumi.state(deployment.layer_1).get("resources", [])
    made = [deployment.swarm.created_events(kind, since) for kind in ("service", "network", "config", "volume")]
    return not any(made) and not any("dynamic/" in resource["type"] for resource in held)


def test_a_wrong_passphrase_is_named_before_anything_is_made(deployment: Deployment) -> None:
    deployment.configure()
    began = deployment.swarm.now()
    given = deployment.directory / "secrets" / "pulumi_passphrase"
    right = given.read_text()
    given.write_text("not-the-passphrase")
    output = stops_at(deployment, "layer-1.config")
    assert "  failed: incorrect passphrase" in output
    hint = hinted(output, "pulumi.passphrase-wrong")
    assert hint["cause"] == "The stack was made with another passphrase."
    assert hint["do"].startswith("Give the passphrase the stack was made with.")
    assert nothing_was_made(deployment, began)
    given.write_text(right)
    completes(deployment)


def test_a_secret_of_another_backend_is_set_anew_by_the_configuration_step(deployment: Deployment) -> None:
    deployment.configure()
    settings = deployment.layer_1 / "Pulumi.layer_1.yaml"
    foreign = f"v1:{'A' * 16}:{'A' * 40}"
    text, count = re.subn(r"(layer_1:vault-s3-secret-key:\n\s+secure: )\S+", rf"\g<1>{foreign}", settings.read_text())
    assert count == 1
    settings.write_text(text)
    done = deployment.run()
    assert done.returncode == 4, done.stdout + done.stderr
    assert "    set layer_1:vault-s3-secret-key" in done.stdout
    assert "    set layer_1:vault-s3-access-key" not in done.stdout
    assert foreign not in settings.read_text()


def test_a_missing_key_is_set_by_the_printed_command(deployment: Deployment) -> None:
    deployment.configure()
    began = deployment.swarm.now()
    program = deployment.layer_1 / "index.js"
    begin = "const config = new pulumi.Config();"
    program.write_text(program.read_text().replace(begin, f'{begin}\nconfig.require("forgotten");', 1))
    output = stops_at(deployment, "layer-1.up")
    assert "  failed: Missing required configuration variable 'layer_1:forgotten'" in output
    hint = hinted(output, "pulumi.config-missing")
    assert set(hint) >= {"cause", "do", "run"}
    assert nothing_was_made(deployment, began)
    deployment.shell(f"echo found | {hint['run']}")
    completes(deployment)


def test_a_missing_image_is_shown_with_the_task_s_own_words_and_mended(deployment: Deployment) -> None:
    deployment.configure(lab_image="lab/no-such-image:7")
    output = stops_at(deployment, "layer-1.up")
    told = explained(output, "Vault runs")
    assert told["observed"].endswith("No such image: lab/no-such-image:7")
    assert told["expected"] == "vault, every task running"
    assert told["why"] == "Layer 2 keeps its secrets in Vault."
    assert told["do"].startswith("Read what became of its tasks")
    assert "No such image" in deployment.shell(told["run"])
    assert "vault lab/no-such-image:7 0/1" in deployment.shell(hinted(output, "swarm.no-image")["run"])
    assert deployment.swarm.running("traefik-socket-sock-proxy")
    deployment.pulumi_at("config", "set", "lab-image", "lab/web:1")
    completes(deployment)
    assert deployment.unchanged()


def test_a_program_that_holds_a_port_stops_the_walk_before_the_update(deployment: Deployment) -> None:
    deployment.configure()
    began, droplet = deployment.swarm.now(), deployment.swarm.droplet
    squatter = droplet.spawn(["socat", "TCP-LISTEN:443,fork,reuseaddr", "EXEC:true"])
    wait_until(lambda: ":443" in droplet.run(["ss", "-Hltn"]).stdout, "the squatter to listen", 10)
    told = explained(stops_at(deployment, "network.ports"), "Port 443 is free for Traefik")
    assert re.fullmatch(r"port 443 is held by socat \(pid \d+\)", told["observed"])
    assert told["expected"] == "free, or held by Traefik itself"
    assert told["why"].startswith("Traefik's task is not scheduled")
    assert told["do"].startswith("Stop socat")
    assert nothing_was_made(deployment, began)
    # The report of a check alone says the same.
    assert deployment.remedy("ports.https") == told["run"]
    deployment.shell(told["run"])
    squatter.wait(timeout=20)
    completes(deployment)


def test_a_service_that_publishes_a_port_stops_the_walk_and_is_stopped_by_the_printed_command(
    deployment: Deployment,
) -> None:
    deployment.configure()
    swarm = deployment.swarm
    options = ["--endpoint-mode", "dnsrr", "--publish", "mode=host,published=80,target=8200"]
    swarm.docker("service", "create", "--detach", "--name", "squatter", *options, "lab/web:1")
    wait_until(lambda: swarm.running("squatter"), "the squatter to run", 60)
    told = explained(stops_at(deployment, "network.ports"), "Port 80 is free for Traefik")
    assert told["observed"] == "port 80 is held by service squatter"
    assert set(told) == {"observed", "expected", "why", "do", "run"}
    assert swarm.services() == ["squatter"]
    deployment.shell(told["run"])
    wait_until(lambda: not swarm.docker("ps", "-q", "--filter", "name=squatter"), "its task to end", 60)
    completes(deployment)
    assert "squatter" in swarm.services()


def test_a_service_that_never_becomes_healthy_is_named_and_mended(deployment: Deployment) -> None:
    deployment.configure(lab_image="lab/unhealthy:1")
    output = stops_at(deployment, "layer-1.up")
    told = explained(output, "Vault runs")
    assert told["observed"].endswith("unhealthy container")
    assert set(told) == {"observed", "expected", "why", "do", "run"}
    assert "unhealthy container" in deployment.shell(told["run"])
    # The health check's own words are what says why.
    assert "404 Not Found" in deployment.shell(hinted(output, "swarm.unhealthy")["run"])
    deployment.pulumi_at("config", "set", "lab-image", "lab/web:1")
    completes(deployment)
    assert deployment.unchanged()


def test_what_was_approved_is_what_runs(deployment: Deployment) -> None:
    """The configuration changes while the card stands there: what is agreed to no longer fits, and nothing runs."""
    deployment.configure()
    began = deployment.swarm.now()
    died = deployment.run(SPROCKET_TEST_DEATH="kind:card.shown:layer-1.up")
    assert died.returncode == -9
    gate = "Bring Layer 1 up: go on?"
    with deployment.resume_at_terminal() as terminal:
        terminal.answer("Passphrase of the stack", deployment.planted["pulumi_passphrase"])
        terminal.wait_for(gate)
        deployment.pulumi_at("config", "set", "lab-pause-ms", "100")
        terminal.answer(gate, "yes")
        terminal.answer("A number or its word (leave)", "3")
        assert terminal.end() == 3, terminal.text
    assert "    3  leave  Leave (the run is kept, and goes on here)" in terminal.text
    assert "violates plan" in terminal.text
    assert "hint pulumi.plan-violated: " in terminal.text
    assert deployment.planted["pulumi_passphrase"] not in terminal.text
    assert nothing_was_made(deployment, began)
    assert "Command card:" in completes(deployment)
    assert len(deployment.swarm.created_events(since=began)) == 4


def test_what_a_plan_replaces_is_agreed_to_by_itself(deployment: Deployment) -> None:
    """A yes in the answers file covers what is made or changed, not what is lost."""
    # Somebody deployed with another bucket; the walk sets its own, and the file that names it is replaced.
    deployment.configure(vault_s3_bucket="another-bucket")
    deployment.pulumi.up(deployment.layer_1)
    before = deployment.swarm.services()
    refused = deployment.run()
    assert refused.returncode == 7, refused.stdout
    assert re.search(r"^    warning   replaces \w+ vault-config", refused.stdout, re.M)
    assert "no answer to layer-1.up/warnings" in refused.stdout
    assert deployment.swarm.services() == before
    deployment.write_answers(layer_1_up={"gate": True, "warnings": CONFIG["hostname"]})
    completes(deployment)
    assert deployment.unchanged()
