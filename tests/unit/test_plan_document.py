"""The plan as a document: it keeps to the schema that is published, and every key of that is written."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape

from sprocket_tui.checks.observation import Remedy, State
from sprocket_tui.planning.plan import Plan
from sprocket_tui.reports.planned.document import as_json
from sprocket_tui.reports.planned.html import html
from sprocket_tui.reports.planned.markdown import markdown
from sprocket_tui.reports.planned.schema import PlanDocument, schema
from sprocket_tui.reports.planned.table import table
from sprocket_tui.reports.style import Style
from tests.unit.reports_kit import made
from tests.unit.test_planning import RIGHT, berlin, planned, verdict, waived_until

PUBLISHED = Path(__file__).parents[2] / "docs" / "plan.schema.json"
FRIDAY = berlin(11, 27, 15)


def test_the_published_schema_is_the_one_the_document_keeps_to() -> None:
    if os.environ.get("WRITE_DOCS"):
        PUBLISHED.write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == schema()


def test_every_key_of_the_document_is_required_by_the_schema() -> None:
    found: dict[str, Any] = schema()
    written = json.loads(as_json(planned(FRIDAY, verdicts=())))
    assert set(found["required"]) == set(written)
    for key, name in (("stages", "StageRow"), ("risks", "RiskRow"), ("lines", "LineRow"), ("after", "AfterRow")):
        assert set(found["$defs"][name]["required"]) == set(written[key][0])
    assert set(found["$defs"]["CostRow"]["required"]) == set(written["costs"]["items"][0])


def test_the_document_names_verdict_window_and_the_next_good_one() -> None:
    found = json.loads(as_json(planned(FRIDAY, verdicts=())))
    assert (found["schema"], found["verdict"], found["exit_code"]) == ("sprocket-tui/plan/1", "no-go", 3)
    assert found["window"]["starts"] == "2026-11-27T15:00:00+01:00"
    assert found["next_window"]["starts"] > found["window"]["starts"]
    assert {each["id"] for each in found["stages"] if each["starts"] is None} == {
        each["id"] for each in found["stages"] if each["prepared"]
    }


def test_a_plan_that_a_signal_cut_short_has_the_exit_code_that_the_command_ends_with() -> None:
    cut = replace(planned(FRIDAY, verdicts=()), stopped=2)
    found = json.loads(as_json(cut))
    assert (found["exit_code"], found["verdict"], found["complete"]) == (130, "no-go", False)
    assert json.loads(as_json(planned(FRIDAY, verdicts=())))["complete"]
    for told in (table(cut, Style(width=200)), markdown(cut), html(cut)):
        assert "The measuring was interrupted." in " ".join(told.split())


@pytest.mark.parametrize("given", [{}, {"told": {}}])
def test_a_document_is_read_back_as_it_was(given: dict[str, Any]) -> None:
    text = as_json(planned(**given))
    assert json.loads(text) == PlanDocument.model_validate_json(text).model_dump(mode="json", by_alias=True)


QUOTED = Remedy("Do it there.", ("sh", "-c", "df -h / && echo 'ok <b>'"), where="droplet")
LINE = """sh -c 'df -h / && echo '"'"'ok <b>'"'"''"""


def remedied() -> Plan:
    return planned(verdicts=[*RIGHT, verdict("docker.daemon", State.FAIL, remedy=QUOTED)])


def test_a_command_is_one_that_a_shell_takes_and_says_where_it_runs_as_in_the_report_of_a_check() -> None:
    found = remedied()
    shown = table(found, Style(width=100))
    assert f"    run       {LINE}\n              (on the droplet)\n" in shown
    assert f"Run on the droplet: `{LINE}`" in markdown(found)
    assert f"Run on the droplet: <code>{escape(LINE)}</code>" in html(found)
    (row,) = [each for each in json.loads(as_json(found))["lines"] if each["id"] == "docker.daemon"]
    assert (row["command"], row["where"]) == (LINE, "droplet")
    remedy = made([verdict("docker.daemon", State.FAIL, remedy=QUOTED)]).checks[0].remedy
    assert remedy and (remedy.command, remedy.where) == (LINE, "droplet")


def test_a_command_in_a_plan_is_copied_with_all_its_spaces() -> None:
    spaced = Remedy("Do it there.", ("printf", "two  spaces"), where="droplet")
    text = markdown(planned(verdicts=[*RIGHT, verdict("docker.daemon", State.FAIL, remedy=spaced)]))
    assert "Run on the droplet:\n\n  ```sh\n  printf 'two  spaces'\n  ```\n" in text


def test_a_line_without_a_command_has_no_place_either() -> None:
    rows = json.loads(as_json(planned(told={})))["lines"]
    assert {(each["command"], each["where"]) for each in rows} == {("", "")}


def test_every_format_says_who_answers_for_a_line_until_when_and_why() -> None:
    found = waived_until(date(2026, 12, 1))
    said = "by ann@laptop until 2026-12-01: comes tomorrow"
    assert f"    waived    {said}\n" in table(found, Style(width=100))
    assert f"seen; waived {said.replace('@', '@<!-- -->')}" in markdown(found)
    assert f"seen; waived {said}" in html(found)
    (row,) = [each for each in json.loads(as_json(found))["lines"] if each["waiver"]]
    assert (row["id"], row["waiver"]) == (
        "docker.daemon",
        {"by": "ann@laptop", "reason": "comes tomorrow", "until": "2026-12-01"},
    )


def test_what_is_missing_ends_before_what_to_do_about_it_begins() -> None:
    told = markdown(planned(FRIDAY, verdicts=(), told={}))
    assert "nobody has told it. Ask whoever pays" in told


def test_no_line_of_a_narrow_terminal_breaks_within_a_word() -> None:
    told = table(planned(FRIDAY, verdicts=()), Style(width=40))
    after = told[told.index("After: First 24 hours") :]
    assert max(map(len, after.splitlines())) <= 40
