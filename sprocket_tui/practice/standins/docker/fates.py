"""What becomes of a service: decided when its tasks start, from what the world is like then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from sprocket_tui.practice.standins.docker import images, specification, tasks
from sprocket_tui.practice.world import Service, State

Fate = Literal["runs", "rejected", "fails", "pending", "unhealthy"]

_UNHEALTHY = "task: non-zero exit (137): dockerexec: unhealthy container"
_CRASHED = "task: non-zero exit (1)"
_NOT_AVAILABLE = "no suitable node (1 node not available for new tasks)"
_PORT_GIVEN = "no suitable node (host-mode port already in use on 1 node)"
_NO_PORT = "driver failed programming external connectivity on endpoint {endpoint}"


def decide(state: State, service: Service, exists: Callable[[str], bool]) -> None:
    """Sets the fate of a service whose tasks start now. `exists` tells whether there is a source for a mount."""
    service["fate"], service["error"] = _fate(state, service, exists)
    if service["fate"] not in ("pending", "rejected") and service["replicas"]:
        images.pulled(state, service["image"])


def settle(state: State, exists: Callable[[str], bool]) -> bool:
    """Lets every service have what the world makes of it by now; whether anything changed.

    What runs goes on until the node is drained. What does not is tried again by the Swarm all the time.
    """
    changed = False
    for service in state["docker"]["services"]:
        if service["fate"] == "runs" and state["docker"]["availability"] != "drain":
            continue
        before = service["fate"], service["error"]
        if _fate(state, service, exists) != before:
            _conclude(state, service)
            tasks.restart(state, service)
            decide(state, service, exists)
            changed = True
    return changed


def _conclude(state: State, service: Service) -> None:
    """How an update ended stays as it is, whatever becomes of the tasks later."""
    update = specification.update_status(state, service)
    if update is not None and update[1] != "updating":
        service["update"] = update[0]


def _fate(state: State, service: Service, exists: Callable[[str], bool]) -> tuple[Fate, str]:
    """In the order in which the Swarm comes upon it: a node, the image, the mounts, the ports, the program."""
    image = _registry(state, service["image"])
    lacking = [source for source in service["mounts"] if not exists(source)]
    taken = [port for port in service["ports"] if port in {each["port"] for each in state["listeners"]}]
    if state["docker"]["availability"] != "active":
        fate: tuple[Fate, str] = "pending", _NOT_AVAILABLE
    elif _holder(state, service):
        fate = "pending", _PORT_GIVEN
    elif image == "missing":
        fate = "rejected", f"No such image: {service['image']}"
    elif lacking:
        fate = "rejected", f'invalid mount config for type "bind": bind source path does not exist: {lacking[0]}'
    elif taken:
        fate = "fails", _bind_failed(service, taken[0])
    elif image == "unhealthy":
        fate = "unhealthy", _UNHEALTHY
    else:
        fate = ("fails", _CRASHED) if image == "crashes" else ("runs", "")
    return fate


def _holder(state: State, service: Service) -> bool:
    """Whether a service that has its node was given one of the ports."""
    return any(
        other["id"] != service["id"]
        and other["replicas"] > 0
        and other["fate"] != "pending"
        and set(other["ports"]) & set(service["ports"])
        for other in state["docker"]["services"]
    )


def _registry(state: State, image: str) -> str:
    """What the registry says of an image: by its whole name, or by its repository."""
    return state["registry"].get(image) or state["registry"].get(images.split(image)[0], "")


def _bind_failed(service: Service, port: int) -> str:
    failed = f"{_NO_PORT} ({{container}}): Error starting userland proxy: listen tcp4 0.0.0.0:{port}: bind: "
    if service["networks"]:
        where = "starting container failed: container {container}: endpoint join on GW Network failed: "
        return where + failed.replace("{endpoint}", "gateway_" + service["id"][:12]) + "address already in use"
    named = failed.replace("{endpoint}", f"{service['name']}.1.{{task}}")
    return f"starting container failed: {named}address already in use"
