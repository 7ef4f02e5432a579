"""The installed program asks a server shaped like Pulumi Cloud's over TLS; the real pulumi lifts a lock there."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.lab.pulumi_cloud import CANARY, ORGANISATION, STACKS, TOKEN, PulumiCloud, pending
from tests.lab.tls import Authorities, issued
from tests.lab.tools import PULUMI, tool_cache
from tests.lab.web import serving
from tests.real.dry_run import DryRun, Row

KNOWN = Authorities()
WHOLE = f"{ORGANISATION}/{STACKS[0]}"
URN = "urn:pulumi:layer_1::layer_1::docker:index/network:Network::traefik-network"
RUNS = {"kind": "update", "author": "grace", "started": 1767225600}


def trusted(home: Path) -> dict[str, str]:
    """The environment of a machine that knows the server's authority."""
    file = home / "trusted.pem"
    file.write_bytes(KNOWN.trusted)
    return {"SSL_CERT_FILE": str(file)}


def rows(home: Path, address: str, token: str = TOKEN) -> dict[str, Row]:
    asked = DryRun(home, {"backend": address}, {"pulumi_access_token": token}, (CANARY,), environment=trusted(home))
    return asked.rows("backend")


def judged(home: Path, check: str, **facts: Any) -> Row:
    """The row of a server with these facts."""
    with serving(type("Changed", (PulumiCloud,), facts), tls=issued(KNOWN.other, "127.0.0.1")) as address:
        return rows(home, address)[check]


def test_a_member_with_all_stacks_and_no_lock_passes(tmp_path: Path) -> None:
    with serving(PulumiCloud, tls=issued(KNOWN.other, "127.0.0.1")) as address:
        found = rows(tmp_path, address)
        assert {row["state"] for row in found.values()} == {"pass"}, found
        assert found["backend.login"]["observed"] == f"logged in to {address} as ada"
    assert found["backend.stacks"]["observed"].startswith(f"all are there: {WHOLE},")


def test_an_account_outside_the_organisation_is_told_what_it_is_in(tmp_path: Path) -> None:
    row = judged(tmp_path, "backend.organisation", organisations=("ada", "somewhere"))
    assert (row["state"], row["observed"]) == ("fail", "ada is of: ada,somewhere")
    assert row["remedy"]["text"].startswith("Have gankoji's owner invite the account")


def test_an_upper_stack_without_the_lowest_is_a_warning(tmp_path: Path) -> None:
    row = judged(tmp_path, "backend.stacks", stacks=(f"{ORGANISATION}/platform/prod",))
    assert (row["state"], row["observed"]) == (
        "warn",
        "there: gankoji/platform/prod; not there: layer_1/layer_1,layer_2/layer_2",
    )


def test_a_token_that_is_not_known_fails_and_what_needs_it_is_skipped(tmp_path: Path) -> None:
    with serving(PulumiCloud, tls=issued(KNOWN.other, "127.0.0.1")) as address:
        found = rows(tmp_path, address, "pul-" + "0" * 40)
    assert found["backend.login"]["state"] == "fail"
    assert found["backend.login"]["observed"].startswith("Pulumi Cloud answers 401: Unauthorized")
    assert {row["state"] for id_, row in found.items() if id_ != "backend.login"} == {"skipped"}


def test_without_a_token_it_says_which_is_missing_and_who_gives_it(tmp_path: Path) -> None:
    row = DryRun(tmp_path, {"backend": "https://127.0.0.1:9"}).row("backend.login")
    assert (row["state"], row["observed"]) == ("unknown", "pulumi_access_token is not given here")
    assert "--given" in row["remedy"]["text"]


def test_pending_operations_are_named_with_the_command_for_their_stack(tmp_path: Path) -> None:
    row = judged(tmp_path, "backend.pending", cut_off={WHOLE: [pending("creating", URN)]})
    assert (row["state"], row["observed"]) == ("fail", f"1: creating {URN}")
    assert "--cwd /root/sprocket-infra/layer_1 refresh --clear-pending-creates" in row["remedy"]["command"]
    assert row["remedy"]["command"].endswith(f"--stack {WHOLE}")


@pytest.mark.lane("pulumi")
def test_a_lock_is_lifted_by_the_remedys_command(tmp_path: Path) -> None:
    server = type("Locked", (PulumiCloud,), {"running": {WHOLE: RUNS}})
    with serving(server, tls=issued(KNOWN.other, "127.0.0.1")) as address:
        row = rows(tmp_path, address)["backend.lock"]
        assert (row["state"], row["observed"]) == ("fail", f"{WHOLE} by grace (update) since 2026-01-01 00:00 UTC")
        path = f"{tool_cache() / PULUMI / 'bin'}:/usr/bin:/bin"
        done = subprocess.run(
            ["sh", "-c", row["remedy"]["command"]],
            env={**trusted(tmp_path), "PATH": path, "HOME": str(tmp_path), "PULUMI_ACCESS_TOKEN": TOKEN},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        row = rows(tmp_path, address)["backend.lock"]
    assert (row["state"], row["observed"]) == ("pass", "none is locked")
