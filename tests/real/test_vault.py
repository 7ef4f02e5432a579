"""The installed program asks the real Vault on a droplet how it stands, through the real Traefik."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab.sshd import Sshd
from tests.lab.vault import DOMAIN, PORT, VaultLab
from tests.real.dry_run import DryRun, Row, alone

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("vault")]
CHECK = "layer-1.vault-health"
Ask = Callable[..., Row]


@pytest.fixture
def lab() -> Iterator[VaultLab]:
    with VaultLab() as lab:
        yield lab


@pytest.fixture
def ask(lab: VaultLab, tmp_path: Path) -> Iterator[Ask]:
    """The check's row; none of Vault's keys may be in what the program prints."""
    with Sshd(tmp_path, droplet=lab.droplet) as server:

        def row(domain: str = DOMAIN) -> Row:
            guide = alone(tmp_path, "layer-1.yaml", CHECK)
            run = DryRun(tmp_path / "home", canaries=tuple(lab.keys), guide=guide).with_profile(
                host="lab", ssh_config=str(server.ssh_config()), domain=domain, http_port=PORT
            )
            return run.row(CHECK)

        yield row


def test_each_state_of_a_vault_is_told_until_it_is_unsealed(lab: VaultLab, ask: Ask) -> None:
    new = ask()
    assert (new["state"], new["value"]["state"], new["value"]["health"]) == ("fail", "uninitialized", 501)
    lab.initialize()
    sealed = ask()
    assert (sealed["state"], sealed["observed"]) == ("fail", "503: sealed, 0 of 3 keys given")
    assert sealed["remedy"]["command"] == "docker service update --force vault"
    lab.unseal(2)
    assert ask()["observed"] == "503: sealed, 2 of 3 keys given"
    lab.unseal(3)
    unsealed = ask()
    assert (unsealed["state"], unsealed["observed"]) == ("pass", "200: initialised, unsealed, active")
    assert unsealed["value"] == {
        "state": "unsealed",
        "initialized": True,
        "sealed": False,
        "threshold": 3,
        "progress": 0,
        "shares": 5,
        "version": lab.vault("status", "-format=json")["version"],
        "health": 200,
    }


def test_a_vault_that_is_gone_behind_its_proxy_is_told_apart_from_a_sealed_one(lab: VaultLab, ask: Ask) -> None:
    lab.initialize()
    lab.stop()
    gone = ask()
    assert (gone["state"], gone["value"]["state"]) == ("fail", "no-server")
    assert gone["observed"] == "502: Traefik finds no server behind Vault's name"
    lab.start()
    assert ask()["value"]["state"] == "sealed"


def test_a_proxy_without_a_route_to_vault_says_so(ask: Ask) -> None:
    row = ask("another.lab.test")
    assert (row["state"], row["observed"]) == ("fail", "404: Traefik has no route to Vault")
