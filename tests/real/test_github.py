"""The installed program has the real git read a repository over a real OpenSSH server, from another host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from tests.lab.git import git, repository
from tests.lab.sshd import Sshd, free_port, make_key
from tests.lab.web import serving
from tests.real.dry_run import DryRun, Row
from tests.unit import hostile
from tests.walk.program import Program

pytestmark = pytest.mark.lane("ssh")
CHECK = "repository.ssh"


@dataclass
class Hosts:
    """The droplet, where the program asks, and the host of the repository."""

    droplet: Sshd
    github: Sshd
    home: Path
    repository: Path

    def row(self, url: str = "", check: str = CHECK) -> Row:
        name = "repository_ssh" if check == CHECK else "repository_https"
        own = f"ssh://root@127.0.0.1:{self.github.port}{self.repository}"
        run = DryRun(self.home, {name: url or own}).with_profile(host="lab", ssh_config=str(self.droplet.ssh_config()))
        return run.row(check)

    @property
    def ssh(self) -> Path:
        """The droplet's ~/.ssh."""
        directory = self.droplet.home() / ".ssh"
        directory.mkdir(mode=0o700, exist_ok=True)
        return directory

    def know(self) -> None:
        """The droplet has the right key of the host."""
        (self.ssh / "known_hosts").write_text(self.github.known_hosts().read_text())


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Hosts]:
    upstream = repository(tmp_path / "upstream")
    with Sshd(tmp_path / "droplet") as droplet, Sshd(tmp_path / "github") as github:
        yield Hosts(droplet, github, tmp_path / "program", upstream)


def test_a_host_that_is_not_known_is_not_asked_and_not_learnt(hosts: Hosts) -> None:
    row = hosts.row()
    assert (row["state"], row["value"]["state"]) == ("warn", "host-unknown")
    assert not (hosts.ssh / "known_hosts").exists()
    assert "Permission denied" not in hosts.github.log()


def test_no_key_and_a_key_that_is_refused_are_told_apart_until_it_is_let_in(hosts: Hosts) -> None:
    hosts.know()
    none = hosts.row()
    assert (none["state"], none["value"]) == ("warn", {"state": "no-key", "head": "", "keys": 0})
    key = make_key(hosts.ssh / "id_ed25519")
    refused = hosts.row()
    assert (refused["state"], refused["value"]) == ("warn", {"state": "refused", "head": "", "keys": 1})
    assert "Deploy keys" in refused["remedy"]["text"]
    hosts.github.authorize(key.with_suffix(".pub"))
    head = git(hosts.repository, "rev-parse", "HEAD")
    let_in = hosts.row()
    assert (let_in["state"], let_in["value"]) == ("pass", {"state": "ok", "head": head, "keys": 1})


def test_a_host_key_that_changed_fails_and_is_not_overwritten(hosts: Hosts) -> None:
    hosts.know()
    known = hosts.ssh / "known_hosts"
    other = make_key(hosts.ssh / "other").with_suffix(".pub").read_text().split()[:2]
    known.write_text(f"[127.0.0.1]:{hosts.github.port} {' '.join(other)}\n")
    before = known.read_text()
    row = hosts.row()
    assert (row["state"], row["value"]["state"]) == ("fail", "host-changed")
    assert known.read_text() == before


def test_a_repository_that_is_not_there_is_told_apart(hosts: Hosts) -> None:
    hosts.know()
    hosts.github.authorize(make_key(hosts.ssh / "id_ed25519").with_suffix(".pub"))
    row = hosts.row(f"ssh://root@127.0.0.1:{hosts.github.port}/no/such/repository.git")
    assert (row["state"], row["value"]["state"]) == ("fail", "not-found")


@pytest.mark.parametrize("check", [CHECK, "repository.https"])
def test_a_host_that_refuses_the_connection_tells_nothing_over_ssh_and_over_https(hosts: Hosts, check: str) -> None:
    scheme = "ssh" if check == CHECK else "https"
    row = hosts.row(f"{scheme}://127.0.0.1:{free_port()}/SprocketBot/sprocket-infra.git", check)
    assert (row["state"], row["value"]) == ("unknown", None)
    assert re.search(r"Connection refused|Failed to connect", row["observed"])
    assert "Allow outbound traffic" in row["remedy"]["text"]


@pytest.mark.parametrize("check", [CHECK, "repository.https"])
def test_a_host_that_says_nothing_tells_nothing(hosts: Hosts, check: str) -> None:
    scheme = "ssh" if check == CHECK else "https"
    with hostile.hostile("says nothing") as port:
        row = hosts.row(f"{scheme}://127.0.0.1:{port}/SprocketBot/sprocket-infra.git", check)
    assert (row["state"], row["value"]) == ("unknown", None)


@pytest.mark.parametrize("check", [CHECK, "repository.https"])
def test_a_host_without_a_name_is_told_apart(hosts: Hosts, check: str) -> None:
    scheme = "ssh" if check == CHECK else "https"
    row = hosts.row(f"{scheme}://no-such-host.invalid/SprocketBot/sprocket-infra.git", check)
    assert (row["state"], row["value"]["state"]) == ("fail", "no-name")


@pytest.mark.parametrize("name", ["repository_https", "repository_ssh"])
def test_a_login_in_the_address_is_refused_and_reaches_no_command(hosts: Hosts, name: str) -> None:
    """git would show it to every process of the droplet."""
    scheme = "https" if name == "repository_https" else "ssh"
    run = DryRun(hosts.home, {name: f"{scheme}://bob:ghp_canary0042@127.0.0.1/x.git"})
    done = Program(hosts.home, None)(*run.words("--only", "repository.https"))
    assert done.returncode == 2
    assert f"{name}: it does not fit: " in done.stderr
    assert "ghp_canary0042" not in done.stdout + done.stderr


def test_a_repository_read_anonymously_passes_without_a_word_of_keys(hosts: Hosts) -> None:
    git(hosts.repository, "update-server-info")
    handler = partial(SimpleHTTPRequestHandler, directory=str(hosts.repository))
    with serving(handler) as address:
        row = hosts.row(f"{address}/.git", "repository.https")
        missing = hosts.row(f"{address}/nothing.git", "repository.https")
    assert (row["state"], row["value"]["keys"]) == ("pass", None)
    assert (missing["state"], missing["value"]["state"]) == ("fail", "not-found")
