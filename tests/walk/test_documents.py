"""Documents of `check`: which formats go where, and what is refused before anything is measured."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from sprocket_tui import cli
from sprocket_tui.reports.formats import FORMATS
from tests.walk.program import Program

CHECK = ("check", "--target", "local", "--only", "node.cpus")


@pytest.fixture
def dry(tmp_path: Path) -> Program:
    """The program with the bundled guide."""
    home = tmp_path / "home"
    home.mkdir()
    return Program(home, None)


def test_the_command_line_knows_every_format() -> None:
    assert tuple(FORMATS) == cli.FORMATS


def test_one_run_gives_several_formats_and_the_last_is_printed(dry: Program, tmp_path: Path) -> None:
    xml, document = tmp_path / "r.xml", tmp_path / "r.json"
    files = ("--format", "junit", "--output", str(xml), "--format", "json", "--output", str(document))
    done = dry(*CHECK, *files, "--format", "markdown")
    assert done.returncode in {0, 3, 4}, done.stderr
    assert done.stdout.startswith("## `local`: ")
    assert fromstring(xml.read_text()).tag == "testsuites"
    row = json.loads(document.read_text())["checks"][0]
    assert row["checklist"] == "node"
    assert row["measured_at"] < row["valid_until"]
    assert row["recheck"] == "sprocket-tui check --target local --only node.cpus"
    assert done.stderr.endswith(f": {xml}, {document}\n")


@pytest.mark.parametrize("words", [("--output", "FILE"), ("--output", "FILE", "--format", "table")])
def test_one_pair_may_be_given_in_any_order(dry: Program, tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "report"
    dry(*CHECK, *(str(file) if word == "FILE" else word for word in words))
    assert "1 check: " in file.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--format json --format table", "--format json has no --output after it"),
        ("--format json --output a --output b", "--output b has no --format before it"),
        ("--output a --format json --output b", "--output a has no --format before it"),
        ("--format json --output a --format table --output ./a", "two documents would go to ./a"),
        ("--format json --output .", ". cannot be written: it is a directory"),
        ("--format json --output no/where", "no/where cannot be written: No such file or directory"),
        ("--format yaml", "argument --format: invalid choice: 'yaml'"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_measured(
    dry: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    # A target that cannot even be read is not looked at: the arguments come first.
    done = dry("check", "--target", "nothing://", *words.split())
    assert done.returncode == 2
    assert done.stderr.startswith(f"sprocket-tui: {said}")
    assert done.stdout == ""
    assert [each.name for each in tmp_path.iterdir()] == ["home"]
