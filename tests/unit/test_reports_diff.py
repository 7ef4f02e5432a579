"""What changed between two reports, and reading them back."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.checks.observation import Observation, State, Verdict
from sprocket_tui.cli import DIFF_FORMATS as NAMES
from sprocket_tui.errors import SprocketError
from sprocket_tui.guide.model import Checklist
from sprocket_tui.reports.diff import Difference, difference, differences, summary
from sprocket_tui.reports.diff_formats import DIFF_FORMATS
from sprocket_tui.reports.document import as_json
from sprocket_tui.reports.reading import read
from sprocket_tui.reports.schema import WaiverRow
from sprocket_tui.reports.style import Style
from sprocket_tui.values import JSON
from tests.unit.checks_kit import says, verdict
from tests.unit.reports_kit import GUIDE, HOSTILE, ONE_OF_EACH, STARTED, hostile, made

P, W, F, U, S = State.PASS, State.WARN, State.FAIL, State.UNKNOWN, State.SKIPPED
GONE = None


def row(state: State | None, value: int = 1, **fields: bool | str) -> list[Verdict]:
    return [] if state is None else [verdict("a.a", state, observation=Observation(value=value), **fields)]


def compared(before: Sequence[Verdict], after: Sequence[Verdict]) -> Difference:
    return difference(made(before), made(after, started=STARTED + timedelta(days=3)))


@pytest.mark.parametrize(
    ("before", "after", "kind", "code"),
    [
        (P, F, "new", 3),
        (P, U, "new", 3),
        (S, F, "new", 3),
        (GONE, F, "new", 3),
        (W, F, "worse", 3),
        (P, W, "new", 4),
        (U, F, "worse", 4),
        (F, U, "better", 0),
        (F, W, "better", 0),
        (F, P, "fixed", 0),
        (F, S, "skipped", 0),
        (U, S, "skipped", 0),
        (W, S, "skipped", 0),
        (P, S, "skipped", 4),
        (S, P, "changed", 0),
        (GONE, P, "added", 0),
        (F, GONE, "gone", 0),
        (P, GONE, "gone", 4),
        (S, GONE, "gone", 0),
    ],
)
def test_a_change_is_named_and_weighed(before: State | None, after: State | None, kind: str, code: int) -> None:
    found = compared(row(before), row(after))
    assert ([change.kind for change in found.changes], found.exit) == ([kind], code)


def test_checks_that_passed_and_are_not_measured_any_more_are_told() -> None:
    before = [verdict("a.a", P), verdict("a.b", P), verdict("a.c", P), verdict("a.d", F)]
    found = compared(before, [verdict("a.b", S), verdict("a.c", P)])
    assert found.notes == ("2 checks that passed before are not measured now",)
    assert found.exit == 4
    assert "Note: 2 checks that passed before are not measured now." in DIFF_FORMATS["table"]([found], Style())
    assert compared([verdict("a.a", P)], []).notes == ("1 check that passed before is not measured now",)


@pytest.mark.parametrize("state", [P, W, F, U])
def test_what_is_as_it_was_is_not_told(state: State) -> None:
    found = compared(row(state), row(state))
    assert (found.changes, found.exit) == ((), 0)
    assert summary(found) == "Since Tuesday 2026-11-24 00:00 UTC: nothing changed."


def test_another_value_in_the_same_state_is_told_and_weighs_nothing() -> None:
    found = compared(row(P, 1), row(P, 2))
    assert ([change.kind for change in found.changes], found.exit) == (["changed"], 0)


@pytest.mark.parametrize(
    ("fields", "before", "after", "kinds"),
    [
        ({}, {"total": 4, "free": 1}, {"total": 4, "free": 2}, []),
        ({}, {"total": 4, "free": 1}, {"total": 8, "free": 1}, ["changed"]),
        ({"canonical": ["value.free"]}, {"total": 4, "free": 1}, {"total": 8, "free": 1}, []),
        ({"canonical": ["value.free"]}, {"total": 4, "free": 1}, {"total": 4, "free": 2}, ["changed"]),
        ({"canonical": ["value"]}, {"total": 4, "free": 1}, {"total": 4, "free": 2}, ["changed"]),
    ],
)
def test_only_what_is_judged_counts_or_what_the_check_declares(
    fields: dict[str, Any], before: JSON, after: JSON, kinds: list[str]
) -> None:
    judged = says("a.a", "x", [{"when": {"ge": ["value.total", 2]}, "state": "pass"}], **fields)
    listed = Checklist(id="all", title="All", why="it matters", pause_point="Now.", checks=(judged,))
    guide = GUIDE.model_copy(update={"checklists": (listed,)})
    found = difference(
        *(made([verdict("a.a", P, observation=Observation(value=seen))], guide=guide) for seen in (before, after))
    )
    assert [change.kind for change in found.changes] == kinds


def test_what_does_not_block_is_no_more_than_worse() -> None:
    assert compared(row(P), row(F, blocking=False)).exit == 4


def test_what_somebody_answers_for_does_not_block() -> None:
    waiver = WaiverRow(reason="moves on Friday", until=date(2026, 12, 1))
    assert difference(made(row(P)), made(row(F), waived={"a.a": waiver})).exit == 4


def test_what_is_blocked_now_counts_as_unknown() -> None:
    assert compared(row(P), row(S, blocked_by="a.b")).exit == 3


def test_the_summary_counts_worst_first() -> None:
    before = [verdict("a.a", F), verdict("a.b", F), verdict("a.c", P)]
    after = [verdict("a.a", P), verdict("a.b", P), verdict("a.c", F)]
    assert summary(compared(before, after)) == "Since Tuesday 2026-11-24 00:00 UTC: 1 new, 2 fixed."


def test_a_failure_that_does_not_apply_any_more_is_not_counted_as_fixed_and_what_it_became_is_said() -> None:
    found = compared(row(F, observed="open"), row(S, observed="no firewall"))
    assert summary(found) == "Since Tuesday 2026-11-24 00:00 UTC: 1 skipped."
    assert "now       - skipped: no firewall" in DIFF_FORMATS["table"]([found], Style())


def test_another_target_and_another_guide_are_said() -> None:
    guide = GUIDE.model_copy(update={"version": "2.0", "digest": "cd" * 32})
    found = difference(made(row(P), "ssh://a"), made(row(P), "ssh://b", guide=guide))
    assert found.notes == (
        "another target: ssh://a before, ssh://b now",
        "another guide: sprocket 1.0 (sha256 abababababab) before, sprocket 2.0 (sha256 cdcdcdcdcdcd) now",
    )


def test_several_targets_are_paired_by_name() -> None:
    found = differences(
        [made(row(P), "ssh://a"), made(row(P), "ssh://b")], [made(row(F), "ssh://b"), made(row(P), "ssh://c")]
    )
    assert [(each.after.target, each.exit) for each in found] == [("ssh://b", 3)]
    assert found[0].notes == ("only one of the files has ssh://a", "only one of the files has ssh://c")
    with pytest.raises(SprocketError, match="no target in common"):
        differences([made([], "ssh://a"), made([], "ssh://b")], [made([], "ssh://c")])


def test_a_host_that_is_gone_has_lost_what_passed_on_it() -> None:
    both = [made(row(P), "ssh://a"), made(row(P), "ssh://b")]
    assert [each.exit for each in differences(both, both[1:])] == [4]
    assert [each.exit for each in differences([made(row(F), "ssh://a"), both[1]], both[1:])] == [0]
    assert [each.exit for each in differences(both[1:], both)] == [0]


def test_a_report_that_was_interrupted_is_said_to_be() -> None:
    whole = made(row(P))
    cut = whole.model_copy(update={"complete": False})
    said = "the {} report was interrupted: what it did not measure by then is unknown in it"
    assert difference(cut, whole).notes == (said.format("first"),)
    assert difference(whole, cut).notes == (said.format("second"),)


def test_the_lines_say_before_and_now_and_how_to_check_again() -> None:
    text = DIFF_FORMATS["table"]([compared(row(P, observed="closed"), row(F, observed="open"))], Style())
    assert text == (
        "ssh://root@droplet:22: go, now no-go.\n"
        "new, blocks: Title of a.a (a.a)\n"
        "    before    ✓ pass: closed\n"
        "    now       ✗ fail: open\n"
        "    re-check  sprocket-tui check --only a.a\n"
        "Since Tuesday 2026-11-24 00:00 UTC: 1 new.\n"
    )


@pytest.mark.parametrize(
    ("before", "after", "was", "is_"),
    [
        (1, 2, "value: 1", "value: 2"),
        ({"on": True, "rules": 3}, {"on": True, "rules": 4}, "rules: 3", "rules: 4"),
        ({"rules": {"ipv6": [22, 80]}}, {"rules": {"ipv6": [22, 443]}}, "rules.ipv6: [80]", "rules.ipv6: [443]"),
        ({"rules": [22]}, {"rules": [22, 80]}, "rules: nothing else", "rules: [80]"),
        ({"rules": [22, 80]}, {"rules": [80, 22]}, "rules: [22, 80]", "rules: [80, 22]"),
        ({}, {"owner": "ann"}, "owner: nothing", "owner: ann"),
        ({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}, {}, "a: 1; b: 1; c: 1; and 2 more", "a: nothing; b: nothing; c: no"),
        ({"text": "x" * 200}, {"text": "\x1b[2J"}, f"text: {'x' * 119}…", "text: "),
    ],
)
def test_where_both_texts_are_the_same_what_differs_is_said(before: JSON, after: JSON, was: str, is_: str) -> None:
    found = compared(*([verdict("a.a", P, observation=Observation(value=seen))] for seen in (before, after)))
    lines = " ".join(DIFF_FORMATS["table"]([found], Style(width=400)).split())
    assert f"before ✓ pass: what was seen ({was}" in lines
    assert f"now ✓ pass: what was seen ({is_}" in lines
    assert "\x1b" not in lines


def test_where_the_texts_differ_the_document_alone_has_the_places() -> None:
    seen = [verdict("a.a", P, observed=f"{n} rules", observation=Observation(value={"rules": n})) for n in (3, 4)]
    found = compared(seen[:1], seen[1:])
    assert "✓ pass: 4 rules\n" in DIFF_FORMATS["table"]([found], Style())
    (change,) = json.loads(DIFF_FORMATS["json"]([found], Style()))["changes"]
    assert "4 rules |" in DIFF_FORMATS["markdown"]([found], Style())
    assert change["differs"] == [{"place": "value.rules", "before": 3, "after": 4}]


def test_the_document_and_the_ticket_hold_every_change() -> None:
    found = [compared(row(P), row(F))]
    document = json.loads(DIFF_FORMATS["json"](found, Style()))
    assert (document["schema"], document["exit"]) == ("sprocket-tui/report-diff/1", 3)
    assert [change["kind"] for change in document["changes"]] == ["new"]
    text = DIFF_FORMATS["markdown"](found, Style())
    assert "| new, blocks | Title of a.a | ✓ pass: what was seen | ✗ fail: what was seen |" in text


def test_hostile_texts_stay_text() -> None:
    found = [difference(made([]), hostile(f"\x1b[2J{HOSTILE}"))]
    assert "\x1b" not in DIFF_FORMATS["table"](found, Style())
    assert "<script>" not in re.sub(r"(`+).*?\1", "", DIFF_FORMATS["markdown"](found, Style()))


def test_the_command_line_knows_every_format() -> None:
    assert tuple(DIFF_FORMATS) == NAMES


def test_a_report_is_read_back_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    reports = (made(ONE_OF_EACH, "ssh://a"), made(ONE_OF_EACH, "ssh://b"))
    file.write_text(as_json(reports))
    assert read(str(file)) == reports
    file.write_text(as_json(reports[:1]))
    assert read(str(file)) == reports[:1]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "holds no report"),
        (b'{"schema": "other/1"}', "is no report of sprocket-tui"),
        (b'"text"', "is no report of sprocket-tui"),
        (b'{"schema": "sprocket-tui/check-report/2"}', "was written by a newer sprocket-tui"),
        (b'{"schema": "sprocket-tui/check-report/1"}', "is no whole report: target: Field required"),
    ],
)
def test_what_is_no_report_is_named_in_one_sentence(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "r.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SprocketError) as refused:
        read(str(file))
    assert refused.value.message == f"{file} {said}"
    assert "check --format json" in refused.value.remedy or "that version" in refused.value.remedy


@pytest.mark.parametrize("state", [F, U])
def test_a_report_that_says_go_against_its_own_checks_is_refused(state: State, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    report = made([verdict("a.a", P), verdict("a.b", state)])
    file.write_text(as_json([report.model_copy(update={"verdict": "go", "exit": 0})]), encoding="utf-8")
    with pytest.raises(SprocketError, match=r"says go, and a\.b in it does not"):
        read(str(file))
