"""Several targets measured at once: what one of them refuses is its own matter, and the worst result is the whole's."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from sprocket_tui.commands.measuring import Measuring
from sprocket_tui.commands.stopping import Stopping
from sprocket_tui.commands.targets import Goal
from sprocket_tui.errors import NeedsAnswer, SprocketError
from sprocket_tui.exits import Exit, worst
from sprocket_tui.faces.given import Given
from sprocket_tui.guide.model import Checklist, Guide
from sprocket_tui.settings import Profile
from sprocket_tui.target.link import Link
from sprocket_tui.target.ssh.asking import Asker
from tests.unit.checks_kit import says
from tests.unit.fakes import FakeLink

CHECKS = (says("a.a", "here"),)
GUIDE = Guide(
    name="test",
    version="1",
    digest="",
    origin="test",
    vars=(),
    screens=(),
    checklists=(Checklist(id="all", title="All", why="it matters", pause_point="Now.", checks=CHECKS),),
    hints=(),
)


def goal(url: str, connect: Callable[[Asker], Link] = lambda _asker: FakeLink()) -> Goal:
    return Goal(url, "", Profile(), connect)


def measuring(*goals: Goal, stopping: Stopping | None = None) -> Measuring:
    return Measuring(GUIDE, CHECKS, goals, Given(), stopping or Stopping(), several=len(goals) > 1)


def unknown_key(_asker: Asker) -> Link:
    raise NeedsAnswer("ssh.host-key", "the host key of b is not known", remedy="compare it")


def test_a_host_that_asks_what_nobody_answers_is_unknown_beside_the_others() -> None:
    first, second = measuring(goal("ssh://a"), goal("ssh://b", unknown_key)).found()
    assert (first.verdicts[0].observed, first.code) == ("here", Exit.GO)
    assert second.verdicts[0].observed == "the host key of b is not known; compare it"
    assert second.code == Exit.CANCELLED


def test_alone_it_is_the_question_itself() -> None:
    with pytest.raises(NeedsAnswer, match="the host key of b"):
        measuring(goal("ssh://b", unknown_key)).found()


def test_targets_are_measured_at_the_same_time() -> None:
    meet = threading.Barrier(3)

    def connect(_asker: Asker) -> Link:
        meet.wait(60)
        return FakeLink()

    found = measuring(*(goal(f"ssh://{name}", connect) for name in "abc")).found()
    assert [(each.goal.url, each.verdicts[0].observed) for each in found] == [
        (f"ssh://{name}", "here") for name in "abc"
    ]


def test_who_stops_does_not_wait_for_a_connection() -> None:
    stopping, never = Stopping(), threading.Event()
    stopping.number = 2

    def connect(_asker: Asker) -> Link:
        never.wait(600)
        raise SprocketError("nobody is waiting for this")

    (found,) = measuring(goal("ssh://a", connect), stopping=stopping).found()
    assert found.verdicts[0].observed == "interrupted before it was measured"
    never.set()


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ([], Exit.GO),
        ([Exit.GO, Exit.WARNINGS], Exit.WARNINGS),
        ([Exit.UNKNOWN, Exit.FAILED, Exit.GO], Exit.FAILED),
        ([Exit.WAIVED, Exit.UNKNOWN], Exit.UNKNOWN),
        ([Exit.FAILED, Exit.CANCELLED], Exit.CANCELLED),
    ],
)
def test_the_worst_code_is_that_of_the_whole(codes: list[Exit], code: Exit) -> None:
    assert worst(codes) is code


def test_every_code_has_its_place_among_the_worst() -> None:
    assert worst(Exit) is Exit.INTERNAL
