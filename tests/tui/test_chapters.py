"""What a walk has done and what comes: what now holds, the chapters, the end; and the keys that stand below."""

from __future__ import annotations

import re

import pytest
from textual import events

from sprocket_tui.faces.tui.pages import chapters, chrome, ended
from sprocket_tui.faces.tui.pages import help as help_
from sprocket_tui.faces.tui.spans import text_of
from sprocket_tui.journal.events import DeploymentFound, Held, RunAttached, RunLeft, StepReopened
from tests.tui import kit
from tests.tui.kit import (
    COMPLETE,
    HOST,
    ON,
    begun,
    below,
    judged,
    named,
    read,
    shown,
    sight,
    started,
    words,
)

LIST = (*ON, begun("before.dns"))
GATE = (*ON, begun("layer.apply"), shown(), named())
RUNS = (*ON, begun("layer.apply"), kit.running())


# -- what now holds -----------------------------------------------------------------------------------------------


SEEN = Held("layer.apply", "The stacks of the backend", "stack layer_1 exists")


def test_a_change_that_is_done_says_how_long_it_took_and_what_was_seen_to_hold():
    lines = read(*RUNS, kit.done(), SEEN, judged("vault", "pass", of="layer.apply"), kit.ended("layer.apply"))
    assert lines[0].endswith("✓ done in 0:00")
    assert [re.split(" {2,}", each) for each in below(lines, "What now holds", 2)] == [
        ["✓ pass", "The stacks of the backend", "stack layer_1 exists"],
        ["✓ pass", f"vault.{HOST}", "203.0.113.10"],
    ]


def test_what_was_so_already_says_what_was_seen_to_hold_too():
    lines = read(*ON, begun("layer.apply"), SEEN, kit.ended("layer.apply", "already"))
    assert below(lines, "What now holds", 1)[0].endswith("stack layer_1 exists")


def test_what_was_not_measured_is_not_said_to_hold():
    assert "What now holds" not in "\n".join(read(*RUNS, kit.done(), kit.ended("layer.apply")))


def test_a_complete_walk_says_so_and_names_what_was_skipped_and_what_does_not_pass():
    seen = sight(*LIST, judged("vault", "warn"), kit.ended("before.dns", "skipped", "no provider yet"), COMPLETE)
    lines = [" ".join(each.split()) for each in words(ended.page(seen, kit.RESUME, kit.look()))]
    assert lines[0] == "The walk is complete"
    assert "skipped DNS: no provider yet" in lines
    assert f"warn vault.{HOST}: no record" in lines


def test_a_complete_walk_says_how_the_steps_ended_that_somebody_came_back_for():
    again = (StepReopened("layer.apply", "ada"), begun("layer.apply"), kit.ended("layer.apply", "already"))
    seen = sight(*RUNS, kit.done(), kit.ended("layer.apply"), COMPLETE, *again, COMPLETE)
    told = [" ".join(each.split()) for each in words(ended.page(seen, kit.RESUME, kit.look()))]
    assert "once more Apply: already done, nothing changed" in told
    later = sight(*RUNS, kit.done(), *again, COMPLETE, RunAttached("bob"), COMPLETE)
    assert "once more" not in "\n".join(words(ended.page(later, kit.RESUME, kit.look())))


@pytest.mark.parametrize(
    ("how", "says"), [("detached", "Left"), ("lost", "The connection was lost"), ("failed", "Stopped")]
)
def test_a_walk_that_was_left_says_how_and_what_goes_on_with_it(how: str, says: str):
    lines = words(ended.page(sight(*ON, RunLeft(how, 7, "for a reason")), kit.RESUME, kit.look()))
    assert lines[0].strip() == says
    assert lines[2].strip() == "for a reason"
    assert lines[4].split("  ")[-1].strip() == kit.RESUME


def test_a_run_that_was_refused_offers_no_way_to_go_on_with_it():
    lines = words(ended.page(sight(RunLeft("refused", 8, "locked by run 1")), kit.RESUME, kit.look()))
    assert not [each for each in lines if kit.RESUME in each]


# -- chapters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("services", "says"),
    [
        (["traefik-1a2b3c4 converged", "vault converged"], "2 services, all running"),
        (["vault failing"], "1 service, vault failing"),
    ],
)
def test_the_plan_says_in_one_line_that_a_deployment_is_there_already(services: list[str], says: str):
    lines = words(chapters.plan(sight(*ON, DeploymentFound(services)), kit.look(), waits=False))
    assert f" A deployment is there: {says}; what holds is passed over." in lines
    assert not any("A deployment" in each for each in words(chapters.plan(sight(*ON), kit.look(), waits=False)))


