"""`check` as its users run it: what it is given, what it says meanwhile, and what is left when it is stopped."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
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


LATER = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()


def waive(check: str, reason: str = "the lab has none", until: str = LATER) -> tuple[str, ...]:
    return ("--waive", check, "--reason", reason, "--until", until)


def told(tmp_path: Path, backups: str) -> tuple[str, ...]:
    """A check of one value that a person tells."""
    given = tmp_path / "given.yaml"
    given.write_text(f"seen_droplet_backups: {backups}\nseen_droplet_memory: 4\n")
    return ("check", "--target", "local", "--only", "consoles.droplet-backups", "--given", str(given))


def test_a_waiver_holds_for_what_was_seen_and_ends_when_it_is_forgotten(dry: Program, tmp_path: Path) -> None:
    words = told(tmp_path, "no")
    assert dry(*words).returncode == 4
    assert dry(*words, *waive("consoles.droplet-backups")).returncode == 6
    assert dry(*words).returncode == 6
    listed = dry("waivers").stdout
    assert "local consoles.droplet-backups until " in listed
    assert "the lab has none" in listed
    assert dry("waivers", "forget", "consoles.droplet-backups", "--target", "local").returncode == 0
    assert dry(*words).returncode == 4
    assert dry("waivers").stdout == "No waiver is kept.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (waive("consoles.droplet-backup"), "did you mean consoles.droplet-backups?"),
        (waive("node.tmpfs"), "node.tmpfs cannot be waived: "),
        (waive("consoles.droplet-backups", until="2020-01-01"), "that day is over"),
        (waive("consoles.droplet-backups", until="tomorrow"), "'tomorrow' is no day"),
        (waive("consoles.droplet-backups", reason=" "), "the reason for waiving consoles.droplet-backups is empty"),
        (waive("consoles.droplet-backups")[:4], "every --waive has its own --reason and --until"),
        (waive("node.cpus"), "node.cpus cannot be waived: it was not measured by itself"),
    ],
)
def test_a_waiver_that_nobody_can_answer_for_is_refused(
    dry: Program, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    done = dry(*told(tmp_path, "no"), *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert dry("waivers").stdout == "No waiver is kept.\n"


def test_a_check_that_passes_is_not_waived_and_the_report_is_there_all_the_same(dry: Program, tmp_path: Path) -> None:
    done = dry(*told(tmp_path, "yes"), *waive("consoles.droplet-backups"))
    assert done.returncode == 2
    assert "its state is pass" in done.stderr
    assert "1 check: 1 pass. Go." in done.stdout
