"""Where engine and face meet: what is skipped, and what is only asked once more."""

from __future__ import annotations

import pytest

from sprocket_tui.engine.desk import Answer, Begin, Desk, Question, Skip, Skipped, Turned
from sprocket_tui.journal.events import Asked, Fact

GATE = Question("s/gate", "yes-no", "Go on", "s")


def test_a_question_whose_step_is_skipped_raises_the_reason_and_who_gave_it() -> None:
    desk = Desk(lambda fact: None, free=lambda step: step == "s")
    desk.post(Skip("s", " not today ", "ada"))
    with pytest.raises(Skipped) as skipped:
        desk.ask(GATE)
    assert (skipped.value.why, skipped.value.by) == ("not today", "ada")


@pytest.mark.parametrize(
    ("skip", "free", "skippable"),
    [
        (Skip("s", "why", "ada"), False, True),
        (Skip("other", "why", "ada"), True, True),
        (Skip("s", " ", "ada"), True, True),
        (Skip("s", "why", "ada"), True, False),
    ],
    ids=["its job is under way", "it is another step", "no reason", "it never can be"],
)
def test_what_cannot_be_skipped_now_is_asked_once_more(skip: Skip, free: bool, skippable: bool) -> None:
    told: list[Fact] = []
    desk = Desk(told.append, free=lambda step: free, skippable=lambda step: skippable)
    desk.post(skip)
    desk.post(Answer("s/gate", "no", "ada"))
    assert desk.ask(GATE) == "no"
    assert [each.id for each in told if isinstance(each, Asked)] == ["s/gate", "s/gate"]


def test_a_step_that_cannot_be_skipped_can_be_put_aside() -> None:
    desk = Desk(lambda fact: None, free=lambda step: True, skippable=lambda step: False)
    desk.post(Begin("later", "ada"))
    with pytest.raises(Turned):
        desk.ask(GATE)


@pytest.mark.parametrize(("prepared", "rounds"), [(True, 3), (False, 30)], ids=["a file is held to a few", "a person"])
def test_a_person_may_go_round_as_often_as_they_like(prepared: bool, rounds: int) -> None:
    desk, gone = Desk(lambda fact: None), 0
    for _ in desk.rounds(3):
        gone += 1
        if gone == 30:
            break
        desk.post(Answer("s/gate", "no", "ada", prepared))
        desk.ask(GATE)
    assert gone == rounds
