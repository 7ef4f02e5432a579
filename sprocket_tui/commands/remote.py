"""`status`, `abort`, `unlock` and `clean`."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Generator

from sprocket_tui import wrapping
from sprocket_tui.commands import targets
from sprocket_tui.commands.runs import standing
from sprocket_tui.engine import upkeep
from sprocket_tui.engine.mirror import fetch
from sprocket_tui.errors import LinkLost, NeedsAnswer, SprocketError, Unreachable
from sprocket_tui.exits import Exit
from sprocket_tui.journal import runs as store
from sprocket_tui.journal.file import events_in, events_of, is_written
from sprocket_tui.journal.replay import RunState, replay
from sprocket_tui.target import lock
from sprocket_tui.target.link import Link
from sprocket_tui.target.ssh.asking import Headless
from sprocket_tui.terminal import one_line


def status(options: argparse.Namespace) -> int:
    """Where the run stands here, and what its open attempt does on the target."""
    run, state, driven = _known(options)
    out = sys.stdout
    out.write(f"run       {run}\ntarget    {state.started.target if state.started else '?'}\n")
    out.write(f"stands    {standing(state, driven=driven)}\n")
    if state.left and state.left.why:
        out.write(f"because   {state.left.why}\n")
    if state.question:
        out.write(f"asks      {state.question.id}: {one_line(state.question.text)}\n")
    attempt = upkeep.open_attempt(run, state)
    if attempt is None:
        return Exit.GO
    try:
        with _linked(options, state) as (link, _):
            found = upkeep.standing(link, attempt)
    except (Unreachable, LinkLost) as error:
        out.write(f"job       not known: {error.message}\n")
        return Exit.UNKNOWN
    out.write(f"job       {found.told}\nlock      {found.lock}\n")
    return Exit.LINK_LOST if found.alive else Exit.GO


def _known(options: argparse.Namespace) -> tuple[str, RunState, bool]:
    """The run's id, its state, and whether it is driven: as the named target has it, else as this machine does."""
    if not (options.target or options.profile):
        directory = store.find(options.run)
        return directory.id, replay(events_in(directory.journal)), is_written(directory.journal)
    with contextlib.closing(targets.goal(options).connect(Headless())) as link:
        copy, holder = fetch(link, options.run), lock.holder(link)
    return copy.run, replay(events_of(copy.journal)), holder is not None and holder.run == copy.run and not holder.stale


def abort(options: argparse.Namespace) -> int:
    """Asks the running program to stop; `resume` then settles what it left."""
    directory = store.find(options.run)
    events = events_in(directory.journal)
    state = replay(events)
    attempt = upkeep.open_attempt(directory.id, state)
    if attempt is None:
        sys.stdout.write(f"Run {directory.id} has no job on its target.\n")
        return Exit.GO
    with _linked(options, state) as (link, sudo):
        upkeep.abort(link, attempt, sudo=sudo)
    said = upkeep.stopped(events, attempt, f"sprocket-tui resume {directory.id}")
    sys.stdout.write(wrapping.fitted(said, sys.stdout))
    return Exit.GO


def unlock(options: argparse.Namespace) -> int:
    """Removes a dead holder's lock."""
    goal = targets.goal(options)
    with contextlib.closing(goal.connect(Headless())) as link:
        holder = upkeep.unlock(link, options.force or "")
    sys.stdout.write(f"Removed the lock of {holder}.\n" if holder else "The target is not locked.\n")
    return Exit.GO


def clean(options: argparse.Namespace) -> int:
    """Shows what runs left in the login's home and on tmpfs there, and removes it on consent."""
    goal = targets.goal(options)
    with contextlib.closing(goal.connect(Headless())) as link:
        found = upkeep.leftovers(link)
        sys.stdout.writelines(f"{line}\n" for line in found)
        if not found:
            sys.stdout.write("Nothing of ours is there.\n")
            return Exit.GO
        _agree(options, "Remove all of it")
        upkeep.clean(link)
    sys.stdout.write("Removed.\n")
    return Exit.GO


def _agree(options: argparse.Namespace, what: str) -> None:
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise NeedsAnswer("clean", "nothing was removed", remedy="say --yes where nobody can be asked")
    sys.stderr.write(f"{what}? Type yes: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != "yes":
        raise NeedsAnswer("clean", "nothing was removed")


@contextlib.contextmanager
def _linked(options: argparse.Namespace, state: RunState) -> Generator[tuple[Link, bool]]:
    """A link to the run's target, and whether its jobs go through sudo."""
    started = state.started
    if started is None:
        raise SprocketError("the run has not begun")
    goal = targets.resumed(options, started)
    with contextlib.closing(goal.connect(Headless())) as link:
        yield link, goal.profile.sudo == "yes"
