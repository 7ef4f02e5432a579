"""`docker image`, `docker images`: what the node has pulled, what that is like, and what it takes up."""

from __future__ import annotations

import hashlib
import time

from sprocket_tui.practice.standins.docker.line import Command, Flag, Request
from sprocket_tui.practice.standins.docker.shown import Listing, listing
from sprocket_tui.practice.standins.docker.tasks import tasks
from sprocket_tui.practice.standins.docker.times import ago, listed
from sprocket_tui.practice.world import Image, State, age

_UNITS = ("B", "kB", "MB", "GB", "TB")
# Programs and sizes of the images that the guide's layers use; others have a start script, and no size that is known.
_KNOWN: dict[str, tuple[list[str], int]] = {
    "traefik": (["/entrypoint.sh", "--configFile=/static.yaml"], 102_000_000),
    "vault": (["/auto-initialize.sh"], 186_000_000),
    "tecnativa/docker-socket-proxy": (["docker-entrypoint.sh", "haproxy"], 33_000_000),
    "asaxplayinghorse/discord-forward-auth": (["docker-entrypoint.sh", "node", "dist/main.js"], 178_000_000),
}
# What a droplet holds without images, in GiB and inodes; whatever is more on its disk are layers that nobody uses.
_SYSTEM_GIB, _SYSTEM_INODES = 15.3, 232448
_NO_NAME = "<none>:<none>"
_UNKNOWN = (["/entrypoint.sh"], 120_000_000)
_IMAGES = Listing(
    ("Repository", "Tag", "ID", "CreatedSince", "Size"),
    {
        "Containers": "CONTAINERS",
        "CreatedAt": "CREATED AT",
        "CreatedSince": "CREATED",
        "Digest": "DIGEST",
        "ID": "IMAGE ID",
        "Repository": "REPOSITORY",
        "SharedSize": "SHARED SIZE",
        "Size": "SIZE",
        "Tag": "TAG",
        "UniqueSize": "UNIQUE SIZE",
        "VirtualSize": "VIRTUAL SIZE",
    },
    "*formatter.imageContext",
)


def split(image: str) -> tuple[str, str]:
    """Repository and tag of a name; what is named by a digest has no tag."""
    if image == _NO_NAME:
        return "<none>", "<none>"
    name, _, digest = image.partition("@")
    repository, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = name, "<none>" if digest else "latest"
    return repository, tag


def pulled(state: State, name: str) -> None:
    """Lets the node have an image."""
    known, node = state["docker"].setdefault("images", []), state["node"]
    if all(each["name"] != name for each in known):
        command, size = _KNOWN.get(split(name)[0], _UNKNOWN)
        mark = hashlib.sha256(name.encode()).hexdigest()
        known.append({"id": mark, "name": name, "created": time.time(), "size": size, "command": command})
        node["free_gib"] = max(node["free_gib"] - size / 2**30, 0.0)


def find(state: State, name: str) -> Image | None:
    """The image of that name, where the node has it."""
    return next((each for each in state["docker"].get("images", []) if each["name"] == name), None)


def held(state: State) -> list[Image]:
    """All images on the node, those that restart loops left behind as one without a name."""
    known, node = state["docker"].get("images", []), state["node"]
    more = (node["disk_gib"] - node["free_gib"] - _SYSTEM_GIB) * 2**30 - sum(each["size"] for each in known)
    if more < 2**30 and node["inodes"] - node["free_inodes"] <= 2 * _SYSTEM_INODES:
        return known
    mark = hashlib.sha256(_NO_NAME.encode()).hexdigest()
    made = time.time() - 3600 / state["speed"]
    return [*known, {"id": mark, "name": _NO_NAME, "created": made, "size": max(int(more), 0), "command": []}]


def used(state: State) -> set[str]:
    """The names of the images that containers were made of."""
    services = state["docker"]["services"]
    return {task.service["image"] for each in services for task in tasks(state, each) if task.contained}


def human(size: float, digits: int) -> str:
    """A size in thousands, with so many digits: 1.984MB."""
    unit = 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.{digits}g}{_UNITS[unit]}"


def _ls(request: Request) -> int:
    state = request.read()
    newest = sorted(held(state), key=lambda each: -each["created"])
    wanted = [
        each for each in newest if not request.words or request.words[0] in (each["name"], split(each["name"])[0])
    ]
    return listing(request, _IMAGES, [_row(state, each) for each in wanted], "ID")


def _row(state: State, image: Image) -> dict[str, str]:
    repository, tag = split(image["name"])
    return {
        "Containers": "N/A",
        "CreatedAt": listed(image["created"]),
        "CreatedSince": ago(age(state, image["created"])),
        "Digest": image["name"].partition("@")[2] or "<none>",
        "ID": image["id"][:12],
        "Repository": repository,
        "SharedSize": "N/A",
        "Size": human(image["size"], 3),
        "Tag": tag,
        "UniqueSize": "N/A",
        "VirtualSize": human(image["size"], 4),
    }


def _agreed(request: Request) -> bool:
    """Whether it may go on; asked where it is not forced."""
    if request.on("force"):
        return True
    less = (
        "all images without at least one container associated to them" if request.on("all") else "all dangling images"
    )
    request.call.stdout.write(f"WARNING! This will remove {less}.\nAre you sure you want to continue? [y/N] ")
    request.call.stdout.flush()
    return request.call.stdin.readline().strip().lower() == "y"


def _prune(request: Request) -> int:
    request.read()
    if not _agreed(request):
        return 0
    with request.change() as state:
        kept, every = used(state), held(state)
        gone = [each for each in every if each["name"] == _NO_NAME or (request.on("all") and each["name"] not in kept)]
        state["docker"]["images"] = [each for each in every if each not in gone]
        freed = sum(each["size"] for each in gone)
        node = state["node"]
        node["free_gib"] = min(node["free_gib"] + freed / 2**30, node["disk_gib"])
        if any(each["name"] == _NO_NAME for each in gone):
            node["free_inodes"] = node["inodes"] - _SYSTEM_INODES
    if gone:
        request.call.say("Deleted Images:")
    for each in gone:
        if each["name"] != _NO_NAME:
            request.call.say(f"untagged: {each['name']}")
        request.call.say(f"deleted: sha256:{each['id']}")
        request.call.say(f"deleted: sha256:{hashlib.sha256(each['id'].encode()).hexdigest()}")
    request.call.say(f"{chr(10) if gone else ''}Total reclaimed space: {human(freed, 4)}")
    return 0


_LISTED = (Flag("quiet", "q"), Flag("format", "", "text"))
COMMANDS = (
    Command("image ls", "[OPTIONS] [REPOSITORY[:TAG]]", 0, 1, _LISTED, _ls),
    Command("images", "[OPTIONS] [REPOSITORY[:TAG]]", 0, 1, _LISTED, _ls),
    Command("image prune", "[OPTIONS]", 0, 0, (Flag("all", "a"), Flag("force", "f")), _prune),
)
