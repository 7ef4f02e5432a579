"""Puts the terminal face together: what a walk on the screen needs to know of the target and of this machine."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sprocket_tui import going_on, settings, wrapping
from sprocket_tui.commands import targets
from sprocket_tui.commands.targets import Goal
from sprocket_tui.engine.engine import Engine
from sprocket_tui.engine.walk import next_place
from sprocket_tui.exits import Exit
from sprocket_tui.faces import lines
from sprocket_tui.faces.tui import themes
from sprocket_tui.faces.tui.app import WalkApp
from sprocket_tui.faces.tui.keys import Keymap, keymap
from sprocket_tui.faces.tui.running import drive
from sprocket_tui.faces.tui.setup import Setup
from sprocket_tui.guide import templates
from sprocket_tui.guide.model import Guide
from sprocket_tui.journal.events import Event, RunLeft, StepStarted
from sprocket_tui.journal.replay import replay
from sprocket_tui.journal.runs import RunDirectory
from sprocket_tui.values import JSON

_KEYS = "keys.toml"


@dataclass(frozen=True)
class Gone:
    """How it was left. `aborts`: the job under way is to be stopped; `finished` is the step that was waited for."""

    code: int
    aborts: bool
    finished: str
    known: Mapping[str, JSON]


@dataclass(frozen=True)
class Screen:
    """How a person wants the screen: keys, theme, and how much the line carries."""

    keymap: Keymap
    theme: str
    low_bandwidth: bool

    def show(self, goal: Goal, engine: Engine, directory: RunDirectory, guide: Guide, seen: int) -> Gone:
        """Follows the run to where it is left."""
        setup = Setup(
            engine=engine,
            directory=directory,
            guide=guide,
            who=targets.driver(),
            seen=seen,
            way_in=lambda: _shell(goal),
            resume=going_on.command(directory.id),
            keymap=self.keymap,
        )
        app = WalkApp(setup, theme=self.theme, low_bandwidth=self.low_bandwidth)
        return Gone(drive(app), app.walk.aborts, app.walk.finished, app.walk.sight.known)

    def tell(self, engine: Engine, guide: Guide, gone: Gone) -> None:
        """What stays in the terminal once the screen is gone: how the run was left, and what goes on with it.

        A signal and a crash were told by who drove the screen, and after a signal nobody may be there to read.
        """
        if gone.code == Exit.INTERNAL or gone.code > 128:
            return
        events = engine.since(0)
        left = next((event for event in reversed(events) if isinstance(event.fact, RunLeft)), None)
        said = lines.of(left, guide) if left is not None else []
        if gone.finished:
            said = [finished(events, guide, gone), *said]
        sys.stdout.write(wrapping.fitted("\n".join(filter(None, said)), sys.stdout))


def finished(events: Sequence[Event], guide: Guide, gone: Gone) -> str:
    """What became of the step that was waited for, and which comes next."""
    state, written = replay(list(events)), guide.steps()
    titles = {id_: templates.shown(step.title, gone.known) for id_, step in written.items()}
    titles |= {each.fact.step: each.fact.title for each in events if isinstance(each.fact, StepStarted)}
    place = next_place(guide, state, gone.known)
    coming = titles.get(place.step.id) or templates.shown(place.step.title, gone.known) if place else ""
    ended = f"{titles.get(gone.finished, gone.finished)}: {lines.ended(state.step(gone.finished).how)}."
    return f"{ended} {f'Next comes {coming}.' if coming else 'Nothing comes after it.'}"


def wanted(options: argparse.Namespace) -> Screen:
    """The screen as the options and the person's files say. Raises SprocketError for what does not fit together."""
    theme = themes.choose(options.theme or "", low_bandwidth=options.low_bandwidth)
    return Screen(own_keys(), theme, options.low_bandwidth)


def own_keys() -> Keymap:
    """The keys as the person's file says. Raises SprocketError."""
    return keymap(settings.file().with_name(_KEYS))


def _shell(goal: Goal) -> tuple[str, ...]:
    """What opens a shell where the walk works: the person's own ssh, or the own shell here."""
    if goal.url == "local":
        return (os.environ.get("SHELL") or "sh",)
    config = ("-F", goal.profile.ssh_config) if goal.profile.ssh_config else ()
    return ("ssh", *config, goal.url)
