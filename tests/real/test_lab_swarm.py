"""The lab's own Swarm and droplet do what the other tests stand on."""

import os
import subprocess
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.lab.droplet import Droplet
from tests.lab.sshd import Sshd, wait_until
from tests.lab.swarm import SwarmLab

pytestmark = pytest.mark.lane("swarm")

_DNSRR = ("--detach", "--endpoint-mode", "dnsrr")
_PORT_80 = "mode=host,target=8200,published=80"


def test_a_droplet_leaves_neither_process_nor_file_nor_network_behind() -> None:
    droplet = Droplet()
    inside = droplet.spawn(["setsid", "sleep", "600"])
    wait_until(lambda: "sleep" in droplet.processes().values(), "the program inside to start")
    ours = f"/proc/{droplet.pid}"
    droplet.close()
    assert inside.wait() != 0
    assert not droplet.base.exists()
    assert not Path(ours).exists()
    assert not [name for name in os.listdir("/sys/class/net") if _address(name) == droplet.gateway]


def test_a_droplet_has_a_home_and_a_run_directory_of_its_own() -> None:
    with Droplet() as droplet:
        droplet.run(["sh", "-c", "echo inside >/root/file; echo inside >/run/file"])
        assert (droplet.home / "file").read_text() == "inside\n"
        assert droplet.path("/run/file").read_text() == "inside\n"
        assert not Path("/run/file").exists()


def test_a_service_on_a_host_port_answers_at_the_droplets_address(swarm: SwarmLab) -> None:
    swarm.docker("service", "create", *_DNSRR, "--name", "web", "--publish", _PORT_80, "lab/web:1")
    wait_until(lambda: swarm.running("web"), "the service to run")
    with urlopen(f"http://{swarm.droplet.address}/v1/sys/health", timeout=10) as answer:
        assert b'"sealed": false' in answer.read()


def test_dockers_own_event_stream_counts_what_was_created(swarm: SwarmLab) -> None:
    before = time.time()
    for name in ("one", "two"):
        swarm.docker("service", "create", *_DNSRR, "--name", name, "lab/web:1")
    assert swarm.created_events(since=before) == ["one", "two"]


def test_the_image_that_ends_at_once_fails_again_and_again(swarm: SwarmLab) -> None:
    swarm.docker("service", "create", *_DNSRR, "--restart-delay", "100ms", "--name", "broken", "lab/exits:1")
    wait_until(lambda: swarm.docker("service", "ps", "broken").count("non-zero exit (1)") > 1, "two tasks to fail", 60)
    assert not swarm.running("broken")


def test_the_unhealthy_image_is_killed_by_its_health_check(swarm: SwarmLab) -> None:
    swarm.docker("service", "create", *_DNSRR, "--name", "ill", "lab/unhealthy:1")
    unhealthy = ("events", "--since", "1", "--until", "0s", "--filter", "event=health_status: unhealthy")
    wait_until(lambda: "health_status" in swarm.docker(*unhealthy), "a task to be unhealthy", 60)
    assert not swarm.running("ill")


def test_the_daemon_comes_back_after_a_kill_with_its_services(swarm: SwarmLab) -> None:
    swarm.docker("service", "create", *_DNSRR, "--name", "web", "lab/web:1")
    wait_until(lambda: swarm.running("web"), "the service to run")
    swarm.kill_daemon()
    swarm.start_daemon()
    wait_until(lambda: swarm.running("web"), "the service to run again", 60)


def test_the_droplets_ssh_server_reaches_its_own_docker(swarm: SwarmLab, droplet_sshd: Sshd) -> None:
    swarm.docker("network", "create", "--driver", "overlay", "only-here")
    argv = ["ssh", "-F", str(droplet_sshd.ssh_config()), "lab", "docker", "network", "ls"]
    listed = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=30)
    assert "only-here" in listed.stdout


def _address(interface: str) -> str:
    shown = subprocess.run(["ip", "-o", "-4", "addr", "show", interface], capture_output=True, text=True, check=False)
    words = shown.stdout.split()
    return words[3].partition("/")[0] if len(words) > 3 else ""
