"""Killed at every point of a walk over SSH that makes real services; `resume` makes each of them once."""

import signal
from pathlib import Path

import pytest

from tests.lab.sshd import Sshd
from tests.lab.swarm import SwarmLab
from tests.real.services import Services

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("swarm")]

# An undisturbed walk writes fewer events than this; the points beyond its end leave it undisturbed.
EVENTS = range(1, 31)
FILES = ("pid.new", "pid", "out", "err", "child", "exit.new", "exit", "taken")


@pytest.fixture
def services(swarm: SwarmLab, droplet_sshd: Sshd, tmp_path: Path) -> Services:
    return Services(swarm, droplet_sshd, tmp_path)


@pytest.mark.parametrize("number", EVENTS)
def test_killed_after_event(services: Services, number: int) -> None:
    with services.watched():
        died = services.run(SPROCKET_TEST_DEATH=f"event:{number}")
        assert died.returncode in (-signal.SIGKILL, 0)
        services.no_secret_on_a_disk()
        services.finish()
    services.settled()


@pytest.mark.parametrize("file", FILES)
def test_killed_when_a_job_file_appears_on_the_target(services: Services, file: str) -> None:
    place = services.swarm.droplet.home / ".sprocket" / "jobs" / "*" / "services.two" / "1" / file
    with services.watched():
        died = services.run(SPROCKET_TEST_DEATH=f"file:{place}")
        assert died.returncode in (-signal.SIGKILL, 0)
        services.finish()
    services.settled()


def test_the_kill_points_cover_the_whole_walk(services: Services) -> None:
    assert services.run().returncode == 0
    assert len(services.program.journal()) < max(EVENTS)
    services.settled()
