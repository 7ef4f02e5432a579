"""The walk on the screen: what a person's keys do, and what they never do."""

from __future__ import annotations

import subprocess
from unittest.mock import patch

import pytest
from textual.command import CommandPalette, SearchIcon
from textual.widgets import Input

from sprocket_tui.engine.desk import Leave
from sprocket_tui.exits import Exit
from sprocket_tui.faces.tui import copying
from sprocket_tui.faces.tui.glyphs import glyphs
from sprocket_tui.faces.tui.keys import LOG
from sprocket_tui.faces.tui.pages.step import looked_at
from sprocket_tui.faces.tui.sight import Sight, StepSight
from sprocket_tui.faces.tui.views import leaving
from sprocket_tui.faces.tui.views.log import LogScreen
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.journal.events import Asked, AttemptFound, Fact, LinkDropped, RunAttached
from tests.tui import kit
from tests.tui.kit import (
    CARD,
    COMPLETE,
    HOST,
    LEFT,
    NOW,
    READ,
    RESUME,
    Walked,
    begun,
    connected,
    done,
    ended,
    event,
    failed,
    judged,
    look,
    named,
    note,
    over,
    running,
    secret,
    started,
    walk,
    what_now,
    words,
    yes_no,
)
from tests.tui.log_kit import write

RUNS = (*CARD, running())
REHEARSED = (started(practice=True), connected(practice=True), *CARD[2:], running())

# -- pages to be read ---------------------------------------------------------------------------------------------


def test_enter_goes_on_through_pages_that_are_to_be_read():
    async def act(walked: Walked) -> None:
        assert "The plan" in walked.text
        await walked.press("enter")
        assert "Nothing runs here." in walked.text
        await walked.tell(ended("before.read"), begun("before.dns"), judged("vault", "fail"))
        assert "Nothing runs here." in walked.text
        await walked.press("enter")
        assert f"vault.{HOST}" in walked.text
        assert not walked.engine.posted

    walk(act, *READ)


def test_a_page_that_waits_says_so_in_the_line_of_keys():
    async def act(walked: Walked) -> None:
        assert walked.rows[-1].startswith(" Enter begin")
        await walked.press("enter")
        assert "Enter" not in walked.rows[-1]
        await walked.tell(ended("before.read"), begun("before.dns"))
        assert walked.rows[-1].startswith(" Enter next")

    walk(act, *READ)


def test_enter_on_a_page_never_answers_the_question_that_follows():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "enter", "enter", "n", "n")
        assert walked.asked == yes_no()
        assert not walked.engine.posted

    walk(act, *CARD, yes_no(), waits=True)


def test_what_earlier_sessions_did_is_not_read_again():
    async def act(walked: Walked) -> None:
        assert "DNS" in walked.rows[2]
        assert walked.asked is None
        await walked.tell(begun("before.dns"), judged("vault", "fail"))
        assert "1 fail" in walked.rows[2]

    earlier = (*READ, ended("before.read"), begun("before.dns"), Asked("before.dns/x", "text", "x", "before.dns"))
    walk(act, *earlier, seen=len(earlier))


def test_a_job_that_an_earlier_session_began_has_its_page_read_when_it_is_done():
    async def act(walked: Walked) -> None:
        await walked.tell(done(), ended("layer.apply"), begun("after.read"))
        assert "Apply" in walked.rows[2]
        assert walked.rows[-1].startswith(" Enter next")
        await walked.press("enter")
        assert "Last" in walked.rows[2]

    walk(act, *RUNS, seen=len(RUNS))


def test_a_step_that_was_only_passed_over_is_not_waited_for():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.tell(ended("before.read", "not-applicable"), begun("before.dns"))
        assert "DNS" in walked.rows[2]

    walk(act, *READ)


MEANWHILE = "looking at what it did meanwhile"


@pytest.mark.parametrize("attached", [(), (RunAttached("ada"),)])
def test_a_job_of_an_earlier_session_is_not_said_to_run_until_it_was_looked_at(attached: tuple[Fact, ...]):
    async def act(walked: Walked) -> None:
        assert MEANWHILE in walked.rows[2]
        assert "running" not in walked.rows[2]
        await walked.tell(*attached, AttemptFound("layer.apply", 1, runs=False))
        assert MEANWHILE in walked.rows[2]
        await walked.tell(done())
        assert MEANWHILE not in walked.text

    walk(act, *RUNS, seen=len(RUNS))


