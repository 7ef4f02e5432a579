"""The search in the guide: what is found, and that looking at it changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.widgets import Input

from sprocket_tui.faces.tui import themes
from sprocket_tui.faces.tui.guidesearch import HINT, Hit, command, search
from sprocket_tui.faces.tui.pages import found
from sprocket_tui.faces.tui.views.log import LogScreen
from sprocket_tui.faces.tui.views.search import SearchScreen
from sprocket_tui.faces.tui.views.walk import WalkScreen
from sprocket_tui.guide.conditions import Condition
from sprocket_tui.guide.model import Check, Checklist, Correction, Hint, Outcome, RemedyText, Screen
from sprocket_tui.guide.words.probes import CommandProbe
from sprocket_tui.values import JSON
from tests.tui import kit
from tests.tui.kit import (
    CARD,
    GUIDE,
    HOST,
    Walked,
    below,
    look,
    named,
    over,
    secret,
    text,
    walk,
    what_now,
    words,
    yes_no,
)

HINT_OF_PORTS = Hint(
    id="web.port",
    title="Another server has port 80",
    cause="Something listens on ${http_port} already.",
    symptoms=("already in use",),
    remedy=RemedyText(text="Stop it.", command=("ss", "-ltnp", "sport = :${http_port}"), where="droplet"),
)
DNS = Check(
    id="dns.root",
    title="The name ${hostname} resolves",
    why="Let's Encrypt asks at port 80.",
    probe=CommandProbe(kind="command", argv=("true",)),
    outcomes=(Outcome(when=Condition(exists="value"), state="pass"),),
    expected="an address",
    remedy=RemedyText(text="Add a record."),
    corrects=Correction(says="wait an hour", true="ask the provider's own server", why="it answers at once"),
)
SEARCHED = GUIDE.model_copy(
    update={
        "checklists": (Checklist(id="dns", title="Names", why="They lead here.", pause_point="now", checks=(DNS,)),),
        "hints": (HINT_OF_PORTS,),
    }
)

KNOWN: dict[str, JSON] = {"hostname": HOST}


def titles(typed: str) -> list[str]:
    return [hit.title for hit in search(SEARCHED, typed, KNOWN)]


# -- what is found ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "title", "line"),
    [
        ("apply", "Apply", "Creates Traefik, the socket proxy and Vault on the swarm."),
        ("SOCKET vault", "Apply", "Creates Traefik, the socket proxy and Vault on the swarm."),
        ("lost line", "Apply", "Because: a lost line would leave it locked"),
        ("you just read", "Apply", "We do: the plan you just read"),
        ("traefik runs", "Apply", "Traefik runs"),
        ("carries", "Apply", "It carries the others."),
        (f"name {HOST}", "DNS", f"The name {HOST} resolves"),
        ("encrypt", "DNS", "Let's Encrypt asks at port 80."),
        ("wait hour", "DNS", "The guide says: wait an hour"),
        ("listens", "Another server has port 80", "Something listens on HTTP_PORT already."),
    ],
)
def test_every_word_is_looked_for_in_all_that_belongs_to_a_step_or_a_hint(typed: str, title: str, line: str):
    (hit,) = search(SEARCHED, typed, KNOWN)
    assert (hit.title, hit.line) == (title, line)


def test_a_hit_says_its_chapter_and_a_hint_that_it_is_one():
    assert [hit.place for hit in search(SEARCHED, "apply", KNOWN)] == ["2 Layer 1"]
    assert [hit.place for hit in search(SEARCHED, "listens", KNOWN)] == [HINT]


def test_what_has_the_words_in_its_title_comes_first():
    # In the order of the guide the step, whose check only says why, would be the first.
    assert titles("port 80") == ["Another server has port 80", "DNS"]


@pytest.mark.parametrize("typed", ["", "   "])
def test_no_words_find_nothing(typed: str):
    assert search(SEARCHED, typed, KNOWN) == []


def test_a_word_that_nothing_has_finds_nothing():
    assert titles("apply zebra") == []


def test_a_command_of_the_guide_is_shown_with_what_is_filled_in_later():
    assert command(("ss", "-ltnp", "sport = :${http_port}"), KNOWN) == "ss -ltnp 'sport = :HTTP_PORT'"
    assert command(("dig", "${hostname}", "${match.path}"), KNOWN) == f"dig {HOST} PATH"


def test_a_hint_as_a_page_says_its_cause_and_what_to_do():
    page = words(found.hint(HINT_OF_PORTS, KNOWN, look()))
    assert page[0].strip() == "Another server has port 80"
    for says in ("Something listens on HTTP_PORT already.", "Stop it.", "ss -ltnp 'sport = :HTTP_PORT'"):
        assert says in kit.row(page, says)
    assert "On the target. What stands in capitals" in " ".join(" ".join(page).split())


# -- on the screen ------------------------------------------------------------------------------------------------


def searched(act: Any, *told: Any, **more: Any) -> None:
    walk(act, *told, guide=SEARCHED, **more)


def test_what_is_found_is_listed_while_one_types():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "slash", *"apply")
        assert isinstance(walked.app.screen, SearchScreen)
        assert "1 step" in walked.text
        assert below(walked.rows, "2 Layer 1", 1) == ["Creates Traefik, the socket proxy and Vault on the swarm."]
        await walked.press(*"zz")
        assert "Nothing in the guide has: applyzz" in walked.text

    searched(act, *CARD)


def test_what_is_typed_together_with_the_key_that_opens_it_is_looked_for():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        for key in ("slash", *"apply"):
            walked.app.post_message(events.Key(key, "/" if key == "slash" else key))
        await walked.settle()
        assert isinstance(walked.app.screen, SearchScreen)
        assert walked.app.screen.query_one(Input).value == "apply"
        assert not walked.engine.posted

    searched(act, *CARD)


def test_what_is_typed_into_the_search_at_once_answers_no_question_below_it():
    async def act(walked: Walked) -> None:
        for key in ("slash", *"yyy", "enter"):
            walked.app.post_message(events.Key(key, {"slash": "/", "enter": None}.get(key, key)))
        await walked.settle()
        assert isinstance(walked.app.screen, SearchScreen)
        assert walked.app.screen.query_one(Input).value == "yyy"
        assert not walked.engine.posted

    searched(act, *CARD, yes_no())


def test_enter_looks_at_the_step_and_changes_nothing():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "slash", *"dns", "enter")
        assert not over(walked.app)
        assert walked.app.walk.looking == "before.dns"
        assert "Looking; Esc returns" in walked.text
        await walked.press("escape")
        assert walked.app.walk.looking == ""
        assert not walked.engine.posted

    searched(act, *CARD)


def test_arrows_choose_and_the_cursor_stays_on_the_screen():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "slash", "r", "e")
        count = len(search(SEARCHED, "re", KNOWN))
        assert count > 2
        await walked.press(*["down"] * (count + 2))
        assert "▸ Hint" in walked.text
        await walked.press(*["up"] * (count + 2))
        assert kit.row(walked.rows, "▸").startswith(" ▸ 1 Pre-deployment")
        await walked.press("down", "enter")
        assert walked.app.walk.looking == search(SEARCHED, "re", KNOWN)[1].step or not walked.app.walk.looking

    searched(act, *CARD, size=(60, 15))


def test_esc_goes_back_and_nothing_was_looked_at():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "slash", *"dns", "escape")
        assert not over(walked.app)
        assert walked.app.walk.looking == ""

    searched(act, *CARD)


def test_a_hint_is_read_in_place_of_a_step_and_esc_returns_to_the_search():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "slash", *"listens", "enter")
        assert "Stop it." in walked.text
        await walked.press("escape")
        assert "1 hint" in walked.text
        await walked.press("escape")
        assert not over(walked.app)

    searched(act, *CARD)


@pytest.mark.parametrize("asked", [yes_no(), what_now()], ids=["gate", "failure"])
def test_it_opens_while_an_answer_waits_and_the_answer_waits_on(asked: Any):
    async def act(walked: Walked) -> None:
        await walked.press("enter", "slash", *"apply", "escape")
        assert walked.asked == asked
        assert not walked.engine.posted
        await walked.press("slash", *"dns", "enter", "escape")
        assert walked.asked == asked
        assert not walked.engine.posted

    searched(act, *CARD, asked)


@pytest.mark.parametrize("asked", [named(), text(), secret()], ids=["name", "text", "secret"])
def test_while_an_answer_is_typed_a_slash_is_a_letter(asked: Any):
    async def act(walked: Walked) -> None:
        await walked.press("enter", *"a/b")
        assert not over(walked.app)
        await walked.press("tab", "slash")
        assert isinstance(walked.app.screen, SearchScreen)
        assert "a/b" not in walked.text

    searched(act, *CARD, asked)


def test_in_the_log_a_slash_searches_the_log():
    async def act(walked: Walked) -> None:
        place = walked.directory.attempt("layer.apply", 1)
        place.mkdir(parents=True)
        (place / "output.jsonl").write_text('{"s": "out", "at": 9, "line": "pulling"}\n')
        await walked.press("enter", "l", "slash", *"pull", "enter")
        assert isinstance(walked.app.screen, LogScreen)
        walked.app.screen.tick()
        await walked.settle()
        assert "1 of 1" in walked.text

    searched(act, *CARD, kit.running())


def test_in_the_chapters_a_slash_searches_the_guide_in_their_place():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "g", "slash", *"dns", "enter")
        assert isinstance(walked.app.screen, WalkScreen)
        assert walked.app.walk.looking == "before.dns"

    searched(act, *CARD)


def test_its_key_is_offered_and_can_be_another_one():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert "z search" in walked.rows[-1]
        await walked.press("z")
        assert isinstance(walked.app.screen, SearchScreen)

    searched(act, *CARD, keys='search = "z"\n')


def test_its_keys_of_help_explain_the_search_and_a_question_mark_is_a_letter():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "slash", "question_mark")
        assert "Nothing in the guide has: ?" in walked.text
        for key in ("ctrl+o", "f1"):
            await walked.press(key)
            assert "What is listed has every word" in walked.text
            await walked.press("escape")

    searched(act, *CARD)


def marked(walked: Walked) -> list[str]:
    """The texts on the screen that are drawn as found."""
    found = themes.role(walked.app.theme, "found")
    strips = walked.app.screen._compositor.render_strips()
    segments = [each for strip in strips for each in strip if each.style and each.style.underline]
    return [each.text for each in segments if each.style and each.style.color == found.color]


def test_where_the_words_are_is_shown_in_the_list_and_after_going_there_until_esc():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "slash", *"SOCK swarm")
        assert marked(walked) == ["sock", "swarm"]
        await walked.press("enter")
        assert not over(walked.app)
        assert "Creates Traefik" in walked.text
        assert marked(walked) == ["sock", "swarm"]
        await walked.press("escape")
        assert "Creates Traefik" in walked.text
        assert marked(walked) == []

    searched(act, *CARD)


def test_a_line_that_the_page_of_a_step_does_not_have_is_told_on_it():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "slash", *"encrypt", "enter")
        assert walked.app.walk.looking == "before.dns"
        assert kit.row(walked.rows, " found ").strip().endswith("  Let's Encrypt asks at port 80.")
        assert marked(walked) == ["Encrypt"]

    searched(act, *CARD)


def test_a_hint_is_read_with_the_words_marked():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "slash", *"listens", "enter")
        assert "Cause" in walked.text
        assert marked(walked) == ["listens"]

    searched(act, *CARD)


def test_a_word_far_on_in_a_long_line_is_in_sight_in_the_list():
    hit = Hit("1 Before", "Long", f"{'begin ' * 30}needle end", "before.dns", words=("needle",))
    for width in (60, 80, 140):
        assert "needle" in words(found.found([hit], "needle", 0, look(width)))[1]


def test_a_step_that_is_longer_than_the_screen_is_scrolled_to_what_was_found():
    long = SEARCHED.model_copy(
        update={"screens": (*SEARCHED.screens[:2], _with_text(SEARCHED.screens[2], "line\n" * 60 + "needle here"))}
    )

    async def act(walked: Walked) -> None:
        await walked.press("enter", "slash", *"needle", "enter")
        assert walked.app.walk.looking == "after.read"
        assert marked(walked) == ["needle"]

    walk(act, *CARD, guide=long)


def _with_text(screen: Screen, told: str) -> Screen:
    first = screen.steps[0].model_copy(update={"text": told})
    return screen.model_copy(update={"steps": (first, *screen.steps[1:])})
