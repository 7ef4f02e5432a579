"""Operation stack: the stack exists in the backend."""

from __future__ import annotations

import json
from collections.abc import Mapping
from shlex import join
from typing import cast

from sprocket_tui.actions.base import Card, Change, Context, Job, Repair
from sprocket_tui.actions.pulumi import invoke
from sprocket_tui.actions.pulumi.reader import PulumiReader
from sprocket_tui.checks.observation import Observation
from sprocket_tui.errors import SprocketError
from sprocket_tui.values import JSON


class SelectStack:
    """`pulumi stack select --create`; safe to run again."""

    def measures(self, context: Context) -> str:
        return "The stacks of the backend, as Pulumi lists them"

    def observe(self, context: Context) -> Observation:
        """Value {exists}."""
        try:
            stack = invoke.stack_of(context)
        except SprocketError as error:
            return invoke.missing_value(error)
        done = invoke.ask(context, stack, join(("pulumi", "stack", "ls", "--json", *invoke.ALWAYS)))
        try:
            rows = cast("JSON", json.loads(done.stdout)) if done.status == 0 else None
        except ValueError:
            rows = None
        if not isinstance(rows, list):
            return invoke.unmeasured("the stacks could not be listed", done)
        names = [str(row.get("name", "")) for row in rows if isinstance(row, dict)]
        # The hosted service puts the organisation before the name.
        exists = any(name == stack.name or name.endswith(f"/{stack.name}") for name in names)
        return Observation({"exists": exists}, f"stack {stack.name} {'exists' if exists else 'does not exist'}")

    def prepare(self, context: Context) -> Job | None:
        return None

    def reader(self, context: Context, stage: str) -> PulumiReader:
        return PulumiReader("command")

    def card(self, context: Context, facts: Mapping[str, JSON]) -> Card:
        stack = invoke.stack_of(context)
        return invoke.simple_card(context, _argv(stack), (Change("create", "stack", stack.name),))

    def perform(self, context: Context, facts: Mapping[str, JSON]) -> Job:
        stack = invoke.stack_of(context)
        return Job(stack.script(join(_argv(stack))), _argv(stack), files=stack.files)

    def examine(self, context: Context) -> Repair:
        return Repair(("A stack that exists is selected and not made again; this may simply be run again.",))


def _argv(stack: invoke.Stack) -> tuple[str, ...]:
    return stack.argv("stack", "select", "--create")
