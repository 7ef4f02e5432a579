"""Where documents go."""

from __future__ import annotations

import argparse
import errno
import io
import sys
from datetime import date
from pathlib import Path

import pytest

from sprocket_tui import cli
from sprocket_tui.__main__ import main
from sprocket_tui.checks import waivers
from sprocket_tui.checks.waivers import Waiver
from sprocket_tui.commands import checking, delivery, measuring
from sprocket_tui.commands.delivery import Wanted, deliver, wanted
from sprocket_tui.commands.judging import Judged
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from tests.unit.reports_kit import ONE_OF_EACH, made

DAY = date(2100, 1, 1)


def ascii_only(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """A standard output that takes nothing but ASCII."""
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    return written


def test_a_dash_is_no_file_and_the_way_to_standard_output_is_said() -> None:
    options = argparse.Namespace(documents=[("format", "json"), ("output", "-")])
    with pytest.raises(SprocketError, match="--output - is no file") as refused:
        wanted(options)
    assert refused.value.remedy.startswith("a last --format without --output is printed")


@pytest.mark.parametrize("format_", ["json", "junit", "markdown", "html"])
def test_a_document_is_utf_8_whatever_the_terminal_shows(monkeypatch: pytest.MonkeyPatch, format_: str) -> None:
    written = ascii_only(monkeypatch)
    deliver([Wanted(format_)], lambda _name, style: f"Größe {style.unicode}")
    sys.stdout.flush()
    assert written.getvalue() == "Größe False".encode()


def test_a_reason_with_signs_that_the_terminal_does_not_have_is_listed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["sprocket-tui", "waivers"])
    waivers.keep("local", {"a.a": Waiver(by="ann", reason="Größe", given=DAY, until=DAY, saw={})})
    written = ascii_only(monkeypatch)
    assert main() == 0
    assert written.getvalue() == b"local a.a until 2100-01-01 by ann: Gr??e\n"


def full(monkeypatch: pytest.MonkeyPatch, *files: Path) -> None:
    """No room on the disk for these."""
    replace = delivery._replace

    def refuses(path: Path, text: str) -> None:
        if path in files:
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(path, text)

    monkeypatch.setattr(delivery, "_replace", refuses)


def test_what_fits_on_the_disk_is_written_and_all_that_does_not_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third = (tmp_path / name for name in ("a", "b", "c"))
    full(monkeypatch, first, second)
    documents = [*(Wanted("json", str(file)) for file in (first, second, third)), Wanted("table")]
    with pytest.raises(SprocketError) as lost:
        deliver(documents, lambda name, _style: f"as {name}\n")
    assert lost.value.message.count("No space left on device") == 2
    assert (first.exists(), second.exists(), third.read_text()) == (False, False, "as json\n")
    assert capsys.readouterr().out == "as table\n"


def test_the_verdict_is_said_although_a_document_does_not_fit_on_the_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    xml, document = tmp_path / "r.xml", tmp_path / "r.json"
    full(monkeypatch, document)
    monkeypatch.setattr(checking, "_measured", lambda _wanted, _judging: [Judged(made(ONE_OF_EACH), Exit.FAILED)])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    words = ("--format", "junit", "--output", str(xml), "--format", "json", "--output", str(document))
    assert cli.run(["check", "--target", "local", *words]) == Exit.USAGE
    said = capsys.readouterr().err
    assert said.startswith(f"no-go\nsprocket-tui: {document} cannot be written: No space left on device\n")
    assert xml.exists()


def test_a_plan_says_its_verdict_although_its_document_does_not_fit_on_the_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "r.json"
    full(monkeypatch, document)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert cli.run(["plan", "--at", "friday 15:00", "--format", "json", "--output", str(document)]) == Exit.USAGE
    said = capsys.readouterr().err
    assert said.startswith("No-go for Fri ")
    assert f"{document} cannot be written: No space left on device" in said


@pytest.mark.parametrize("command", ["check", "plan"])
def test_waivers_that_cannot_be_read_are_said_before_anything_is_measured(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    waivers.file().parent.mkdir()
    waivers.file().write_text("bad")
    monkeypatch.setattr(measuring.Measuring, "found", lambda _self: pytest.fail("it was measured"))
    assert cli.run([command, "--target", "local"]) == Exit.USAGE
    assert "waivers.yaml:1: the file must be a mapping" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--given", "--ssh-config"])
def test_a_plan_that_measures_nothing_takes_nothing_that_is_for_measuring(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["plan", option, "nowhere"]) == Exit.USAGE
    said = capsys.readouterr().err
    assert f"{option} is for what is measured, and nothing is" in said
    assert "--target or --profile" in said