def test_a_job_of_an_earlier_session_that_still_runs_is_said_to_run():
    async def act(walked: Walked) -> None:
        await walked.tell(RunAttached("ada"), AttemptFound("layer.apply", 1, runs=True))
        assert "running" in walked.rows[2]
        assert MEANWHILE not in walked.text

    walk(act, *RUNS, seen=len(RUNS))


# -- looking around -----------------------------------------------------------------------------------------------


def test_looking_at_other_steps_changes_nothing_and_escape_returns():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.press("left")
        assert "DNS" in walked.text
        assert "Looking; Esc returns to where the walk is." in walked.text
        await walked.press("left")
        assert "Nothing runs here." in walked.text
        await walked.press("right", "right", "right")
        assert "Last" in walked.text
        await walked.press("escape")
        assert "Apply" in walked.rows[2]
        assert not walked.engine.posted

    walk(act, *CARD, running())


def test_looking_stops_at_the_first_and_the_last_step():
    async def act(walked: Walked) -> None:
        await walked.press("enter", *["left"] * 9)
        assert "Nothing runs here." in walked.text
        await walked.press(*["right"] * 9)
        assert "Last" in walked.text

    walk(act, *CARD, running())


def test_the_chapters_lie_over_the_walk_and_lead_to_any_step():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "g")
        assert "Where to look" in walked.text
        assert [each for each in walked.rows if each.lstrip().startswith("▸") and "Apply" in each]
        await walked.press("escape")
        assert not over(walked.app)
        assert "Apply" in walked.rows[2]
        await walked.press("g", "down", "down", "enter")
        assert "Last" in walked.text
        await walked.press("escape")
        assert "Apply" in walked.rows[2]
        assert not walked.engine.posted

    walk(act, *CARD, running())


def test_who_looks_elsewhere_is_brought_back_by_a_question():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "left")
        await walked.tell(failed(), what_now())
        assert "Apply" in walked.rows[2]
        assert walked.asked == what_now()

    walk(act, *CARD, running())


def test_escape_while_looking_at_another_step_does_not_say_no_at_the_gate():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "left")
        assert "DNS" in walked.text
        await walked.press("escape")
        assert not walked.engine.posted
        await walked.press("escape")
        assert walked.answered == [("layer.apply/gate", "no")]

    walk(act, *CARD, yes_no())


def test_help_explains_the_keys_of_the_moment_and_closes():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "question_mark")
        assert over(walked.app)
        assert "Go on to what comes next." in walked.text
        await walked.press("escape")
        assert not over(walked.app)

    walk(act, *CARD, running())


def test_help_is_there_while_an_answer_is_typed():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "a", "f1")
        assert "Only the name itself goes on." in walked.text
        await walked.press("escape")
        assert not over(walked.app)
        assert walked.asked == named()
        assert not walked.engine.posted

    walk(act, *CARD, named())


def test_the_keys_that_are_remapped_are_those_that_are_shown_and_work():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert "z go to" in walked.rows[-1]
        await walked.press("g")
        assert not over(walked.app)
        await walked.press("z")
        assert over(walked.app)

    walk(act, *CARD, running(), keys='chapters = "z"\n')


# -- leaving ------------------------------------------------------------------------------------------------------


def test_with_a_job_under_way_leaving_offers_to_leave_it_to_finish_to_abort_and_to_stay():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "q")
        assert "Apply: under way" in walked.text
        for choice in ("Leave it running", "Finish this, then stop", "Abort", "Stay"):
            assert choice in walked.text
        assert RESUME in walked.text
        assert not walked.engine.posted

    walk(act, *RUNS)


@pytest.mark.parametrize(("served_by", "says"), [("sprocket-tui practice", "cuts it off"), ("", "Leave it running")])
def test_practice_cuts_a_job_off_only_where_the_droplet_ends_with_the_walk(
    served_by: str, says: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SPROCKET_TUI_RESUME", served_by)

    async def act(walked: Walked) -> None:
        await walked.press("enter", "q")
        assert says in walked.text

    walk(act, *REHEARSED)


def test_where_the_terminal_has_no_arrows_the_keys_of_leaving_are_said_all_the_same():
    screen = leaving.leaving(kit.sight(*RUNS), (), (), RESUME, glyphs("ascii"), 80, stops=False)
    assert words(screen._foot)[-1] == " up/down choose  Enter do  Esc stay  Ctrl-C leave"


def test_a_job_that_ends_while_leaving_is_considered_is_no_longer_offered_to_be_left():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "q")
        assert "Apply: under way" in walked.text
        await walked.tell(done())
        while "Leave the walk?" not in walked.text:
            await walked.settle()
        assert "nothing is under way" in walked.text
        assert not walked.engine.posted

    walk(act, *RUNS)


