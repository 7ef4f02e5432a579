"""Taking an ended step once more from the screen: from the chapters or from where it is looked at, asked first."""

from __future__ import annotations

from sprocket_tui.engine.desk import Reopen
from sprocket_tui.journal.events import StepReopened
from tests.tui import kit
from tests.tui.kit import COMPLETE, ON, Walked, begun, over, shown, walk, yes_no

DONE = (*ON, begun("before.read"), kit.ended("before.read"), begun("layer.apply"), shown(), yes_no())


def test_a_step_in_the_chapters_is_taken_once_more_after_a_yes():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "enter", "g")
        while walked.app.screen.at != "before.read":
            await walked.press("up")
        await walked.press("r")
        assert "Take Read once more? Its gates ask as usual" in walked.text
        assert not walked.engine.posted
        await walked.press("y")
        assert walked.engine.posted == [Reopen("before.read", "ada")]
        assert not over(walked.app)

    walk(act, *DONE)


def test_the_whole_question_is_to_be_read_on_a_narrow_screen():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "enter", "left", "left", "r")
        said = " ".join(walked.text.split())
        assert "Take Read once more? Its gates ask as usual; then the walk goes on where it was." in said

    walk(act, *DONE, size=(60, 20))


def test_the_safe_answer_takes_nothing_again():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "enter", "left", "left")
        assert walked.app.walk.looking == "before.read"
        await walked.press("r", "enter")
        assert not walked.engine.posted
        await walked.press("r", "y")
        assert walked.engine.posted == [Reopen("before.read", "ada")]
        assert walked.app.walk.looking == ""

    walk(act, *DONE)


def test_the_page_that_waits_to_be_read_is_of_a_step_that_has_ended():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "r", "y")
        assert walked.engine.posted == [Reopen("before.read", "ada")]

    walk(act, *DONE)


def test_a_step_that_has_not_ended_is_not_taken_again():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "enter", "left", "r")
        assert "Only a step that has ended can be taken once more." in walked.text
        assert not over(walked.app)

    walk(act, *DONE)


def test_after_the_end_the_command_is_yes_no():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "enter")
        walked.engine.alive = False
        await walked.press("g")
        while walked.app.screen.at != "before.read":
            await walked.press("up")
        await walked.press("r")
        assert f"{kit.RESUME} --again before.read" in walked.text

    walk(
        act, *ON, begun("before.read"), kit.ended("before.read"), begun("after.read"), kit.ended("after.read"), COMPLETE
    )


def test_a_question_that_was_put_aside_is_gone_with_its_step():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "enter")
        assert walked.asked == yes_no()
        await walked.tell(StepReopened("before.read", "ada"), begun("before.read"))
        assert walked.asked is None
        assert walked.app.walk.sight.current == "before.read"

    walk(act, *DONE)
