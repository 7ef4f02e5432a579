"""`docker volume`, `config` and `secret`: lists, inspection, removal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from sprocket_tui.practice.standins.docker.find import find, managed
from sprocket_tui.practice.standins.docker.line import Command, Flag, Request
from sprocket_tui.practice.standins.docker.shown import Listing, inspected, listing, natural
from sprocket_tui.practice.standins.docker.tasks import tasks
from sprocket_tui.practice.standins.docker.template import Shape
from sprocket_tui.practice.standins.docker.times import ago, second, stamp
from sprocket_tui.practice.standins.docker.words import Refused, from_daemon, no_filter
from sprocket_tui.practice.world import State, Thing, age

_VOLUMES = Listing(
    ("Driver", "Name"),
    {
        "Availability": "AVAILABILITY",
        "Driver": "DRIVER",
        "Group": "GROUP",
        "Labels": "LABELS",
        "Links": "LINKS",
        "Mountpoint": "MOUNTPOINT",
        "Name": "VOLUME NAME",
        "Scope": "SCOPE",
        "Size": "SIZE",
        "Status": "STATUS",
    },
    "*formatter.volumeContext",
)
_HEADINGS = {"ID": "ID", "Name": "NAME", "CreatedAt": "CREATED", "UpdatedAt": "UPDATED", "Labels": "LABELS"}
_CONFIGS = Listing(("ID", "Name", "CreatedAt", "UpdatedAt"), _HEADINGS, "*config.configContext")
_SECRETS = Listing(
    ("ID", "Name", "Driver", "CreatedAt", "UpdatedAt"), {**_HEADINGS, "Driver": "DRIVER"}, "*secret.secretContext"
)
_VOLUME = Shape({"": "volume.Volume"}, ("ClusterVolume",))
# The template sees what the daemon sent, not a type of Go's.
_CONFIG = Shape({})
_QUIET, _FORMAT, _FILTER = Flag("quiet", "q"), Flag("format", "", "text"), Flag("filter", "f", "filter")


def matching(request: Request, things: Sequence[Thing], matches: Callable[[Thing, str, str], bool]) -> list[Thing]:
    """The things that pass: all kinds of filters hold, and of one kind any. Sorted by name."""
    wanted: dict[str, list[str]] = {}
    for name, value in request.filters():
        wanted.setdefault(name, []).append(value)
    passed = [
        each
        for each in things
        if all(any(matches(each, name, value) for value in values) for name, values in wanted.items())
    ]
    return sorted(passed, key=lambda each: natural(each["name"]))


def known_filters(request: Request, *names: str) -> None:
    """Raises Refused for a filter of another name."""
    for name, _ in request.filters():
        if name not in names:
            raise no_filter(request.command.path, name)


def remove_each(request: Request, remove: Callable[[State, str], None]) -> list[str]:
    """Removes what the words name and says so; what was said of those that could not be removed."""
    errors: list[str] = []
    for word in request.words:
        try:
            with request.change() as state:
                remove(state, word)
            request.call.say(word)
        except Refused as refused:
            errors.append(refused.text)
    return errors


def mountpoint(name: str) -> str:
    """Where a volume lies."""
    return f"/var/lib/docker/volumes/{name}/_data"


def _volume_ls(request: Request) -> int:
    held = request.read()["docker"]["volumes"]
    known_filters(request, "name")
    rows = [
        {
            **dict.fromkeys(("Availability", "Group", "Links", "Size", "Status"), "N/A"),
            "Driver": "local",
            "Labels": "",
            "Mountpoint": mountpoint(each["name"]),
            "Name": each["name"],
            "Scope": "local",
        }
        for each in matching(request, held, lambda each, _, value: value in each["name"])
    ]
    return listing(request, _VOLUMES, rows, "Name")


def _volume(state: State, word: str) -> Thing:
    for each in state["docker"]["volumes"]:
        if each["name"] == word:
            return each
    raise from_daemon(f"get {word}: no such volume")


def _volume_inspect(request: Request) -> int:
    def one(word: str) -> dict[str, Any]:
        volume = _volume(request.read(), word)
        return {
            "CreatedAt": second(volume["created"]),
            "Driver": "local",
            "Labels": volume["detail"].get("Labels") or None,
            "Mountpoint": mountpoint(volume["name"]),
            "Name": volume["name"],
            "Options": None,
            "Scope": "local",
        }

    return inspected(request, one, _VOLUME)


def _volume_rm(request: Request) -> int:
    def remove(state: State, word: str) -> None:
        volume = _volume(state, word)
        users = [
            task.container
            for service in state["docker"]["services"]
            if volume["name"] in service["mounts"]
            for task in tasks(state, service)
            if task.contained
        ]
        if users:
            raise from_daemon(f"remove {word}: volume is in use - [{', '.join(users)}]")
        state["docker"]["volumes"].remove(volume)

    errors = remove_each(request, remove)
    return request.call.fail("\n".join(errors)) if errors else 0


def _kept_ls(kind: Literal["configs", "secrets"], table: Listing) -> Callable[[Request], int]:
    def run(request: Request) -> int:
        state = request.read()
        managed(state)
        known_filters(request, "name", "id")
        rows = [
            {
                "ID": each["id"],
                "Name": each["name"],
                "CreatedAt": ago(age(state, each["created"])),
                "UpdatedAt": ago(age(state, each["created"])),
                "Labels": "",
                **({"Driver": ""} if kind == "secrets" else {}),
            }
            for each in matching(
                request, state["docker"][kind], lambda each, name, value: str(each.get(name)).startswith(value)
            )
        ]
        return listing(request, table, rows, "ID")

    return run


def _config(state: State, word: str) -> Thing:
    managed(state)
    found = find(state["docker"]["configs"], word)
    if len(found) > 1:
        raise from_daemon(f"config {word} is ambiguous ({len(found)} matches found)")
    if not found:
        raise from_daemon(f"config {word} not found")
    return found[0]


def _config_inspect(request: Request) -> int:
    def one(word: str) -> dict[str, Any]:
        state = request.read()
        config = _config(state, word)
        moment = stamp(config["created"])
        return {
            "ID": config["id"],
            "Version": {"Index": 10 + state["docker"]["configs"].index(config)},
            "CreatedAt": moment,
            "UpdatedAt": moment,
            "Spec": {"Name": config["name"], "Labels": {}, "Data": config["detail"].get("Data", "")},
        }

    return inspected(request, one, _CONFIG)


def _config_rm(request: Request) -> int:
    def remove(state: State, word: str) -> None:
        config = _config(state, word)
        users = [each["name"] for each in state["docker"]["services"] if config["name"] in each.get("configs", [])]
        if users:
            many = f"services: {', '.join(users)}" if len(users) > 1 else f"service: {users[0]}"
            used = f"config '{config['name']}' is in use by the following {many}"
            raise from_daemon(f"rpc error: code = InvalidArgument desc = {used}")
        state["docker"]["configs"].remove(config)

    errors = remove_each(request, remove)
    return request.call.fail("\n".join(errors)) if errors else 0


COMMANDS = (
    Command("volume ls", "[OPTIONS]", 0, 0, (_QUIET, _FILTER, _FORMAT), _volume_ls),
    Command("volume inspect", "[OPTIONS] VOLUME [VOLUME...]", 1, None, (Flag("format", "f", "text"),), _volume_inspect),
    Command("volume rm", "[OPTIONS] VOLUME [VOLUME...]", 1, None, (), _volume_rm),
    Command("config ls", "[OPTIONS]", 0, 0, (_QUIET, _FILTER, _FORMAT), _kept_ls("configs", _CONFIGS)),
    Command("config inspect", "[OPTIONS] CONFIG [CONFIG...]", 1, None, (Flag("format", "f", "text"),), _config_inspect),
    Command("config rm", "CONFIG [CONFIG...]", 1, None, (), _config_rm),
    Command("secret ls", "[OPTIONS]", 0, 0, (_QUIET, _FILTER, _FORMAT), _kept_ls("secrets", _SECRETS)),
)
