"""The questions of a walk: what answers them, what never does, and what is never shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.events import Paste
from textual.widgets import Input

from sprocket_tui.faces.tui.widgets.ask import GRACE, STILL, Ask
from sprocket_tui.faces.tui.widgets.choices import Choices
from sprocket_tui.journal.events import Answered, Asked, LinkDropped
from sprocket_tui.secret import Secret
from tests.tui.kit import (
    CANARY,
    CARD,
    HOST,
    ON,
    Walked,
    begun,
    connected,
    failed,
    named,
    over,
    running,
    said_no,
    secret,
    shown,
    started,
    text,
    walk,
    what_now,
    yes_no,
)

# -- gates --------------------------------------------------------------------------------------------------------


def test_a_question_is_open_half_a_second_after_it_is_shown():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert [seconds for seconds, _ in walked.graces] == [GRACE]
        assert GRACE == 0.5

    walk(act, *CARD, yes_no(), waits=True)


@pytest.mark.parametrize("keys", ["up", "k", "j", "docker"])
def test_neither_the_way_up_nor_the_letters_of_a_word_put_the_cursor_on_yes(keys: str):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.press(*([keys] if keys == "up" else keys))
        choices = walked.app.walk.query_one(Ask).query_one(Choices)
        assert choices.current
        assert choices.current.value == "no"
        await walked.press("down", "down")
        assert choices.current.value == "yes"

    walk(act, *CARD, yes_no())


@pytest.mark.parametrize("keys", [("y",), ("enter",), ("down", "enter"), ("n",), ("escape",), ("y", "enter", "escape")])
def test_what_is_typed_ahead_of_a_gate_answers_nothing_and_a_key_after_it_does(keys: tuple[str, ...]):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.press(*keys)
        assert not walked.engine.posted
        assert walked.asked == yes_no()
        await walked.grace_passes()
        await walked.press("y")
        assert walked.answered == [("layer.apply/gate", "yes")]

    walk(act, *CARD, yes_no(), waits=True)


@pytest.mark.parametrize("question", [yes_no(), named()])
def test_a_key_that_is_held_answers_no_gate_until_it_is_let_go(question: Asked):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        walked.still = 0.04
        for _ in range(5):
            await walked.press("y")
            await walked.grace_passes()
            if over(walked.app):
                await walked.press("escape")
            assert [round(seconds, 2) for seconds, _ in walked.graces] == [0.66]
            assert "What is typed before this can be read answers nothing." in walked.text
        assert not walked.engine.posted
        walked.still = STILL
        await walked.grace_passes()
        assert "answers nothing" not in walked.text
        await walked.type("y" if question.sort == "yes-no" else HOST)
        assert len(walked.answered) == 1

    walk(act, *CARD, question, waits=True)


@pytest.mark.parametrize("keys", [(*HOST, "enter"), ("escape",), ("enter",)])
def test_what_is_typed_ahead_of_a_gate_that_wants_a_name_answers_nothing(keys: tuple[str, ...]):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        # Some of these letters are keys of the walk; none of them may be an answer.
        for key in keys:
            await walked.press(key)
            if over(walked.app):
                await walked.press("escape")
        assert not walked.engine.posted
        await walked.grace_passes()
        await walked.type(HOST)
        assert walked.answered == [("layer.apply/gate", HOST)]

    walk(act, *CARD, named(), waits=True)


def test_a_second_key_does_not_answer_the_question_after_the_first():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.grace_passes()
        walked.engine.tell(Answered("layer.apply/gate", "yes", "ada"), yes_no("layer.apply", "Really"))
        await walked.press("y", "y", "enter")
        assert walked.answered == [("layer.apply/gate", "yes")]

    walk(act, *CARD, yes_no(), waits=True)


def test_the_default_of_a_gate_is_no():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert [each for each in walked.rows if each.startswith(" ▸ n  No")]
        await walked.press("enter")
        assert walked.answered == [("layer.apply/gate", "no")]

    walk(act, *CARD, yes_no())


def test_escape_at_a_gate_says_no():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "escape")
        assert walked.answered == [("layer.apply/gate", "no")]

    walk(act, *CARD, yes_no())


def test_the_cursor_of_a_gate_is_moved_with_the_arrows():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "down")
        assert [each for each in walked.rows if each.startswith(" ▸ y  Yes")]
        await walked.press("enter")
        assert walked.answered == [("layer.apply/gate", "yes")]

    walk(act, *CARD, yes_no())


@pytest.mark.parametrize("typed", ["yes", "y", "sprocket", f"{HOST}x", HOST.upper()])
def test_a_gate_that_wants_a_name_takes_nothing_but_the_name(typed: str):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.type(typed)
        assert not walked.engine.posted
        assert f"{typed} is not {HOST}; nothing was changed." in walked.text
        await walked.type(HOST)
        assert walked.answered == [("layer.apply/gate", HOST)]

    walk(act, *CARD, named())


def test_enter_on_an_empty_line_changes_nothing_and_escape_says_no():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert "Enter on an empty line changes nothing. Esc says no." in walked.text
        await walked.press("enter", "enter")
        assert not walked.engine.posted
        await walked.press("escape")
        assert walked.answered == [("layer.apply/gate", "")]

    walk(act, *CARD, named())


def test_the_card_stands_above_its_gate():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        card = next(row for row, said in enumerate(walked.rows) if "pulumi up --yes" in said)
        gate = next(row for row, said in enumerate(walked.rows) if "go on" in said)
        assert card < gate < len(walked.rows) - 1

    walk(act, *CARD, named())


def test_a_question_stays_answered_while_other_things_happen():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "y")
        await walked.tell(LinkDropped("timed out"))
        assert walked.asked is None
        await walked.press("y", "enter")
        assert walked.answered == [("layer.apply/gate", "yes")]

    walk(act, *CARD, yes_no())


def test_the_same_question_can_be_asked_again():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "n")
        await walked.tell(Answered("layer.apply/gate", "no", "ada"), yes_no())
        await walked.press("y")
        assert walked.answered == [("layer.apply/gate", "no"), ("layer.apply/gate", "yes")]

    walk(act, *CARD, yes_no())


def test_a_gate_is_not_answered_while_its_card_is_out_of_sight():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "left")
        assert "go on" not in walked.text
        await walked.press("y")
        assert not walked.engine.posted
        await walked.press("enter")
        assert "pulumi up --yes" in walked.text
        assert not walked.engine.posted
        await walked.press("y")
        assert walked.answered == [("layer.apply/gate", "yes")]

    walk(act, *CARD, yes_no())


# -- other questions ----------------------------------------------------------------------------------------------


def test_a_text_is_typed_and_an_empty_line_takes_what_is_offered():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.type("vault")
        await walked.tell(Answered("layer.apply/name", "vault", "ada"), text("traefik"))
        assert "Enter takes traefik." in walked.text
        await walked.press("enter")
        assert [value for _, value in walked.answered] == ["vault", "traefik"]

    walk(act, *CARD, text())


def test_letters_that_are_keys_elsewhere_are_letters_in_an_answer():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.type("qgly?!wpanbfk")
        assert walked.answered == [("layer.apply/name", "qgly?!wpanbfk")]
        assert not over(walked.app)

    walk(act, *CARD, text())


def test_a_choice_of_words_begins_at_the_one_that_is_offered():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "enter")
        await walked.tell(Answered("layer.apply/size", "large", "ada"), replace(asked))
        await walked.press("s")
        assert [value for _, value in walked.answered] == ["large", "small"]

    asked = Asked("layer.apply/size", "choice", "Which size", "layer.apply", ["small", "large"], "large")
    walk(act, *CARD, asked)


def test_a_question_of_the_connection_is_asked_before_any_step():
    async def act(walked: Walked) -> None:
        assert f"{HOST} is new" in walked.text
        await walked.press("y")
        assert walked.answered == [("connection/host-key", "yes")]

    walk(act, started(), Asked("connection/host-key", "yes-no", f"{HOST} is new: is that its key"))


# -- secrets ------------------------------------------------------------------------------------------------------


def test_a_secret_is_never_shown():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        for key in CANARY:
            await walked.press(key)
            assert CANARY[:3] not in walked.text
        assert CANARY not in walked.app.walk.page_text()
        await walked.press("enter")
        assert walked.answered == [("layer.apply/token", Secret(CANARY))]
        assert CANARY not in walked.text + repr(walked.engine.posted)

    walk(act, *CARD, secret())


@pytest.mark.parametrize("practice", [True, False])
def test_in_practice_it_is_said_that_any_secret_will_do(practice: bool):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert ("In practice anything will do." in walked.text) is practice

    walk(act, started(practice=practice), connected(practice=practice), begun("layer.apply"), secret())


def test_what_was_wrong_with_an_answer_stands_on_lines_of_its_own_above_the_question():
    asked = Asked("layer.apply/name", "text", "Not taken: a whole number.\nThe name", "layer.apply")

    async def act(walked: Walked) -> None:
        await walked.press("enter")
        rows = [row.strip() for row in walked.rows]
        at = rows.index("Not taken: a whole number.")
        assert rows[at + 1] == "The name"

    walk(act, *CARD, asked)


def test_where_an_answer_is_typed_says_so_where_it_has_no_other_word():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert "type it here" in walked.text
        await walked.pilot.press("x")
        await walked.settle()
        assert "type it here" not in walked.text

    walk(act, *CARD, secret())


def test_nothing_of_a_secret_is_left_for_the_next_question():
    async def act(walked: Walked) -> None:
        await walked.press("enter", *CANARY)
        await walked.tell(Answered("layer.apply/token", "", "ada"), text())
        assert CANARY not in walked.text
        await walked.type("x")
        assert walked.answered == [("layer.apply/name", "x")]

    walk(act, *CARD, secret())


def test_a_secret_that_cannot_be_mended_is_typed_twice():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.type(CANARY)
        assert not walked.engine.posted
        assert "Once more, to be sure." in walked.text
        await walked.type("another")
        assert not walked.engine.posted
        assert "The two are not the same" in walked.text
        await walked.type(CANARY)
        await walked.type(CANARY)
        assert walked.answered == [("layer.apply/token", Secret(CANARY))]

    walk(act, *CARD, secret(twice=True))


def test_a_secret_that_can_be_corrected_is_typed_once():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.type(CANARY)
        assert walked.answered == [("layer.apply/token", Secret(CANARY))]

    walk(act, *CARD, secret())


def test_bytes_that_are_no_text_are_no_secret_and_it_is_asked_again():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        walked.app.post_message(Paste("h\ufffdnter2"))
        await walked.type("")
        assert not walked.engine.posted
        assert "Not all that was typed came as text" in walked.text
        await walked.type(CANARY)
        assert walked.answered == [("layer.apply/token", Secret(CANARY))]

    walk(act, *CARD, secret())


# -- failures -----------------------------------------------------------------------------------------------------

BROKEN = (*CARD, running(), failed(), what_now())


@pytest.mark.parametrize(("key", "answer"), [("r", "recheck"), ("t", "retry"), ("s", "skip"), ("x", "leave")])
def test_after_a_failure_every_way_on_has_a_letter(key: str, answer: str):
    async def act(walked: Walked) -> None:
        await walked.press("enter", key)
        assert walked.answered == [("layer.apply/failed", answer)]

    walk(act, *BROKEN)


def test_after_a_failure_enter_checks_again_which_changes_nothing():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "enter")
        assert walked.answered == [("layer.apply/failed", "recheck")]

    walk(act, *BROKEN)


def test_escape_after_a_failure_decides_nothing():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "escape", "escape")
        assert not walked.engine.posted
        assert walked.asked == what_now()

    walk(act, *BROKEN)


LONG = "docker service ps --no-trunc --format 'the name of the task and the error it ended with' vault"
WHICH = Asked(
    "layer.apply/which",
    "choice",
    "Which command",
    "layer.apply",
    ["swarm.no-image", "layer-1.vault", "swarm.disk"],
    "swarm.no-image",
    labels=["docker service ls", LONG, "docker image prune"],
    details=["looks only", "looks only", "changes"],
)


def test_commands_to_choose_from_are_shown_with_whether_they_change_something_and_are_numbered():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        at = next(row for row, said in enumerate(walked.rows) if said == " Which command?")
        first, second, third = walked.rows[at + 1 : at + 4]
        assert first.split() == ["▸", "1", "docker", "service", "ls", "looks", "only"]
        assert second.startswith("   2  docker service ps --no-trunc")
        assert "…" in second
        assert second.endswith("it ended with' vault  looks only")
        assert third.split() == ["3", "docker", "image", "prune", "changes"]
        await walked.resize(160, 40)
        assert LONG in walked.text
        await walked.press("2")
        assert walked.answered == [("layer.apply/which", "layer-1.vault")]

    walk(act, *CARD, running(), failed(), what_now(), WHICH)


@pytest.mark.parametrize(("label", "says"), [("", "m  Run a remedy"), ("Look closer", "m  Look closer")])
def test_running_a_remedy_is_called_looking_where_that_is_all_it_does(label: str, says: str):
    asked = replace(what_now(), options=["retry", "remedy", "leave"], labels=["", label, ""] if label else [])

    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert [each for each in walked.rows if says in each]
        await walked.press("m")
        assert walked.answered == [("layer.apply/failed", "remedy")]

    walk(act, *CARD, running(), failed(), asked)


def test_an_empty_secret_is_no_answer_and_that_is_said():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.grace_passes()
        await walked.press("enter")
        assert not walked.answered
        assert "Nothing was typed." in walked.text

    walk(act, *CARD, secret(twice=True), waits=True)


def test_that_nothing_was_typed_is_said_until_something_is():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "enter")
        assert "Nothing was typed." in walked.text
        await walked.press("x")
        assert "Nothing was typed." not in walked.text
        assert "What you type is not shown" in walked.text
        await walked.press("enter", "enter")
        assert "Nothing was typed." in walked.text
        await walked.press("x")
        assert "Once more, to be sure." in walked.text

    walk(act, *CARD, secret(twice=True))


@pytest.mark.parametrize(("pasted", "said"), [(f"{CANARY}\nsecond\n", True), (f"{CANARY}\r\n", False), (CANARY, False)])
def test_of_what_is_pasted_the_first_line_is_taken_and_it_is_said_where_there_are_more(pasted: str, said: bool):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        walked.app.post_message(Paste(pasted))
        await walked.settle()
        assert ("Only the first line was taken." in walked.text) is said
        await walked.press("enter")
        assert walked.answered == [("layer.apply/token", Secret(CANARY))]

    walk(act, *CARD, secret())


# -- what a yes is about ------------------------------------------------------------------------------------------

LEAST = (60, 15)


def standing(walked: Walked) -> set[int]:
    """The lines of the page that are on the screen now, by number."""
    page = walked.app.walk.page
    return set(range(page.scroll_offset.y, min(page.scroll_offset.y + page.size.height, page.virtual_size.height)))


@pytest.mark.parametrize("size", [LEAST, (80, 24)])
def test_a_yes_is_taken_once_every_line_of_the_card_has_stood_on_the_screen(size: tuple[int, int]):
    long = shown(changes=[f"service {number} is made" for number in range(30)])

    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.grace_passes()
        seen = standing(walked)
        for _ in range(20):
            await walked.press("y")
            if walked.answered:
                break
            assert "Not answered yet" in walked.text
            assert not standing(walked) <= seen
            await walked.press("y")
            assert not walked.answered, "what is typed before it could be read answers nothing"
            seen |= standing(walked)
            await walked.grace_passes()
        assert walked.answered == [("layer.apply/gate", "yes")]
        assert seen == set(range(walked.app.walk.page.virtual_size.height))

    walk(act, *ON, begun("layer.apply"), long, yes_no(), size=size, waits=True)


def test_the_one_line_that_had_no_room_stands_above_the_sentence_that_speaks_of_it():
    card = shown(changes=[f"service {number} is made" for number in range(4)])

    async def act(walked: Walked) -> None:
        page, height = walked.app.walk.page, 40
        await walked.press("enter")
        while page.hidden_below != 1:
            height -= 1
            await walked.resize(80, height)
        await walked.grace_passes()
        await walked.press("y")
        assert "Not answered yet" in walked.text
        assert page.hidden_below == 0
        await walked.grace_passes()
        await walked.press("y")
        assert walked.answered == [("layer.apply/gate", "yes")]

    walk(act, *ON, begun("layer.apply"), card, yes_no(), size=(80, 40), waits=True)


def test_at_another_size_a_card_is_read_from_its_beginning():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.grace_passes()
        while walked.app.walk.page.hidden_below:
            await walked.press("pagedown")
        await walked.resize(61, 15)
        assert walked.app.walk.page.scroll_offset.y == 0
        await walked.press("y")
        assert not walked.answered

    walk(act, *CARD, yes_no(), size=LEAST, waits=True)


def test_a_card_that_was_read_to_its_end_is_answered_at_once():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.grace_passes()
        while walked.app.walk.page.hidden_below:
            await walked.press("pagedown")
        await walked.press("y")
        assert walked.answered == [("layer.apply/gate", "yes")]

    walk(act, *CARD, yes_no(), size=LEAST, waits=True)


def test_who_jumps_to_the_end_has_not_seen_the_middle():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.grace_passes()
        assert walked.app.walk.page.hidden_below > walked.app.walk.page.size.height
        await walked.press("end", "y")
        assert not walked.answered
        assert walked.app.walk.page.hidden_below

    long = shown(changes=[f"service {number} is made" for number in range(40)])
    walk(act, *ON, begun("layer.apply"), long, yes_no(), size=LEAST, waits=True)


def test_a_no_needs_no_reading():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.grace_passes()
        await walked.press("n")
        assert walked.answered == [("layer.apply/gate", "no")]

    walk(act, *CARD, yes_no(), size=LEAST, waits=True)


def test_a_name_that_came_too_early_stays_and_enter_gives_it_once_all_was_seen():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.grace_passes()
        await walked.type(HOST)
        assert not walked.answered
        for _ in range(20):
            if walked.answered:
                break
            assert walked.app.walk.query_one(Input).value == HOST
            await walked.grace_passes()
            await walked.press("enter")
        assert walked.answered == [("layer.apply/gate", HOST)]

    walk(act, *CARD, named(), size=LEAST, waits=True)


def test_who_turns_the_page_has_read_why_an_answer_was_not_taken():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "y")
        assert "Not answered yet" in walked.text
        await walked.press("pagedown")
        assert "Not answered yet" not in walked.text
        assert not walked.answered

    long = shown(changes=[f"service {number} is made" for number in range(30)])
    walk(act, *ON, begun("layer.apply"), long, yes_no())


def test_after_a_no_enter_alone_leaves_and_never_leads_back_to_the_gate():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert "▸ x  Leave" in walked.text
        await walked.press("enter")
        assert walked.answered[-1] == ("layer.apply/failed", "leave")

    walk(act, *CARD, said_no())


def test_after_a_no_the_gate_is_gone_back_to_by_a_choice():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "t")
        assert walked.answered[-1] == ("layer.apply/failed", "retry")

    walk(act, *CARD, said_no())
