"""The report as a document and as lines of text."""

from __future__ import annotations

import io
import json
import os
import signal
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.checks.observation import Observation, Remedy, State, Verdict
from sprocket_tui.guide.model import Checklist
from sprocket_tui.reports.document import as_json, report
from sprocket_tui.reports.formats import FORMATS, render
from sprocket_tui.reports.schema import Report, WaiverRow, schema
from sprocket_tui.reports.style import Style, style_of
from sprocket_tui.reports.table import columns
from sprocket_tui.reports.table import table as table_of
from tests.unit.checks_kit import says, verdict
from tests.unit.reports_kit import GUIDE, ONE_OF_EACH

PUBLISHED = Path(__file__).parents[2] / "docs" / "check-report.schema.json"
STARTED = datetime(2026, 11, 24, 2, 0, tzinfo=timezone(timedelta(hours=2)))
AT = datetime(2026, 11, 24, tzinfo=UTC).timestamp() + 1
FOUND = Observation(value={"count": 1}, seen="1 processor", evidence="cpus: 1", seconds=0.25, at=AT)

LIST = {"id": "node", "title": "Node", "why": "it matters", "pause_point": "Now."}
CPUS = says("node.cpus", "4", ttl=60)
NAMES = says("names.root", "4", for_each={"name": ["a", "b"]})


def made(*verdicts: Verdict, **fields: Any) -> Report:
    given = {"guide": GUIDE, "started": STARTED, "seconds": 1.23456, **fields}
    return report("ssh://root@droplet:22", verdicts, **given)


def document(*verdicts: Verdict, **fields: Any) -> dict[str, Any]:
    return json.loads(as_json([made(*verdicts, **fields)]))


def table(verdicts: Sequence[Verdict], style: Style | None = None, **fields: Any) -> str:
    return table_of([made(*verdicts, **fields)], style)


def test_the_document_names_target_verdict_exit_guide_and_time() -> None:
    found = document(*ONE_OF_EACH)
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
        "complete": True,
    }


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_report_that_a_signal_cut_short_has_the_exit_code_that_the_command_ends_with(number: int, code: int) -> None:
    found = document(*ONE_OF_EACH, stopped=number)
    assert (found["exit"], found["complete"], found["verdict"]) == (code, False, "no-go")


def test_every_format_says_that_a_report_was_interrupted() -> None:
    for name in FORMATS:
        whole, cut = (render(name, [made(*ONE_OF_EACH, stopped=number)], Style()) for number in (0, 2))
        said = {"json": '"complete": false', "junit": 'name="complete" value="false"'}.get(
            name, "5 checks, interrupted: "
        )
        assert said in cut, name
        assert said not in whole, name


def test_a_row_holds_all_a_reader_needs() -> None:
    passed, _, failed, unknown, blocked = document(*ONE_OF_EACH)["checks"]
    assert (passed["value"], passed["seconds"], passed["guide"], passed["remedy"]) == (
        {"count": 1},
        0.25,
        ["G001"],
        None,
    )
    assert failed["remedy"] == {"text": "mend it", "command": "systemctl stop 'a b'", "where": "droplet"}
    assert (unknown["value"], unknown["reason"]) == (None, "no daemon")
    assert (blocked["state"], blocked["blocked_by"]) == ("skipped", "swarm.active")


def test_a_row_says_when_it_was_measured_and_until_when_that_counts() -> None:
    guide = GUIDE.model_copy(update={"checklists": (Checklist.model_validate({**LIST, "checks": [CPUS, NAMES]}),)})
    made_of_list = verdict("names.root.a", State.PASS, observation=FOUND)
    own, listed, unknown = made(
        verdict("node.cpus", State.PASS, observation=FOUND), made_of_list, ONE_OF_EACH[3], guide=guide
    ).checks
    assert (own.checklist, own.ttl, own.evidence) == ("node", 60, "cpus: 1")
    assert own.measured_at == datetime.fromtimestamp(AT, UTC)
    assert own.valid_until == datetime.fromtimestamp(AT + 60, UTC)
    assert (listed.checklist, listed.ttl) == ("node", 300)
    assert (unknown.checklist, unknown.measured_at, unknown.valid_until) == ("", None, None)


def test_what_was_tried_and_not_measured_is_valid_at_no_time() -> None:
    tried = verdict("node.cpus", State.UNKNOWN, observation=Observation(reason="no answer", at=AT))
    (row,) = made(tried).checks
    assert row.measured_at == datetime.fromtimestamp(AT, UTC)
    assert row.valid_until is None


def test_a_row_names_the_command_that_measures_it_again() -> None:
    (row,) = made(ONE_OF_EACH[0], recheck=["sprocket-tui", "check", "--profile", "a b"]).checks
    assert row.recheck == "sprocket-tui check --profile 'a b' --only node.cpus"


