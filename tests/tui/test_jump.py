"""The jump: letters on what can be gone to; going there is all they do."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from sprocket_tui.faces.tui.app import WalkApp
from sprocket_tui.faces.tui.views.jump import JumpScreen
from sprocket_tui.faces.tui.widgets.choices import Choices
from sprocket_tui.faces.tui.widgets.log import LogView
from tests.pictures.grid import of_app, texts
from tests.tui.kit import CARD, Walked, named, over, running, walk, what_now, yes_no

SIZES = [(60, 15), (80, 24), (140, 40)]


def choices(app: WalkApp) -> Choices:
    return app.walk.query_one(Choices)


@pytest.mark.parametrize("size", SIZES)
def test_a_letter_moves_the_cursor_of_a_gate_and_answers_nothing(size: tuple[int, int]):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        while walked.app.walk.page.hidden_below:
            await walked.press("pagedown")
        before = texts(of_app(walked.app))
        await walked.press("f")
        assert isinstance(walked.app.screen, JumpScreen)
        lettered = texts(of_app(walked.app))
        # A letter stands in a margin: whatever was to be read still is.
        for old, new in zip(before, lettered, strict=True):
            assert [a for a, b in zip(old, new, strict=False) if a not in (b, " ")] == []
        row = next(each for each in lettered if "Yes, do exactly that" in each)
        await walked.press(row[row.index("y  Yes") - 3])
        assert not over(walked.app)
        current = choices(walked.app).current
        assert current
        assert current.value == "yes"
        assert not walked.engine.posted
        await walked.press("enter")
        assert walked.answered == [("layer.apply/gate", "yes")]

    walk(act, *CARD, yes_no(), size=size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", ["escape", "enter", "0"])
def test_any_other_key_closes_it_and_answers_nothing(size: tuple[int, int], key: str):
    async def act(walked: Walked) -> None:
        await walked.press("enter", "f", key)
        assert not over(walked.app)
        assert not walked.engine.posted
        current = choices(walked.app).current
        assert current
        assert current.value == "recheck"

    walk(act, *CARD, what_now(), size=size)


def test_a_question_that_cannot_be_answered_yet_has_no_letters():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "f", "s", "enter")
        assert not walked.engine.posted
        await walked.grace_passes()
        current = choices(walked.app).current
        assert current
        assert current.value == "no"
        await walked.press("f")
        assert isinstance(walked.app.screen, JumpScreen)

    walk(act, *CARD, yes_no(), waits=True)


def test_a_question_that_came_under_the_letters_is_not_what_they_were_put_on():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "f")
        await walked.tell(what_now())
        await walked.press("z", "enter")
        assert not walked.engine.posted

    walk(act, *CARD, running(), size=(140, 40), waits=True)


def test_a_field_is_returned_to_by_its_letter():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "tab", "f", "a")
        assert isinstance(walked.app.focused, Input)
        assert not walked.engine.posted

    walk(act, *CARD, named())


def test_chapters_beside_the_step_and_the_log_have_letters_at_140_columns():
    async def act(walked: Walked) -> None:
        place = walked.directory.attempt("layer.apply", 1)
        place.mkdir(parents=True)
        (place / "output.jsonl").write_text('{"s": "out", "at": 1, "t": 1, "line": "pulling"}\n')
        await walked.press("enter", "w", "w", "f")
        screen = walked.app.screen
        assert isinstance(screen, JumpScreen)
        names = {spot.name: key for key, spot in screen._lettered.items()}
        await walked.press(names["log"])
        assert isinstance(walked.app.focused, LogView)
        await walked.press("f", next(key for name, key in names.items() if name.startswith("look/before.read")))
        assert "Looking; Esc returns" in walked.text
        assert "Nothing runs here." in walked.text
        assert not walked.engine.posted

    walk(act, *CARD, running(), size=(140, 40))


def test_the_list_of_chapters_can_be_jumped_in():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "g", "f", "a")
        assert "Where to look" in walked.text
        current = walked.app.screen.query_one(Choices).current
        assert current
        assert current.value == "before"

    walk(act, *CARD, running())


def test_where_there_is_nothing_to_jump_to_that_is_said():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "f")
        assert not over(walked.app)
        assert "nothing to jump to" in walked.text
        assert "? help" in walked.rows[-1]

    walk(act, *CARD, running())
