"""`run` and `resume`: the engine, and a face on it."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from pathlib import Path

from sprocket_tui import settings
from sprocket_tui.commands import guides, profiles, targets
from sprocket_tui.commands.asking import DeskAsker
from sprocket_tui.commands.targets import Goal
from sprocket_tui.engine.desk import Leave
from sprocket_tui.engine.engine import Engine, Wiring
from sprocket_tui.engine.mirror import fetch
from sprocket_tui.errors import SprocketError
from sprocket_tui.faces import answers
from sprocket_tui.faces.plain import Plain
from sprocket_tui.guide.loader import guide_files, load_guide
from sprocket_tui.guide.model import Guide
from sprocket_tui.journal import runs as store
from sprocket_tui.journal.events import RunStarted
from sprocket_tui.journal.file import Journal, events_in
from sprocket_tui.journal.replay import replay
from sprocket_tui.journal.runs import RunDirectory
from sprocket_tui.target.ssh.asking import Headless

_LEAVING = 5.0


def start(options: argparse.Namespace) -> int:
    """`run`: a new run of the guide."""
    _first_profile(options)
    goal = targets.goal(options)
    guide = guides.chosen(options, runs_commands=True)
    directory = store.create()
    directory.save_guide(guide_files(Path(options.guide).expanduser() if options.guide else None))
    first = RunStarted(
        run=directory.id,
        target=goal.url,
        profile=goal.name,
        who=targets.driver(),
        guide=guide.name,
        version=guide.version,
        digest=guide.digest,
        profile_values=goal.profile.values(),
    )
    return _drive(options, goal, guide, directory, first)


def resume(options: argparse.Namespace) -> int:
    """`resume`: a run of this machine, or one whose journal lies on the target."""
    directory = _found(options)
    state = replay(events_in(directory.journal))
    if state.started is None:
        raise SprocketError(f"run {directory.id} has not begun", remedy=f"sprocket-tui runs rm {directory.id}")
    kept = {
        name: value for name, value in state.started.profile_values.items() if name in settings.Profile.model_fields
    }
    goal = targets.goal(options, url=state.started.target, profile=settings.Profile.model_validate(kept))
    return _drive(options, goal, load_guide(directory.guide), directory, None)


def _drive(
    options: argparse.Namespace, goal: Goal, guide: Guide, directory: RunDirectory, first: RunStarted | None
) -> int:
    book = answers.load(Path(options.answers).expanduser(), guide) if options.answers else None
    journal = Journal.open(directory.journal)
    wiring = Wiring(
        directory=directory,
        guide=guide,
        open_link=lambda desk: goal.connect(DeskAsker(desk)),
        who=targets.driver(),
        machine=store.machine(),
        sudo=goal.profile.sudo == "yes",
        path=goal.profile.path,
    )
    engine = Engine(wiring, journal)
    earlier = len(journal.since(0))
    engine.start(first)
    interactive = book is None and sys.stdin.isatty()
    face = Plain(engine, directory, guide, sys.stdout, book, targets.driver(), interactive, earlier)
    try:
        return face.show()
    finally:
        # However the face ended, the engine saves and lets go; its jobs on the target go on.
        engine.post(Leave())
        engine.join(_LEAVING)


def _first_profile(options: argparse.Namespace) -> None:
    """With neither target nor profile, and none saved, a first profile is made by questions."""
    if options.target or options.profile or settings.profiles() or not sys.stdin.isatty():
        return
    sys.stderr.write("No target is given and no profile is saved yet; these questions make one.\n")
    options.profile = "first"
    settings.save("first", profiles.by_questions())


def _found(options: argparse.Namespace) -> RunDirectory:
    try:
        return store.find(options.run)
    except SprocketError:
        if not (options.target or options.profile):
            raise
    goal = targets.goal(options)
    with contextlib.closing(goal.connect(Headless())) as link:
        copy = fetch(link, options.run)
    directory = store.create(copy.run)
    directory.save_guide({name: text.encode() for name, text in json.loads(copy.guide).items()})
    directory.journal.write_bytes(copy.journal)
    sys.stderr.write(f"Fetched run {copy.run} from {goal.url}\n")
    return directory
