"""The installed program says that a droplet may not go out, where a real firewall on it drops or refuses that."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.lab.droplet import Droplet
from tests.lab.firewall import Ufw
from tests.lab.sshd import Sshd
from tests.real.checking import Checker

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("ufw")]

SITE = "hub.docker.com"
CHECK = f"egress.https.{SITE.replace('.', '-')}"


@pytest.fixture
def ufw(lent: Ufw, sshd: Sshd, machine: Droplet) -> Ufw:
    """On, letting in SSH; the site's name leads to this side of the cable."""
    own = machine.base / "hosts"
    own.write_text(f"127.0.0.1 localhost\n{machine.gateway} {SITE}\n")
    machine.run(["mount", "--bind", str(own), "/etc/hosts"])
    lent.clear()
    lent("allow", f"{sshd.port}/tcp")
    lent("--force", "enable")
    return lent


@pytest.mark.parametrize(("verb", "said"), [("deny", "timed out"), ("reject", "")])
def test_what_is_not_let_out_fails_and_the_rule_is_found(
    verb: str, said: str, ufw: Ufw, sshd: Sshd, tmp_path: Path
) -> None:
    ufw(verb, "out", "443/tcp")
    checker = Checker(sshd, tmp_path)
    row = checker.row(CHECK)
    assert (row["state"], row["value"]["connects"]) == ("fail", False), row
    assert row["observed"].startswith(f"no connection to {SITE} port 443: ")
    assert said in row["observed"]
    assert row["remedy"]["text"].startswith("Allow outbound HTTPS in the cloud firewall")
    assert f"{verb.upper()} OUT" in checker.shell(row["remedy"]["command"])


def test_a_site_that_takes_a_connection_up_and_says_nothing_is_no_firewall(
    ufw: Ufw, sshd: Sshd, machine: Droplet, tmp_path: Path
) -> None:
    with socket.create_server((machine.gateway, 443)):
        row = Checker(sshd, tmp_path).row(CHECK)
    assert (row["state"], row["value"]) == ("unknown", None), row
    assert "timed out" in row["observed"]
