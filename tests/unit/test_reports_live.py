"""The picture of somebody who watches: what needs attention first, and never more lines than the terminal has."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from rich.console import Console

from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.reports.live import Picture, picture
from sprocket_tui.reports.schema import Report
from tests.unit.checks_kit import verdict
from tests.unit.reports_kit import ONE_OF_EACH, STARTED, hostile, made

TOLD = "Measured at 12:00:00, again at 12:01:00; Ctrl-C ends it."


def lines(*reports: Report, height: int = 24, width: int = 80, unicode: bool = True) -> list[str]:
    stream = io.StringIO()
    console = Console(file=stream, width=width, height=height, markup=False, highlight=False, emoji=False)
    since = {(reports[0].target, "ports.http"): STARTED + timedelta(seconds=7)}
    console.print(picture(reports, since, TOLD, height=height, unicode=unicode))
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_the_summary_stands_above_and_the_worst_comes_first() -> None:
    drawn = lines(made(ONE_OF_EACH))
    assert drawn[0].startswith("ssh://root@droplet:22: No-go. 5 checks: 1 pass, 1 warn, 1 fail,")
    assert drawn[1] == TOLD
    assert [line[:9].rstrip() for line in drawn[3:]] == ["✗ fail", "? unknown", "! warn", "✓ pass", "- skipped"]
    assert re.search(r"\d\d:\d\d:07$", drawn[3])


def many(number: int) -> list[Verdict]:
    return [verdict(f"a.n{each}", State.PASS) for each in range(number)]


@pytest.mark.parametrize(("number", "height"), [(40, 24), (21, 24), (20, 24), (3, 5), (40, 4)])
def test_what_has_no_room_is_counted(number: int, height: int) -> None:
    drawn = lines(made(many(number)), height=height)
    assert len(drawn) <= max(height, 5)
    shown = sum(line.startswith("✓") for line in drawn)
    left = number - shown
    assert (drawn[-1] == f"and {left} more") is (left > 0)


def test_targets_stand_side_by_side_with_what_differs() -> None:
    seen = [[verdict("a.a", State.PASS, observed=text)] for text in ("2 CPUs", "4 CPUs")]
    drawn = lines(*(made(each, f"ssh://{number}") for number, each in enumerate(seen)))
    assert drawn[:2] == ["[1] ssh://0: Go. 1 check: 1 pass.", "[2] ssh://1: Go. 1 check: 1 pass."]
    assert " ".join(drawn[-1].split()) == "✓ pass ✓ pass Title of a.a [1] 2 CPUs [2] 4 CPUs"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_text_is_markup_breaks_a_line_or_moves_the_cursor(width: int) -> None:
    drawn = lines(hostile("\x1b[2J[red]x[/red]\n :smile:" * 9), width=width)
    assert all(len(line) <= width for line in drawn)
    assert "\x1b" not in "".join(drawn)
    assert len(drawn) == 4


def test_a_terminal_without_unicode_has_other_signs() -> None:
    assert "".join(lines(made(ONE_OF_EACH), unicode=False)).isascii()


def test_nothing_is_written_before_there_is_a_picture() -> None:
    written = io.BytesIO()
    with Picture(io.TextIOWrapper(written, encoding="utf-8", write_through=True)) as shown:
        shown.redraw()
        assert written.getvalue() == b""
