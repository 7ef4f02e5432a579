"""`docker ps`, `inspect`, `stop` and `stats`: the containers of the Swarm's tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sprocket_tui.practice.standins.docker import container, images, networks, node, specification
from sprocket_tui.practice.standins.docker.find import find, service
from sprocket_tui.practice.standins.docker.line import Command, Flag, Request
from sprocket_tui.practice.standins.docker.shown import Listing, cut, inspected, listing
from sprocket_tui.practice.standins.docker.tasks import Task, fail, tasks
from sprocket_tui.practice.standins.docker.template import Row
from sprocket_tui.practice.standins.docker.times import ago, listed, span
from sprocket_tui.practice.standins.docker.words import Refused, from_daemon, no_filter
from sprocket_tui.practice.standins.rehearsed import NotRehearsed
from sprocket_tui.practice.world import State, pause

_HEADINGS = {
    "ID": "CONTAINER ID",
    "Image": "IMAGE",
    "Command": "COMMAND",
    "CreatedAt": "CREATED AT",
    "RunningFor": "CREATED",
    "Status": "STATUS",
    "State": "STATE",
    "Ports": "PORTS",
    "Names": "NAMES",
    "Labels": "LABELS",
    "Mounts": "MOUNTS",
    "Networks": "NETWORKS",
    "LocalVolumes": "LOCAL VOLUMES",
    "Platform": "PLATFORM",
    "Size": "SIZE",
}
_CONTAINERS = Listing(
    ("ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names"), _HEADINGS, "*formatter.ContainerContext"
)
_STATS = Listing(
    ("ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs"),
    {
        "ID": "CONTAINER ID",
        "Name": "NAME",
        "CPUPerc": "CPU %",
        "MemUsage": "MEM USAGE / LIMIT",
        "MemPerc": "MEM %",
        "NetIO": "NET I/O",
        "BlockIO": "BLOCK I/O",
        "PIDs": "PIDS",
    },
    "*container.statsContext",
)
_HEALTHS = ("none", "starting", "healthy", "unhealthy")
_STATUSES = ("created", "restarting", "running", "removing", "paused", "exited", "dead")
_COMMAND_LENGTH = 20
_KILLED = "task: non-zero exit (137)"
# Seconds of the world's time until a program has ended that was told to.
_STOPPING = 1.0
# What a program without work takes, in MiB.
_IDLE = 21.4


@dataclass(frozen=True)
class Container:
    """The container of a task, as all commands speak of it."""

    task: Task

    @property
    def name(self) -> str:
        """SERVICE.SLOT.TASK."""
        return f"{self.task.name}.{self.task.id}"


def containers(state: State) -> list[Container]:
    """All of them, the newest first."""
    every = [task for service in state["docker"]["services"] for task in tasks(state, service)]
    return [Container(task) for task in sorted(every, key=lambda task: task.made) if task.contained]


def _ps(request: Request) -> int:
    state = request.read()
    wanted: dict[str, list[str]] = {}
    for name, value in request.filters():
        if name not in ("name", "label", "health", "status"):
            raise no_filter(request.command.path, name)
        if name == "health" and value not in _HEALTHS:
            raise from_daemon(f"Unrecognised filter value for health: {value}")
        if name == "status" and value not in _STATUSES:
            raise from_daemon(f"Invalid filter 'status={value}'")
        wanted.setdefault(name, []).append(value)
    rows = [
        _row(request, state, each)
        for each in containers(state)
        if (each.task.alive or request.on("all") or "status" in wanted)
        and all(any(_matches(state, each, name, value) for value in values) for name, values in wanted.items())
    ]
    return listing(request, _CONTAINERS, rows, "ID")


def _matches(state: State, each: Container, name: str, value: str) -> bool:
    if name == "name":
        return value.removeprefix("/") in each.name
    if name == "status":
        return value == container.state_word(each.task)
    if name == "health":
        return value == (each.task.diagnosed or "none")
    labels = container.labels(state, each.task)
    return value in labels or value in [f"{key}={held}" for key, held in labels.items()]


def _row(request: Request, state: State, each: Container) -> Row:
    task = each.task
    whole = request.on("no-trunc")
    labels = container.labels(state, task)
    command = " ".join(container.shown(word) for word in container.command(state, task))
    published = [
        f"{host}:{port}->{inner}/tcp"
        for port, inner in specification.ports(state, task.service)
        for host in container.HOSTS
    ]
    image = images.find(state, task.service["image"])

    def label(name: str) -> str:
        return labels.get(name, "")

    return Row(
        {
            "ID": task.container if whole else task.container[:12],
            "Image": task.service["image"],
            "Command": f'"{command if whole else cut(command, _COMMAND_LENGTH)}"',
            "CreatedAt": listed(container.created(state, task)),
            "RunningFor": ago(task.made),
            "Status": _status(task),
            "State": container.state_word(task),
            "Ports": ", ".join(published) if task.alive else "",
            "Names": each.name,
            "Labels": ",".join(sorted(f"{name}={value}" for name, value in labels.items())),
            "Mounts": ",".join(source if whole else cut(source, 15) for source in task.service["mounts"]),
            "Networks": ",".join(task.service["networks"] or ["bridge"]),
            "LocalVolumes": str(sum(not source.startswith("/") for source in task.service["mounts"])),
            "Platform": None,
            "Size": f"0B (virtual {images.human(image['size'] if image else 0, 3)})",
            "Label": label,
        }
    )


def _status(task: Task) -> str:
    if task.alive:
        health = f" ({'health: starting' if task.health == 'starting' else task.health})" if task.health else ""
        return f"Up {span(task.since)}{health}"
    return "Created" if task.exit is None else f"Exited ({task.exit}) {ago(task.since)}"


def found(each: Sequence[Container], word: str) -> Container | None:
    """One container. Raises Refused where several begin like that."""
    known = [{"id": one.task.container, "name": one.name} for one in each]
    found = find(known, word.removeprefix("/"))
    if len(found) > 1:
        raise from_daemon(f"Multiple IDs found with provided prefix: {word}")
    return next((one for one in each if found and one.task.container == found[0]["id"]), None)


def _inspect(request: Request) -> int:
    def one(word: str) -> dict[str, Any]:
        state = request.read()
        if (each := found(containers(state), word)) is not None:
            return container.document(state, each.task)
        return _other(state, word)

    return inspected(request, one, container.SHAPE)


def _other(state: State, word: str) -> dict[str, Any]:
    """A network, a service or the node: what is no container is looked for among the others. Raises Refused."""
    active = state["docker"]["swarm"] == "active"
    if find(networks.networks(state), word):
        return networks.document(state, word)
    if active and find(state["docker"]["services"], word):
        return specification.document(state, service(state, word))
    if active and word in (state["docker"]["node_id"], state["node"]["hostname"]):
        return node.document(state)
    raise Refused(f"Error: No such object: {word}")


def _stop(request: Request) -> int:
    errors: list[str] = []
    for word in request.words:
        state = request.read()
        each = found(containers(state), word)
        if each is None:
            errors.append(f"Error response from daemon: No such container: {word}")
            continue
        if each.task.alive:
            pause(state, _STOPPING)
            with request.change() as changed:
                for service in changed["docker"]["services"]:
                    if service["id"] == each.task.service["id"]:
                        fail(changed, service, each.task.slot, _KILLED)
        request.call.say(word)
    return request.call.fail("\n".join(errors)) if errors else 0


def _stats(request: Request) -> int:
    state = request.read()
    limit = state["node"]["memory_mib"] / 1024
    held = containers(state)
    shown = [found(held, word) for word in request.words] or [each for each in held if each.task.alive]
    if None in shown:
        raise from_daemon(f"No such container: {request.words[shown.index(None)]}")
    if not request.on("no-stream"):
        raise NotRehearsed("docker stats without --no-stream")
    rows = [
        {
            "ID": each.task.container[:12],
            "Name": each.name,
            "CPUPerc": "0.00%",
            "MemUsage": f"{_IDLE}MiB / {limit:.4g}GiB",
            "MemPerc": f"{_IDLE / limit / 1024:.2%}",
            "NetIO": "1.11kB / 0B",
            "BlockIO": "0B / 0B",
            "PIDs": "1",
        }
        for each in shown
        if each is not None
    ]
    return listing(request, _STATS, rows)


COMMANDS = (
    Command(
        "ps",
        "[OPTIONS]",
        0,
        0,
        (
            Flag("all", "a"),
            Flag("quiet", "q"),
            Flag("no-trunc"),
            Flag("filter", "f", "filter"),
            Flag("format", "", "text"),
        ),
        _ps,
    ),
    Command("inspect", "[OPTIONS] NAME|ID [NAME|ID...]", 1, None, (Flag("format", "f", "text"),), _inspect),
    Command("stop", "[OPTIONS] CONTAINER [CONTAINER...]", 1, None, (), _stop),
    Command("stats", "[OPTIONS] [CONTAINER...]", 0, None, (Flag("no-stream"), Flag("format", "", "text")), _stats),
)
