"""What is always on the screen, at every size: where this is, the question, the keys; and nothing that nobody needs."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from itertools import pairwise
from unittest.mock import patch

import pytest
from textual.widgets import Input

from sprocket_tui.engine.desk import Leave
from sprocket_tui.faces.tui.layout import LEAST
from sprocket_tui.faces.tui.views.walk import WalkScreen
from sprocket_tui.faces.tui.widgets.choices import Choices
from sprocket_tui.journal.events import Asked, Fact, StepStarted, Waiting
from tests.tui.kit import (
    CARD,
    COMPLETE,
    HOST,
    NOW,
    ON,
    Walked,
    begun,
    connected,
    done,
    ended,
    failed,
    judged,
    named,
    note,
    over,
    row,
    running,
    shown,
    started,
    walk,
    what_now,
    yes_no,
)

QUESTIONS = {
    "a name": named(),
    "yes or no": yes_no(),
    "a secret": Asked("layer.apply/token", "secret", "The token", "layer.apply"),
    "what now": what_now(),
}
SAYS = {
    "a name": f"Type {HOST} to go on",
    "yes or no": "▸ n No, change nothing",
    "a secret": "The token",
    "what now": "▸ r Check again",
}
ANSWERS = {"a name": (*HOST, "enter"), "yes or no": ("y",), "a secret": ("x", "enter"), "what now": ("t",)}


def sizes(seed: str) -> list[tuple[int, int]]:
    """Fifty sizes that a person may draw a terminal to, the smallest and the design size among them."""
    chance = random.Random(seed)
    drawn = [(chance.randint(20, 180), chance.randint(5, 50)) for _ in range(47)]
    return [*drawn, LEAST, (1, 1), (80, 24)]


# -- every size ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "count"), [("yes or no", 50), ("a name", 12), ("a secret", 12), ("what now", 12)])
def test_at_every_size_the_question_and_the_keys_are_on_the_screen_and_can_be_used(name: str, count: int):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        held = type(walked.app.focused)
        assert issubclass(held, Input | Choices)
        for width, height in sizes(name)[-count:]:
            await walked.resize(width, height)
            strips = walked.app.screen._compositor.render_strips()
            assert [each.cell_length for each in strips] == [width] * height
            if width < LEAST[0] or height < LEAST[1]:
                continue
            at = f"{width}x{height}"
            assert type(walked.app.focused) is held, at
            assert SAYS[name] in " ".join(walked.text.split()), at
            assert "Apply" in walked.rows[2], at
            assert walked.rows[-1].rstrip().endswith(("? help  q leave", "Ctrl-O help  Ctrl-C leave")), at
        assert not walked.engine.posted
        await walked.press(*ANSWERS[name])
        assert walked.answered

    walk(act, *CARD, QUESTIONS[name])


@pytest.mark.parametrize("key", ["g", "question_mark", "q"])
def test_what_lies_over_the_walk_survives_every_size(key: str):
    async def act(walked: Walked) -> None:
        await walked.press("enter", key)
        for size in sizes(key)[-12:]:
            await walked.resize(*size)
        assert over(walked.app)
        await walked.press("escape")
        assert not over(walked.app)
        assert "Apply" in walked.rows[2]

    walk(act, *CARD, running())


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
def test_what_a_choice_means_is_never_cut_off(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch):
    # The longest of them is that of a droplet which ends with the walk.
    monkeypatch.setenv("SPROCKET_TUI_RESUME", "sprocket-tui practice")

    async def act(walked: Walked) -> None:
        def all_of_it() -> None:
            assert over(walked.app) or walked.asked
            said = " ".join(" ".join(row.split()) for row in walked.rows)
            for choice in walked.app.screen.query_one(Choices).choices:
                assert choice.detail in said, walked.text

        await walked.press("enter", "q")
        all_of_it()
        cursor, below = next(pair for pair in pairwise(walked.rows) if pair[0].startswith(" ▸ l  Leave "))
        indent = cursor.index("practice")
        assert below[indent:].startswith("you ") and not below[:indent].strip()
        await walked.press("down")
        assert any(row.startswith(" ▸ f") for row in walked.rows)
        await walked.press("escape")
        await walked.tell(failed(), what_now())
        all_of_it()

    walk(act, started(practice=True), connected(practice=True), *CARD[2:], running(), size=size)


@pytest.mark.parametrize("size", [(59, 24), (80, 14), (20, 40)])
def test_a_terminal_that_is_too_small_is_told_so_in_a_sentence_that_names_the_step(size: tuple[int, int]):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.resize(*size)
        said = " ".join(" ".join(walked.rows).split())
        assert said.startswith("PRODUCTION Layer 1: Apply. This terminal is ")
        assert f"{size[0]}x{size[1]}, too small" in said
        assert "q leaves" in said

    walk(act, *CARD, yes_no())


OVER = {
    "q": "Ctrl-C leaves, Esc stays",
    "g": "Esc goes back",
    "slash": "Esc goes back",
    "question_mark": "Esc goes back",
    "colon": "Esc goes back",
    "l": "Esc goes back",
}


@pytest.mark.parametrize("key", OVER)
@pytest.mark.parametrize("opened", ["before", "when it is too small"])
def test_what_lies_over_the_walk_says_that_the_terminal_is_too_small_as_the_walk_does(key: str, opened: str):
    async def act(walked: Walked) -> None:
        keep(walked, "pulling", "pulled")
        await walked.press("enter")
        if opened == "before":
            await walked.press(key)
            # A log says how long it is at its next look at the file.
            walked.app._grow()
            await walked.settle()
        before = walked.rows
        await walked.resize(50, 12)
        if opened != "before":
            await walked.press(key)
        assert over(walked.app)
        top = walked.app.screen
        said = " ".join(" ".join(walked.rows).split())
        told = "This terminal is 50x12, too small: 60x15 is the least. Nothing is lost;"
        assert said == f"PRODUCTION Layer 1: Apply. {told} {OVER[key]}."
        # What cannot be seen takes no key.
        await walked.press("down", "x", "a", "f", *(["enter"] if key != "question_mark" else []))
        assert walked.app.screen is top
        assert not walked.engine.posted
        await walked.resize(80, 24)
        assert walked.app.screen is top
        assert "too small" not in walked.text
        if opened == "before":
            # But for how long it took.
            assert [re.sub(r"\d", "0", row) for row in walked.rows] == [re.sub(r"\d", "0", row) for row in before]
        await walked.press("escape")
        assert not over(walked.app)
        assert "too small" not in walked.text
        assert "Apply" in walked.rows[2]

    walk(act, *CARD, running())


@pytest.mark.parametrize(("key", "field"), [("slash", "Input"), ("colon", "Input"), ("q", "Choices"), ("l", "LogView")])
def test_what_lay_over_the_walk_has_the_keys_again_once_there_is_room(key: str, field: str):
    async def act(walked: Walked) -> None:
        keep(walked, "pulling")
        await walked.press("enter", key)
        had = walked.app.focused
        assert had in walked.app.screen.query(field)
        await walked.resize(50, 12)
        assert walked.app.focused is None
        await walked.resize(80, 24)
        assert walked.app.focused is had

    walk(act, *CARD, running())


def test_who_cannot_see_how_to_leave_leaves_by_the_key_that_is_said():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.resize(50, 12)
        await walked.press("q", "l", "ctrl+c")
        assert [type(each) for each in walked.engine.posted] == [Leave]
        assert not walked.app.walk.aborts

    walk(act, *CARD, running())


def test_nothing_that_cannot_be_seen_is_answered_and_nothing_is_lost_by_it():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.resize(40, 10)
        await walked.press("y", "enter", "escape")
        assert not walked.engine.posted
        await walked.resize(80, 24)
        await walked.press("y")
        assert walked.answered == [("layer.apply/gate", "yes")]

    walk(act, *CARD, yes_no())


def test_what_was_typed_is_kept_when_the_terminal_is_too_small_for_a_while():
    async def act(walked: Walked) -> None:
        await walked.press("enter", *HOST[:8])
        await walked.resize(40, 10)
        await walked.resize(80, 24)
        await walked.type(HOST[8:])
        assert walked.answered == [("layer.apply/gate", HOST)]

    walk(act, *CARD, named())


@pytest.mark.parametrize(("width", "beside"), [(80, False), (99, False), (100, True), (140, True)])
def test_from_a_hundred_columns_the_chapters_stand_beside_the_step(width: int, beside: bool):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert any("Pre-deployment" in row for row in walked.rows) is beside

    walk(act, *CARD, running(), size=(width, 30))


def test_the_step_has_the_whole_width_until_there_is_output_to_stand_beside_it():
    long = "word " * 18

    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert any(long.strip() in row for row in walked.rows)
        keep(walked, "x" * 200)
        await walked.tell(Waiting("layer.apply", "waiting"))
        assert not any(long.strip() in row for row in walked.rows)
        (printed,) = [row for row in walked.rows if "xxx" in row]
        assert printed.endswith("x…")

    walk(act, *ON, StepStarted("layer.apply", "Layer 1", "Apply", long), shown(), running(), done(), size=(140, 40))


def test_where_to_look_says_the_state_of_every_chapter_and_step_in_words_beside_different_signs():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "g")
        for title, state in (
            ("Pre-deployment", "- in part"),
            ("Read", "○ does not apply"),
            ("DNS", "- skipped"),
            ("Layer 1", "• under way"),
            ("Apply", "• under way"),
        ):
            assert row(walked.rows, title).endswith(f"  {state}")
            assert row(walked.rows, title).lstrip(" ▸").startswith(title)

    ends = (ended("before.read", "not-applicable"), ended("before.dns", "skipped", "no provider"))
    walk(act, *ON, *ends, begun("layer.apply"), running())


# -- where this is ------------------------------------------------------------------------------------------------

Tell = Callable[[Walked], object]


@pytest.mark.parametrize(("practice", "says"), [(False, "PRODUCTION"), (True, "PRACTICE")])
def test_what_is_worked_on_is_said_on_every_page_and_over_it(practice: bool, says: str):
    async def act(walked: Walked) -> None:
        async def everywhere() -> None:
            assert says in walked.rows[0], walked.text
            for key in ("g", "question_mark", "q"):
                await walked.press(key)
                assert over(walked.app)
                assert says in walked.rows[0], walked.text
                await walked.press("escape")

        await everywhere()
        await walked.press("enter")
        await everywhere()
        await walked.tell(ended("before.read"), begun("before.dns"), judged("vault", "fail"))
        await walked.press("enter")
        await everywhere()
        await walked.tell(ended("before.dns"), begun("layer.apply"), shown(), running())
        await walked.press("enter")
        await walked.say(note("pulling"))
        await everywhere()
        await walked.tell(failed(), what_now())
        await everywhere()
        await walked.press("left")
        await everywhere()
        walked.engine.alive = False
        await walked.tell(COMPLETE)
        assert says in walked.rows[0]

    walk(act, started(practice=practice), connected(practice=practice), begun("before.read"))


def test_a_log_says_what_is_worked_on_too():
    async def act(walked: Walked) -> None:
        keep(walked, "[/etc] [b]x[/b]")
        await walked.press("enter", "l")
        assert "PRODUCTION" in walked.rows[0]

    walk(act, *CARD, running())


def test_production_does_not_look_as_other_environments_do():
    looks: dict[str, str] = {}

    async def act(walked: Walked) -> None:
        strip = walked.app.screen._compositor.render_strips()[0]
        named = {each.text.strip(): str(each.style) for each in strip}
        looks.update({name: style for name, style in named.items() if name.casefold() in ("production", "staging")})

    walk(act, *ON)
    walk(act, started(environment="staging"), connected())
    assert set(looks) == {"PRODUCTION", "staging"}
    assert looks["PRODUCTION"] != looks["staging"]


# -- only text ----------------------------------------------------------------------------------------------------

HOSTILE = ["[b]bold[/b]", "[/etc]", "[ERROR] x", "[@click=app.quit]x[/]", "$accent", "[b"]
DRAWN = "\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\u202e"


def keep(walked: Walked, *lines: str) -> None:
    """The job under way printed this."""
    place = walked.directory.attempt("layer.apply", 1)
    place.mkdir(parents=True, exist_ok=True)
    records = [json.dumps({"s": "out", "at": 1, "t": NOW, "line": line}) + "\n" for line in lines]
    (place / "output.jsonl").write_text("".join(records))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_like_markup_is_shown_as_it_is(text: str):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        title, body = walked.rows[2:4]
        assert text in title
        assert text in body
        await walked.tell(judged("vault", "fail", title=text, observed=text, of="layer.apply"), what_now(why=text))
        assert walked.text.count(text) >= 4
        await walked.tell(running())
        await walked.say(note(text))
        assert text in walked.text
        await walked.press("g")
        assert over(walked.app)
        await walked.press("escape")
        keep(walked, text)
        await walked.press("l")
        assert text in walked.text

    walk(act, started(hostname=text), connected(), StepStarted("layer.apply", text, text, text))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_question_that_looks_like_markup_is_shown_as_it_is(text: str):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert text in walked.text
        await walked.tell(Asked("layer.apply/name", "text", text, "layer.apply", default=text))
        assert walked.text.count(text) >= 2
        await walked.tell(Asked("layer.apply/size", "choice", text, "layer.apply", [text, "large"], text))
        assert walked.text.count(text) >= 2

    walk(act, *CARD, named(name=text))


def test_no_control_character_reaches_the_terminal_whoever_wrote_it():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.tell(judged("vault", "fail", title=DRAWN, observed=DRAWN, of="layer.apply"))
        await walked.tell(what_now(why=f"{DRAWN}here"))
        for key in ("g", "question_mark", "q"):
            await walked.press(key)
            assert all(row.isprintable() for row in walked.rows)
            await walked.press("escape")

    said = f"{DRAWN}title"
    walk(act, started(hostname=said), connected(), StepStarted("layer.apply", said, said, said))


# -- nothing that nobody needs ------------------------------------------------------------------------------------


def frames(walked: Walked) -> list[object]:
    """Everything that is drawn from now on."""
    drawn: list[object] = []
    display = walked.app._display

    def counted(screen: object, renderable: object) -> None:
        drawn.append(renderable)
        display(screen, renderable)  # type: ignore[arg-type]

    walked.app._display = counted  # type: ignore[method-assign,assignment]
    return drawn


@pytest.mark.parametrize(
    "told",
    [(), (named(),), (yes_no(),), (failed(), what_now())],
    ids=["page", "name", "yes or no", "failure"],
)
def test_nothing_is_drawn_when_nothing_happens(told: tuple[Fact, ...]):
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        drawn = frames(walked)
        for _ in range(30):
            await walked.settle()
        assert drawn == []

    with patch("time.time", lambda: NOW):
        walk(act, *CARD, *told)


def test_while_a_job_runs_its_time_is_drawn_once_a_second_and_nothing_else():
    now = [NOW]

    async def act(walked: Walked) -> None:
        await walked.press("enter")
        drawn = frames(walked)
        for _ in range(24):
            now[0] += 0.125
            await walked.settle()
        assert 1 <= len(drawn) <= 4
        assert "running 0:03" in walked.rows[2]

    with patch("time.time", lambda: now[0]):
        walk(act, *CARD, running())


def test_an_event_that_changes_nothing_to_see_draws_nothing():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        drawn = frames(walked)
        await walked.tell(Waiting("before.dns", "the same"))
        assert drawn == []

    with patch("time.time", lambda: NOW):
        walk(act, *CARD, running())


def test_another_size_draws_the_walk_once():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        with patch.object(WalkScreen, "draw", autospec=True, side_effect=WalkScreen.draw) as drawn:
            for count, size in enumerate([(120, 30), (80, 24), (140, 40), (61, 16)], start=1):
                await walked.pilot.resize_terminal(*size)
                for _ in range(8):
                    await walked.pilot.pause(0)
                assert drawn.call_count == count
                assert len(walked.rows[1]) == size[0]

    walk(act, *CARD, yes_no())
