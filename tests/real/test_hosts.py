"""On a real machine the names of an environment of development are led to it by the command of the check."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.droplet import Droplet
from tests.lab.sshd import Sshd
from tests.real.checking import Checker
from tests.real.dry_run import DryRun, Row

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("ufw")]

CHECK = "hosts.names"
NAMES = sorted(f"{name}.lab.internal" for name in ("traefik", "fa", "vault", "api"))


def judged(sshd: Sshd, home: Path) -> Row:
    target = ("--target", "ssh://root@lab", "--ssh-config", str(sshd.ssh_config()))
    return DryRun(home, {"environment": "development", "hostname": "lab.internal"}, target=target).row(CHECK)


@pytest.mark.parametrize(
    ("hosts", "state", "kept"),
    [
        ("127.0.0.1 localhost", "fail", "127.0.0.1 localhost"),
        (
            "127.0.0.1 localhost\n192.0.2.7 fa.lab.internal other.internal # ours\n127.0.0.1\ttraefik.lab.internal",
            "fail",
            "192.0.2.7  other.internal # ours",
        ),
        (
            "127.0.0.1 localhost traefik.lab.internal vault.lab.internal api.lab.internal\n192.0.2.7 fa.lab.internal\n"
            "192.0.2.8 fa.lab.internal.example.org",
            "warn",
            "192.0.2.8 fa.lab.internal.example.org",
        ),
        (
            "127.0.0.1 localhost\n2001:db8::7 vault.lab.internal v6.internal # was api.lab.internal\n"
            "fe80::7%eth0 api.lab.internal\n192.0.2.7 FA.Lab.Internal",
            "fail",
            "2001:db8::7  v6.internal # was api.lab.internal",
        ),
    ],
)
def test_names_that_lead_nowhere_or_elsewhere_lead_here_after_the_command(
    hosts: str, state: str, kept: str, sshd: Sshd, machine: Droplet, tmp_path: Path
) -> None:
    own = machine.base / "hosts"
    own.write_text(hosts)
    machine.run(["mount", "--bind", str(own), "/etc/hosts"])
    row = judged(sshd, tmp_path)
    assert row["state"] == state, row
    Checker(sshd, tmp_path).shell(row["remedy"]["command"])
    assert judged(sshd, tmp_path)["observed"] == "all four lead to this machine"
    assert kept in own.read_text().splitlines()
    # Also what leads here already is written once, and what only IPv6 or a name in capitals leads elsewhere is gone.
    named = [word.lower() for line in own.read_text().splitlines() for word in line.partition("#")[0].split()[1:]]
    assert sorted(each for each in named if each in NAMES) == NAMES
    machine.run(["umount", "/etc/hosts"])