@pytest.mark.parametrize("keys", [("s",), ("escape",)])
def test_staying_changes_nothing(keys: tuple[str, ...]):
    async def act(walked: Walked) -> None:
        await walked.press("enter", "q", *keys)
        assert not over(walked.app)
        assert not walked.engine.posted

    walk(act, *RUNS)


@pytest.mark.parametrize(("keys", "aborts"), [(("q", "l"), False), (("q", "enter"), False), (("q", "a"), True)])
def test_leaving_posts_leave_and_only_an_abort_stops_the_job(keys: tuple[str, ...], aborts: bool):
    async def act(walked: Walked) -> None:
        await walked.press("enter", *keys)
        assert walked.engine.posted == [Leave()]
        assert walked.app.walk.aborts is aborts

    walk(act, *RUNS)


def test_who_left_gets_the_exit_code_of_the_run():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "q", "l")
        walked.engine.alive = False
        await walked.tell(LEFT)
        assert walked.app.return_value == LEFT.code

    walk(act, *RUNS)


def test_ctrl_c_asks_once_and_leaves_the_second_time():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "ctrl+c")
        assert "Leave it running" in walked.text
        assert not walked.engine.posted
        await walked.press("ctrl+c")
        assert walked.engine.posted == [Leave()]
        assert not walked.app.walk.aborts

    walk(act, *RUNS)


def test_ctrl_c_leaves_from_the_log_too():
    async def act(walked: Walked) -> None:
        place = walked.directory.attempt("layer.apply", 1)
        place.mkdir(parents=True)
        (place / "output.jsonl").write_text('{"s": "out", "at": 1, "t": 1, "line": "pulling"}\n')
        await walked.press("enter", "l")
        assert "pulling" in walked.text
        await walked.press("ctrl+c")
        assert "Leave it running" in walked.text
        await walked.press("ctrl+c")
        assert walked.engine.posted == [Leave()]

    walk(act, *RUNS)


@pytest.mark.parametrize("asked", [named(), yes_no(), secret(), what_now()])
def test_ctrl_c_leaves_at_every_question(asked: Asked):
    async def act(walked: Walked) -> None:
        await walked.press("enter", "ctrl+c")
        assert "Leave the walk?" in walked.text
        await walked.press("ctrl+c")
        assert walked.engine.posted == [Leave()]

    walk(act, *CARD, asked)


def test_without_a_job_leaving_says_that_nothing_is_under_way_and_staying_is_the_default():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "q")
        assert "nothing is under way" in walked.text
        assert "Abort" not in walked.text
        await walked.press("enter")
        assert not walked.engine.posted
        assert not over(walked.app)

    walk(act, *CARD, yes_no())


def test_finishing_leaves_only_after_the_step_has_ended():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "q", "f")
        assert STOPS in walked.rows[-3]
        await walked.tell(done())
        assert not walked.engine.posted
        assert not walked.app.walk.finished
        await walked.tell(ended("layer.apply"))
        assert walked.engine.posted == [Leave()]
        assert walked.app.walk.finished == "layer.apply"

    walk(act, *RUNS)


STOPS = "It stops before the next step."


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (140, 40)])
def test_finishing_is_said_until_it_is_taken_back_by_the_key_that_chose_it(size: tuple[int, int]):
    async def act(walked: Walked) -> None:
        await walked.press("enter", "q", "f")
        await walked.press("w", "w", "l")
        await walked.say(note("pulling the image"))
        assert STOPS in walked.text
        assert "q goes on after all" in walked.text
        await walked.press("q")
        assert "Finish this" not in walked.text
        assert "Go on after all" in walked.text
        await walked.press("f")
        assert STOPS not in walked.text
        await walked.tell(done(), ended("layer.apply"), begun("after.read"))
        assert not walked.engine.posted

    walk(act, *RUNS, size=size)


def test_finishing_can_be_taken_back_at_a_question_of_the_step_too():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "q", "f")
        await walked.tell(failed(), what_now())
        assert STOPS in walked.text
        await walked.press("q")
        assert "Go on after all" in walked.text
        await walked.press("f")
        assert STOPS not in walked.text
        assert walked.asked == what_now()

    walk(act, *RUNS)


