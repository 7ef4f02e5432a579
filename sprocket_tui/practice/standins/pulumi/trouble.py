"""What goes wrong before a resource is touched: packages, configuration, the image hub; and how it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sprocket_tui.practice.standins.pulumi import program
from sprocket_tui.practice.standins.pulumi.events import Step
from sprocket_tui.practice.standins.pulumi.layer_1 import IMAGE, IMAGE_DIGEST
from sprocket_tui.practice.standins.pulumi.run import Run
from sprocket_tui.practice.world import State

_SDK = "node_modules/@pulumi/pulumi/package.json"
_NO_SDK = "error: It looks like the Pulumi SDK has not been installed. Have you run npm install or yarn install?\n\n"
_NO_MODULE = "'MODULE_NOT_FOUND'"
_REFUSALS = {"401": "401", "403": "403", "429": "429", "missing": "404"}

_ADVICE = """\
These resources are in an unknown state because the Pulumi CLI was interrupted while waiting for changes to these \
resources to complete. You should confirm whether or not the operations listed completed successfully by checking the \
state of the appropriate provider. For example, if you are using AWS, you can confirm using the AWS Console.

Once you have confirmed the status of the interrupted operations, you can repair your stack using `pulumi refresh` \
which will refresh the state from the provider you are using and clear the pending operations if there are any.

Note that `pulumi refresh` will need to be run interactively to clear pending CREATE operations.
"""


@dataclass(frozen=True)
class Trouble:
    """What stops the program: its message, before which it says `first`; what is not registered because of it."""

    message: str = ""
    first: str = ""
    left_out: tuple[str, ...] = ()
    early: bool = False

    def tell(self, run: Run) -> None:
        """Says it."""
        if self.first:
            run.say("info", self.first)
        run.say("error", self.message)


def unloadable(run: Run) -> bool:
    """Whether the program cannot be loaded; says why."""
    directory = run.about.project.directory
    here, shared = run.call.path(directory), run.call.path(f"{directory}/../global")
    if not (here / _SDK).is_file():
        run.wait(3)
        run.display.heartbeat(5)
        run.display.line("")
        nobody = Step("same", None, run.about.itself)
        run.say("info#err", _NO_SDK, run.about.itself, nobody)
        run.say("error", "error reading from server: EOF\n", run.about.itself, nobody)
        mark = "" if run.planning else "**failed**"
        run.display.line(f"    pulumi:pulumi:Stack {nobody.subject.urn.rpartition('::')[2]} {mark} 1 error; 1 message")
        return True
    if (shared / "package.json").is_file() and not (shared / _SDK).is_file():
        run.wait(4)
        run.display.heartbeat(5)
        step = Step("create", None, run.about.itself)
        run.log.step("resourcePreEvent", step)
        run.display.stack(step)
        run.counts["create"] += 1
        run.say("error", _no_module(directory))
        return True
    return False


def look(run: Run, state: State) -> Trouble:
    """What stops the program in the middle, if anything does."""
    project = run.about.project.name
    if found := program.missing(run.about.config, project):
        _, message, left_out = found
        return Trouble(message, left_out=left_out, early=True)
    answer = _hub(state)
    if answer in _REFUSALS:
        said = f"Request failed with status code {_REFUSALS[answer]}\n\n"
        if answer in ("401", "403"):
            place = f"{run.about.project.directory}/"
            said = f"Running program '{place}' failed with an unhandled exception:\n{said}"
        return Trouble(said, f"Failed to look up {IMAGE}:latest\n\n", ("traefik-fa-service",))
    return Trouble()


def _hub(state: State) -> str:
    """What the hub says: to everybody under its own name, or about the image by a part of its name."""
    registry = state["registry"]
    return registry.get("hub", "") or next((what for name, what in registry.items() if name in f"{IMAGE}:latest"), "")


def say_image(run: Run) -> None:
    """Which image the hub named."""
    run.say("info", f"{IMAGE}@{IMAGE_DIGEST} (latest)\n\n")


def violation(run: Run, step: Step, why: str) -> None:
    """A step that the plan does not hold."""
    nobody = replace(step, op="same")
    run.say("error", why, step.subject, nobody)
    kind, name = step.subject.type, step.subject.urn.rpartition("::")[2]
    module, _, last = kind.rpartition(":")
    run.display.line(f"    {module.partition('/')[0]}:{last} {name} **failed** 1 error")


def pending(run: Run, operations: Sequence[dict[str, Any]]) -> None:
    """Operations of an earlier update that were cut off."""
    rows = "".join(f"\n  * {each['resource']['urn']}, interrupted while {each['type']}" for each in operations)
    text = (
        f"Attempting to deploy or update resources with {len(operations)} pending operations from previous deployment."
    )
    run.say("warning", f"{text}{rows}\n{_ADVICE}", run.about.itself, Step("same", None, run.about.itself))


def _no_module(directory: str) -> str:
    """What Node.js says of a package that only global/ lacks, colours and all."""
    root = str(Path(directory).parent)
    stack = (
        f"{root}/global/services/fluentd/FluentD.ts",
        f"{root}/global/services/fluentd/index.ts",
        f"{root}/global/services/index.ts",
        f"{directory}/src/index.ts",
        f"{directory}/index.ts",
        f"{directory}/node_modules/@pulumi/pulumi/cmd/run/run.js",
        f"{directory}/node_modules/@pulumi/pulumi/cmd/run/index.js",
    )
    vendor = f"{_grey(f'({directory}/')}node_modules/{_under('@pulumi/pulumi')}/vendor/ts-node@7.0.1/index.js"
    quoted = [_green(f"'{each}'") for each in stack]
    rows = [
        f"Running program '{directory}/' failed with an unhandled exception:",
        "Error: Cannot find module '@pulumi/pulumi'",
        "Require stack:",
        *(f"- {each}" for each in stack),
        _grey("    at Function.Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)"),
        _grey("    at Function.Module._load (node:internal/modules/cjs/loader:1038:27)"),
        _grey("    at Module.require (node:internal/modules/cjs/loader:1289:19)"),
        _grey("    at require (node:internal/modules/helpers:182:18)"),
        f"    at Object.<anonymous> ({stack[0]}:1:1)",
        _grey("    at Module._compile (node:internal/modules/cjs/loader:1521:14)"),
        f"    at Module.m._compile {vendor}:3009:23{_grey(')')}",
        _grey("    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)"),
        f"    at Object.require.extensions.<computed> [as .ts] {vendor}:3011:12{_grey(')')}",
        f"{_grey('    at Module.load (node:internal/modules/cjs/loader:1266:32)')} {{",
        f"  code: {_green(_NO_MODULE)},",
        "  requireStack: [",
        *(f"    {each}," for each in quoted[:-1]),
        f"    {quoted[-1]}",
        "  ]",
        "}",
        "",
    ]
    return "\n".join(rows)


def _grey(text: str) -> str:
    return f"\x1b[90m{text}\x1b[39m"


def _under(text: str) -> str:
    return f"\x1b[4m{text}\x1b[24m"


def _green(text: str) -> str:
    return f"\x1b[32m{text}\x1b[39m"
