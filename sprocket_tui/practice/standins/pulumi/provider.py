"""What the Docker provider does to the world: networks, volumes, configs and services made, changed, removed."""

from __future__ import annotations

import time
from typing import Any, Literal

from sprocket_tui.practice.standins.pulumi import swarm
from sprocket_tui.practice.standins.pulumi.layer_1 import CONFIG, NETWORK, SERVICE, VOLUME
from sprocket_tui.practice.world import Docker, Service, State, Thing, identifier

_NO_DAEMON = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
_NO_SWARM = (
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm '
    "and try again."
)
_VERBS = {NETWORK: "Unable to create network: ", VOLUME: "Unable to create volume: "}
_LISTS: dict[str, Literal["networks", "volumes", "configs"]] = {
    NETWORK: "networks",
    VOLUME: "volumes",
    CONFIG: "configs",
}


class Failed(Exception):
    """A call that Docker refused, in the provider's words."""


def create(state: State, kind: str, inputs: dict[str, Any], exists: swarm.Exists) -> tuple[str, dict[str, Any]]:
    """Makes it: its id and its outputs. Raises Failed."""
    _reachable(state, kind)
    docker, name = state["docker"], str(inputs["name"])
    if kind == SERVICE:
        if any(each["name"] == name for each in docker["services"]):
            raise Failed(_taken("service", name))
        made = _service(state, identifier(state), inputs, time.time())
        docker["services"].append(made)
        swarm.decide(state, made, exists)
        return made["id"], inputs
    held = docker[_LISTS[kind]]
    if any(each["name"] == name for each in held):
        if kind == NETWORK:
            raise Failed(
                f"Unable to create network: Error response from daemon: network with name {name} already exists"
            )
        if kind == CONFIG:
            raise Failed(_taken("config", name))
    mark = name if kind == VOLUME else identifier(state)
    outputs = _outputs(kind, inputs)
    detail: dict[str, Any] = {"Driver": outputs.get("driver", ""), "Scope": outputs.get("scope", "local"), "Labels": {}}
    if kind != VOLUME or all(each["name"] != name for each in held):
        held.append({"id": mark, "name": name, "created": time.time(), "detail": {} if kind == CONFIG else detail})
    return mark, outputs


def update(state: State, mark: str, inputs: dict[str, Any], exists: swarm.Exists) -> dict[str, Any]:
    """Changes a service: its outputs. Raises Failed."""
    _reachable(state, SERVICE)
    service = next((each for each in state["docker"]["services"] if each["id"] == mark), None)
    if service is None:
        raise Failed(f"Error response from daemon: service {mark} not found")
    swarm.restart(state, service)
    service.update(_service(state, mark, inputs, service["created"]))
    swarm.decide(state, service, exists)
    return inputs


def delete(state: State, kind: str, mark: str) -> None:
    """Removes it; what is gone already is no matter. Raises Failed while a service uses it."""
    _reachable(state, kind)
    docker = state["docker"]
    if kind == SERVICE:
        docker["services"][:] = [each for each in docker["services"] if each["id"] != mark]
        return
    held = docker[_LISTS[kind]]
    found = next((each for each in held if each["id"] == mark), None)
    if found and (user := _user(docker, kind, found)):
        raise Failed(_in_use(kind, found, user))
    held[:] = [each for each in held if each["id"] != mark]


def there(state: State, kind: str, mark: str) -> bool:
    """Whether what the state names is still there. Raises Failed when nobody can be asked."""
    _reachable(state, kind)
    docker = state["docker"]
    held = docker["services"] if kind == SERVICE else docker[_LISTS[kind]]
    return any(each["id"] == mark for each in held)


def _reachable(state: State, kind: str) -> None:
    if not state["docker"]["running"]:
        raise Failed(f"{_VERBS.get(kind, '')}{_NO_DAEMON}")
    if state["docker"]["swarm"] != "active" and kind != VOLUME:
        raise Failed(f"{_VERBS.get(kind, '')}Error response from daemon: {_NO_SWARM}")


def _taken(what: str, name: str) -> str:
    said = f"name conflicts with an existing object: {what} {name} already exists"
    return f"Error response from daemon: rpc error: code = AlreadyExists desc = {said}"


def _service(state: State, mark: str, inputs: dict[str, Any], created: float) -> Service:
    spec = inputs["taskSpec"]
    container = spec["containerSpec"]
    names: dict[str, str] = {each["id"]: each["name"] for each in state["docker"]["networks"]}
    published = inputs.get("endpointSpec", {}).get("ports", [])
    mounts = container.get("mounts", [])
    return {
        "id": mark,
        "name": str(inputs["name"]),
        "image": str(container["image"]),
        "created": created,
        "updated": time.time(),
        "replicas": 1,
        "ports": [each["publishedPort"] for each in published],
        "targets": [each["targetPort"] for each in published],
        "labels": {each["label"]: each["value"] for each in inputs.get("labels", [])},
        "networks": [names.get(str(each), str(each)) for each in spec["networks"]],
        "mounts": [each["source"] for each in mounts],
        "mounted": {each["source"]: each["target"] for each in mounts},
        "configs": [each["configName"] for each in container.get("configs", [])],
        "fate": "runs",
        "error": "",
    }


def _outputs(kind: str, inputs: dict[str, Any]) -> dict[str, Any]:
    if kind == NETWORK:
        return {"driver": "overlay", "internal": False, "name": inputs["name"], "scope": "swarm"}
    if kind == VOLUME:
        place = f"/var/lib/docker/volumes/{inputs['name']}/_data"
        return {"driver": "local", "mountpoint": place, "name": inputs["name"]}
    return inputs


def _user(docker: Docker, kind: str, thing: Thing) -> str:
    """The service that uses a network or a volume; configs are replaced before their services change hands."""
    for service in docker["services"]:
        if kind == NETWORK and {thing["id"], thing["name"]} & set(service["networks"]):
            return service["id"]
        if kind == VOLUME and thing["name"] in service["mounts"]:
            return service["id"]
    return ""


def _in_use(kind: str, thing: Thing, user: str) -> str:
    if kind == NETWORK:
        said = f"rpc error: code = FailedPrecondition desc = network {thing['id']} is in use by service {user}"
        return f"Error response from daemon: {said}"
    return f"Error response from daemon: remove {thing['name']}: volume is in use - [{user}]"
