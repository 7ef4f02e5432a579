"""An update is killed half-way: what it left is recognised, shown, and put right on consent; nothing is made twice."""

import contextlib
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.pulumi import PulumiLab
from tests.lab.s3 import ACCESS_KEY, SECRET_KEY, S3Lab
from tests.lab.sshd import Sshd, wait_until
from tests.lab.swarm import SwarmLab
from tests.real.deploy import Deployment

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("swarm"), pytest.mark.lane("pulumi")]

Kill = Callable[[Deployment, int], None]


@pytest.fixture
def deployment(swarm: SwarmLab, droplet_sshd: Sshd, pulumi_lab: PulumiLab, tmp_path: Path) -> Deployment:
    """Everything up to the update is done; its calls take long enough to be killed in the middle of."""
    ready = Deployment(swarm, droplet_sshd, pulumi_lab, tmp_path)
    ready.configure(lab_pause_ms="1500")
    return ready


def engine_pid(deployment: Deployment) -> int:
    """The pulumi process of the update that runs, as seen from here."""
    for pid, name in deployment.swarm.droplet.processes().items():
        with contextlib.suppress(OSError):  # it ended while we looked
            if name == "pulumi" and b"\0up\0" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
    raise AssertionError("no update is running")


def killed_half_way(deployment: Deployment, kill: Kill) -> str:
    """Starts a walk, kills once the first service is being made, and returns all that the program then said."""
    process = deployment.start()
    wait_until(lambda: deployment.swarm.services() or process.poll() is not None, "the first service", 90)
    assert process.poll() is None, process.communicate()[0]
    kill(deployment, engine_pid(deployment))
    output, _ = process.communicate(timeout=200)
    return output


def the_process(deployment: Deployment, pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def its_group(deployment: Deployment, pid: int) -> None:
    os.killpg(os.getpgid(pid), signal.SIGKILL)


def its_session(deployment: Deployment, pid: int) -> None:
    session = os.getsid(pid)
    for other in deployment.swarm.droplet.processes():
        with contextlib.suppress(ProcessLookupError):  # a probe or a call that ended while we looked
            if os.getsid(other) == session:
                os.kill(other, signal.SIGKILL)


def removed(output: str) -> int:
    """How many services the repair cards said they would remove."""
    return len(re.findall(r"^    plan +delete +service ", output, re.MULTILINE))


def locks(deployment: Deployment) -> list[str]:
    """The files in which a backend of files keeps its locks."""
    backend = Path(deployment.pulumi.backend.removeprefix("file://"))
    return sorted(file.name for file in backend.glob(".pulumi/locks/**/*.json"))


def no_second_copy(deployment: Deployment, began: float, orphans: int) -> None:
    """Docker made each service once, but for the orphans that the repair card removed."""
    created = deployment.swarm.created_events(since=began)
    assert len(created) == 4 + orphans, created
    assert len(deployment.swarm.services()) == 4
    assert deployment.unchanged()


@pytest.mark.parametrize("kill", [the_process, its_group, its_session])
def test_a_killed_update_is_repaired_and_finished(deployment: Deployment, kill: Kill) -> None:
    began = deployment.swarm.now()
    output = killed_half_way(deployment, kill)
    if not output.rstrip().endswith("The walk is complete."):
        resumed = deployment.resume()
        output += resumed.stdout
        assert resumed.returncode == 4, output
    assert "What was left behind:" in output
    assert "Repair card:" in output
    no_second_copy(deployment, began, removed(output))


def test_a_refused_repair_changes_nothing_and_is_offered_again(deployment: Deployment) -> None:
    began = deployment.swarm.now()
    deployment.write_answers(layer_1_up={"gate": True, "repair": False})
    output = killed_half_way(deployment, the_process)
    assert "nothing was changed" in output
    before = deployment.swarm.services(), deployment.pulumi.state(deployment.layer_1), locks(deployment)
    assert before[2]
    again = deployment.resume()
    assert again.returncode == 7, again.stdout
    assert "Repair card:" in again.stdout
    assert (deployment.swarm.services(), deployment.pulumi.state(deployment.layer_1), locks(deployment)) == before
    deployment.write_answers()
    done = deployment.resume()
    assert done.returncode == 4, done.stdout + done.stderr
    assert removed(done.stdout) > 0
    no_second_copy(deployment, began, removed(done.stdout))


@pytest.mark.parametrize(
    "signals", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT, signal.SIGINT], [signal.SIGTERM, signal.SIGTERM]]
)
def test_an_interrupted_update_is_settled_and_finished(deployment: Deployment, signals: list[signal.Signals]) -> None:
    def interrupt(_: Deployment, pid: int) -> None:
        os.kill(pid, signals[0])
        for number in signals[1:]:
            wait_until(lambda: "cancelling" in printed(deployment), "the first signal to be taken", 20)
            os.kill(pid, number)

    began = deployment.swarm.now()
    output = killed_half_way(deployment, interrupt)
    for _ in range(2):
        if not output.rstrip().endswith("The walk is complete."):
            output += deployment.resume().stdout
    assert output.rstrip().endswith("The walk is complete."), output
    assert len(deployment.swarm.services()) == 4
    assert deployment.unchanged()
    assert len(deployment.swarm.created_events(since=began)) == 4 + removed(output)


