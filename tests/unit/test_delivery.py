"""Where documents go."""

from __future__ import annotations

import argparse
import io
import sys
from datetime import date
from pathlib import Path

import pytest

from sprocket_tui.__main__ import main
from sprocket_tui.checks import waivers
from sprocket_tui.checks.waivers import Waiver
from sprocket_tui.commands.delivery import Wanted, deliver, wanted
from sprocket_tui.errors import SprocketError

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
