"""The line of keys: it offers what a key does now, and no letter where letters are an answer."""

from __future__ import annotations

import re

import pytest

from sprocket_tui.journal.events import Asked
from tests.tui.kit import (
    CARD,
    ON,
    Walked,
    begun,
    connected,
    named,
    running,
    said_no,
    secret,
    shown,
    started,
    text,
    walk,
    yes_no,
)

LETTER = re.compile(r"(?:^|  )\s?([a-zA-Z/!?])(?= )")
PLAN = [{"op": "create", "kind": "Service", "name": f"service-{n}"} for n in range(8)]
PLANNED = (started(), connected(), begun("layer.apply"), shown(plan=PLAN))


def letters(line: str) -> list[str]:
    """The single characters that a line of keys offers."""
    return LETTER.findall(line)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (140, 40)])
@pytest.mark.parametrize("asked", [named(), secret(), text("traefik")])
def test_while_an_answer_is_typed_no_letter_is_offered(asked: Asked, size: tuple[int, int]):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        line = walked.rows[-1]
        assert letters(line) == []
        for key in ("Enter", "Tab", "Ctrl-O", "Ctrl-C"):
            assert key in line
        assert ("Esc no" in line) is (asked.sort == "name")

    walk(act, *CARD, asked, size=size)


def test_tab_gives_the_letters_to_the_page_and_takes_them_back():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert "service-7" not in walked.text
        await walked.press("tab")
        assert "Tab answer" in walked.rows[-1]
        assert "p" in letters(walked.rows[-1])
        await walked.press("p")
        assert "service-7" in walked.text
        await walked.press("tab")
        assert letters(walked.rows[-1]) == []
        await walked.type("sprocket.example")
        assert walked.answered == [("layer.apply/gate", "sprocket.example")]

    walk(act, *PLANNED, named(), size=(80, 40))


def test_enter_on_the_page_beside_an_answer_answers_nothing():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "tab", "enter", "n")
        assert walked.asked == named()
        assert not walked.engine.posted

    walk(act, *CARD, named())


@pytest.mark.parametrize("told", [(*CARD, yes_no()), (*CARD, running())])
def test_where_nothing_is_typed_the_letters_are_offered(told: tuple):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert "g" in letters(walked.rows[-1])

    walk(act, *told)


def test_a_letter_that_takes_a_choice_is_offered_for_nothing_else():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert "Enter do" in walked.rows[-1]
        assert not {"n", "y"} & set(letters(walked.rows[-1]))

    walk(act, *CARD, yes_no(), size=(140, 40))


def test_a_help_key_that_types_nothing_is_the_one_that_is_shown_while_typing():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert "F5 help" in walked.rows[-1]

    walk(act, *CARD, named(), keys='help = ["z", "F5"]\n')


def test_back_is_offered_only_where_there_is_a_step_before():
    async def act(walked: Walked) -> None:
        assert "Left" not in walked.rows[-1]
        await walked.press("right")
        assert "Left" not in walked.rows[-1]
        assert "Right" in walked.rows[-1]
        await walked.press("right")
        assert "Left" in walked.rows[-1]
        await walked.press("right", "right")
        assert "Right" not in walked.rows[-1]

    walk(act, *ON)


def test_after_a_no_the_keys_do_not_begin_with_those_for_a_failure():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert "copy for help" not in walked.rows[-1]

    walk(act, *CARD, said_no())
