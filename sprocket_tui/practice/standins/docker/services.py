"""`docker service` for those who look: the services, their tasks, their specification."""

from __future__ import annotations

from typing import Any

from sprocket_tui.practice.standins.docker import find, specification
from sprocket_tui.practice.standins.docker.find import managed
from sprocket_tui.practice.standins.docker.line import Command, Flag, Request
from sprocket_tui.practice.standins.docker.shown import Listing, cut, inspected, listing, natural
from sprocket_tui.practice.standins.docker.tasks import Task, running, tasks
from sprocket_tui.practice.standins.docker.times import ago
from sprocket_tui.practice.standins.docker.words import Refused, no_filter
from sprocket_tui.practice.world import Service, State

_SERVICES = Listing(
    ("ID", "Name", "Mode", "Replicas", "Image", "Ports"),
    {"ID": "ID", "Name": "NAME", "Mode": "MODE", "Replicas": "REPLICAS", "Image": "IMAGE", "Ports": "PORTS"},
    "*service.serviceContext",
)
_TASKS = Listing(
    ("ID", "Name", "Image", "Node", "DesiredState", "CurrentState", "Error", "Ports"),
    {
        "ID": "ID",
        "Name": "NAME",
        "Image": "IMAGE",
        "Node": "NODE",
        "DesiredState": "DESIRED STATE",
        "CurrentState": "CURRENT STATE",
        "Error": "ERROR",
        "Ports": "PORTS",
    },
    "*task.taskContext",
)
_ERROR_LENGTH, _ID_LENGTH = 30, 12
_FORMAT = Flag("format", "", "text")


def _ls(request: Request) -> int:
    state = request.read()
    managed(state)
    for name, _ in request.filters():
        if name not in ("name", "id", "label"):
            raise no_filter(request.command.path, name)
    held = [each for each in state["docker"]["services"] if _matches(request, each)]
    rows = [
        {
            "ID": each["id"][:_ID_LENGTH],
            "Name": each["name"],
            "Mode": "replicated",
            "Replicas": f"{running(state, each)}/{each['replicas']}",
            "Image": each["image"],
            "Ports": "",
        }
        for each in sorted(held, key=lambda each: natural(each["name"]))
    ]
    return listing(request, _SERVICES, rows, "ID")


def _matches(request: Request, service: Service) -> bool:
    """All kinds of filters hold; of one kind, any."""
    wanted: dict[str, list[str]] = {}
    for name, value in request.filters():
        wanted.setdefault(name, []).append(value)
    labels = [*service["labels"], *(f"{name}={value}" for name, value in service["labels"].items())]
    return all(
        any(
            value in labels if name == "label" else service["name" if name == "name" else "id"].startswith(value)
            for value in values
        )
        for name, values in wanted.items()
    )


def _inspect(request: Request) -> int:
    def one(word: str) -> dict[str, Any]:
        state = request.read()
        try:
            return specification.document(state, find.service(state, word))
        except Refused as refused:
            if refused.text.endswith(" not found"):
                raise Refused(f"Error: no such service: {word}") from None
            raise

    return inspected(request, one, specification.SHAPE)


def _ps(request: Request) -> int:
    state = request.read()
    managed(state)
    chosen: list[Service] = []
    missing: list[str] = []
    for word in request.words:
        found = find.find(state["docker"]["services"], word)
        if len(found) > 1:
            raise Refused(f"multiple services found with provided prefix: {word}")
        chosen += found
        missing += [] if found else [f"no such service: {word}"]
    if chosen or not missing:
        once = {each["id"]: each for each in chosen}.values()
        shown = [task for each in sorted(once, key=lambda each: natural(each["name"])) for task in tasks(state, each)]
        if request.on("quiet"):
            request.call.stdout.write("".join(f"{task.id}\n" for task in shown))
        else:
            listing(request, _TASKS, _task_rows(request, state, shown))
    return request.call.fail("\n".join(missing)) if missing else 0


def _task_rows(request: Request, state: State, shown: list[Task]) -> list[dict[str, str]]:
    whole, as_table = request.on("no-trunc"), not request.given.get("format")
    rows: list[dict[str, str]] = []
    before = ""
    for task in shown:
        # In a table the tasks of a slot hang below its newest one.
        name = f" \\_ {task.name}" if as_table and task.name == before else task.name
        before = task.name
        error = task.error if whole else cut(task.error, _ERROR_LENGTH)
        ports = ",".join(f"*:{port}->{inner}/tcp" for port, inner in specification.ports(state, task.service))
        rows.append(
            {
                "ID": task.id if whole else task.id[:_ID_LENGTH],
                "Name": name,
                "Image": task.service["image"],
                "Node": state["node"]["hostname"] if task.placed else "",
                "DesiredState": task.desired,
                "CurrentState": f"{task.current} {ago(task.since).lower()}",
                "Error": f'"{error}"' if error else "",
                # Once for each family of addresses.
                "Ports": f"{ports},{ports}" if task.up and ports else "",
            }
        )
    return rows


COMMANDS = (
    Command("service ls", "[OPTIONS]", 0, 0, (Flag("quiet", "q"), Flag("filter", "f", "filter"), _FORMAT), _ls),
    Command("service inspect", "[OPTIONS] SERVICE [SERVICE...]", 1, None, (Flag("format", "f", "text"),), _inspect),
    Command(
        "service ps", "[OPTIONS] SERVICE [SERVICE...]", 1, None, (Flag("quiet", "q"), Flag("no-trunc"), _FORMAT), _ps
    ),
)
