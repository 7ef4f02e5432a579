"""`plan` as its users run it: a date, a verdict, an exit code, and documents that a planner can use."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import holidays
import pytest
import yaml

from sprocket_tui.guide.loader import load_guide
from tests.walk.program import SMALL, Program

ABLE = ("--experience", "experienced")


@pytest.fixture
def planner(tmp_path: Path) -> Program:
    """The program with the bundled guide."""
    home = tmp_path / "home"
    home.mkdir()
    return Program(home, None)


@pytest.fixture
def settled(planner: Program) -> Callable[..., Path]:
    """Writes `plan.yaml`: a team that has said all there is to say, with what the test puts over it."""

    def write(**over: Any) -> Path:
        told = {"holds": True, "said": datetime.now(UTC).date(), "who": "Ana"}
        given = {
            "timezone": "UTC",
            "country": "DE",
            "business_hours": {"opens": "09:00", "closes": "17:00"},
            "critical_periods": [],
            "budget": {"month": 10000, "once": 10000},
            "told": {each.id: told for each in load_guide().planning.prerequisites},
            **over,
        }
        file = planner.home / ".config" / "sprocket-tui" / "plan.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(given))
        return file

    return write


def tuesday() -> date:
    """A Tuesday to come that is no holiday in Germany, with a working day behind it."""
    free = holidays.country_holidays("DE")
    day = datetime.now(UTC).date() + timedelta(days=2)
    while day.weekday() != 1 or day in free or day + timedelta(days=1) in free:
        day += timedelta(days=1)
    return day


def test_a_friday_afternoon_is_a_no_go_and_names_the_next_good_window(planner: Program) -> None:
    done = planner("plan", "--at", "friday 15:00", *ABLE)
    assert done.returncode == 3
    assert re.search(r"No-go for Fri .* 15:00-18:05: .*Not on a Friday afternoon", " ".join(done.stdout.split()))
    assert re.search(r"^Next good window: (Mon|Tue|Wed) \d+ \w+ 09:00-12:05$", done.stdout, re.MULTILINE)


def test_what_was_all_said_leaves_only_what_must_be_measured(planner: Program, settled: Callable[..., Path]) -> None:
    settled()
    done = planner("plan", "--at", f"{tuesday()} 09:00", *ABLE, "--format", "json")
    plan = json.loads(done.stdout)
    assert (done.returncode, plan["verdict"]) == (4, "go with warnings")
    left = set(plan["missing"]) - {"cost.prices"}
    assert left == {"calendar.dns-a-day-before"}
    assert "Names right for a day" in plan["sentence"]


def test_a_date_that_is_none_is_one_error_that_names_good_forms(planner: Program) -> None:
    done = planner("plan", "--at", "whenever")
    assert (done.returncode, done.stdout) == (2, "")
    assert '"tomorrow 10:00"' in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_settings_that_are_wrong_are_named_by_line(planner: Program, settled: Callable[..., Path]) -> None:
    file = settled(told={"backup-enginer": {"holds": True, "said": date(2026, 1, 2)}})
    done = planner("plan")
    assert done.returncode == 2
    line = file.read_text().splitlines().index("  backup-enginer:") + 1
    assert f"plan.yaml:{line}: told.backup-enginer: unknown prerequisite" in done.stderr
    assert "did you mean backup-engineer?" in done.stderr


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"timezone": "Mars/Olympus"}, "is no time zone"),
        ({"country": "Germany"}, "two capital letters"),
        ({"region": "XX"}, "unknown region 'XX'"),
        ({"business_hours": {"opens": "17:00", "closes": "09:00"}}, "closes must be later"),
        ({"critical_periods": [{"first": date(2026, 2, 2), "last": date(2026, 1, 1)}]}, "last is before first"),
    ],
    ids=["time zone", "country", "region", "hours", "period"],
)
def test_a_setting_that_cannot_be_meant_is_refused(
    planner: Program, settled: Callable[..., Path], wrong: dict[str, Any], said: str
) -> None:
    settled(**wrong)
    done = planner("plan")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_target_is_measured_and_decides(planner: Program, settled: Callable[..., Path]) -> None:
    settled()
    when = ("--at", f"{tuesday()} 09:00", *ABLE)
    done = planner("plan", *when, "--target", "ssh://root@127.0.0.1:1", "--format", "json")
    plan = json.loads(done.stdout)
    assert (done.returncode, plan["verdict"]) == (5, "unknown")
    credentials = next(each for each in plan["risks"] if each["id"] == "credentials")
    assert (credentials["likely"], credentials["usually"]) == ("high", "medium")
    assert "credentials.docker" in credentials["raised_by"]
    assert plan["weakest"] in {line["id"] for line in plan["lines"] if line["state"] == "unknown" and line["blocking"]}


def test_the_page_is_one_file_that_loads_nothing_and_escapes_what_it_was_told(
    planner: Program, settled: Callable[..., Path], tmp_path: Path
) -> None:
    settled(told={"github": {"holds": False, "said": datetime.now(UTC).date(), "who": "<script>alert(1)</script>"}})
    page, text = tmp_path / "plan.html", tmp_path / "plan.md"
    pairs = ("--format", "html", "--output", str(page), "--format", "markdown", "--output", str(text))
    done = planner("plan", "--at", "friday 15:00", *pairs)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("No-go for ")
    html = page.read_text()
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert not re.search(r"(src|href)=|url\(|@import", html)
    assert "<script" not in text.read_text().replace("\\<script", "")
    for told in ("Missing", "Window", "Costs", "Risks", "First 24 hours", "First month"):
        assert told in html
        assert told in text.read_text()


def test_a_guide_of_its_own_replaces_the_planning(planner: Program, tmp_path: Path) -> None:
    own = tmp_path / "guide"
    (own / "screens").mkdir(parents=True)
    (own / "screens" / "index.yaml").write_text(
        'schema: 1\nname: ours\nversion: "1"\nextends: bundled\nplanning: [ours.yaml]\n'
    )
    (own / "screens" / "ours.yaml").write_text(
        "stages:\n  - id: layer-1\n    title: Our Layer 1\n    why: It is smaller.\n"
        "    first: {at_least: 1, at_most: 2}\n    experienced: {at_least: 1, at_most: 2}\n"
    )
    done = planner("plan", "--guide", str(own), "--at", "friday 15:00", *ABLE, "--format", "json")
    stages = {each["id"]: each for each in json.loads(done.stdout)["stages"]}
    assert stages["layer-1"]["title"] == "Our Layer 1"
    assert stages["layer-1"]["minutes"] == {"at_least": 1, "at_most": 2}
    assert list(stages) == [each.id for each in load_guide().planning.stages]


def test_a_guide_that_says_nothing_of_planning_is_told_so(planner: Program) -> None:
    done = planner("plan", "--guide", str(SMALL))
    assert done.returncode == 2
    assert "says nothing of planning" in done.stderr
