"""`pulumi stack` and what is below it: made, selected, listed, removed; its tree, its outputs, its export."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.pulumi import backend, cipher, settings
from sprocket_tui.practice.standins.pulumi.line import FAILED, Line, Refused
from sprocket_tui.practice.standins.pulumi.program import PROVIDER, depends
from sprocket_tui.practice.world import Resource, Stack, State

_MAGIC = "12f16485067e417d28666248039cc5d9176b7e24c4e20455e71f58c0be1b7a0c"
_BOTH = "only one of --stack or argument stack name may be specified, not both"
_UNITS = (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def init(call: Call, line: Line) -> int:
    """`pulumi stack init NAME`."""
    if line.words and line.value("stack"):
        raise Refused(_BOTH)
    project = backend.project(call)
    with call.world.change() as state:
        backend.opened(call, state)
        name = backend.short(line.words[0] if line.words else line.value("stack"))
        if not name:
            raise Refused("missing stack name")
        if name in state["stacks"]:
            raise Refused(f"stack 'organization/{project.name}/{name}' already exists")
        _make(call, state, project, name)
    return 0


def select(call: Call, line: Line) -> int:
    """`pulumi stack select [--create] NAME`."""
    name = backend.short(line.words[0] if line.words else line.value("stack"))
    project = backend.project(call)
    with call.world.change() as state:
        backend.opened(call, state)
        if not name:
            raise Refused("no stack name given, use --stack to specify a stack name")
        if name in state["stacks"]:
            backend.select(call, project, name)
        elif line.has("create"):
            _make(call, state, project, name)
        else:
            raise Refused(f"no stack named '{name}' found")
    return 0


def remove(call: Call, line: Line) -> int:
    """`pulumi stack rm NAME --yes`; refused while it has resources."""
    if line.words and line.value("stack"):
        raise Refused(_BOTH)
    project = backend.project(call)
    wanted = Line(line.command, (), {**line.flags, "stack": line.words[0]}) if line.words else line
    with call.world.change() as state:
        backend.opened(call, state)
        name, stack = backend.stack(call, wanted, state, project)
        if not line.has("yes"):
            raise Refused("non-interactive mode requires --yes flag")
        if stack["resources"] and not line.has("force"):
            return call.fail(
                f"error: '{name}' still has resources; removal rejected. Possible actions:\n"
                f"- Make sure that '{name}' is the stack that you want to destroy\n"
                "- Run `pulumi destroy` to delete the resources, then run `pulumi stack rm`\n"
                "- Run `pulumi stack rm --force` to override this error",
                FAILED,
            )
        del state["stacks"][name]
        (call.path(project.directory) / f"Pulumi.{name}.yaml").unlink(missing_ok=True)
        if backend.selected(call, project) == name:
            backend.select(call, project, "")
        call.say(f"Stack '{name}' has been removed!")
    return 0


def ls(call: Call, line: Line) -> int:
    """`pulumi stack ls [--json]`."""
    state = call.world.read()
    try:
        project = backend.project(call)
    except Refused as error:
        raise Refused(f"could not detect current project: {error}") from error
    backend.opened(call, state)
    current = backend.selected(call, project)
    rows = [
        {
            "name": name,
            "current": name == current,
            "lastUpdate": backend.moment(state, stack["updated"], fraction=3),
            "resourceCount": len(stack["resources"]),
        }
        for name, stack in sorted(state["stacks"].items())
    ]
    if line.has("json"):
        call.say(json.dumps(rows, indent=2))
        return 0
    table = [("NAME", "LAST UPDATE", "RESOURCE COUNT")]
    for row in rows:
        name = f"{row['name']}*" if row["current"] else str(row["name"])
        table.append((name, _ago(state, state["stacks"][str(row["name"])]["updated"]), str(row["resourceCount"])))
    for text in _columns(table):
        call.say(text)
    return 0


def export(call: Call, line: Line) -> int:
    """`pulumi stack export`: the state, indented by four, lists only where they are not empty."""
    state, project = call.world.read(), backend.project(call)
    backend.opened(call, state)
    _, stack = backend.stack(call, line, state, project)
    salt = stack["digest"]
    deployment: dict[str, Any] = {
        "manifest": {"time": backend.moment(state, stack["updated"]), "magic": _MAGIC, "version": "v3.190.0"},
        "secrets_providers": {"type": "passphrase", "state": {"salt": salt}},
    }
    if stack["resources"]:
        deployment["resources"] = [_exported(state, stack, each) for each in stack["resources"]]
    if stack["pending"]:
        deployment["pending_operations"] = [
            {"resource": _exported(state, stack, each["resource"]), "type": each["type"]} for each in stack["pending"]
        ]
    deployment["metadata"] = {}
    call.say(json.dumps({"version": 3, "deployment": deployment}, indent=4, ensure_ascii=False))
    return 0


def output(call: Call, line: Line) -> int:
    """`pulumi stack output [NAME] [--json]`."""
    state, project = call.world.read(), backend.project(call)
    backend.opened(call, state)
    _, stack = backend.stack(call, line, state, project)
    outputs = stack["outputs"]
    if line.words:
        if line.words[0] not in outputs:
            raise Refused(f"current stack does not have output property '{line.words[0]}'")
        value = outputs[line.words[0]]
        call.say(json.dumps(value) if line.has("json") else str(value))
    elif line.has("json"):
        call.say(json.dumps(outputs, indent=2))
    else:
        _say_outputs(call, outputs)
    return 0


def show(call: Call, line: Line) -> int:
    """`pulumi stack`: the tree of resources, and the outputs."""
    state, project = call.world.read(), backend.project(call)
    backend.opened(call, state)
    name, stack = backend.stack(call, line, state, project)
    if line.has("show-name"):
        call.say(f"organization/{project.name}/{name}" if line.has("fully-qualify-stack-names") else name)
        return 0
    at = backend.moment(state, stack["updated"]).replace("T", " ").removesuffix("Z")
    call.say(f"Current stack is {name}:")
    call.say(f"    Managed by {state['node']['hostname']}")
    call.say(f"    Last updated: {_ago(state, stack['updated'])} ({at} +0000 UTC)")
    call.say(f"    Pulumi version used: v{state['software']['pulumi']}")
    call.say(f"Current stack resources ({len(stack['resources'])}):")
    if stack["resources"]:
        rows = [("TYPE", "NAME"), *_tree(stack["resources"], "", "")]
        for text in _columns(rows):
            call.say(f"    {text}")
    else:
        call.say("    No resources currently in this stack")
    call.say("")
    if stack["resources"]:
        _say_outputs(call, stack["outputs"])
        call.say("")
    call.say("Use `pulumi stack select` to change stack; `pulumi stack ls` lists known ones")
    return 0


def _make(call: Call, state: State, project: backend.Project, name: str) -> None:
    try:
        digest = cipher.digest(state, cipher.passphrase(call))
    except Refused as error:
        raise Refused(f"could not create secrets manager for new stack: {error}") from error
    stack: Stack = {
        "digest": digest,
        "updated": time.time() + state["node"]["clock"],
        "config": {},
        "resources": [],
        "pending": [],
        "outputs": {},
    }
    state["stacks"][name] = stack
    settings.write(call, project, name, stack)
    backend.select(call, project, name)
    call.say(f"Created stack '{name}'")


def _exported(state: State, stack: Stack, resource: Resource) -> dict[str, Any]:
    custom = resource["type"].startswith(("docker:", "pulumi:providers:"))
    row: dict[str, Any] = {"urn": resource["urn"], "custom": custom}
    if resource["id"]:
        row["id"] = resource["id"]
    row["type"] = resource["type"]
    row |= {name: resource[name] for name in ("inputs", "outputs", "parent") if resource[name]}
    if resource["type"].startswith("docker:"):
        provider = next((each for each in stack["resources"] if each["urn"].endswith(f"::{PROVIDER}")), None)
        if needed := depends(resource["urn"]):
            row["dependencies"] = needed
        row["provider"] = f"{provider['urn']}::{provider['id']}" if provider else ""
    if resource["created"]:
        row["created"] = row["modified"] = backend.moment(state, resource["created"])
    return row


def _tree(resources: Sequence[Resource], parent: str, lead: str) -> list[tuple[str, str]]:
    """Rows of type and name; what has no parent stands below the stack itself."""
    root = resources[0]["urn"]
    below = [each for each in resources if _below(each, root) == parent]
    below.sort(key=lambda each: each["type"].startswith("pulumi:providers:"))
    rows = list[tuple[str, str]]()
    for each in below:
        last = each is below[-1]
        mark = "" if not parent else f"{lead}└─ " if last else f"{lead}├─ "
        deeper = "" if not parent else f"{lead}   " if last else f"{lead}│  "
        rows.append((f"{mark}{each['type']}", each["urn"].rpartition("::")[2]))
        rows += _tree(resources, each["urn"], deeper)
    return rows


def _below(resource: Resource, root: str) -> str:
    return "" if resource["urn"] == root else resource["parent"] or root


def _say_outputs(call: Call, outputs: Mapping[str, Any]) -> None:
    call.say(f"Current stack outputs ({len(outputs)}):")
    if not outputs:
        call.say("    No output values currently in this stack")
        return
    for text in _columns([("OUTPUT", "VALUE"), *((name, str(value)) for name, value in sorted(outputs.items()))]):
        call.say(f"    {text}")


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]


def _ago(state: State, since: float) -> str:
    seconds = int(time.time() + state["node"]["clock"] - since)
    for unit, size in _UNITS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count != 1 else ''} ago"
    return "now"
