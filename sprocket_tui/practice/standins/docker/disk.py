"""`docker system df`: what images, containers and volumes take up."""

from __future__ import annotations

from sprocket_tui.practice.standins.docker import images
from sprocket_tui.practice.standins.docker.containers import containers
from sprocket_tui.practice.standins.docker.line import Command, Flag, Request
from sprocket_tui.practice.standins.docker.shown import Listing, listing

_USAGE = Listing(
    ("Type", "TotalCount", "Active", "Size", "Reclaimable"),
    {
        "Type": "TYPE",
        "TotalCount": "TOTAL",
        "Active": "ACTIVE",
        "Size": "SIZE",
        "Reclaimable": "RECLAIMABLE",
    },
    "*formatter.diskUsageContext",
)


def _df(request: Request) -> int:
    state = request.read()
    docker = state["docker"]
    held, used = images.held(state), images.used(state)
    size = sum(each["size"] for each in held)
    free = sum(each["size"] for each in held if each["name"] not in used)
    all_containers = containers(state)
    mounted = {source for each in docker["services"] for source in each["mounts"] if each["replicas"]}
    active_volumes = sum(each["name"] in mounted for each in docker["volumes"])
    rows = [
        _row("Images", len(held), sum(each["name"] in used for each in held), size, free, share=bool(held)),
        _row("Containers", len(all_containers), sum(each.task.alive for each in all_containers), 0, 0),
        _row("Local Volumes", len(docker["volumes"]), active_volumes, 0, 0),
        _row("Build Cache", 0, 0, 0, 0),
    ]
    return listing(request, _USAGE, rows)


def _row(kind: str, total: int, active: int, size: int, free: int, *, share: bool = False) -> dict[str, str]:
    part = f" ({100 * free // max(size, 1)}%)" if share else ""
    return {
        "Type": kind,
        "TotalCount": str(total),
        "Active": str(active),
        "Size": images.human(size, 4),
        "Reclaimable": images.human(free, 4) + part,
    }


COMMANDS = (Command("system df", "[OPTIONS]", 0, 0, (Flag("format", "", "text"),), _df),)
