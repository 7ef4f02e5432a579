"""Operation login: the backend opens with what we have, and is recorded as the one this login uses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from shlex import join
from typing import cast

from sprocket_tui.actions.base import Card, Context, Job, Repair
from sprocket_tui.actions.pulumi import invoke
from sprocket_tui.actions.pulumi.reader import PulumiReader
from sprocket_tui.checks.observation import Observation
from sprocket_tui.errors import SprocketError
from sprocket_tui.secret import Secret
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

_WHOAMI = ("pulumi", "whoami", "-v", "--json", *invoke.ALWAYS)


class Login:
    """`pulumi login BACKEND`; safe to run again."""

    def measures(self, context: Context) -> str:
        return "The backend, as pulumi whoami tells it"

    def observe(self, context: Context) -> Observation:
        """Value {open, same, url, user}: whether the backend opens, and whether it is the one that was asked for."""
        try:
            stack = invoke.stack_of(context)
        except SprocketError as error:
            return invoke.missing_value(error)
        done = invoke.ask(context, stack, join(_WHOAMI))
        if done.status:
            said = invoke.failure(done)
            if b"error: " not in done.stderr:
                return Observation(reason=f"the backend was not asked: {said}")
            return Observation({"open": False, "same": False, "url": "", "user": ""}, f"does not open: {said}")
        try:
            answer = cast("JSON", json.loads(done.stdout))
        except ValueError:
            return invoke.unmeasured("pulumi whoami did not answer in JSON", done)
        found = answer if isinstance(answer, dict) else {}
        url, user = (one_line(str(found.get(name, ""))) for name in ("url", "user"))
        # The hosted service answers with the address of its console, not of its API.
        same = url.rstrip("/") == stack.backend.rstrip("/") or stack.hosted
        return Observation({"open": True, "same": same, "url": url, "user": user}, f"logged in to {url} as {user}")

    def prepare(self, context: Context) -> Job | None:
        return None

    def reader(self, context: Context, stage: str) -> PulumiReader:
        return PulumiReader("command")

    def card(self, context: Context, facts: Mapping[str, JSON]) -> Card:
        return invoke.simple_card(context, _argv(invoke.stack_of(context)))

    def perform(self, context: Context, facts: Mapping[str, JSON]) -> Job:
        """The one job with a secret in an environment: `pulumi login` takes the service's token no other way."""
        stack = invoke.stack_of(context)
        argv, files = _argv(stack), dict[str, Secret](stack.files)
        line = join(argv)
        if stack.hosted:
            files["token"] = invoke.secret_of(context, "pulumi_access_token")
            line = f'PULUMI_ACCESS_TOKEN=$(cat "$SPROCKET_TMP/token") {line}'
        return Job(stack.script(line), argv, files=files)

    def examine(self, context: Context) -> Repair:
        return Repair(("A login changes nothing but which backend is in use; it may simply be run again.",))


def _argv(stack: invoke.Stack) -> tuple[str, ...]:
    return ("pulumi", "login", stack.backend, *invoke.ALWAYS)