def test_a_complete_walk_ends_with_its_exit_code_and_without_a_question():
    async def act(walked: Walked) -> None:
        walked.engine.alive = False
        await walked.press("enter")
        assert "The walk is complete" in walked.text
        await walked.press("enter")
        assert walked.app.return_value == COMPLETE.code
        assert not walked.engine.posted

    walk(act, *READ, ended("before.read", "not-applicable"), COMPLETE)


@pytest.mark.parametrize("key", ["q", "escape"])
def test_the_log_is_closed_as_it_was_opened_and_nothing_else_is(key: str):
    async def act(walked: Walked) -> None:
        place = walked.directory.attempt("layer.apply", 1)
        place.mkdir(parents=True)
        (place / "output.jsonl").write_text('{"s": "out", "at": 1, "t": 1, "line": "pulling"}\n')
        await walked.press("enter", "l")
        assert "pulling" in walked.text
        await walked.press(key)
        assert not over(walked.app)
        assert "Leave" not in walked.text

    walk(act, *RUNS)


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
def test_the_palette_opens_by_a_key_that_every_terminal_passes_on(key: str):
    async def act(walked: Walked) -> None:
        await walked.press("enter", key)
        assert CommandPalette.is_open(walked.app)
        await walked.press("escape")
        assert not over(walked.app)

    walk(act, *RUNS)


def test_the_palette_writes_nothing_while_nothing_happens_and_has_a_sign_that_every_terminal_has():
    async def act(walked: Walked) -> None:
        await walked.press("colon")
        assert not walked.app.screen.query_one(Input).cursor_blink
        assert walked.app.screen.query_one(SearchIcon).icon == ">"

    with patch("sprocket_tui.faces.tui.running.glyphs", lambda _: glyphs("ascii")):
        walk(act, *RUNS)


@pytest.mark.parametrize("key", ["question_mark", "f1"])
def test_the_log_has_help_of_its_own_and_goes_on_below_it(key: str):
    async def act(walked: Walked) -> None:
        place = walked.directory.attempt("layer.apply", 1)
        place.mkdir(parents=True)
        (place / "output.jsonl").write_text('{"s": "out", "at": 9, "line": "pulling"}\n')
        await walked.press("enter", "l")
        assert "? help" in walked.rows[-1]
        await walked.press(key)
        for action in LOG:
            assert " ".join(action.help.split()) in " ".join(walked.text.split())
        await walked.press("escape")
        assert isinstance(walked.app.screen, LogScreen)
        assert "pulling" in walked.text

    walk(act, *RUNS)


@pytest.mark.parametrize("key", ["question_mark", "f1"])
def test_the_chapters_have_help_of_their_own(key: str):
    async def act(walked: Walked) -> None:
        await walked.press("enter", "g")
        assert "? help" in walked.rows[-1]
        await walked.press(key)
        for says in ("Look at the step under the cursor", "In the chapters: begin at this one"):
            assert says in " ".join(walked.text.split())
        await walked.press("escape")
        assert "Where to look" in walked.text

    walk(act, *RUNS)


def test_where_a_copy_was_saved_is_readable_whole():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "y")
        assert str(walked.directory.path / "copied.txt") in "".join(row.strip() for row in walked.rows[-3:])
        await walked.press("w")
        assert "copied" not in walked.text.lower()

    walk(act, *CARD, size=(60, 15))


# -- what a job says ----------------------------------------------------------------------------------------------


def test_what_a_job_says_is_shown_as_it_comes():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.say(note("pulling the image", done=3, total=15))
        assert "pulling the image" in walked.text
        assert "3 of 15" in walked.text
        await walked.say(note("", done=4, total=15), note(moved="create service traefik started"))
        assert "4 of 15" in walked.text
        assert "creating" in walked.text

    walk(act, *RUNS)


def test_on_a_slow_line_what_a_job_says_waits_for_its_turn_and_a_question_does_not(monkeypatch: pytest.MonkeyPatch):
    turn = False

    async def act(walked: Walked) -> None:
        nonlocal turn
        monkeypatch.setattr(walked.app.line, "due", lambda: turn)
        await walked.press("enter")
        await walked.say(note("pulling the image"))
        assert "pulling the image" not in walked.text
        turn = True
        await walked.settle()
        assert "pulling the image" in walked.text
        turn = False
        await walked.tell(yes_no())
        assert "Apply: go on" in walked.text

    walk(act, *RUNS)


