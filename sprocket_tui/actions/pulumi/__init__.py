"""The verb `pulumi`: one action, which hands each of its operations to a module of its own."""

from __future__ import annotations

from collections.abc import Mapping

from sprocket_tui.actions.base import Action, Card, Context, Job, Reader, Repair
from sprocket_tui.actions.pulumi.config import Config
from sprocket_tui.actions.pulumi.invoke import words_of
from sprocket_tui.actions.pulumi.login import Login
from sprocket_tui.actions.pulumi.stack import SelectStack
from sprocket_tui.actions.pulumi.up import Up
from sprocket_tui.checks.observation import Observation
from sprocket_tui.values import JSON

OPERATIONS: dict[str, Action] = {"login": Login(), "stack": SelectStack(), "config": Config(), "up": Up()}


class Pulumi:
    """Does what the step's operation does."""

    def measures(self, context: Context) -> str:
        return _operation(context).measures(context)

    def observe(self, context: Context) -> Observation:
        return _operation(context).observe(context)

    def prepare(self, context: Context) -> Job | None:
        return _operation(context).prepare(context)

    def reader(self, context: Context, stage: str) -> Reader:
        return _operation(context).reader(context, stage)

    def card(self, context: Context, facts: Mapping[str, JSON]) -> Card:
        return _operation(context).card(context, facts)

    def perform(self, context: Context, facts: Mapping[str, JSON]) -> Job:
        return _operation(context).perform(context, facts)

    def examine(self, context: Context) -> Repair:
        return _operation(context).examine(context)


def _operation(context: Context) -> Action:
    return OPERATIONS[words_of(context).operation]
