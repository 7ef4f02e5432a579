"""`pulumi preview`, `up` and `destroy`: what they need before they begin, and who gets their events."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, TextIO

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.pulumi import cipher, display, locks, plans, settings
from sprocket_tui.practice.standins.pulumi.calls import Calls, Terminated, Todo
from sprocket_tui.practice.standins.pulumi.deploy import Deployment
from sprocket_tui.practice.standins.pulumi.events import Properties, Step
from sprocket_tui.practice.standins.pulumi.line import FAILED, Line, Refused
from sprocket_tui.practice.standins.pulumi.run import Run, interruptible, subject

_NOT_ASKED = "--yes or --skip-preview must be passed in to proceed when running in non-interactive mode"
_DESTROY_NOT_ASKED = (
    "--yes or --skip-preview or --preview-only must be passed in to proceed when running in non-interactive mode"
)
_STREAMING = "PULUMI_ENABLE_STREAMING_JSON_PREVIEW"
_DESTROYED = (
    "The resources in the stack have been deleted, but the history and configuration associated with the stack are "
    "still maintained. \nIf you want to remove the stack completely, run `pulumi stack rm {}`."
)
_DELETE_SECONDS = 0.4


def preview(call: Call, line: Line) -> int:
    """`pulumi preview [--json] [--save-plan FILE]`; takes no lock."""
    try:
        about = subject(call, line)
    except settings.BadValue:
        _begun(call, line)
        raise
    streaming = line.has("json") and call.environ.get(_STREAMING, "") in ("true", "1")
    text = None if line.has("json") else call.stdout
    run = Run(call, about, "preview", text, call.stdout if streaming else None, line.has("suppress-outputs"))
    said = list[dict[str, str]]()
    if line.has("json") and not streaming:
        run.log.say = lambda severity, message, urn: said.append(_said(severity, message, urn))
    began = time.monotonic()
    deployment = Deployment(run)
    status = deployment.go()
    if line.has("json") and not streaming:
        _document(run, deployment, said, int((time.monotonic() - began) * 1e9))
    if status == 0 and (file := line.value("save-plan")):
        plans.save(run, file, deployment.steps)
    return status


def up(call: Call, line: Line) -> int:
    """`pulumi up --yes [--skip-preview] [--plan FILE] [--event-log FILE]`, holding the stack's lock."""
    if not (line.has("yes") or line.has("skip-preview")):
        raise Refused(_NOT_ASKED)
    try:
        about = subject(call, line)
    except settings.BadValue:
        _begun(call, line)
        raise
    plan = plans.load(call, line.value("plan"), about.key) if line.value("plan") else None
    quiet = line.has("suppress-outputs")
    if not line.has("skip-preview"):
        run = Run(call, about, "preview", call.stdout, None, quiet)
        if status := Deployment(run).go():
            return status
    with locks.held(call, call.world.read(), about.project.name, about.name), events(call, line) as log:
        run = Run(call, about, "up", call.stdout, log, quiet)
        with interruptible(run):
            try:
                return Deployment(run, plan).go()
            except Terminated:
                return _terminated(call, run)


def destroy(call: Call, line: Line) -> int:
    """`pulumi destroy --yes [--skip-preview]`: everything the state knows, the newest first."""
    if not (line.has("yes") or line.has("skip-preview")):
        raise Refused(_DESTROY_NOT_ASKED)
    about = subject(call, line)
    with locks.held(call, call.world.read(), about.project.name, about.name), events(call, line) as log:
        run = Run(call, about, "destroy", call.stdout, log, line.has("suppress-outputs"))
        with interruptible(run):
            try:
                return _destroyed(call, run)
            except Terminated:
                return _terminated(call, run)


@contextmanager
def events(call: Call, line: Line) -> Generator[TextIO | None]:
    """The event log that the command line asks for."""
    file = line.value("event-log")
    if not file:
        yield None
        return
    try:
        log = call.path(file).open("w", encoding="utf-8")
    except OSError as error:
        raise Refused(f"open {file}: {(error.strerror or '').lower()}") from error
    with log:
        yield log


