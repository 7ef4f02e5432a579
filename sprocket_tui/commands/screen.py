"""Puts the terminal face together: what a walk on the screen needs to know of the target and of this machine."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass

from sprocket_tui import going_on, settings
from sprocket_tui.commands import targets
from sprocket_tui.commands.targets import Goal
from sprocket_tui.engine.engine import Engine
from sprocket_tui.exits import Exit
from sprocket_tui.faces import lines
from sprocket_tui.faces.tui import themes
from sprocket_tui.faces.tui.app import WalkApp
from sprocket_tui.faces.tui.keys import Keymap, keymap
from sprocket_tui.faces.tui.running import drive
from sprocket_tui.faces.tui.setup import Setup
from sprocket_tui.guide.model import Guide
from sprocket_tui.journal.events import RunLeft
from sprocket_tui.journal.runs import RunDirectory

_KEYS = "keys.toml"


@dataclass(frozen=True)
class Screen:
    """How a person wants the screen: keys, theme, and how much the line carries."""

    keymap: Keymap
    theme: str
    low_bandwidth: bool

    def show(self, goal: Goal, engine: Engine, directory: RunDirectory, guide: Guide, seen: int) -> tuple[int, bool]:
        """Follows the run to where it is left: the exit code, and whether its job is to be stopped."""
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
        return drive(app), app.walk.aborts

    def tell(self, engine: Engine, guide: Guide, code: int) -> None:
        """What stays in the terminal once the screen is gone: how the run was left, and what goes on with it.

        A signal and a crash were told by who drove the screen, and after a signal nobody may be there to read.
        """
        if code == Exit.INTERNAL or code > 128:
            return
        left = next((event for event in reversed(engine.since(0)) if isinstance(event.fact, RunLeft)), None)
        for said in lines.of(left, guide) if left is not None else []:
            if said:
                sys.stdout.write(f"{said}\n")


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
