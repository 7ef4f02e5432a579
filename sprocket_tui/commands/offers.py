"""What the first screen offers: practice, this machine, the saved profiles, and runs that can go on."""

from __future__ import annotations

import argparse
import contextlib
from functools import partial

from sprocket_tui import settings
from sprocket_tui.commands import targets
from sprocket_tui.commands.look import Look
from sprocket_tui.commands.runs import standing
from sprocket_tui.errors import SprocketError
from sprocket_tui.faces.tui.offer import Looking, Offer
from sprocket_tui.guide.model import Guide
from sprocket_tui.journal import runs as store
from sprocket_tui.journal.events import RunStarted
from sprocket_tui.journal.file import events_in, is_written
from sprocket_tui.journal.replay import RunState, replay

_PRACTICE = Offer(
    "Practice droplet",
    "nothing real is touched",
    "A droplet of its own on this machine, where the whole walk can be rehearsed. Nothing outside it changes. It stops "
    "when you leave, and is kept, so that you can go on later; `sprocket-tui practice reset` throws it away.",
    ("practice",),
)


def offers(guide: Guide) -> list[Offer]:
    """Everything there is to choose from, the safe first choice first."""
    unfinished = _unfinished()
    saved = settings.profiles()
    found = [_PRACTICE, _local(guide, unfinished)]
    found += [
        _profile(guide, name, profile, unfinished) for name, profile in sorted(saved.items()) if not profile.practice
    ]
    found += [
        _run(guide, run, state, state.started)
        for run, state in unfinished
        if state.started and state.started.profile not in saved and state.started.target != "local"
    ]
    return found


def _look(guide: Guide, target: str = "", profile: str = "", begun: RunStarted | None = None) -> Looking:
    """Begins a look at a target, at a profile's, or at that of a run."""
    options = argparse.Namespace(target=target or None, profile=profile or None, ssh_config=None)
    named = ("--profile", profile) if profile else ("--target", target)

    def goal() -> targets.Goal:
        if begun is not None:
            return targets.goal(options, profile=targets.kept(begun))
        return targets.goal(options)

    return Look(goal, guide, lambda run: ("resume", run, *named))


def _unfinished() -> list[tuple[str, RunState]]:
    """The runs kept here that did not come to their end, the newest first."""
    found: list[tuple[str, RunState]] = []
    for each in store.every():
        # A damaged journal is named by `runs`; here it is none that could go on.
        with contextlib.suppress(SprocketError):
            state = replay(events_in(each.journal))
            if state.started and not (state.left and state.left.how == "done") and not is_written(each.journal):
                found.append((each.id, state))
    return found


def _local(guide: Guide, unfinished: list[tuple[str, RunState]]) -> Offer:
    ours = next(((run, s) for run, s in unfinished if s.started and s.started.target == "local"), None)
    checks, look = ("check", "--target", "local"), partial(_look, guide, "local")
    if ours is not None:
        production = _production(ours[1].started)
        known = _told(*ours)
        return Offer("This machine", "run to resume", known, ("resume", ours[0]), checks, look, production=production)
    known = "The machine this program runs on; for somebody who is logged in on the droplet itself."
    return Offer("This machine", "local", known, ("run", "--target", "local"), checks, look)


def _profile(guide: Guide, name: str, profile: settings.Profile, unfinished: list[tuple[str, RunState]]) -> Offer:
    production = profile.environment == "production"
    what = "  ".join(filter(None, ["" if production else profile.environment, profile.target(), profile.domain]))
    checks, look = ("check", "--profile", name), partial(_look, guide, profile=name)
    ours = next(((run, s) for run, s in unfinished if s.started and s.started.profile == name), None)
    if ours is not None:
        resumes = ("resume", ours[0])
        return Offer(name, f"{what}  run to resume", _told(*ours), resumes, checks, look, name, production)
    known = "Begins a walk. What is there already is measured first, and passed over where it holds."
    return Offer(name, what, known, ("run", "--profile", name), checks, look, name, production)


def _run(guide: Guide, run: str, state: RunState, started: RunStarted) -> Offer:
    look = partial(_look, guide, started.target, begun=started)
    what = f"{started.target}  run to resume"
    known, production = _told(run, state), _production(started)
    return Offer(f"Run {run}", what, known, ("resume", run), look=look, production=production)


def _production(started: RunStarted | None) -> bool:
    return started is not None and started.profile_values.get("environment") == "production"


def _told(run: str, state: RunState) -> str:
    why = f": {state.left.why}" if state.left and state.left.why else ""
    return f"Run {run} {standing(state, driven=False)}{why}. Enter goes on with it."
