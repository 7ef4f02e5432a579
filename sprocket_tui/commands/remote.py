"""`status`, `abort`, `unlock` and `clean`: a look at the target, and the four ways to end what is there."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Generator

from sprocket_tui import settings
from sprocket_tui.commands import targets
from sprocket_tui.commands.runs import standing
from sprocket_tui.engine.leftovers import describe, remove
from sprocket_tui.errors import LinkLost, NeedsAnswer, SprocketError, Unreachable
from sprocket_tui.exits import Exit
from sprocket_tui.journal import runs as store
from sprocket_tui.journal.file import events_in, is_written
from sprocket_tui.journal.replay import RunState, replay
from sprocket_tui.target import job, lock
from sprocket_tui.target.job import Attempt, Phase
from sprocket_tui.target.link import Link
from sprocket_tui.target.ssh.asking import Headless

_ABORT_PATIENCE = 60.0


def status(options: argparse.Namespace) -> int:
    """Where the run stands here, and what its open attempt does on the target."""
    directory = store.find(options.run)
    state = replay(events_in(directory.journal))
    target = state.started.target if state.started else "?"
    out = sys.stdout
    out.write(f"run       {directory.id}\ntarget    {target}\n")
    out.write(f"stands    {standing(state, driven=is_written(directory.journal))}\n")
    if state.left and state.left.why:
        out.write(f"because   {state.left.why}\n")
    if state.question:
        out.write(f"asks      {state.question.id}: {state.question.text}\n")
    attempt = _open_attempt(directory.id, state)
    if attempt is None:
        return Exit.GO
    try:
        with _linked(options, state) as link:
            sight = job.look(link, attempt)
            holder = lock.holder(link)
    except (Unreachable, LinkLost) as error:
        out.write(f"job       not known: {error.message}\n")
        return Exit.UNKNOWN
    ended = f" with status {sight.status}" if sight.status is not None else ""
    out.write(f"job       {attempt.step}, attempt {attempt.number}: {sight.phase.value}{ended}\n")
    out.write(f"lock      {holder or 'free'}\n")
    return Exit.LINK_LOST if sight.phase in (Phase.RUNNING, Phase.LINGERING) else Exit.GO


def abort(options: argparse.Namespace) -> int:
    """Asks the running program to stop, once, and waits; `resume` then settles what it left."""
    directory = store.find(options.run)
    state = replay(events_in(directory.journal))
    attempt = _open_attempt(directory.id, state)
    if attempt is None:
        sys.stdout.write(f"Run {directory.id} has no job on its target.\n")
        return Exit.GO
    with _linked(options, state) as link:
        job.stop(link, attempt)
        end = time.monotonic() + _ABORT_PATIENCE
        while job.look(link, attempt).phase in (Phase.RUNNING, Phase.LINGERING):
            if time.monotonic() > end:
                raise SprocketError(
                    f"{attempt.step} did not stop within {_ABORT_PATIENCE:g} s",
                    remedy="it may be finishing a call; look again with `sprocket-tui status`",
                    code=Exit.FAILED,
                )
            time.sleep(0.5)
    sys.stdout.write(f"{attempt.step} was asked to stop and has ended; sprocket-tui resume {directory.id} settles it.\n")
    return Exit.GO


def unlock(options: argparse.Namespace) -> int:
    """Removes the lock of a holder whose heartbeat has ended, or of the run that --force names."""
    goal = targets.goal(options)
    with contextlib.closing(goal.connect(Headless())) as link:
        holder = lock.holder(link)
        if holder is None:
            sys.stdout.write("The target is not locked.\n")
            return Exit.GO
        if not holder.stale and options.force != holder.run:
            raise SprocketError(
                f"the target is locked by {holder}",
                remedy=f"its heartbeat is fresh; if you know that it is dead: --force {holder.run}",
                code=Exit.LOCKED,
            )
        lock.release(link, holder.token)
    sys.stdout.write(f"Removed the lock of {holder}.\n")
    return Exit.GO


def clean(options: argparse.Namespace) -> int:
    """Shows what runs left in the login's home and on tmpfs there, and removes it on consent."""
    goal = targets.goal(options)
    with contextlib.closing(goal.connect(Headless())) as link:
        found = describe(link)
        if not found:
            sys.stdout.write("Nothing of ours is there.\n")
            return Exit.GO
        sys.stdout.writelines(f"{line}\n" for line in found)
        holder = lock.holder(link)
        if holder is not None and not holder.stale:
            raise SprocketError(f"the target is locked by {holder}", remedy="leave that run first", code=Exit.LOCKED)
        _agree(options, "Remove all of it")
        remove(link)
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


def _open_attempt(run: str, state: RunState) -> Attempt | None:
    for step, known in state.steps.items():
        open_attempt = known.open()
        if open_attempt is not None:
            return Attempt(run, step, open_attempt.number)
    return None


@contextlib.contextmanager
def _linked(options: argparse.Namespace, state: RunState) -> Generator[Link]:
    started = state.started
    if started is None:
        raise SprocketError("the run has not begun")
    kept = {name: value for name, value in started.profile_values.items() if name in settings.Profile.model_fields}
    goal = targets.goal(options, url=started.target, profile=settings.Profile.model_validate(kept))
    with contextlib.closing(goal.connect(Headless())) as link:
        yield link