def printed(deployment: Deployment) -> str:
    """What the update on the droplet has printed so far."""
    jobs = deployment.swarm.droplet.home / ".sprocket" / "jobs"
    return "".join(file.read_text(errors="replace") for file in jobs.glob("*/layer-1.up/*/out"))


def test_abort_asks_the_update_to_stop_and_resume_finishes_it(deployment: Deployment) -> None:
    began = deployment.swarm.now()

    def leave_and_abort(_: Deployment, pid: int) -> None:
        assert pid
        done = deployment.program("abort", "--profile", "lab")
        assert done.returncode == 0, done.stdout + done.stderr

    output = killed_half_way(deployment, leave_and_abort)
    for _ in range(2):
        if not output.rstrip().endswith("The walk is complete."):
            output += deployment.resume().stdout
    assert output.rstrip().endswith("The walk is complete."), output
    assert len(deployment.swarm.created_events(since=began)) == 4 + removed(output)
    assert deployment.unchanged()


def test_a_daemon_that_died_is_named_and_the_walk_goes_on_when_it_is_back(deployment: Deployment) -> None:
    output = killed_half_way(deployment, lambda *_: deployment.swarm.kill_daemon())
    assert not output.rstrip().endswith("The walk is complete.")
    assert "hint pulumi.no-daemon: " in output, output
    deployment.swarm.start_daemon()
    # Docker forgets its events when it dies; what it had made by then it remembers.
    made = {row["ID"] for row in deployment.swarm.rows("service", "ls")}
    for _ in range(2):
        if not output.rstrip().endswith("The walk is complete."):
            output += deployment.resume().stdout
    assert output.rstrip().endswith("The walk is complete."), output
    kept = {row["ID"] for row in deployment.swarm.rows("service", "ls")}
    assert len(made - kept) == removed(output)
    assert len(kept) == 4
    assert deployment.unchanged()


@pytest.mark.lane("s3")
def test_a_lock_in_a_bucket_is_found_when_the_repair_meets_it(
    swarm: SwarmLab, droplet_sshd: Sshd, s3_lab: S3Lab, tmp_path: Path
) -> None:
    credentials = s3_lab.credentials_file(swarm.droplet.base / "aws")
    pulumi = PulumiLab(swarm.droplet, s3_lab.backend, credentials)
    keys = {"s3_backend_access_key": ACCESS_KEY, "s3_backend_secret_key": SECRET_KEY}
    deployment = Deployment(swarm, droplet_sshd, pulumi, tmp_path, backend=s3_lab.backend, secrets=keys)
    deployment.configure(lab_pause_ms="1500")
    began = swarm.now()
    output = killed_half_way(deployment, the_process)
    for _ in range(2):
        if not output.rstrip().endswith("The walk is complete."):
            output += deployment.resume().stdout
    assert output.rstrip().endswith("The walk is complete."), output
    no_second_copy(deployment, began, removed(output))
