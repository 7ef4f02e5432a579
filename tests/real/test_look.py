"""A look at a host behind a real sshd: what it cannot do without a person is said, and it stores and leaves nothing."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sprocket_tui.commands import targets
from sprocket_tui.commands.look import Look
from sprocket_tui.faces.tui.offer import Found
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.target import lock
from sprocket_tui.target.ssh.asking import Headless
from tests.lab.sshd import Sshd, make_key

pytestmark = pytest.mark.lane("ssh")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("look")) as running:
        yield running


def options(server: Sshd, tmp_path: Path, key: Path | None = None, *, known: bool = True) -> argparse.Namespace:
    """A way to the server by a configuration of its own."""
    hosts = server.known_hosts(tmp_path / "known_hosts") if known else tmp_path / "known_hosts"
    text = ["Host lab", "HostName 127.0.0.1", f"Port {server.port}", "User operator", f"UserKnownHostsFile {hosts}"]
    text += [f"IdentityFile {key or server.client_key}", "IdentitiesOnly yes", "IdentityAgent none"]
    config = tmp_path / "ssh_config"
    config.write_text("\n  ".join(text) + "\n")
    return argparse.Namespace(target="ssh://lab", profile=None, ssh_config=str(config))


def look(way: argparse.Namespace) -> Found:
    looking = Look(lambda: targets.goal(way), load_guide(), lambda run: ("resume", run), limit=60)
    while (found := looking.found()) is None:
        time.sleep(0.02)
    return found


def test_who_drives_a_run_there_is_told_and_nothing_of_the_look_stays(server: Sshd, tmp_path: Path):
    way = options(server, tmp_path)
    link = targets.goal(way).connect(Headless())
    listed = "find ~ /dev/shm -user operator | sort"
    before = link.run(listed, deadline=30).stdout
    assert not any(told.startswith("Driven") for told in look(way).told)
    assert link.run(listed, deadline=30).stdout == before
    assert lock.acquire(link, "0a0a0a0a", "ada@elsewhere", "token") is None
    assert look(way).told[0].startswith("Driven now: run 0a0a0a0a, held by ada@elsewhere since ")
    lock.release(link, "token")
    link.close()


def test_a_new_host_key_is_told_and_not_accepted(server: Sshd, tmp_path: Path):
    found = look(options(server, tmp_path, known=False))
    assert "is not known: " in found.told[0]
    assert found.told[1] == "Enter asks whether it is the right one; a look accepts none."
    assert not (tmp_path / "known_hosts").exists()


def test_a_key_that_is_locked_says_that_its_passphrase_is_needed(server: Sshd, tmp_path: Path):
    key = make_key(tmp_path / "locked", passphrase="open sesame 42")
    assert look(options(server, tmp_path, key)).told[0] == "Its key is locked by a passphrase."
