"""The verb `command`: the argv whole, the first error of what failed, and no second run by itself."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.actions import ACTIONS
from sprocket_tui.actions.base import Conclusion, Context
from sprocket_tui.guide.model import Step, Undo
from sprocket_tui.guide.templates import MissingVar
from sprocket_tui.guide.words import VERBS
from sprocket_tui.guide.words.verbs import CommandVerb
from sprocket_tui.secret import Secret
from sprocket_tui.target.link import Completed
from sprocket_tui.values import JSON

COMMAND = ACTIONS["command"]


def nothing(script: str, timeout: float, files: Mapping[str, Secret], /) -> Completed:
    raise AssertionError("a command looks at nothing by itself")


def context(*argv: str, repeatable: bool = False, **values: JSON) -> Context:
    verb = CommandVerb.model_validate({"verb": "command", "argv": argv, "repeatable": repeatable})
    undo = Undo(kind="reversible", how="remove it")
    return Context(Step(id="s", title="A step", verb=verb, undo=undo), "/", values, {}, "/keep", nothing)


def ran(tmp_path: Path, *argv: str, **values: JSON) -> tuple[Conclusion, str]:
    """How the job of `argv` ended, and what it printed on stdout."""
    asked = context(*argv, **values)
    environment = {"PATH": os.environ["PATH"], "SPROCKET_ATTEMPT": str(tmp_path)}
    script = COMMAND.perform(asked, {}).script
    done = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, check=False)
    reader = COMMAND.reader(asked, "perform")
    for stream, text in (("out", done.stdout), ("err", done.stderr)):
        for line in text.splitlines():
            kept = reader.reduce(stream, line)
            if kept is not None:
                reader.feed(stream, kept)
    return reader.conclude(done.returncode), done.stdout


def test_every_verb_with_an_action_is_a_verb_of_the_guide_that_changes_something() -> None:
    assert all(VERBS[verb].mutates for verb in ACTIONS)


@pytest.mark.parametrize("value", ["a b", "; touch x", "$(id)", "'\"", "-rf"])
def test_a_value_stays_one_argument_whatever_it_holds(tmp_path: Path, value: str) -> None:
    ended, printed = ran(tmp_path, "printf", "%s|", "${given}", "end", given=value)
    assert ended.ok
    assert printed == f"{value}|end|"


def test_the_pid_of_the_program_itself_is_left_for_an_orderly_stop(tmp_path: Path) -> None:
    _, printed = ran(tmp_path, "sh", "-c", "echo $$$$")
    assert (tmp_path / "child").read_text() == printed


def test_a_failure_shows_the_status_and_the_first_error_not_what_follows_from_it(tmp_path: Path) -> None:
    printed = "echo npm warn old >&2; echo npm ERR! 404 Not Found >&2; echo npm ERR! A complete log of it >&2; exit 1"
    ended, _ = ran(tmp_path, "sh", "-c", printed)
    assert ended.first_error == "exit status 1: npm ERR! 404 Not Found"


def test_a_failure_without_an_error_shows_the_last_line_on_stderr(tmp_path: Path) -> None:
    ended, _ = ran(tmp_path, "sh", "-c", "echo first >&2; echo why >&2; echo out; exit 4")
    assert (ended.ok, ended.interrupted) == (False, False)
    assert ended.first_error == "exit status 4: why"
    assert ended.facts == {"status": 4}


@pytest.mark.parametrize("status", [None, 137, 143])
def test_a_program_that_was_killed_may_have_left_something_half_done(status: int | None) -> None:
    assert COMMAND.reader(context("true"), "perform").conclude(status).interrupted


def test_terminal_sequences_do_not_get_through() -> None:
    assert COMMAND.reader(context("true"), "perform").reduce("out", "\x1b[31mred\x1b]0;title\x07") == "red"


def test_a_repeatable_command_may_simply_be_run_again() -> None:
    found = COMMAND.examine(context("true", repeatable=True))
    assert not found.blocked


def test_any_other_command_waits_for_a_person() -> None:
    found = COMMAND.examine(context("true"))
    assert found.job is None
    assert found.again
    assert not found.blocked


def test_a_value_that_nobody_gave_is_named() -> None:
    with pytest.raises(MissingVar, match="hostname"):
        COMMAND.perform(context("ping", "${hostname}"), {})


def test_the_card_shows_the_argv_and_the_undo() -> None:
    facts: dict[str, Any] = {}
    card = COMMAND.card(context("docker", "service", "rm", "${name}", name="web"), facts)
    assert card.argv == ("docker", "service", "rm", "web")
    assert card.undo == "reversible: remove it"
