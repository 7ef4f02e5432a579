"""The walk as a list, with every command that would run; nothing is executed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sprocket_tui.actions import ACTIONS
from sprocket_tui.actions.base import Context
from sprocket_tui.checks.probes import PROBES
from sprocket_tui.checks.vars import expanded
from sprocket_tui.engine.book import defaults
from sprocket_tui.engine.walk import places
from sprocket_tui.errors import SprocketError
from sprocket_tui.guide import templates
from sprocket_tui.guide.model import Guide, Step
from sprocket_tui.guide.resolve import checked, expand_for_each
from sprocket_tui.secret import Secret
from sprocket_tui.target.link import Completed
from sprocket_tui.values import JSON


@dataclass(frozen=True)
class Line:
    """A step: its screen's title, id, title, the argv of each of its commands, directory and gate.

    `measures` are the read-only scripts that its checks run on the droplet, each with the check's id.
    """

    screen: str
    step: str
    title: str
    commands: tuple[tuple[str, ...], ...]
    directory: str
    gate: str
    changes: bool
    measures: tuple[tuple[str, str], ...]


def listing(guide: Guide, values: Mapping[str, JSON]) -> Iterator[Line]:
    """Every step in order; a variable without a value stays as its template."""
    plain = {var.name: f"${{{var.name}}}" for var in guide.vars if not var.secret}
    profile = {var.name: values[var.profile] for var in guide.vars if var.profile in values}
    known: dict[str, JSON] = {**plain, **defaults(guide.vars), **profile}
    secrets = {var.name: Secret(f"${{{var.name}}}", var.name) for var in guide.vars if var.secret}
    for place in places(guide, known):
        step, here = place.step, {**known, **place.expanded.values}
        directory = templates.expand(step.directory, here) or "~"
        context = Context(step, directory, here, secrets, "~/.sprocket/runs/RUN", _nothing)
        yield Line(
            place.screen.title,
            step.id,
            step.title,
            _commands(context),
            directory,
            step.gate,
            step.verb.mutates,
            tuple(_measures(guide, step, here)),
        )


def _commands(context: Context) -> tuple[tuple[str, ...], ...]:
    action = ACTIONS.get(context.step.verb.verb)
    if action is None:
        return ()
    look_ahead = action.prepare(context)
    first = (look_ahead.argv,) if look_ahead else ()
    card = action.card(context, {})
    return (*first, *(card.commands or (card.argv,)))


def _measures(guide: Guide, step: Step, values: Mapping[str, JSON]) -> Iterator[tuple[str, str]]:
    known = guide.checks()
    for name in checked(guide, step):
        for item in expand_for_each(known[name], values):
            check = item.element
            commands = PROBES[check.probe.kind].commands
            if check.where == "droplet" and commands is not None and not item.missing:
                for command in commands(expanded(check.probe, item.values)):
                    yield check.id, command.script


def _nothing(script: str, timeout: float, files: Mapping[str, Secret], /) -> Completed:
    raise SprocketError(f"a listing runs nothing: {len(script)} characters, {timeout} s, {len(files)} files")