def test_the_plan_says_what_it_waits_for_until_it_can_be_begun():
    assert words(chapters.plan(sight(started()), kit.look(), waits=True))[-1] == f" Connecting to ssh://root@{HOST}..."
    assert words(chapters.plan(sight(*ON), kit.look(), waits=True))[-1] == " Connected; looking at what is there..."


def test_the_plan_lists_every_chapter_with_its_steps_and_usual_time():
    lines = words(chapters.plan(sight(), kit.look(), waits=False))
    assert lines[0].startswith(" The plan")
    assert lines[0].endswith("about 12 min")
    assert [each.split() for each in lines[-3:]] == [
        ["1", "Pre-deployment", "2", "steps", "2", "min"],
        ["2", "Layer", "1", "1", "steps", "9", "min"],
        ["3", "After", "1", "steps", "1", "min"],
    ]


def test_the_plan_says_what_is_done_and_what_is_under_way():
    seen = sight(*ON, begun("before.read"), kit.ended("before.read"), kit.ended("before.dns"), begun("layer.apply"))
    lines = words(chapters.plan(seen, kit.look(), waits=False))
    assert [each.split()[-1] for each in lines[-3:-1]] == ["done", "way"]


def test_a_chapter_is_under_way_until_all_of_its_steps_are_done():
    seen = sight(*ON, begun("before.read"), kit.ended("before.read"))
    states = {entry.step or entry.screen: entry.state for entry in chapters.entries(seen)}
    assert states == {
        "before": "running",
        "before.read": "done",
        "before.dns": "",
        "layer": "",
        "layer.apply": "",
        "after": "",
        "after.read": "",
    }


def test_a_chapter_with_a_step_that_failed_or_was_skipped_says_so():
    for how in ("failed", "skipped"):
        seen = sight(*ON, kit.ended("before.read"), kit.ended("before.dns", how))
        assert chapters.entries(seen)[0].state == how


def test_beside_a_step_stand_the_chapters_with_the_steps_of_the_one_under_way():
    seen = sight(*ON, begun("before.read"), kit.ended("before.read"), begun("before.dns"))
    assert words(chapters.side(seen, kit.look(34))) == [
        " • 1 Pre-deployment           now",
        "   ✓ Read                    done",
        "   ▸ DNS",
        "   2 Layer 1                9 min",
        "   3 After                  1 min",
    ]


# -- the line of keys and help ------------------------------------------------------------------------------------


def test_the_keys_that_do_not_fit_are_left_out_whole_and_help_and_leave_stay():
    from sprocket_tui.faces.tui.keys import REGISTRY

    every = [action.offer for action in REGISTRY]
    ends = [action.offer for action in REGISTRY if action.name in ("help", "leave")]
    line = text_of(chrome.keys(every, ends, kit.look(60)))
    assert line.startswith(" Enter next")
    assert line.rstrip().endswith("? help  q leave")
    assert len(line) <= 60


def test_help_shows_what_does_something_now_before_the_rest(tmp_path):
    from sprocket_tui.faces.tui.keys import keymap

    lines = words(help_.help_page(keymap(tmp_path / "none"), ["why"], None, (), kit.look()))
    assert lines[0] == " Now"
    assert lines[1].split()[0] == "w"
    assert lines.index(" Always") > 1


@pytest.mark.parametrize("asked", [kit.named(), kit.yes_no(), kit.what_now()])
def test_help_explains_the_question_that_waits(tmp_path, asked):
    from sprocket_tui.faces.tui import wording
    from sprocket_tui.faces.tui.keys import keymap

    choices = () if wording.typed(asked) else wording.choices(asked)
    lines = words(help_.help_page(keymap(tmp_path / "none"), [], asked, choices, kit.look()))
    assert lines[0] == " This question"
    for choice in choices:
        assert [each for each in lines if choice.label in each]


def test_what_was_mended_later_is_no_open_point_at_the_end():
    bad, good = judged("vault", "warn"), judged("vault", "pass", of="layer.apply")
    seen = sight(*ON, begun("before.dns"), bad, begun("layer.apply"), good, RunLeft("done", 0))
    assert "vault" not in "\n".join(words(ended.page(seen, kit.RESUME, kit.look())))


@pytest.mark.parametrize("keys", ["ss", ["enter", "enter"], ["escape", "escape", "enter"]])
def test_keys_that_are_typed_ahead_of_a_choice_going_away_take_nothing_else_with_it(keys: list[str]):
    async def act(walked: kit.Walked) -> None:
        await walked.press("enter", "q")
        assert walked.app.screen is not walked.app.walk
        for key in keys:
            walked.app.post_message(events.Key(key, key if len(key) == 1 else None))
        for _ in range(3):
            await walked.settle()
        assert walked.app.screen is walked.app.walk
        assert not walked.engine.posted

    kit.walk(act, *ON, begun("before.read"))
