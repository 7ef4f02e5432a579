"""The bell: who looks elsewhere is called once, when something that took long ends or needs them."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import patch

import pytest

from sprocket_tui.faces.tui.app import WalkApp
from sprocket_tui.faces.tui.bell import LONG, Bell
from sprocket_tui.faces.tui.notices import notice
from sprocket_tui.journal.events import Answered, Event, Fact, Hinted, RunAttached, RunLeft
from tests.tui.kit import (
    CARD,
    ON,
    Walked,
    begun,
    done,
    ended,
    failed,
    named,
    running,
    started,
    walk,
    what_now,
    yes_no,
)

YES = Answered("layer.apply/gate", "yes", "ada")
ASKED = (*ON, begun("layer.apply"), yes_no(), YES)
HINT = Hinted("layer.apply", "ports", "Port 443 is held", "nginx", "Stop it.", "")


def rings(*told: Fact | float, seen: int = 0, on: bool = True) -> list[str]:
    """What is called out while these events come; a number lets so many seconds pass."""
    bell = Bell(seen, on)
    at, seq, said = 1790000000.0, 0, []
    for each in told:
        if isinstance(each, Fact):
            seq += 1
            said.append(bell.hear(Event(seq, datetime.fromtimestamp(at, UTC).isoformat(), each)))
        else:
            at += each
    return [each for each in said if each]


# -- when ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "says"),
    [
        ((done(), ended("layer.apply")), "Layer 1, Apply: done"),
        ((failed(), HINT, what_now()), "Layer 1, Apply: failed"),
        ((done(), named()), "Layer 1, Apply: waits for an answer"),
        ((RunLeft("lost", 5, "the line"),), "Layer 1, Apply: stopped"),
    ],
)
def test_the_end_of_a_long_step_its_failure_and_its_question_each_call_once(then: tuple[Fact, ...], says: str):
    assert rings(*ASKED, running(), LONG, *then) == [says]


def test_what_took_no_longer_than_a_person_waits_calls_nobody():
    assert rings(*ASKED, running(), LONG - 1, done(), ended("layer.apply")) == []


def test_the_time_that_a_person_takes_for_an_answer_is_not_work():
    assert rings(*ON, begun("layer.apply"), yes_no(), 3600.0, YES, running(), 1.0, ended("layer.apply")) == []


def test_a_failure_that_was_told_is_not_told_again_when_the_run_is_left():
    assert len(rings(*ASKED, running(), LONG, failed(), what_now(), LONG, RunLeft("failed", 1))) == 1


def test_what_earlier_sessions_did_calls_nobody_and_a_job_taken_up_counts_from_then():
    earlier = (*ASKED, running(), 3600.0, failed(), what_now())
    assert rings(*earlier, seen=len(earlier)) == []
    attached = RunAttached("ada")
    assert rings(*ASKED, running(), 3600.0, attached, 1.0, done(), ended("layer.apply"), seen=6) == []
    assert rings(*ASKED, running(), attached, LONG, done(), ended("layer.apply"), seen=6) == ["Layer 1, Apply: done"]


def test_a_bell_that_is_off_is_silent():
    assert rings(*ASKED, running(), LONG, done(), ended("layer.apply"), on=False) == []


# -- what is sent -------------------------------------------------------------------------------------------------

WRAPPED = "\x07\x1bPtmux;\x1b\x1b]9;sprocket-tui: Layer 1, Apply: done\x07\x1b\\"
PLAIN = "\x07\x1b]9;sprocket-tui: Layer 1, Apply: done\x07"


@pytest.mark.parametrize(
    ("environ", "sent"),
    [
        ({"TERM": "xterm-256color"}, PLAIN),
        ({"TERM": "tmux-256color"}, WRAPPED),
        ({"TERM": "screen-256color", "TMUX": "/tmp/tmux,1,0"}, WRAPPED),
        ({"TERM": "screen", "STY": "1.pts"}, f"\x07\x1bP{PLAIN[1:]}\x1b\\"),
        # Whether it is tmux or screen at the far end, or which is inside which, is not known: the bell alone.
        ({"TERM": "screen-256color"}, "\x07"),
        ({"TERM": "screen", "STY": "1.pts", "TMUX": "/tmp/tmux,1,0"}, "\x07"),
        ({"TERM": "linux"}, "\x07"),
        ({"TERM": "vt220"}, "\x07"),
    ],
)
def test_the_bell_always_goes_and_the_sentence_where_it_reaches_a_terminal_that_takes_it(
    environ: dict[str, str], sent: str
):
    assert notice("Layer 1, Apply: done", environ) == sent


def test_nothing_in_the_sentence_ends_the_notification_or_is_a_command_to_a_terminal():
    hostile = "7;rm\x07\x1b]52;c;eA==\x07\x1b\\\x9d9;4;1\x9c\n\u202ed" + "one " * 100
    sent = notice(hostile, {"TERM": "xterm"})
    assert sent.startswith("\x07\x1b]9;sprocket-tui: ")
    assert sent.endswith("\x07")
    inside = sent[len("\x07\x1b]9;") : -1]
    assert inside.isprintable()
    assert ";" not in inside
    assert len(sent) < 120


# -- on the screen ------------------------------------------------------------------------------------------------


def test_the_screen_calls_for_a_question_although_a_page_waits_to_be_read_and_b_turns_that_off():
    called: list[str] = []

    async def act(walked: Walked) -> None:
        with patch("sprocket_tui.faces.tui.bell.LONG", 0.0):
            await walked.tell(begun("layer.apply"), yes_no())
            assert "The plan" in walked.text
            assert called == ["Layer 1, Apply: waits for an answer"]
            await walked.press("enter")
            await walked.tell(YES, running())
            assert "b bell: on" in walked.rows[-1]
            await walked.press("b")
            assert "The bell is off." in walked.text
            assert "b bell: off" in walked.rows[-1]
            await walked.tell(done(), ended("layer.apply"))
        assert len(called) == 1

    with patch.object(WalkApp, "call_for", lambda _app, said: called.append(said)):
        walk(act, started())


def test_who_is_leaving_is_not_called():
    called: list[str] = []

    async def act(walked: Walked) -> None:
        with patch("sprocket_tui.faces.tui.bell.LONG", 0.0):
            await walked.press("enter", "q", "l")
            await walked.tell(RunLeft("detached", 7))
        assert called == []

    with patch.object(WalkApp, "call_for", lambda _app, said: called.append(said)):
        walk(act, *CARD, running(), seen=1)
