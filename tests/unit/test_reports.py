"""The report as a document and as lines of text."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.checks.observation import Observation, Remedy, State, Verdict
from sprocket_tui.guide.model import Guide
from sprocket_tui.reports.document import document, verdict_document
from sprocket_tui.reports.schema import Report, schema
from sprocket_tui.reports.table import Style, columns, style_of, table
from tests.unit.checks_kit import verdict

PUBLISHED = Path(__file__).parents[2] / "docs" / "check-report.schema.json"
GUIDE = Guide(
    name="sprocket", version="1.0", digest="ab" * 32, origin="bundled", vars=(), screens=(), checklists=(), hints=()
)
STARTED = datetime(2026, 11, 24, 2, 0, tzinfo=timezone(timedelta(hours=2)))
FOUND = Observation(value={"count": 1}, seen="1 processor", seconds=0.25)

ONE_OF_EACH = [
    verdict("node.cpus", State.PASS, observation=FOUND, guide=("G001",)),
    verdict("node.swap", State.WARN, blocking=False),
    verdict("ports.http", State.FAIL),
    verdict("swarm.active", State.UNKNOWN, observation=Observation(reason="no daemon"), observed="no daemon"),
    verdict("swarm.vault", State.SKIPPED, blocked_by="swarm.active", observed="blocked by swarm.active"),
]


def report(*verdicts: Verdict) -> dict[str, Any]:
    return document("ssh://root@droplet:22", verdicts, guide=GUIDE, started=STARTED, seconds=1.23456)


def test_the_document_names_target_verdict_exit_guide_and_time() -> None:
    found = report(*ONE_OF_EACH)
    assert {key: value for key, value in found.items() if key != "checks"} == {
        "schema": "sprocket-tui/check-report/1",
        "target": "ssh://root@droplet:22",
        "practice": False,
        "verdict": "no-go",
        "exit": 3,
        "started": "2026-11-24T00:00:00Z",
        "seconds": 1.235,
        "guide": {"name": "sprocket", "version": "1.0", "digest": "ab" * 32},
        "left_out": [],
    }


def test_a_row_holds_all_a_reader_needs() -> None:
    passed, _, failed, unknown, blocked = report(*ONE_OF_EACH)["checks"]
    assert (passed["value"], passed["seconds"], passed["guide"], passed["remedy"]) == (
        {"count": 1},
        0.25,
        ["G001"],
        None,
    )
    assert failed["remedy"] == {"text": "mend it", "command": "systemctl stop 'a b'", "where": "droplet"}
    assert (unknown["value"], unknown["reason"]) == (None, "no daemon")
    assert (blocked["state"], blocked["blocked_by"]) == ("skipped", "swarm.active")


def test_a_single_row_is_the_row_of_the_document() -> None:
    assert verdict_document(ONE_OF_EACH[2]) == report(ONE_OF_EACH[2])["checks"][0]


def test_the_document_is_json_and_keeps_to_its_own_schema() -> None:
    found = json.loads(json.dumps(report(*ONE_OF_EACH)))
    assert Report.model_validate(found).model_dump(mode="json", by_alias=True) == found


def test_the_published_schema_is_the_one_the_document_keeps_to() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == schema()


def test_every_key_of_the_document_is_required_by_the_schema() -> None:
    found: dict[str, Any] = schema()
    assert set(found["required"]) == set(report())
    assert set(found["$defs"]["CheckRow"]["required"]) == set(verdict_document(ONE_OF_EACH[0]))


def test_a_failing_row_says_observed_expected_why_what_to_do_and_how_to_check_again() -> None:
    recheck = ["sprocket-tui", "check", "--target", "ssh://root@droplet"]
    assert table([verdict("ports.http", State.FAIL)], recheck=recheck).splitlines() == [
        "✗ fail    Title of ports.http",
        "    observed  what was seen",
        "    expected  what should be",
        "    why       it matters",
        "    do        mend it",
        "    run       systemctl stop 'a b'",
        "              (on the droplet)",
        "    re-check  sprocket-tui check --target ssh://root@droplet --only ports.http",
        "1 check: 1 fail. No-go.",
    ]


def test_a_passing_row_is_one_line_and_the_summary_is_the_last() -> None:
    assert table([verdict("node.cpus", State.PASS, observed="4 processors")]).splitlines() == [
        "✓ pass    Title of node.cpus: 4 processors",
        "1 check: 1 pass. Go.",
    ]


def test_a_blocked_row_names_the_root_cause_and_is_not_opened() -> None:
    text = table([ONE_OF_EACH[4]])
    assert text.splitlines()[0] == "- skipped Title of swarm.vault: blocked by swarm.active"
    assert "re-check" not in text


def test_one_reason_is_told_once_however_many_checks_it_leaves_unknown() -> None:
    lost = [verdict(name, State.UNKNOWN, observed="port 22 refuses") for name in ("a.a", "a.b")]
    shown = table([*lost, verdict("a.c", State.UNKNOWN)], Style())
    assert shown.count("port 22 refuses") == 1
    assert f"? unknown {lost[1].title}: for the same reason as {lost[0].title}\n" in shown
    assert shown.count("re-check") == 2


def test_the_summary_counts_every_state() -> None:
    assert table(ONE_OF_EACH).splitlines()[-1] == "5 checks: 1 pass, 1 warn, 1 fail, 1 unknown, 1 skipped. No-go."


def test_nothing_but_text_to_copy_is_wider_than_the_terminal() -> None:
    long = verdict("a.b", State.FAIL, observed="word " * 60 + "x" * 200, why="広い文字 " * 30, title="t " * 70)
    for width in (40, 80, 132):
        lines = table([long], Style(width=width)).splitlines()
        assert max(columns(line) for line in lines if not line.startswith("    re-check")) <= width


def test_the_checklists_that_were_left_out_are_told() -> None:
    given = document("local", ONE_OF_EACH, guide=GUIDE, started=STARTED, seconds=1, left_out=["swarm", "layer-1"])
    assert given["left_out"] == ["swarm", "layer-1"]
    assert "Left out: swarm, layer-1." in table(ONE_OF_EACH, left_out=["swarm", "layer-1"])
    assert "Left out" not in table(ONE_OF_EACH)


def test_without_unicode_every_byte_is_ascii() -> None:
    found = verdict("a.b", State.FAIL, observed="caf\u00e9 \u2026 \u201cquoted\u201d")
    text = table([found, verdict("a.c", State.PASS)], Style(unicode=False))
    assert text.isascii()
    assert 'caf? ... "quoted"' in text
    assert text.startswith("x fail")
    assert "\n+ pass" in text


def test_colour_is_only_written_where_it_is_asked_for() -> None:
    assert "\x1b" not in table(ONE_OF_EACH)
    assert "\x1b[31m✗ fail   \x1b[0m Title of ports.http" in table(ONE_OF_EACH, Style(color=True))


def test_no_text_of_a_verdict_reaches_the_terminal_as_a_control() -> None:
    hostile = "\x1b]0;title\x07\x1b[2Jgone\r\nnext"
    found = verdict("a.b", State.FAIL, title=hostile, observed=hostile, remedy=Remedy(hostile, ("echo", hostile)))
    text = table([found])
    assert not {"\x1b", "\x07", "\r"} & set(text)
    assert "observed  gone next" in text


class Stream(io.StringIO):
    def __init__(self, encoding: str, *, terminal: bool) -> None:
        super().__init__()
        self._encoding, self._terminal = encoding, terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("stream", "environ", "color", "unicode"),
    [
        (Stream("UTF-8", terminal=True), {}, True, True),
        (Stream("utf-8", terminal=False), {}, False, True),
        (Stream("utf-8", terminal=True), {"NO_COLOR": "1"}, False, True),
        (Stream("utf-8", terminal=True), {"NO_COLOR": ""}, True, True),
        (Stream("utf-8", terminal=True), {"TERM": "dumb"}, False, True),
        (Stream("ISO-8859-1", terminal=True), {}, True, False),
        (Stream("ANSI_X3.4-1968", terminal=False), {}, False, False),
    ],
)
def test_the_style_fits_the_stream(stream: Stream, environ: dict[str, str], color: bool, unicode: bool) -> None:
    style = style_of(stream, environ)
    assert (style.color, style.unicode) == (color, unicode)


def test_a_pipe_is_written_for_eighty_columns() -> None:
    assert style_of(Stream("utf-8", terminal=False), {}).width == 80
