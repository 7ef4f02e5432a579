"""The connection is cut at any byte, freezes, or passes a jump host that dies: nothing is lost or made twice."""

import random
import shutil
import threading
from pathlib import Path

import pytest

from sprocket_tui.exits import Exit
from tests.lab.sshd import Sshd, wait_until
from tests.lab.swarm import SwarmLab
from tests.lab.wire import Wire
from tests.real.services import Services

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("swarm")]

# What an undisturbed walk sends both ways, rounded up; a cut beyond it cuts nothing.
BYTES = 60_000
OFFSETS = sorted(random.Random(20261123).sample(range(200, BYTES), 50))


@pytest.mark.parametrize("offset", OFFSETS)
def test_cut_after_any_number_of_bytes(offset: int, swarm: SwarmLab, droplet_sshd: Sshd, tmp_path: Path) -> None:
    with Wire((droplet_sshd.address, droplet_sshd.port)) as wire:
        services = Services(swarm, droplet_sshd, tmp_path, port=wire.port)
        wire.cut_after(offset)
        first = services.run()
        if first.returncode:
            services.finish()
        services.settled()


def test_the_cuts_fall_within_the_walk(swarm: SwarmLab, droplet_sshd: Sshd, tmp_path: Path) -> None:
    with Wire((droplet_sshd.address, droplet_sshd.port)) as wire:
        services = Services(swarm, droplet_sshd, tmp_path, port=wire.port)
        assert services.run().returncode == 0
        assert wire.passed > 0.5 * BYTES


def test_a_cut_in_the_middle_is_mended_without_leaving(swarm: SwarmLab, droplet_sshd: Sshd, tmp_path: Path) -> None:
    with Wire((droplet_sshd.address, droplet_sshd.port)) as wire:
        services = Services(swarm, droplet_sshd, tmp_path, port=wire.port)
        wire.cut_after(BYTES // 2)
        done = services.run()
        assert done.returncode == 0, done.stdout + done.stderr
        assert "The connection was lost" in done.stdout
        assert wire.connections == 2
        services.settled()


def test_a_peer_that_freezes_and_thaws_costs_nothing(swarm: SwarmLab, droplet_sshd: Sshd, tmp_path: Path) -> None:
    with Wire((droplet_sshd.address, droplet_sshd.port)) as wire:
        services = Services(swarm, droplet_sshd, tmp_path, port=wire.port)

        def freeze() -> None:
            wait_until(lambda: wire.passed > BYTES // 3, "the walk to be under way", 60)
            wire.freeze()
            threading.Timer(8, wire.thaw).start()

        freezer = threading.Thread(target=freeze)
        freezer.start()
        done = services.run()
        freezer.join()
        assert done.returncode == 0, done.stdout + done.stderr
        assert "The connection was lost" not in done.stdout
        assert wire.connections == 1
        services.settled()


@pytest.mark.parametrize("hop", ["the jump host", "the droplet"])
def test_a_hop_that_dies_is_passed_again(hop: str, swarm: SwarmLab, droplet_sshd: Sshd, tmp_path: Path) -> None:
    with Sshd(tmp_path / "jump") as jump:
        stanza = jump.stanza("jump", known_hosts=jump.known_hosts())
        services = Services(swarm, droplet_sshd, tmp_path / "walk", extra="ProxyJump jump")
        services.config.write_text(services.config.read_text() + stanza)
        dying = jump if hop == "the jump host" else droplet_sshd

        def kill() -> None:
            jobs = swarm.droplet.home / ".sprocket" / "jobs"
            wait_until(lambda: list(jobs.glob("*/services.one/1/pid")), "the first job", 60)
            dying.kill()
            dying.start()

        killer = threading.Thread(target=kill)
        killer.start()
        done = services.run()
        killer.join()
        assert done.returncode == 0, done.stdout + done.stderr
        assert "The connection was lost" in done.stdout
        services.settled()


# On the droplet's PATH before docker itself: the job that makes the first service waits for a file.
HELD = """#!/bin/sh
case "$*" in "service create "*"--name one "*) while [ ! -e "$HOME/go" ]; do sleep 0.1; done ;; esac
exec /usr/local/bin/docker "$@"
"""


def test_a_link_that_stays_cut_leaves_the_job_to_the_target_and_resume_ends_well(
    swarm: SwarmLab, droplet_sshd: Sshd, tmp_path: Path
) -> None:
    home = swarm.droplet.home
    docker = home / ".pulumi" / "bin" / "docker"
    docker.parent.mkdir(parents=True)
    docker.write_text(HELD.replace("/usr/local/bin/docker", shutil.which("docker") or "docker"))
    docker.chmod(0o755)
    with Wire((droplet_sshd.address, droplet_sshd.port)) as wire:
        services = Services(swarm, droplet_sshd, tmp_path, port=wire.port)

        def cut() -> None:
            wait_until(lambda: list(home.glob(".sprocket/jobs/*/services.one/1/child")), "the first job", 60)
            wire.close()

        cutter = threading.Thread(target=cut)
        cutter.start()
        with services.watched():
            lost = services.run(SPROCKET_TEST_DEATH="", SPROCKET_TEST_PATIENCE="3")
            cutter.join()
            assert lost.returncode == Exit.LINK_LOST, lost.stdout + lost.stderr
            run = lost.stdout.rstrip().rpartition("Go on with: sprocket-tui resume ")[2]
            assert run in {each.name for each in services.program.runs()}
            left = services.program.journal()[-1]
            assert (left["kind"], left["data"]["how"], left["data"]["code"]) == ("run.left", "lost", Exit.LINK_LOST)
            assert swarm.services() == []

            services.config = droplet_sshd.ssh_config("lab")
            status = services.program("status", "--target", "ssh://lab", "--ssh-config", str(services.config))
            assert status.returncode == Exit.LINK_LOST, status.stdout + status.stderr
            (home / "go").touch()
            services.finish()
        services.settled()
