"""The walk on the screen: what a person's keys do, and what they never do."""

from __future__ import annotations

from tests.tui.kit import Walked, begun, connected, ended, judged, started, walk

READ = (started(), connected(), begun("before.read"))


def test_enter_goes_on_through_pages_that_are_to_be_read():
    async def act(walked: Walked) -> None:
        assert " The plan" in walked.text
        await walked.press("enter")
        assert "Nothing runs here." in walked.text
        await walked.tell(ended("before.read"), begun("before.dns"), judged("vault", "fail"))
        assert "Nothing runs here." in walked.text
        await walked.press("enter")
        assert "vault.sprocket.example" in walked.text
        assert not walked.engine.posted

    walk(act, *READ)
