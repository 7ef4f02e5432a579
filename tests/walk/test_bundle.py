"""The archive for support: what is in it, and what never is."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path

import pytest

from tests.walk.program import Program

# Of shapes that are masked wherever they stand.
TOKENS = ("dp.st.prd." + "Zk3" * 14, "pul-" + "0123456789abcdef" * 2 + "01234567", "hvs." + "Qw7" * 30)
PLANTED = "canary-of-a-secret-that-looks-like-nothing"


@pytest.fixture
def walked(tmp_path: Path) -> Program:
    """A program that has walked to its end, in a home with secrets beside."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "answers.yaml").write_text("small:\n  small.ask: {name: web}\n")
    (home / ".ssh").mkdir()
    (home / ".ssh" / "id_ed25519").write_text(PLANTED)
    program = Program(home, environment={"CANARY": PLANTED})
    done = program.run()
    assert program("runs").stdout.count("\n") == 1, done.stdout + done.stderr
    return program


def directory(program: Program) -> Path:
    (found,) = (program.home / ".local/state/sprocket-tui/runs").iterdir()
    return found


def unpacked(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as opened:
        members = opened.getmembers()
        assert {member.mode for member in members} == {0o600}
        assert all(member.isfile() for member in members)
        return {member.name.partition("/")[2]: opened.extractfile(member).read() for member in members}  # type: ignore[union-attr]


def test_it_holds_the_journal_and_what_was_printed_and_a_manifest_that_lists_them(
    walked: Program, tmp_path: Path
) -> None:
    run = directory(walked)
    archive, report = tmp_path / "support.tar.gz", tmp_path / "report.json"
    walked("check", "--target", "local", "--only", "node.cpus", "--format", "json", "--output", str(report))
    done = walked("bundle", "--output", str(archive), "--report", str(report))
    assert done.returncode == 0, done.stderr
    assert archive.stat().st_mode & 0o777 == 0o600
    files = unpacked(archive)
    manifest = json.loads(files.pop("manifest.json"))
    assert files[f"runs/{run.name}/journal.jsonl"] == (run / "journal.jsonl").read_bytes()
    assert json.loads(files["reports/1.json"])["checks"][0]["id"] == "node.cpus"
    assert {each["name"]: each["sha256"] for each in manifest["files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    assert manifest["run"] == run.name
    assert manifest["terminal"]["TERM"] == "dumb"
    assert any("answers" in each for each in manifest["left_out"])


def test_what_looks_like_a_secret_is_masked_once_more_and_nothing_beside_the_run_gets_in(
    walked: Program, tmp_path: Path
) -> None:
    run = directory(walked)
    place = run / "attempts" / "small.planted" / "1"
    place.mkdir(parents=True)
    # Behind an escaped line end a token is no word of its own in the raw line; the last line is torn.
    lines = [json.dumps({"s": "out", "at": 1, "line": f"token:\n{token}"}) + "\n" for token in TOKENS]
    (place / "output.jsonl").write_text("".join(lines) + f'{{"line": "{TOKENS[0]}')
    (run / "copied.txt").write_text(PLANTED)
    (place / "progress.jsonl").symlink_to(walked.home / ".ssh" / "id_ed25519")
    archive = tmp_path / "support.tar.gz"
    assert walked("bundle", run.name[:4], "--output", str(archive)).returncode == 0
    files = unpacked(archive)
    whole = b"\n".join(files.values()).decode()
    for secret in (*TOKENS, PLANTED):
        assert secret not in whole
    assert f"runs/{run.name}/attempts/small.planted/1/output.jsonl" in files
    assert not [name for name in files if "copied" in name or "guide" in name]
    assert f"runs/{run.name}/attempts/small.planted/1/progress.jsonl" not in files


def test_a_private_key_that_a_job_printed_line_by_line_is_masked_and_what_it_printed_beside_it_stays(
    walked: Program, tmp_path: Path
) -> None:
    place = directory(walked) / "attempts" / "small.planted" / "1"
    place.mkdir(parents=True)
    body = [*("CANARY" * 11 for _ in range(3)), "Q0FOQVJZ=="]
    printed = [
        ("out", "reads the key"),
        ("out", "-----BEGIN OPENSSH PRIVATE KEY-----"),
        *(("out", line) for line in body[:2]),
        ("err", "a warning beside it"),
        *(("out", line) for line in body[2:]),
        ("out", "-----END OPENSSH PRIVATE KEY-----"),
        ("out", "done"),
        ("out", "-----BEGIN RSA PRIVATE KEY-----"),
        ("out", "Proc-Type: 4,ENCRYPTED"),
        ("out", ""),
        ("out", body[0]),
        ("out", "error: it was cut off there"),
        ("err", "PGPASSWORD=CANARY psql: refused"),
    ]
    (place / "output.jsonl").write_text(
        "".join(json.dumps({"s": s, "at": 1, "line": line}) + "\n" for s, line in printed)
    )
    archive = tmp_path / "support.tar.gz"
    assert walked("bundle", "--output", str(archive)).returncode == 0
    held = unpacked(archive)[f"runs/{directory(walked).name}/attempts/small.planted/1/output.jsonl"]
    told = [json.loads(line)["line"] for line in held.splitlines()]
    assert not [line for line in told if "CANARY" in line or "Q0FO" in line]
    assert [line for line in told if line != "[secret]"] == [
        "reads the key",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "a warning beside it",
        "-----END OPENSSH PRIVATE KEY-----",
        "done",
        "-----BEGIN RSA PRIVATE KEY-----",
        "error: it was cut off there",
        "PGPASSWORD=[secret] psql: refused",
    ]


def test_a_file_that_is_there_is_replaced_only_where_that_is_said(walked: Program, tmp_path: Path) -> None:
    archive = tmp_path / "support.tar.gz"
    archive.write_text("mine")
    refused = walked("bundle", "--output", str(archive))
    assert refused.returncode == 2
    assert "is there already" in refused.stderr
    assert archive.read_text() == "mine"
    assert walked("bundle", "--output", str(archive), "--force").returncode == 0
    assert "manifest.json" in unpacked(archive)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ffffffff", "--output", "x.tar.gz"), "there is no run ffffffff"),
        (("--output", "no/where/x.tar.gz"), "cannot be written"),
        (("--output", "x.tar.gz", "--report", "/etc/passwd"), "is not JSON"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_leaves_nothing(
    walked: Program, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    before = set(tmp_path.iterdir())
    given = [str(tmp_path / word) if word.endswith(".tar.gz") else word for word in words]
    done = walked("bundle", *given)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert set(tmp_path.iterdir()) == before