def test_on_a_slow_line_an_open_log_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch):
    turn = True

    async def act(walked: Walked) -> None:
        nonlocal turn
        output = walked.directory.attempt("layer.apply", 1) / "output.jsonl"
        output.parent.mkdir(parents=True)
        write(output, ["the first line"])
        monkeypatch.setattr(walked.app.line, "due", lambda: turn)
        await walked.press("enter", "l")
        walked.app._grow()
        await walked.settle()
        assert "the first line" in walked.text
        turn = False
        write(output, ["another one"], "a")
        for last in (False, True):
            turn = last
            walked.app._grow()
            await walked.settle()
            assert ("another one" in walked.text) == last

    walk(act, *RUNS)


def test_a_line_that_is_lost_is_said_and_what_is_shown_stays():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.tell(LinkDropped("timed out"))
        assert "line lost" in walked.rows[0]
        assert "Apply" in walked.rows[2]
        await walked.tell(connected())
        assert "line lost" not in walked.rows[0]

    walk(act, *RUNS, size=(100, 30))


def test_copying_says_where_it_went():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "y")
        assert "copied" in walked.text
        assert "q leave" in walked.rows[-1]
        kept = (walked.directory.path / "copied.txt").read_text()
        assert "Creates Traefik" in kept

    walk(act, *CARD)


def test_what_was_said_stands_above_the_keys_and_goes_by_itself():
    async def act(walked: Walked) -> None:
        with patch("sprocket_tui.faces.tui.views.saying._READ", 0.1):
            await walked.press("enter", "y")
        while "copied" in walked.text:
            await walked.settle()

    walk(act, *CARD)


def test_a_step_ahead_is_read_with_the_values_that_are_known():
    seen = Sight(load_guide())
    seen.take(event(1, started(domain="sprocket.lab"), NOW))
    ahead = words(looked_at(seen, StepSight("network.names"), look()))
    assert any("must lead to ADDRESS" in each or "HOSTNAME" in each for each in ahead) or ahead
    ports = words(looked_at(seen, StepSight("network.ports"), look()))
    assert not [each for each in ahead + ports if "$" in each]


def test_before_the_plan_there_is_nothing_to_look_at():
    async def act(walked: Walked) -> None:
        await walked.press("left")
        assert "The plan" in walked.text
        await walked.press("right")
        assert "Looking" in walked.text

    walk(act, started(), connected())


def test_an_engine_that_ended_without_a_word_ends_the_screen_too():
    async def act(walked: Walked) -> None:
        walked.engine.alive = False
        await walked.settle()
        walked.app.walk.tick()
        await walked.settle()
        assert walked.app.return_value == Exit.CANCELLED

    walk(act, *READ, seen=len(READ))


def test_a_run_that_was_left_stays_on_the_screen_until_it_was_read():
    async def act(walked: Walked) -> None:
        walked.engine.alive = False
        await walked.tell(LEFT)
        assert walked.app.return_value is None
        assert "sprocket-tui resume" in walked.text

    walk(act, *READ, seen=len(READ))


def test_a_tmux_that_does_not_answer_leaves_the_copy_to_the_terminal(tmp_path, monkeypatch):
    monkeypatch.setenv("TMUX", "/nowhere,1,0")

    def silent(*_given, timeout, **_more):
        raise subprocess.TimeoutExpired("tmux", timeout)

    monkeypatch.setattr(subprocess, "run", silent)
    copied: list[str] = []
    said = copying.copy("The command", "a command", tmp_path / "copied.txt", copied.append)
    assert copied == ["a command"]
    assert "OSC 52" in said
    assert (tmp_path / "copied.txt").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("key", ["y", "l y"])
def test_where_a_copy_went_is_broken_between_the_names_of_its_path_and_within_none(key: str):
    kept = f"/srv/{'state' * 6}/{'runs' * 8}/20260921-7f3a/copied.txt"

    async def act(walked: Walked) -> None:
        place = walked.directory.attempt("layer.apply", 1)
        place.mkdir(parents=True)
        (place / "output.jsonl").write_text('{"s": "out", "at": 9, "line": "pulling"}\n')
        await walked.press("enter", *key.split())
        for name in ("/copied.txt.", "20260921-7f3a/", f"{'runs' * 8}/"):
            assert name.lstrip("/") in walked.text

    with patch.object(copying, "shortened", lambda _: kept):
        walk(act, *RUNS)


def test_what_leaving_means_is_readable_whole_at_80_columns():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "q")
        for says in ("come back at any time", "before the next step", "resume repairs what is left"):
            assert says in walked.text

    walk(act, *CARD, running())
