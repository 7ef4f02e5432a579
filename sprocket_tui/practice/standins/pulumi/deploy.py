"""Preview and update: the program's resources one wave after the other, recorded before and after every call."""

from __future__ import annotations

import hashlib
import time
import uuid
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from sprocket_tui.practice.standins.pulumi import cipher, debug, display, program, trouble
from sprocket_tui.practice.standins.pulumi.calls import Calls, Todo
from sprocket_tui.practice.standins.pulumi.events import Properties, Step
from sprocket_tui.practice.standins.pulumi.layer_1 import COMPONENT_OUTPUTS, ITEMS, OUTPUTS, SERVICE, Item
from sprocket_tui.practice.standins.pulumi.plans import Plan
from sprocket_tui.practice.standins.pulumi.run import Run
from sprocket_tui.practice.world import Resource, State, identifier


class Deployment:
    """One run of the program. `steps` is what was decided so far."""

    def __init__(self, run: Run, plan: Plan | None = None) -> None:
        self.run, self.steps = run, list[Step]()
        self._plan, self._about = plan, run.about
        self._state = run.call.world.read()
        self._old = {each["urn"]: each for each in run.about.find(self._state)["resources"]}
        self._ids, self._names = dict[str, str](), dict[str, str]()
        self._provider = ""
        self._failed = self._violated = False

    def go(self) -> int:
        """Runs it: the exit status."""
        run = self.run
        run.begin()
        self._warn_of_pending()
        if trouble.unloadable(run):
            return run.close([])
        run.wait(1.0)
        run.display.heartbeat(5)
        found = trouble.look(run, self._state)
        stack = self._stack()
        components = [item for item in ITEMS if not item.custom and item.name not in found.left_out]
        for item in components:
            self._component(item)
        run.wait(0.5)
        if found.message and found.early:
            run.display.heartbeat(22)
            run.wait(program.SLOW_FAILURE)
            found.tell(run)
        ok = self._waves([item for item in ITEMS if item.custom and item.name not in found.left_out], found)
        if ok:
            for item in components:
                outputs = program.resolve(COMPONENT_OUTPUTS[item.name], self._look)
                self._component(item, outputs)
        if not run.planning and (self._failed or run.signals):
            run.say("error", "update failed\n" if self._failed else "update canceled\n")
        return self._end(stack, outputs=ok and not (found.message and found.early))

    def _waves(self, items: list[Item], found: trouble.Trouble) -> bool:
        with ExitStack() as stack:
            calls = None
            if not self.run.planning:
                calls = stack.enter_context(Calls(self.run))
                self._make_provider()
            for wave in sorted({item.wave for item in items}):
                if wave == 2 and not found.early:
                    self._look_up_image(found)
                if not self._wave([item for item in items if item.wave == wave], calls):
                    return False
            if calls:
                calls.delete_originals()
        for step in [each for each in self.steps if each.op == "replace"]:
            if self.run.planning:
                self._shown(replace(step, op="delete-replaced", new=None))
        return True

    def _wave(self, items: list[Item], calls: Calls | None) -> bool:
        """Whether to go on. Everything of a wave is begun before the first of it ends."""
        if self.run.stopping():
            return False
        todo = list[Todo]()
        for item in items:
            step = self._step(item)
            if self._plan and (why := self._plan.violation(step)):
                self._violated = True
                trouble.violation(self.run, step, why)
                continue
            if step.op == "same" or calls is None:
                self._shown(step)
                self._keep(item, step.subject.id or program.UNKNOWN, step)
            else:
                self.steps.append(step)
                todo.append(Todo(step, item.seconds, item.name))
        if calls is None:
            return True
        for each, mark in calls.make(todo):
            self._keep(next(item for item in items if item.name == each.name), mark, each.step)
            self._count(each.step)
        self._failed = calls.failed
        return not (calls.failed or self._violated)

    def _step(self, item: Item) -> Step:
        """What has to be done about a resource, with the properties it is to have."""
        about = self._about
        urn = program.urn(about.name, about.project.name, item)
        held = self._old.get(urn)
        properties = program.resolve(item.inputs, self._look)
        parent = program.parent_urn(about.name, about.project.name, item)
        base = Properties(item.type, urn, True, "", parent, provider=self._provider_reference())
        if held is None:
            name = (self._plan.name(urn) if self._plan else "") or item.fixed or self._named(item.name)
            return Step("create", None, replace(base, inputs=_sorted({**properties, "name": name})))
        inputs, outputs = cipher.opened(about.key, held["inputs"]), cipher.opened(about.key, held["outputs"])
        old = replace(base, id=held["id"], inputs=inputs, outputs=outputs)
        wanted = _sorted({**properties, "name": inputs["name"]})
        diff = tuple(name for name in wanted if wanted[name] != inputs.get(name))
        if not diff:
            return Step("same", old, replace(old, inputs=wanted))
        if item.type == SERVICE:
            return Step("update", old, replace(old, inputs=wanted), diff)
        name = (self._plan.name(urn) if self._plan else "") or item.fixed or self._named(item.name)
        return Step("replace", old, replace(base, inputs=_sorted({**wanted, "name": name})), diff)

    def _keep(self, item: Item, mark: str, step: Step) -> None:
        self._ids[item.name] = mark
        self._names[item.name] = str(step.subject.inputs["name"])

    def _look(self, kind: str, name: str) -> str:
        about = self._about
        if kind == "config":
            default = program.DEFAULT_HOSTNAME if name == "hostname" else ""
            return about.config.get(f"{about.project.name}:{name}", default)
        if kind == "checkout":
            return about.project.directory.rpartition("/")[0]
        if kind == "port":
            return str(self._state["ports"]["https" if name == "https" else "http"])
        return (self._ids if kind == "id" else self._names).get(name, program.UNKNOWN)

    def _named(self, logical: str) -> str:
        """A name with seven random digits, as Pulumi gives one where the program does not."""
        if self.run.planning:
            return _random_name(self._state, logical)
        with self.run.call.world.change() as state:
            return _random_name(state, logical)

    def _shown(self, step: Step) -> None:
        """A step that takes no call: of a preview, or of a resource that stays as it is."""
        parts = (step,)
        if step.op == "replace":
            parts = (replace(step, op="create-replacement"), step)
        for part in parts:
            debug.registers(self.run.log, part)
            self.run.log.step("resourcePreEvent", part)
            if part.op != "same":
                self.run.display.begins(part)
            self.run.log.step("resOutputsEvent", part)
        debug.registered(self.run.log, step)
        if step.op != "delete-replaced":
            self.steps.append(step)
            self._count(step)

    def _count(self, step: Step) -> None:
        self.run.counts[step.op] += 1

    def _stack(self) -> Step:
        about, itself = self._about, self._about.itself
        held = self._old.get(itself.urn)
        before = replace(itself, outputs=held["outputs"]) if held else None
        step = Step("same" if held else "create", before, replace(itself))
        debug.registers(self.run.log, step)
        self.run.log.step("resourcePreEvent", step)
        if self.run.planning:
            self.run.log.step("resOutputsEvent", step)
        self.run.display.stack(step)
        debug.registered(self.run.log, step)
        self.steps.append(step)
        self._count(step)
        if not self.run.planning and not held:
            self._add(Properties(itself.type, itself.urn))
        self.run.log.debug(f"Running program '{about.project.directory}' in pwd '{about.project.directory}' w/ args: ")
        return step

    def _component(self, item: Item, outputs: dict[str, Any] | None = None) -> None:
        """A component is there with its registration; its outputs follow when its parts are there."""
        about = self._about
        urn = program.urn(about.name, about.project.name, item)
        parent = program.parent_urn(about.name, about.project.name, item)
        new = Properties(item.type, urn, parent=parent)
        held = self._old.get(urn)
        step = Step("same" if held else "create", replace(new) if held else None, new)
        if outputs is not None:
            self.run.log.step("resOutputsEvent", replace(step, new=replace(new, outputs=outputs)))
            if not self.run.planning:
                self._set_outputs(urn, outputs)
            return
        debug.registers(self.run.log, step)
        self.run.log.step("resourcePreEvent", step)
        if self.run.planning:
            self.run.log.step("resOutputsEvent", step)
        if not held:
            self.run.display.begins(step)
        debug.registered(self.run.log, step)
        self.steps.append(step)
        self._count(step)
        if not self.run.planning and not held:
            self._add(new)

    def _make_provider(self) -> None:
        urn = program.provider_urn(self._about.name, self._about.project.name)
        held = self._old.get(urn)
        inputs: dict[str, Any] = {"__internal": {}, "version": "3.6.1"}
        outputs: dict[str, Any] = {"version": "3.6.1"}
        self._provider = held["id"] if held else self._new_id()
        new = Properties("pulumi:providers:docker", urn, True, "", "", inputs, {})
        step = Step(
            "same" if held else "create", replace(new, id=self._provider, outputs=outputs) if held else None, new
        )
        self.run.log.step("resourcePreEvent", step)
        made = replace(new, id=self._provider, outputs=outputs)
        self.run.log.step("resOutputsEvent", replace(step, new=made))
        if held is None:
            self._add(made)

    def _new_id(self) -> str:
        with self.run.call.world.change() as state:
            seed = hashlib.sha256(identifier(state).encode()).digest()
        return str(uuid.UUID(bytes=seed[:16], version=4))

    def _provider_reference(self) -> str:
        return (
            f"{program.provider_urn(self._about.name, self._about.project.name)}::{self._provider or program.UNKNOWN}"
        )

    def _look_up_image(self, found: trouble.Trouble) -> None:
        if found.message:
            found.tell(self.run)
        else:
            trouble.say_image(self.run)

    def _add(self, made: Properties) -> None:
        row: Resource = {
            "urn": made.urn,
            "type": made.type,
            "id": made.id,
            "inputs": dict(made.inputs),
            "outputs": dict(made.outputs),
            "parent": made.parent,
            "created": self.run.now(),
        }
        with self.run.call.world.change() as state:
            self._about.find(state)["resources"].append(row)

    def _set_outputs(self, urn: str, outputs: dict[str, Any]) -> None:
        with self.run.call.world.change() as state:
            for each in self._about.find(state)["resources"]:
                if each["urn"] == urn:
                    each["outputs"] = outputs

    def _end(self, step: Step, *, outputs: bool) -> int:
        before = self._about.find(self._state)["outputs"]
        after: dict[str, Any] = program.resolve(OUTPUTS, self._look) if outputs else {}
        new = replace(self._about.itself, outputs=after)
        if outputs or self.run.planning or step.op == "same":
            self.run.log.step("resOutputsEvent", replace(step, new=new))
        if not self.run.planning:
            with self.run.call.world.change() as state:
                stack = self._about.find(state)
                stack["updated"] = time.time() + state["node"]["clock"]
                if outputs:
                    stack["outputs"] = after
            if outputs:
                self._set_outputs(new.urn, after)
        shown = display.outputs(before, after, step.op) if outputs else []
        self.run.display.stack_failed = self.run.failed and not self._violated
        return self.run.close([] if self.run.planning and before == after else shown)

    def _warn_of_pending(self) -> None:
        pending = self._about.find(self._state)["pending"]
        if self.run.planning or not pending:
            return
        trouble.pending(self.run, pending)


def _random_name(state: State, logical: str) -> str:
    return f"{logical}-{hashlib.sha256(identifier(state).encode()).hexdigest()[:7]}"


def _sorted(properties: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(properties.items()))
