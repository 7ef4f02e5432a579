"""A look at the target without driving a run, and the three ways to end what is there: abort, unlock, clean."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.journal.events import Event, StepStarted
from sprocket_tui.journal.replay import RunState
from sprocket_tui.target import job, lock, shell
from sprocket_tui.target.job import ASK_DEADLINE, Attempt, Phase
from sprocket_tui.target.link import Link
from sprocket_tui.terminal import clean_bytes, one_line

ABORT_PATIENCE = 60.0
_ALIVE = (Phase.RUNNING, Phase.LINGERING)
# Prints every directory of ours there: on tmpfs those of the runs that this home knows of, because another home of the
# user may have its own beside them, and what reads that were cut off left more than a quarter of an hour ago.
_PLACES = f"""
for d in "$HOME"/.sprocket/jobs/* "$HOME"/.sprocket/runs/*; do
    m="{shell.MEMORY}/${{d##*/}}"
    [ -d "$m" ] && echo "$m"
done | sort -u
now=$(date +%s)
for m in "{shell.MEMORY}"/sprocket-*; do
    # Another program may take its own away meanwhile, and an arithmetic error would end the whole listing.
    at=$(stat -c %Y "$m" 2>/dev/null) && [ $((now - at)) -gt 900 ] && echo "$m"
done
[ ! -d "$HOME/.sprocket" ] || echo "$HOME/.sprocket"
"""


@dataclass(frozen=True)
class Standing:
    """What an attempt does on the target, in a sentence, and who holds the lock."""

    told: str
    alive: bool
    lock: str


def open_attempt(run: str, state: RunState) -> Attempt | None:
    """The attempt that was intended and has not ended, as far as the journal knows."""
    for step, known in state.steps.items():
        under_way = known.open()
        if under_way is not None:
            return Attempt(run, step, under_way.number)
    return None


def standing(link: Link, attempt: Attempt) -> Standing:
    """What the attempt does now."""
    sight, holder = job.look(link, attempt), lock.holder(link)
    ended = f" with status {sight.status}" if sight.status is not None else ""
    told = f"{attempt.step}, attempt {attempt.number}: {sight.phase.value}{ended}"
    return Standing(told, sight.phase in _ALIVE, str(holder or "free"))


def stopped(events: Iterable[Event], attempt: Attempt, goes_on: str = "") -> str:
    """What was aborted, by its title, and, on a line of its own, the command that settles what it left."""
    titles = {each.fact.step: each.fact.title for each in events if isinstance(each.fact, StepStarted)}
    named = titles.get(attempt.step) or attempt.step
    said = f"{named} was asked to stop and has ended."
    return f"{said} What it left is settled by:\n{goes_on}" if goes_on else f"{said} Going on settles what it left."


def abort(link: Link, attempt: Attempt, *, sudo: bool) -> None:
    """Asks the attempt's program to stop, once, and waits until it has. Raises SprocketError when it does not."""
    job.stop(link, attempt, job.without_password(link, sudo=sudo))
    end = time.monotonic() + ABORT_PATIENCE
    while job.look(link, attempt).phase in _ALIVE:
        if time.monotonic() > end:
            raise SprocketError(
                f"the job of {attempt.step} did not stop within {ABORT_PATIENCE:g} s",
                remedy="it may be finishing a call; look again with `sprocket-tui status`",
                code=Exit.FAILED,
            )
        time.sleep(0.5)


def unlock(link: Link, force: str) -> str:
    """Removes the lock of a holder whose heartbeat has ended, or of the run `force`; says whose it was, or nothing."""
    holder = lock.holder(link)
    if holder is None:
        return ""
    if not holder.stale and force != holder.run:
        raise SprocketError(
            f"the target is locked by {holder}",
            remedy=f"its heartbeat is fresh; if you know that it is dead: --force {holder.run}",
            code=Exit.LOCKED,
        )
    lock.remove(link, holder)
    return str(holder)


def leftovers(link: Link) -> tuple[str, ...]:
    """One line for each directory of ours there: its size and path. Raises SprocketError while a run is driven."""
    script = f'{{{_PLACES}}} | while IFS= read -r d; do du -sh "$d"; done; exit 0'
    found = tuple(clean_bytes(shell.run(link, script, deadline=ASK_DEADLINE).stdout).splitlines())
    holder = lock.holder(link)
    if holder is not None and not holder.stale:
        raise SprocketError(f"the target is locked by {holder}", remedy="leave that run first", code=Exit.LOCKED)
    return found


def clean(link: Link) -> None:
    """Removes them. A job that still runs is refused by name."""
    for attempt in job.under_way(link):
        raise SprocketError(
            f"{attempt.step} of run {attempt.run} still runs, attempt {attempt.number}",
            remedy=f"`sprocket-tui abort {attempt.run}`, or wait for it",
            code=Exit.FAILED,
        )
    script = f"""{{{_PLACES}}} | {{
    while IFS= read -r d; do rm -rf "$d" || failed=1; done
    [ -z "$failed" ] && [ ! -e "$HOME/.sprocket" ]
}} || exit 1
rmdir "{shell.MEMORY}" 2>/dev/null; exit 0"""
    done = shell.run(link, script, deadline=ASK_DEADLINE)
    if done.status != 0:
        raise SprocketError(
            f"not all of it could be removed: {one_line(clean_bytes(done.stderr))}",
            remedy="on the target, look at the room and permissions of ~/.sprocket",
            code=Exit.FAILED,
        )
