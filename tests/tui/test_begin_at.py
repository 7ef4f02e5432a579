"""Beginning at a later chapter from the screen: asked first, and looking alone never does it."""

from __future__ import annotations

from sprocket_tui.engine.desk import Begin
from tests.tui import kit
from tests.tui.kit import ON, Walked, begun, over, walk

READING = (*ON, begun("before.read"), kit.ended("before.read"), begun("before.dns"))


async def to(walked: Walked, name: str) -> None:
    """The cursor in the chapters, on this one."""
    await walked.press("enter", "enter", "g")
    while walked.app.screen.at != name:
        await walked.press("down")


def test_a_later_chapter_is_begun_at_after_a_yes():
    async def act(walked: Walked) -> None:
        await to(walked, "after")
        await walked.press("c")
        assert "Begin at After? What is before it is measured" in walked.text
        await walked.press("enter")
        assert not walked.engine.posted
        await walked.press("g")
        while walked.app.screen.at != "after":
            await walked.press("down")
        await walked.press("c", "y")
        assert walked.engine.posted == [Begin("after", "ada")]
        assert "The walk goes to After; what is before it is measured." in walked.text

    walk(act, *READING)


def test_looking_at_a_later_chapter_begins_nothing():
    async def act(walked: Walked) -> None:
        await to(walked, "after")
        await walked.press("enter", "enter", "c")
        assert not walked.engine.posted

    walk(act, *READING)


def test_a_chapter_that_was_walked_is_not_begun_at():
    async def act(walked: Walked) -> None:
        await to(walked, "before")
        await walked.press("c")
        assert "Only a later chapter can be begun at." in walked.text
        assert not over(walked.app)

    walk(act, *READING)
