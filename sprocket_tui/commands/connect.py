"""What the first screen offers: practice, this machine, the saved profiles, and runs that can go on."""

from __future__ import annotations

import contextlib

from sprocket_tui import settings
from sprocket_tui.commands.runs import standing
from sprocket_tui.errors import SprocketError
from sprocket_tui.faces.tui.running import drive
from sprocket_tui.faces.tui.views.connect import ConnectApp, Offer
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.journal import runs as store
from sprocket_tui.journal.file import events_in, is_written
from sprocket_tui.journal.replay import RunState, replay

_PRACTICE = Offer(
    "Practice droplet",
    "nothing real is touched",
    "A droplet of its own on this machine, where the whole walk can be rehearsed. Nothing outside it changes.",
    ("practice",),
)
_NEW = Offer(
    "New target",
    "from ~/.ssh/config, or by hand",
    "A few questions make a profile: a named environment with its host, its login and its domain.",
    ("profiles", "add"),
)


def choose() -> tuple[int, tuple[str, ...]]:
    """The exit code, and the command line that somebody chose on the first screen; empty where somebody left."""
    guide = load_guide()
    unfinished = _unfinished()
    profiles = settings.profiles()
    offers = [_PRACTICE, _local(unfinished)]
    offers += [
        _profile(name, profile, unfinished) for name, profile in sorted(profiles.items()) if not profile.practice
    ]
    offers += [
        _run(run, state)
        for run, state in unfinished
        if state.started and state.started.profile not in profiles and state.started.target != "local"
    ]
    app = ConnectApp(f"{guide.name} {guide.version}", [*offers, _NEW])
    code = drive(app, back=lambda: "")
    return code, app.chosen


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


def _local(unfinished: list[tuple[str, RunState]]) -> Offer:
    ours = next(((run, s) for run, s in unfinished if s.started and s.started.target == "local"), None)
    checks = ("check", "--target", "local")
    if ours is not None:
        return Offer("This machine", "run to resume", _told(*ours), ("resume", ours[0]), checks)
    known = "The machine this program runs on; for somebody who is logged in on the droplet itself."
    return Offer("This machine", "local", known, ("run", "--target", "local"), checks)


def _profile(name: str, profile: settings.Profile, unfinished: list[tuple[str, RunState]]) -> Offer:
    what = "  ".join(filter(None, [profile.environment, profile.target(), profile.domain]))
    checks = ("check", "--profile", name)
    ours = next(((run, s) for run, s in unfinished if s.started and s.started.profile == name), None)
    if ours is not None:
        return Offer(name, f"{what}  run to resume", _told(*ours), ("resume", ours[0]), checks)
    known = "Begins a walk. What is there already is measured first, and passed over where it holds."
    return Offer(name, what, known, ("run", "--profile", name), checks)


def _run(run: str, state: RunState) -> Offer:
    target = state.started.target if state.started else ""
    return Offer(f"Run {run}", f"{target}  run to resume", _told(run, state), ("resume", run))


def _told(run: str, state: RunState) -> str:
    why = f": {state.left.why}" if state.left and state.left.why else ""
    return f"Run {run} {standing(state, driven=False)}{why}. Enter goes on with it."
