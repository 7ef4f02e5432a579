"""`run` and `resume`: the engine, and a face on it."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sprocket_tui import going_on, settings, wrapping
from sprocket_tui.commands import guides, profiles, targets
from sprocket_tui.commands.asking import DeskAsker
from sprocket_tui.commands.targets import Goal
from sprocket_tui.engine import pointing, upkeep
from sprocket_tui.engine.engine import Engine, Wiring
from sprocket_tui.engine.mirror import NothingKept, fetch
from sprocket_tui.errors import NeedsAnswer, SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.faces import answers, filed
from sprocket_tui.faces.answers import AnswerBook
from sprocket_tui.faces.plain import Plain
from sprocket_tui.faces.tui.fit import fit
from sprocket_tui.guide.loader import guide_files, load_guide
from sprocket_tui.guide.model import Guide
from sprocket_tui.journal import runs as store
from sprocket_tui.journal.events import RunStarted
from sprocket_tui.journal.file import Journal, events_in, is_written, longest_chain
from sprocket_tui.journal.replay import replay
from sprocket_tui.journal.runs import RunDirectory
from sprocket_tui.target.ssh.asking import Headless

if TYPE_CHECKING:
    from sprocket_tui.commands.screen import Screen

# How long a connection that does not answer may keep a driver who leaves, in seconds.
_LEAVING = 2.0


def start(options: argparse.Namespace) -> int:
    """`run`: a new run of the guide."""
    screen = _screen(options)
    _first_profile(options)
    goal = targets.goal(options)
    guide = guides.chosen(options, runs_commands=True)
    book = _answers(options, guide)
    at = pointing.screen(guide, options.start_at) if options.start_at else ""
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
        practice=goal.profile.practice,
    )
    try:
        return _drive(goal, guide, directory, book, screen, first, at=at)
    finally:
        _forget_refused(directory)


def resume(options: argparse.Namespace) -> int:
    """`resume`: a run of this machine, or the one that the named target keeps."""
    screen = _screen(options)
    directory, fetched = _found(options)
    state = replay(events_in(directory.journal))
    if state.started is None:
        raise SprocketError(f"run {directory.id} has not begun", remedy=f"sprocket-tui runs rm {directory.id}")
    guide = load_guide(directory.guide)
    if guide.digest != state.started.digest:
        raise SprocketError(
            f"the guide kept with run {directory.id} is not the one it began with (sha256 {state.started.digest})",
            remedy=f"put {directory.guide} back as it was, or begin a new run",
        )
    if fetched:
        guides.trusted(guide, f"the guide of run {directory.id}", options.trust_guide or "")
    again = [step for name in options.again for step in pointing.ended(guide, state, name)]
    at = pointing.screen(guide, options.start_at) if options.start_at else ""
    goal = targets.resumed(options, state.started)
    return _drive(goal, guide, directory, _answers(options, guide), screen, again=again, at=at)


def _answers(options: argparse.Namespace, guide: Guide) -> AnswerBook | None:
    if not options.answers:
        return None
    book = answers.load(Path(options.answers).expanduser(), guide)
    filed.warn(book.warnings)
    return book


def _screen(options: argparse.Namespace) -> Screen | None:
    """The screen, where there is one: what is wrong with its keys or theme is said before anything is begun."""
    if options.plain or options.answers or fit(sys.stdin, sys.stdout):
        return None
    # Textual is imported only where a screen is shown.
    from sprocket_tui.commands import screen  # noqa: PLC0415

    return screen.wanted(options)


def _drive(
    goal: Goal,
    guide: Guide,
    directory: RunDirectory,
    book: AnswerBook | None,
    screen: Screen | None,
    first: RunStarted | None = None,
    again: Sequence[str] = (),
    at: str = "",
) -> int:
    going_on.drives(directory.id)
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
    engine.start(first, again, at)
    try:
        if screen is None:
            interactive = book is None and sys.stdin.isatty()
            return Plain(engine, directory, guide, sys.stdout, book, targets.driver(), interactive, earlier).show()
        gone = screen.show(goal, engine, directory, guide, earlier)
    finally:
        # However the face ended, the engine saves and lets go; its jobs on the target go on.
        engine.leave(_LEAVING)
    screen.tell(engine, guide, gone)
    if gone.aborts:
        _abort(goal, directory)
    return gone.code


def _abort(goal: Goal, directory: RunDirectory) -> None:
    """Asks the job that was left under way to stop, over a connection of its own."""
    events = events_in(directory.journal)
    attempt = upkeep.open_attempt(directory.id, replay(events))
    if attempt is not None:
        with contextlib.closing(goal.connect(Headless())) as link:
            upkeep.abort(link, attempt, sudo=goal.profile.sudo == "yes")
        sys.stdout.write(wrapping.fitted(upkeep.stopped(events, attempt), sys.stdout))


def _forget_refused(directory: RunDirectory) -> None:
    """A run that never began would hide the one that is meant when somebody says `resume`."""
    left = replay(events_in(directory.journal)).left
    if left is not None and left.how == "refused":
        store.remove(directory)


def _first_profile(options: argparse.Namespace) -> None:
    """With neither target nor profile, and none saved, a first profile is made by questions."""
    if options.target or options.profile or settings.profiles() or not sys.stdin.isatty():
        return
    sys.stderr.write("No target is given and no profile is saved yet; these questions make one.\n")
    options.profile = "first"
    settings.save("first", profiles.by_questions())


def _found(options: argparse.Namespace) -> tuple[RunDirectory, bool]:
    """The run, and whether its files come from its target.

    Where a target is named, what it keeps is the truth: every intent is there before anything is run.
    """
    if not (options.target or options.profile):
        return store.find(options.run), False
    goal = targets.goal(options)
    try:
        with contextlib.closing(goal.connect(Headless())) as link:
            copy = fetch(link, options.run)
    except (NeedsAnswer, NothingKept) as error:
        # Nobody can be asked here, or nothing was ever begun there: then only this machine knows of the run.
        return _local(options.run, goal.url, error), False
    mine = RunDirectory(store.home() / copy.run)
    if mine.journal.is_file() and longest_chain(mine.journal.read_bytes()).startswith(copy.journal):
        return mine, False
    if mine.journal.is_file() and is_written(mine.journal):
        raise SprocketError(f"run {copy.run} is being driven on this machine", code=Exit.LOCKED)
    guide = {name: text.encode() for name, text in json.loads(copy.guide).items()}
    directory = store.adopt(copy.run, guide, copy.journal)
    sys.stderr.write(f"Fetched run {copy.run} from {goal.url}\n")
    return directory, True


def _local(run: str, url: str, why: NeedsAnswer | NothingKept) -> RunDirectory:
    """The newest run of this machine, by id if given, that was begun on this target; without one, `why` is raised.

    `why` is what kept us from looking at the target.
    """
    for each in (one for one in store.every() if one.id.startswith(run)):
        started = replay(events_in(each.journal)).started
        if started is not None and started.target == url:
            return each
    if isinstance(why, NeedsAnswer):
        raise why
    raise SprocketError(
        f"there is no run on {url}", remedy="`sprocket-tui run` begins one; `runs` lists those of others"
    )
