"""Batches, locks and jobs over the interpreter: the tests of any target, asked of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sprocket_tui.practice.interpreter.interpreter import Interpreter
from sprocket_tui.practice.sandbox import places
from tests.practice.interpreting import InsideLink, inside
from tests.unit import test_batch, test_job, test_lock

__all__ = ["inside"]

# They signal processes of this machine, look at its paths and /proc, or connect by themselves.
_OF_THIS_MACHINE = {
    "test_a_closed_link_is_lost_within_two_seconds",
    "test_a_dead_pid_without_an_exit_is_an_unknown_outcome",
    "test_a_job_outlives_the_connection_that_started_it",
    "test_a_program_that_outlives_its_wrapper_is_seen",
    "test_a_target_that_cannot_count_is_one_error_that_says_what_it_needs",
    "test_an_answer_to_what_was_not_asked_or_was_answered_is_none",
    "test_an_empty_batch_needs_no_connection",
    "test_an_event_stream_is_kept_until_it_was_taken_in",
    "test_secrets_lie_on_tmpfs_0600_and_are_gone_when_the_job_has_ended",
    "test_the_job_has_its_directory_environment_and_path",
    "test_what_a_script_started_and_does_not_listen_ends_with_it",
    "test_what_was_answered_before_the_connection_ended_is_kept",
}
globals().update(
    {
        name: test
        for module in (test_batch, test_job, test_lock)
        for name, test in vars(module).items()
        if name.startswith("test_") and name not in _OF_THIS_MACHINE
    }
)


@pytest.fixture
def home(inside: Interpreter, tmp_path: Path) -> Path:
    """Where the login's home lies."""
    return places(tmp_path / "droplet").home


@pytest.fixture
def link(inside: Interpreter) -> InsideLink:
    """It as a target."""
    return InsideLink(inside)
