"""`check` as its users run it: what it is given, what it says meanwhile, and what is left when it is stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.walk.program import Program

CANARY = "canary-4f9d1e77b2"


@pytest.fixture
def dry(tmp_path: Path) -> Program:
    """The program with the bundled guide."""
    home = tmp_path / "home"
    home.mkdir()
    return Program(home, None)


def rows(text: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in json.loads(text)["checks"]}


def test_a_secret_that_is_given_is_measured_and_never_shown(dry: Program, tmp_path: Path) -> None:
    given = tmp_path / "given.yaml"
    given.write_text(f"docker_access_token: {CANARY}\n")
    given.chmod(0o600)
    words = ("check", "--target", "local", "--only", "credentials.docker")
    assert rows(dry(*words, "--format", "json").stdout)["credentials.docker"]["state"] == "unknown"
    for form in ("json", "table"):
        done = dry(*words, "--given", str(given), "--format", form)
        assert done.returncode == 0, done.stderr
        assert CANARY not in done.stdout + done.stderr


def test_a_value_that_is_given_decides_and_is_put_into_the_texts(dry: Program, tmp_path: Path) -> None:
    given = tmp_path / "given.yaml"
    given.write_text("environment: development\nhostname: sprocket.test\n")
    done = dry("check", "--target", "local", "--only", "dns.vault", "--given", str(given), "--format", "json")
    row = rows(done.stdout)["dns.vault"]
    assert row["title"] == "vault.sprocket.test points to the droplet"
    assert row["observed"] == "does not apply here: environment is development"


def test_a_name_that_the_guide_does_not_have_is_bad_usage(dry: Program, tmp_path: Path) -> None:
    given = tmp_path / "given.yaml"
    given.write_text("hostnam: x\n")
    done = dry("check", "--target", "local", "--given", str(given))
    assert done.returncode == 2
    assert f"{given}:1: hostnam: unknown variable 'hostnam'; did you mean hostname?" in done.stderr
