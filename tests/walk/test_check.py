"""`check` as its users run it: what it is given, what it says meanwhile, and what is left when it is stopped."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

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
        ((*waive("consoles.droplet-backups"), "--target", "ssh://root@127.0.0.1:1"), "a waiver is of one target"),
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


def hanging(tmp_path: Path, *, quick: int = 1) -> Path:
    """A guide with a check that hangs, on the target, beside one that does not and `quick` ones measured here."""
    slow = {"kind": "command", "argv": ["sleep", "300"], "timeout": 600}
    rows: list[dict[str, Any]] = [row("slow.one", slow, where="droplet")]
    rows.append(row("near.one", {"kind": "command", "argv": ["true"]}, where="droplet"))
    rows += [row(f"quick.n{number}", {"kind": "told", "var": "seen"}) for number in range(quick)]
    index = {"schema": 1, "name": "hanging", "version": "1", "checklists": ["all.yaml"]}
    index["vars"] = [{"name": "seen", "title": "Seen", "default": "it"}]
    directory = tmp_path / "guide"
    for name, file, data in (
        ("screens", "index.yaml", index),
        (
            "checklists",
            "all.yaml",
            {"id": "all", "title": "All", "why": "To see.", "pause_point": "Now.", "checks": rows},
        ),
    ):
        (directory / name).mkdir(parents=True)
        (directory / name / file).write_text(yaml.safe_dump(data))
    return directory


def row(id_: str, probe: dict[str, Any], where: str = "here") -> dict[str, Any]:
    told = {"title": f"Title of {id_}", "why": "It matters.", "expected": "it", "remedy": {"text": "Mend it."}}
    return {
        "id": id_,
        "probe": probe,
        "where": where,
        **told,
        "outcomes": [{"when": {"exists": "value"}, "state": "pass"}],
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_a_whole_report_of_what_was_measured(
    dry: Program, tmp_path: Path, number: signal.Signals
) -> None:
    dry.guide = hanging(tmp_path)
    output = tmp_path / "report.json"
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    words = ("check", "--target", "local", *dry.trusted(), "--format", "json", "--output", str(output))
    env = dry.env(TMPDIR=str(temporary))
    process = subprocess.Popen(dry.argv(*words), env=env, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while not list(temporary.glob("sprocket-*")):
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert "interrupted; what was not measured by then is unknown" in said
    report = json.loads(output.read_text())
    assert report["complete"] is False
    states = {each["id"]: (each["state"], each["observed"]) for each in report["checks"]}
    assert states["slow.one"] == ("unknown", "interrupted before it was measured")
    # It had answered within the exchange in which the other hangs.
    assert states["near.one"][0] == "pass"
    assert states["quick.n0"][0] == "pass"
    assert not list(temporary.glob("sprocket-*"))


def test_whatever_hangs_a_report_is_there_within_fifty_seconds(dry: Program, tmp_path: Path) -> None:
    dry.guide = hanging(tmp_path, quick=3)
    began = time.monotonic()
    done = dry("check", "--target", "local", *dry.trusted(), "--format", "json")
    assert time.monotonic() - began < 50
    states = {each["id"]: each["state"] for each in json.loads(done.stdout)["checks"]}
    assert states == {"slow.one": "unknown", "near.one": "pass", **{f"quick.n{number}": "pass" for number in range(3)}}
    # Nobody's terminal: a line every ten seconds, with what is waited for.
    assert done.stderr.splitlines()[0].startswith("2 of 3 measured; waiting for: Title of slow.one (1")
    assert 3 <= len(done.stderr.splitlines()) <= 5


def test_an_element_of_a_list_is_measured_or_left_out_by_itself(dry: Program) -> None:
    words = ("check", "--target", "local", "--format", "json")
    alone = dry(*words, "--only", "certificates.layer-1.fa")
    assert [each for each in rows(alone.stdout) if each.startswith("certificates.")] == ["certificates.layer-1.fa"]
    assert "--only certificates.layer-1.fa" in rows(alone.stdout)["certificates.layer-1.fa"]["recheck"]
    left = rows(dry(*words, "certificates", "--skip", "certificates.layer-1.fa").stdout)
    assert "certificates.layer-1.traefik" in left
    assert "certificates.layer-1.fa" not in left


def test_an_element_that_no_list_has_is_bad_usage_and_those_there_are_named(dry: Program) -> None:
    for option in ("--only", "--skip"):
        done = dry("check", "--target", "local", option, "certificates.layer-1.fb")
        assert done.returncode == 2
        assert "there is no check certificates.layer-1.fb" in done.stderr
        assert "certificates.layer-1 has certificates.layer-1.traefik, certificates.layer-1.fa" in done.stderr


def test_where_every_element_is_left_out_nothing_is_judged(dry: Program) -> None:
    every = [word for name in ("traefik", "fa") for word in ("--skip", f"certificates.layer-1.{name}")]
    done = dry("check", "--target", "local", "--only", "certificates.layer-1", *every)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no check is left to be measured" in done.stderr
