"""The walk as a list, with every command that would run; nothing is executed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sprocket_tui.actions import ACTIONS
from sprocket_tui.actions.base import Context
from sprocket_tui.checks.probes import PROBES
from sprocket_tui.checks.vars import expanded
from sprocket_tui.engine import consent
from sprocket_tui.engine.walk import places
from sprocket_tui.errors import SprocketError
from sprocket_tui.guide import templates
from sprocket_tui.guide.model import Guide, Step
from sprocket_tui.guide.resolve import checked, defaults, expand_for_each
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


@dataclass(frozen=True)
class Ahead:
    """What a step would do, as far as it is known before its turn; a name without a value stands in capitals.

    `commands` are those of all that it is repeated for, a look ahead first. `minutes` are usual and longest, if known.
    """

    commands: tuple[tuple[str, ...], ...]
    directory: str
    changes: tuple[str, ...]
    undo: str
    minutes: tuple[float, float] | None
    proven_by: tuple[str, ...]


def ahead(guide: Guide, name: str, values: Mapping[str, JSON]) -> Ahead | None:
    """What the step `name` of the guide would do with the values that are known; None where it changes nothing."""
    step = guide.steps()[name]
    if not step.verb.mutates or step.verb.verb not in ACTIONS:
        return None
    known: dict[str, JSON] = {var.name: var.name.upper() for var in guide.vars if not var.secret}
    known |= {name: value for name, value in values.items() if value is not None}
    secrets = {var.name: Secret(var.name.upper(), var.name) for var in guide.vars if var.secret}
    told = [
        _context(each.element, {**known, **each.values}, secrets)
        for each in expand_for_each(step, known)
        if not each.missing
    ]
    changes = (templates.shown(change, context.values) for context in told for change in context.step.changes)
    return Ahead(
        commands=tuple(dict.fromkeys(argv for context in told for argv in _commands(context))),
        directory=told[0].directory if told else "~",
        changes=tuple(dict.fromkeys(changes)),
        undo=f"{step.undo.kind}: {templates.shown(step.undo.how, known)}" if step.undo else "",
        minutes=(step.minutes.usual, step.minutes.at_most) if step.minutes else None,
        proven_by=_proven_by(step, told),
    )


def _proven_by(step: Step, told: Sequence[Context]) -> tuple[str, ...]:
    action = ACTIONS.get(step.verb.verb)
    return consent.proven_by(step, action.measures(told[0]) if action is not None and told else "")


def _context(step: Step, values: Mapping[str, JSON], secrets: Mapping[str, Secret]) -> Context:
    directory = templates.expand(step.directory, values) or "~"
    return Context(step, directory, values, secrets, "~/.sprocket/runs/RUN", _nothing)


def listing(guide: Guide, values: Mapping[str, JSON]) -> Iterator[Line]:
    """Every step in order; a variable without a value stays as its template."""
    plain = {var.name: f"${{{var.name}}}" for var in guide.vars if not var.secret}
    profile = {var.name: values[var.profile] for var in guide.vars if var.profile in values}
    known: dict[str, JSON] = {**plain, **defaults(guide.vars), **profile}
    secrets = {var.name: Secret(f"${{{var.name}}}", var.name) for var in guide.vars if var.secret}
    for place in places(guide, known):
        step, here = place.step, {**known, **place.expanded.values}
        context = _context(step, here, secrets)
        yield Line(
            place.screen.title,
            step.id,
            step.title,
            _commands(context),
            context.directory,
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
