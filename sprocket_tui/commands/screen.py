"""Puts the terminal face together: what a walk on the screen needs to know of the target and of this machine."""

from __future__ import annotations

import argparse
import os
import sys

from sprocket_tui import going_on, settings
from sprocket_tui.commands.targets import Goal
from sprocket_tui.engine.engine import Engine
from sprocket_tui.faces import lines
from sprocket_tui.faces.tui.app import WalkApp
from sprocket_tui.faces.tui.keys import keymap
from sprocket_tui.faces.tui.running import drive
from sprocket_tui.faces.tui.setup import Setup
from sprocket_tui.guide.model import Guide
from sprocket_tui.journal.events import RunLeft
from sprocket_tui.journal.runs import RunDirectory

_KEYS = "keys.toml"


def show(
    options: argparse.Namespace,
    goal: Goal,
    engine: Engine,
    directory: RunDirectory,
    guide: Guide,
    who: str,
    seen: int,
) -> tuple[int, bool]:
    """Follows the run on the screen to where it is left: the exit code, and whether its job is to be stopped."""
    setup = Setup(
        engine=engine,
        directory=directory,
        guide=guide,
        who=who,
        seen=seen,
        way_in=lambda: shell(goal),
        resume=going_on.command(directory.id),
        keymap=keymap(settings.file().with_name(_KEYS)),
    )
    app = WalkApp(setup, theme=options.theme or "", low_bandwidth=options.low_bandwidth)
    return drive(app), app.walk.aborts


def tell(engine: Engine, guide: Guide) -> None:
    """What stays in the terminal once the screen is gone: how the run was left, and what goes on with it."""
    left = next((event for event in reversed(engine.since(0)) if isinstance(event.fact, RunLeft)), None)
    for said in lines.of(left, guide) if left is not None else []:
        if said:
            sys.stdout.write(f"{said}\n")


def shell(goal: Goal) -> tuple[str, ...]:
    """What opens a shell where the walk works: the person's own ssh, or the own shell here."""
    if goal.url == "local":
        return (os.environ.get("SHELL") or "sh",)
    config = ("-F", goal.profile.ssh_config) if goal.profile.ssh_config else ()
    return ("ssh", *config, goal.url)