def test_a_waived_row_says_why_and_until_when_and_the_verdict_knows() -> None:
    found = made(ONE_OF_EACH[2], waived={"ports.http": WaiverRow(reason="moves on Friday", until=date(2026, 12, 1))})
    assert found.verdict == "go with waivers"
    assert found.checks[0].waiver == WaiverRow(reason="moves on Friday", until=date(2026, 12, 1))
    assert "    waived    until 2026-12-01: moves on Friday\n" in table_of([found])
    assert table_of([found]).endswith("1 check: 1 fail; 1 waived. Go with waivers.\n")


def test_the_document_is_json_and_keeps_to_its_own_schema() -> None:
    found = document(*ONE_OF_EACH)
    assert Report.model_validate(found).model_dump(mode="json", by_alias=True) == found


def test_a_document_of_before_measurements_had_a_time_is_still_read() -> None:
    found = document(*ONE_OF_EACH)
    for row in found["checks"]:
        for name in ("checklist", "measured_at", "valid_until", "ttl", "evidence", "recheck", "waiver"):
            del row[name]
    assert Report.model_validate(found).checks[0].valid_until is None


def test_several_targets_are_an_array_of_documents() -> None:
    one, other = made(ONE_OF_EACH[0]), made(*ONE_OF_EACH)
    assert json.loads(as_json([one, other])) == [json.loads(as_json([one])), json.loads(as_json([other]))]


def test_the_published_schema_is_the_one_the_document_keeps_to() -> None:
    if os.environ.get("WRITE_DOCS"):
        PUBLISHED.write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == schema()


def test_every_key_of_the_document_is_required_by_the_schema() -> None:
    found: dict[str, Any] = schema()
    written = document(ONE_OF_EACH[0])
    assert set(found["required"]) == set(written)
    assert set(found["$defs"]["CheckRow"]["required"]) == set(written["checks"][0])


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


def test_several_targets_stand_side_by_side_and_what_needs_attention_below() -> None:
    other = made(ONE_OF_EACH[0], verdict("ports.http", State.PASS))
    assert table_of([made(ONE_OF_EACH[0], ONE_OF_EACH[2]), other.model_copy(update={"target": "ssh://b"})]) == (
        "[1] ssh://root@droplet:22\n"
        "[2] ssh://b\n"
        "[1]       [2]\n"
        "✓ pass    ✓ pass    Title of node.cpus: what was seen\n"
        "✗ fail    ✓ pass    Title of ports.http: what was seen\n"
        "\n"
        "[1] ssh://root@droplet:22\n"
        "✗ fail    Title of ports.http\n"
        "    observed  what was seen\n"
        "    expected  what should be\n"
        "    why       it matters\n"
        "    do        mend it\n"
        "    run       systemctl stop 'a b'\n"
        "              (on the droplet)\n"
        "    re-check  sprocket-tui check --only ports.http\n"
        "2 checks: 1 pass, 1 fail. No-go.\n"
        "\n"
        "[2] ssh://b\n"
        "2 checks: 2 pass. Go.\n"
    )


def beside(*verdicts: Verdict) -> str:
    """The table of as many targets, each with one of the verdicts."""
    return table_of([made(each).model_copy(update={"target": f"ssh://{at}"}) for at, each in enumerate(verdicts)])


def test_what_was_seen_stands_by_the_number_of_its_target_where_it_differs() -> None:
    told = beside(*(verdict("a.a", State.PASS, observed=seen) for seen in ("2 CPUs", "4 CPUs", "x " * 60)))
    assert "✓ pass ✓ pass ✓ pass Title of a.a: [1] 2 CPUs [2] 4 CPUs [3] x x x" in " ".join(told.split())
    assert "…" in told


def test_what_fails_everywhere_for_one_reason_is_told_below_alone() -> None:
    assert "✗ fail    ✗ fail    Title of a.a\n" in beside(*[verdict("a.a", State.FAIL)] * 2)


def test_a_target_that_was_not_asked_has_an_empty_place() -> None:
    text = table_of([made(ONE_OF_EACH[0]), made(ONE_OF_EACH[0], ONE_OF_EACH[1])])
    assert "          ! warn    Title of node.swap\n" in text


def test_the_summary_counts_every_state() -> None:
    assert table(ONE_OF_EACH).splitlines()[-1] == "5 checks: 1 pass, 1 warn, 1 fail, 1 unknown, 1 skipped. No-go."


def test_nothing_but_text_to_copy_is_wider_than_the_terminal() -> None:
    long = verdict("a.b", State.FAIL, observed="word " * 60 + "x" * 200, why="広い文字 " * 30, title="t " * 70)
    for width in (40, 80, 132):
        lines = table([long], Style(width=width)).splitlines()
        assert max(columns(line) for line in lines if not line.startswith("    re-check")) <= width


def test_the_checklists_that_were_left_out_are_told() -> None:
    assert made(*ONE_OF_EACH, left_out=["swarm", "layer-1"]).left_out == ("swarm", "layer-1")
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
