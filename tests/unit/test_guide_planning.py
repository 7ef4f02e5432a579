"""A planning file of a guide: faults with their line, replacement by id, lint, and the rows that it covers."""

from __future__ import annotations

from pathlib import Path

import pytest

from sprocket_tui import lint
from sprocket_tui.guide.loader import guide_files, load_guide
from sprocket_tui.guide.model import Guide
from sprocket_tui.guide.problems import GuideError

INDEX = 'schema: 1\nname: g\nversion: "1"\nplanning: [plan.yaml]\n'
RULE = "rules:\n  - {id: r, title: R, state: fail, says: S, remedy: D, "


def guide(tmp_path: Path, text: str, index: str = INDEX) -> Guide:
    (tmp_path / "screens").mkdir()
    (tmp_path / "screens" / "index.yaml").write_text(index)
    (tmp_path / "screens" / "plan.yaml").write_text(text)
    return load_guide(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{RULE}kind: weekday}}\n", "a rule of kind weekday needs days"),
        (f"{RULE}kind: business-hours, hours: 3}}\n", "a rule of kind business-hours takes no hours"),
        (f"{RULE}kind: start, after: 12:30}}\n", 'a time stands in quotes: "12:30"'),
        (f"{RULE}kind: weekend}}\n", "unknown value 'weekend'"),
        ("skils: []\n", "unknown key 'skils'; did you mean skills?"),
        (
            "stages:\n  - {id: s, title: S, why: W, first: {at_least: 3, at_most: 2},\n"
            "     experienced: {at_least: 1, at_most: 2}}\n",
            "at_most (2) is less than at_least (3)",
        ),
        (
            "costs:\n  - {id: c, title: C, per: month, price: {source: us, dated: 2026-01-01}}\n",
            "a cost has either an amount or an hourly rate",
        ),
    ],
)
def test_a_fault_of_a_planning_file_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(GuideError) as caught:
        guide(tmp_path, text)
    (problem,) = caught.value.problems
    assert said in problem.message
    assert (problem.file, problem.line) == ("screens/plan.yaml", 1 if "skils" in text else 2)


def test_an_id_that_stands_twice_is_a_fault(tmp_path: Path) -> None:
    twice = "notes:\n  - {id: n, title: N, text: T}\n  - {id: n, title: N, text: T}\n"
    with pytest.raises(
        GuideError, match=r"plan\.yaml:3: notes\[1\]\.id: note 'n' stands in screens/plan\.yaml:2 already"
    ):
        guide(tmp_path, twice)


def test_lint_names_checks_and_checklists_that_are_none(tmp_path: Path) -> None:
    text = (
        "risks:\n  - {id: r, title: R, likely: low, impact: {at_least: 1, at_most: 2}, prevention: P,\n"
        "     checklists: [nowhere], checks: [no.check], guide: [G900]}\n"
    )
    found = [str(each) for each in lint.lint(guide(tmp_path, text)) if each.severity == "error"]
    assert len(found) == 3
    assert all(each.startswith("screens/plan.yaml:2: error: risk r: ") for each in found)


def test_the_rows_of_a_planning_file_are_covered(tmp_path: Path) -> None:
    found = guide(tmp_path, "notes:\n  - {id: n, title: N, text: T, guide: [G001, G032]}\n")
    assert lint.coverage(found).covered == ("G001", "G032")


def test_the_bundled_planning_covers_the_whole_chapter() -> None:
    rows = {row for _, _, part in load_guide().planning.parts() for row in part.guide}
    assert {f"G{number:03}" for number in range(1, 35)} <= rows


def test_a_guide_that_extends_replaces_elements_by_id_and_adds_the_rest(tmp_path: Path) -> None:
    text = "notes:\n  - {id: ranges, title: Ours, text: T}\n  - {id: more, title: More, text: T}\n"
    found = guide(tmp_path, text, INDEX.replace("planning:", "extends: bundled\nplanning:"))
    base = load_guide().planning
    assert [each.id for each in found.planning.notes] == [*(each.id for each in base.notes), "more"]
    assert next(each.title for each in found.planning.notes if each.id == "ranges") == "Ours"
    assert found.planning.rules == base.rules
    assert "note ranges" in found.replaced


def test_a_kept_copy_of_a_guide_has_its_planning() -> None:
    assert "screens/planning.yaml" in guide_files()
