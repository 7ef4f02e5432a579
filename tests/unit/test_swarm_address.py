"""Which of its addresses a Swarm advertises: only an address that the droplet does not have calls for another Swarm."""

from __future__ import annotations

from pathlib import Path

import pytest

from sprocket_tui.checks.observation import State, Verdict
from tests.unit.test_prerequisites import judged, program

ADDRESS = "203.0.113.7"
HAS = """\
1: lo    inet 127.0.0.1/8 scope host lo
2: eth0    inet 203.0.113.7/20 brd 203.0.113.255 scope global eth0
2: eth0    inet 10.15.0.5/16 brd 10.15.255.255 scope global eth0
3: eth1    inet 10.110.0.2/20 brd 10.110.15.255 scope global eth1
3: eth1    inet6 fd00::2/64 scope link
4: docker0    inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0
5: br-0a1b2c3d4e5f    inet 172.20.0.1/16 scope global br-0a1b2c3d4e5f
"""
ANEW = ("docker", "swarm", "init", "--force-new-cluster", "--advertise-addr", ADDRESS)


def advertised(directory: Path, address: str, managers: int = 1, has: str = HAS) -> Verdict:
    program(directory, "ip", f"cat <<'END'\n{has}END" if has else "exit 127")
    return judged("swarm.address", program(directory, "docker", f"echo '{address} {managers}'"), address=ADDRESS)


@pytest.mark.parametrize("managers", [1, 3])
@pytest.mark.parametrize("address", [ADDRESS, "10.110.0.2", "10.15.0.5", "fd00::2"])
def test_an_address_of_the_droplet_s_own_passes(address: str, managers: int, tmp_path: Path) -> None:
    verdict = advertised(tmp_path, address, managers)
    assert (verdict.state, verdict.observed.startswith(address)) == (State.PASS, True)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1", "127.0.0.1, which only this machine reaches"),
        ("172.17.0.1", "172.17.0.1, which is Docker's own network on this machine"),
        ("172.20.0.1", "172.20.0.1, which is Docker's own network on this machine"),
        ("10.110.0.20", "10.110.0.20, which the droplet does not have"),
        ("0.110.0.2", "0.110.0.2, which the droplet does not have"),
        ("198.51.100.4", "198.51.100.4, which the droplet does not have"),
    ],
)
def test_what_nobody_else_reaches_is_told_apart_and_mended_where_there_is_one_manager(
    address: str, said: str, tmp_path: Path
) -> None:
    verdict = advertised(tmp_path, address)
    assert (verdict.state, verdict.observed) == (State.WARN, said)
    assert verdict.remedy and verdict.remedy.command == ANEW


@pytest.mark.parametrize("address", ["127.0.0.1", "172.17.0.1", "198.51.100.4"])
def test_several_managers_are_not_left_behind(address: str, tmp_path: Path) -> None:
    verdict = advertised(tmp_path, address, managers=3)
    assert (verdict.state, verdict.observed) == (State.WARN, f"{address}, with 3 managers")
    assert verdict.remedy and verdict.remedy.command == ("docker", "node", "ls")


def test_where_the_addresses_cannot_be_listed_a_person_is_asked_whose_it_is(tmp_path: Path) -> None:
    verdict = advertised(tmp_path, "10.110.0.2", has="")
    assert (verdict.state, verdict.observed) == (State.WARN, "10.110.0.2")
    assert verdict.remedy and verdict.remedy.text.startswith("Unless it is the droplet's private address")


def test_without_docker_nothing_is_said(tmp_path: Path) -> None:
    directory = program(tmp_path, "docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    assert judged("swarm.address", directory, address=ADDRESS).state is State.UNKNOWN
