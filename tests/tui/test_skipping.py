"""Skipping a step before it is begun: a reason is asked in place, and nothing is skipped without one."""

from __future__ import annotations

import pytest

from sprocket_tui.engine.desk import Skip
from sprocket_tui.journal.events import LinkDropped, StepEnded
from tests.tui import kit
from tests.tui.kit import CARD, HOST, Walked, named, text, walk, yes_no


def test_s_asks_why_and_skips_the_step_with_what_is_typed():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "s")
        assert "Why is this skipped?" in walked.text
        await walked.type("not on a Friday")
        assert walked.engine.posted == [Skip("layer.apply", "not on a Friday", "ada")]
        await walked.tell(StepEnded("layer.apply", "skipped", "not on a Friday"))
        assert walked.asked is None

    walk(act, *CARD, yes_no())


@pytest.mark.parametrize("asked", [named(), text(), kit.secret()], ids=lambda asked: asked.sort)
def test_while_an_answer_is_typed_another_key_does_the_same(asked):
    async def act(walked: Walked) -> None:
        await walked.press("enter", "f2")
        await walked.type("later")
        assert walked.engine.posted == [Skip("layer.apply", "later", "ada")]

    walk(act, *CARD, asked)


@pytest.mark.parametrize("back", ["escape", "enter"])
def test_without_a_reason_nothing_is_skipped_and_the_question_stands_again(back: str):
    async def act(walked: Walked) -> None:
        await walked.press("enter", "f2", back)
        assert not walked.engine.posted
        await walked.type(HOST)
        assert walked.answered == [("layer.apply/gate", HOST)]

    walk(act, *CARD, named())


def test_other_news_does_not_take_the_reason_away():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "s", *"not")
        await walked.tell(LinkDropped("timed out"))
        await walked.type(" now")
        assert walked.engine.posted == [Skip("layer.apply", "not now", "ada")]

    walk(act, *CARD, yes_no())


def test_the_reason_is_shown_although_a_secret_was_asked_for():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "f2", *"visible")
        assert "visible" in walked.text

    walk(act, *CARD, kit.secret())


def test_after_a_failure_skipping_is_one_of_the_choices_and_the_key_is_theirs():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "f2")
        assert "Why is this skipped?" not in walked.text
        await walked.press("s")
        assert walked.answered == [("layer.apply/failed", "skip")]

    walk(act, *CARD, kit.running(), kit.failed(), kit.what_now())


def test_nothing_is_skipped_where_no_question_of_the_step_is_asked():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "s")
        assert "Why is this skipped?" not in walked.text

    walk(act, *CARD, kit.running())


def test_what_cannot_be_skipped_offers_no_key_for_it_and_the_key_does_nothing():
    steps = tuple(each.model_copy(update={"skippable": False}) for each in kit.GUIDE.screens[1].steps)
    firm = kit.GUIDE.screens[1].model_copy(update={"steps": steps})
    guide = kit.GUIDE.model_copy(update={"screens": (kit.GUIDE.screens[0], firm, kit.GUIDE.screens[2])})

    async def act(walked: Walked) -> None:
        await walked.press("enter", "s")
        assert "Why is this skipped?" not in walked.text
        assert "skip" not in walked.app.walk.offered()
        assert not walked.engine.posted

    walk(act, *CARD, yes_no(), guide=guide)
