"""What is measured once more at the end of a walk: only what did not pass, and nobody is asked for anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from sprocket_tui.engine.book import Book
from sprocket_tui.engine.desk import Desk
from sprocket_tui.engine.measuring import Measuring
from sprocket_tui.engine.session import Holding, Session
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.journal.events import Fact, Judged
from sprocket_tui.journal.replay import RunState
from sprocket_tui.redaction import Redactor
from sprocket_tui.target.local import LocalLink

SMALL = Path(__file__).resolve().parents[1] / "guides" / "small"


@pytest.fixture
def recorded() -> list[Fact]:
    return []


@pytest.fixture
def measuring(home: Path, recorded: list[Fact]) -> Measuring:
    """Of a run that has not gone to its target yet."""
    guide, desk, redactor = load_guide(SMALL), Desk(recorded.append), Redactor()
    session = Session(LocalLink, Holding("run1", "ann", "m1"), desk, recorded.append, redactor, sudo=False, path=())
    return Measuring(guide, Book(guide, RunState(), desk, recorded.append, redactor), session, recorded.append)


def test_where_everything_passed_the_target_is_left_alone(measuring: Measuring, recorded: list[Fact]) -> None:
    measuring.again("walk.last", [])
    assert recorded == []
    assert not measuring.session.entered


def test_what_did_not_pass_is_measured_once_more_and_no_other(measuring: Measuring, recorded: list[Fact]) -> None:
    measuring.again("walk.last", ["files.directory"])
    assert [fact.verdict["id"] for fact in recorded if isinstance(fact, Judged)] == ["files.directory"]


def test_a_step_that_checks_shows_all_its_rows_though_an_earlier_step_said_the_same(
    measuring: Measuring, recorded: list[Fact]
) -> None:
    for step in ("walk.first", "walk.last", "walk.last"):
        measuring.check(step, ["files.directory"])
    measuring.measure("walk.other", ["files.directory"])
    said = [(fact.step, fact.verdict["id"]) for fact in recorded if isinstance(fact, Judged)]
    assert said == [("walk.first", "files.directory"), ("walk.last", "files.directory")]