def _destroyed(call: Call, run: Run) -> int:
    about = run.about
    run.begin()
    before = about.find(call.world.read())["outputs"]
    _delete_all(run)
    if run.failed:
        run.say("error", "update failed\n", about.itself, Step("same", about.itself, about.itself))
        return run.close([], plain=True)
    with call.world.change() as state:
        stack = about.find(state)
        stack["resources"], stack["outputs"], stack["updated"] = [], {}, run.now()
    status = run.close(display.outputs(before, {}, "delete"), plain=True)
    call.say(_DESTROYED.format(about.name))
    return status


def _delete_all(run: Run) -> None:
    about = run.about
    with Calls(run) as calls:
        for held in reversed(about.find(run.call.world.read())["resources"]):
            custom = held["type"].startswith("docker:")
            inputs, outputs = cipher.opened(about.key, held["inputs"]), cipher.opened(about.key, held["outputs"])
            old = Properties(held["type"], held["urn"], custom, held["id"], held["parent"], inputs, outputs)
            step = Step("delete", old, None)
            if custom:
                for _ in calls.make([Todo(step, _DELETE_SECONDS)]):
                    run.counts["delete"] += 1
                if calls.failed or run.signals:
                    run.failed = True
                    return
                continue
            run.log.step("resourcePreEvent", step)
            run.log.step("resOutputsEvent", step)
            if not held["type"].startswith("pulumi:providers:"):
                run.counts["delete"] += 1
                run.display.begins(step)
                if held["urn"] == about.itself.urn:
                    run.display.ends(step, 0.0)


def _terminated(call: Call, run: Run) -> int:
    run.say("error", "update failed\n")
    run.display.stack_failed = True
    run.close([])
    return call.fail("error: update cancelled", FAILED)


def _begun(call: Call, line: Line) -> None:
    """A secret that cannot be read is found after the beginning was said."""
    if not line.has("json"):
        title = "Previewing update" if line.command == "preview" or not line.has("skip-preview") else "Updating"
        call.say(f"{title} ({line.value('stack') or 'layer_1'}):")


def _said(severity: str, message: str, urn: str) -> dict[str, str]:
    prefix = f"{severity}: " if severity in ("error", "warning") else ""
    return {**({"urn": urn} if urn else {}), "message": prefix + message, "severity": severity}


def _document(run: Run, deployment: Deployment, said: list[dict[str, str]], nanoseconds: int) -> None:
    """The preview as one document; of what stays as it is only the stack."""
    steps = [_row(step) for step in deployment.steps if step.op != "same" or step.subject.urn == run.about.itself.urn]
    document: dict[str, Any] = {"config": settings.shown(run.about.config)} if run.about.config else {}
    if steps:
        document["steps"] = steps
    if said:
        document["diagnostics"] = said
    document["duration"] = nanoseconds
    if run.counts:
        document["changeSummary"] = dict(sorted(run.counts.items()))
    text = json.dumps(document, indent=4, ensure_ascii=False)
    run.call.say(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _row(step: Step) -> dict[str, Any]:
    subject_ = step.subject
    row: dict[str, Any] = {"op": step.op, "urn": subject_.urn}
    if subject_.provider:
        row["provider"] = subject_.provider
    if step.old:
        row["oldState"] = _state(step.old)
    if step.new:
        row["newState"] = _state(step.new)
    return {**row, "detailedDiff": None}


def _state(held: Properties) -> dict[str, Any]:
    row: dict[str, Any] = {"urn": held.urn, "custom": held.custom}
    if held.id:
        row["id"] = held.id
    row["type"] = held.type
    for name in ("inputs", "outputs"):
        if value := getattr(held, name):
            row[name] = cipher.masked(value)
    for name in ("parent", "provider"):
        if value := getattr(held, name):
            row[name] = value
    return row
