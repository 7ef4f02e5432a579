"""The walk as a list, with every command that would run; nothing is executed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sprocket_tui.actions import ACTIONS
from sprocket_tui.engine.walk import places
from sprocket_tui.guide.model import Guide
from sprocket_tui.values import JSON


@dataclass(frozen=True)
class Line:
    """A step: its screen's title, id, title, the argv of each of its commands, directory and gate."""

    screen: str
    step: str
    title: str
    commands: tuple[tuple[str, ...], ...]
    directory: str
    gate: str
    changes: bool


def listing(guide: Guide, values: Mapping[str, JSON]) -> Iterator[Line]:
    """Every step in order; a variable without a value stays as its template."""
    shown: dict[str, JSON] = {var.name: f"${{{var.name}}}" for var in guide.vars}
    for var in guide.vars:
        if var.profile and var.profile in values:
            shown[var.name] = values[var.profile]
    for place in places(guide, {**shown, **values}):
        step = place.step
        action = ACTIONS.get(step.verb.verb)
        commands = action.commands(step, {**shown, **place.expanded.values}) if action else ()
        yield Line(
            place.screen.title, step.id, step.title, commands, step.directory or "~", step.gate, step.verb.mutates
        )
