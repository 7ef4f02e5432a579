"""The plan as a document: it keeps to the schema that is published, and every key of that is written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.reports.planned.document import as_json
from sprocket_tui.reports.planned.schema import PlanDocument, schema
from tests.unit.test_planning import berlin, planned

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


@pytest.mark.parametrize("given", [{}, {"told": {}}])
def test_a_document_is_read_back_as_it_was(given: dict[str, Any]) -> None:
    text = as_json(planned(**given))
    assert json.loads(text) == PlanDocument.model_validate_json(text).model_dump(mode="json", by_alias=True)
