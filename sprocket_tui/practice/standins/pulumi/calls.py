"""The calls of an update, recorded as begun before and as done after, so that a kill leaves the truth behind."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from sprocket_tui.practice.standins.pulumi import cipher, midway
from sprocket_tui.practice.standins.pulumi.events import Properties, Step
from sprocket_tui.practice.standins.pulumi.layer_1 import CONFIG, SERVICE
from sprocket_tui.practice.standins.pulumi.plugin import Lost, Plugin
from sprocket_tui.practice.standins.pulumi.run import Run
from sprocket_tui.practice.world import Resource, Stack, State

_PENDING = {"create": "creating", "replace": "creating", "update": "updating", "delete": "deleting"}
_CANCELED = {"create": "create", "replace": "create", "update": "{}/update", "delete": "{}"}
_DELETE_SECONDS = 0.2


class Terminated(Exception):
    """Somebody asked twice: what is under way is left as it is."""


@dataclass(frozen=True)
class Todo:
    """A step that takes a call of so many seconds, about the resource with that logical name."""

    step: Step
    seconds: float
    name: str = ""


class Calls:
    """Makes calls through a plugin of its own. `failed` is whether one of them failed."""

    def __init__(self, run: Run) -> None:
        self._run, self.failed = run, False
        self._originals = list[Step]()

    def __enter__(self) -> Calls:
        self._plugin = Plugin(self._run.call)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and not self._run.signals:
            self._plugin.close()
        else:
            self._plugin.cancel()

    def make(self, todo: Iterable[Todo]) -> Generator[tuple[Todo, str]]:
        """Begins all, then tells each that was done with its id. Raises Terminated."""
        left = list(todo)
        with self._run.call.world.change() as state:
            for each in left:
                self._record(state, each.step)
        for each in left:
            begun = replace(each.step, op="create-replacement") if each.step.op == "replace" else each.step
            self._run.log.step("resourcePreEvent", begun)
            self._run.display.begins(begun)
        for each in left:
            self._plugin.ask(_request(each))
        midway.strike(self._run, [each.name for each in left])
        while left:
            began = time.time()
            answer = self._answer()
            each = left.pop(0)
            if answer is None:
                self._cancel([each, *left])
                return
            if "error" in answer:
                self._fail(each.step, f"1 error occurred:\n\t* {answer['error']}\n\n\n")
                continue
            seconds = max(0.0, (time.time() - began) * self._run.call.world.read()["speed"])
            self._done(each.step, str(answer["id"]), answer["outputs"], seconds)
            yield each, str(answer["id"])

    def delete_originals(self) -> None:
        """Removes what was replaced, now that nobody uses it any more."""
        for step in self._originals:
            original = replace(step, op="delete-replaced", new=None)
            self._run.log.step("resourcePreEvent", original)
            self._run.display.begins(original)
            self._plugin.ask(_request(Todo(original, _DELETE_SECONDS)))
            answer = self._answer() or {"error": "context canceled"}
            if "error" in answer:
                self._fail(original, f"1 error occurred:\n\t* {answer['error']}\n\n\n")
            else:
                self._run.log.step("resOutputsEvent", original)
                self._run.display.ends(original, _DELETE_SECONDS)

    def _answer(self) -> dict[str, Any] | None:
        try:
            return self._plugin.answer(self._run.stopping)
        except Lost:
            return {"error": "error reading from server: EOF"}

    def _record(self, state: State, step: Step) -> None:
        about = self._run.about
        about.find(state)["pending"].append(
            {"resource": _row(state, about.key, step, step.subject.id, 0), "type": _PENDING[step.op]}
        )

    def _done(self, step: Step, mark: str, outputs: dict[str, Any], seconds: float) -> None:
        run, about = self._run, self._run.about
        kept = step.subject.inputs if step.subject.type in (SERVICE, CONFIG) else outputs
        made = replace(step.subject, id=mark, outputs=kept)
        with run.call.world.change() as state:
            stack = about.find(state)
            _forget(stack, step)
            rows = stack["resources"]
            place = next((n for n, row in enumerate(rows) if row["urn"] == made.urn), len(rows))
            if step.op == "delete":
                del rows[place : place + 1]
            else:
                rows[place : place + 1] = [_row(state, about.key, replace(step, new=made), mark, run.now())]
        done = replace(step, new=None if step.op == "delete" else made)
        if step.op == "replace":
            self._originals.append(step)
            created = replace(done, op="create-replacement")
            run.log.step("resOutputsEvent", created)
            run.display.ends(created, seconds)
            run.log.step("resourcePreEvent", done)
            run.display.begins(done)
        run.log.step("resOutputsEvent", done)
        run.display.ends(done, 0.0 if step.op == "replace" else seconds)

    def _fail(self, step: Step, message: str) -> None:
        with self._run.call.world.change() as state:
            _forget(self._run.about.find(state), step)
        self.failed = True
        self._run.say("error", message, step.subject, step)
        self._run.log.step("resOpFailedEvent", step)
        self._run.display.fails(step, message)

    def _cancel(self, left: list[Todo]) -> None:
        """Ends the calls that are under way; asked twice, their records stay."""
        if self._run.terminating():
            raise Terminated
        self._plugin.cancel()
        version = self._run.call.world.read()["docker"]["api"]
        for each in left:
            kind = each.step.subject.type.rpartition(":")[2].lower().removeprefix("service") or "service"
            what = "configs" if kind == "config" else f"{kind}s"
            place = _CANCELED[each.step.op].format(each.step.subject.id)
            self._fail(
                each.step,
                f'1 error occurred:\n\t* Post "http://docker/v{version}/{what}/{place}": context canceled\n\n\n',
            )


def _request(todo: Todo) -> dict[str, Any]:
    step = todo.step
    do = {"replace": "create", "delete-replaced": "delete"}.get(step.op, step.op)
    mark = "" if do == "create" else step.subject.id
    return {
        "do": do,
        "type": step.subject.type,
        "id": mark,
        "inputs": dict(step.subject.inputs),
        "seconds": todo.seconds,
    }


def _row(state: State, key: bytes, step: Step, mark: str, created: float) -> Resource:
    made: Properties = step.subject
    return {
        "urn": made.urn,
        "type": made.type,
        "id": mark,
        "inputs": cipher.sealed(state, key, made.inputs),
        "outputs": cipher.sealed(state, key, made.outputs),
        "parent": made.parent,
        "created": created,
    }


def _forget(stack: Stack, step: Step) -> None:
    """Takes the newest record of the operation away; older ones are of updates that were cut off."""
    rows = stack["pending"]
    for place in reversed(range(len(rows))):
        if rows[place]["resource"]["urn"] == step.subject.urn:
            del rows[place]
            return
