"""`pulumi refresh`: the state is compared with what exists; what is gone is forgotten, what was cut off is settled."""

from __future__ import annotations

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.pulumi import cipher, display, locks, operations, provider
from sprocket_tui.practice.standins.pulumi.events import Properties, Step
from sprocket_tui.practice.standins.pulumi.layer_1 import STACK
from sprocket_tui.practice.standins.pulumi.line import FAILED, Line, Refused
from sprocket_tui.practice.standins.pulumi.run import Run, Subject, interruptible, subject
from sprocket_tui.practice.world import Resource

_NOT_ASKED = (
    "--yes or --skip-preview or --preview-only must be passed in to proceed when running in non-interactive mode"
)


def main(call: Call, line: Line) -> int:
    """`pulumi refresh --yes|--preview-only [--skip-preview] [--clear-pending-creates] [--expect-no-changes]`."""
    if not (line.has("yes") or line.has("skip-preview") or line.has("preview-only")):
        raise Refused(_NOT_ASKED)
    about = subject(call, line)
    quiet = line.has("suppress-outputs")
    if line.has("preview-only"):
        run = Run(call, about, "preview-refresh", call.stdout, None, quiet)
        return _judged(call, line, run, _look(run, clear=False))
    with locks.held(call, call.world.read(), about.project.name, about.name), operations.events(call, line) as events:
        if not line.has("skip-preview"):
            preview = Run(call, about, "preview-refresh", call.stdout, None, quiet)
            if status := _look(preview, clear=False):
                return status
        run = Run(call, about, "refresh", call.stdout, events, quiet)
        with interruptible(run):
            return _judged(call, line, run, _look(run, clear=line.has("clear-pending-creates")))


def _judged(call: Call, line: Line, run: Run, status: int) -> int:
    if status == 0 and line.has("expect-no-changes") and run.counts["delete"]:
        return call.fail("error: no changes were expected but changes occurred", FAILED)
    return status


def _look(run: Run, *, clear: bool) -> int:
    about, state = run.about, run.call.world.read()
    stack = about.find(state)
    gone = set[str]()
    run.begin()
    run.wait(0.8)
    for held in stack["resources"]:
        if run.stopping():
            run.failed = True
            run.say("error", "refresh canceled\n")
            break
        custom = held["type"].startswith("docker:")
        try:
            there = not custom or provider.there(run.call.world.read(), held["type"], held["id"])
        except provider.Failed as error:
            step = Step("refresh", _properties(about, held), _properties(about, held))
            run.say("error", f"1 error occurred:\n\t* {error}\n\n\n", step.subject, step)
            run.log.step("resOpFailedEvent", step)
            continue
        _tell(run, held, there=there)
        if not there:
            gone.add(held["urn"])
    if not run.planning:
        with run.call.world.change() as state:
            stack = about.find(state)
            stack["updated"] = run.now()
            stack["resources"] = [each for each in stack["resources"] if each["urn"] not in gone]
            stack["pending"] = [each for each in stack["pending"] if each["type"] == "creating" and not clear]
    shown = [] if run.planning else display.outputs(stack["outputs"], stack["outputs"], "same")
    return run.close(shown)


def _tell(run: Run, held: Resource, *, there: bool) -> None:
    old = _properties(run.about, held)
    looking = Step("refresh", old, old)
    step = Step("same", old, old) if there else Step("delete", old, None)
    internal = held["type"].startswith("pulumi:providers:")
    run.log.step("resourcePreEvent", looking)
    if held["type"] == STACK:
        run.display.stack(looking)
        run.display.line(f"    {display.shown_type(STACK)} {held['urn'].rpartition('::')[2]} running ")
        run.display.stack(step)
    elif not internal:
        run.display.begins(looking)
    run.log.step("resOutputsEvent", step)
    if internal:
        return
    run.counts[step.op] += 1
    if step.op == "delete":
        if run.planning:
            run.display.begins(step)
        else:
            run.display.ends(step, 0.01)
    elif held["type"] != STACK:
        run.display.unchanged(step)


def _properties(about: Subject, held: Resource) -> Properties:
    custom = held["type"].startswith(("docker:", "pulumi:providers:"))
    inputs, outputs = cipher.opened(about.key, held["inputs"]), cipher.opened(about.key, held["outputs"])
    return Properties(held["type"], held["urn"], custom, held["id"], held["parent"], inputs, outputs)
