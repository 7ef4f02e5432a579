"""What stands in the terminal once a walk was left: titles and no ids, whole words, and what comes next."""

from __future__ import annotations

import io
import os
from unittest.mock import patch

from sprocket_tui import wrapping
from sprocket_tui.commands.screen import Gone, finished
from sprocket_tui.engine import upkeep
from sprocket_tui.journal.events import Event, StepEnded, StepStarted
from sprocket_tui.target.job import Attempt
from tests.tui import kit

BEGUN = StepStarted("layer.apply", "Layer 1", "Bring Layer 1 up", "")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def events(*facts: StepStarted | StepEnded) -> list[Event]:
    return [kit.event(seq, fact, kit.NOW) for seq, fact in enumerate(facts, start=1)]


def test_who_waited_for_a_step_hears_what_became_of_it_and_what_comes_next() -> None:
    before = [StepEnded(step, "done") for step in kit.GUIDE.steps() if step not in ("layer.apply", "after.read")]
    told = events(*before, BEGUN, StepEnded("layer.apply", "done"))
    gone = Gone(7, aborts=False, finished="layer.apply", known={})
    assert finished(told, kit.GUIDE, gone) == "Bring Layer 1 up: done. Next comes Last."
    ends = events(*before, BEGUN, StepEnded("layer.apply", "done"), StepEnded("after.read", "done"))
    assert finished(ends, kit.GUIDE, gone) == "Bring Layer 1 up: done. Nothing comes after it."


def test_what_was_aborted_is_named_by_its_title_and_the_way_on_stands_on_a_line_of_its_own() -> None:
    said = upkeep.stopped(events(BEGUN), Attempt("7f3a", "layer.apply", 1), kit.RESUME)
    assert said.startswith("Bring Layer 1 up was asked to stop and has ended.")
    assert said.splitlines()[-1] == kit.RESUME
    assert "layer.apply" not in upkeep.stopped(events(BEGUN), Attempt("7f3a", "layer.apply", 1))


def test_a_terminal_has_whole_words_and_commands_and_a_pipe_has_lines_as_they_are() -> None:
    said = "keys.toml: this is a long sentence about keys; `sprocket-tui resume 7f3a` goes on"
    with patch("shutil.get_terminal_size", lambda: os.terminal_size((40, 24))):
        lines = wrapping.fitted(said, Terminal()).splitlines()
        assert wrapping.fitted(said, io.StringIO()) == f"{said}\n"
    assert max(map(len, lines)) <= 40
    assert " ".join(lines) == said
    assert any("`sprocket-tui resume 7f3a`" in line for line in lines)
