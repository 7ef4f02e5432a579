"""A service as `docker service inspect` tells it."""

from __future__ import annotations

from typing import Any

from sprocket_tui.practice.standins.docker.tasks import RUNNING, tasks
from sprocket_tui.practice.standins.docker.template import Shape
from sprocket_tui.practice.standins.docker.times import stamp
from sprocket_tui.practice.world import Service, State, Update, age

SHAPE = Shape(
    {
        "": "swarm.Service",
        "Spec": "swarm.ServiceSpec",
        "Spec.TaskTemplate": "swarm.TaskSpec",
        "Spec.TaskTemplate.ContainerSpec": "swarm.ContainerSpec",
        "Endpoint": "swarm.Endpoint",
    },
    ("UpdateStatus", "PreviousSpec", "JobStatus", "Endpoint.Ports", "Spec.TaskTemplate.Placement"),
)
_SECOND = 1_000_000_000
# How long the Swarm watches a task after an update, in the world's seconds.
_MONITOR = 5.0


def ports(state: State, service: Service) -> list[tuple[int, int]]:
    """What is published, each with the port inside; the droplet's web ports are 80 and 443 inside."""
    web = {state["ports"]["http"]: 80, state["ports"]["https"]: 443}
    targets = service.get("targets") or [web.get(port, port) for port in service["ports"]]
    return list(zip(service["ports"], targets, strict=True))


def update_status(state: State, service: Service) -> tuple[Update, str] | None:
    """The newest update by now with its state; None where there was none."""
    update = service.get("update")
    if update is None:
        return None
    if update["state"]:
        return update, update["state"]
    old = age(state, service["updated"])
    if service["fate"] == "runs" and old >= RUNNING + _MONITOR:
        ended = service["updated"] + (RUNNING + _MONITOR) / state["speed"]
        return {**update, "ended": ended, "state": "completed"}, "completed"
    for task in tasks(state, service):
        if service["fate"] != "runs" and task.current in ("Failed", "Rejected") and task.since < old:
            return {**update, "state": "paused", "task": task.id}, "paused"
    return update, "updating"


def document(state: State, service: Service) -> dict[str, Any]:
    """The whole of it."""
    published = [
        {"Protocol": "tcp", "TargetPort": inner, "PublishedPort": port, "PublishMode": "host"}
        for port, inner in ports(state, service)
    ]
    endpoint: dict[str, Any] = {"Mode": service.get("endpoint", "vip")}
    if published:
        endpoint["Ports"] = published
    forced = service.get("forced", 0)
    made: dict[str, Any] = {
        "ID": service["id"],
        "Version": {"Index": 10 + state["docker"]["services"].index(service) + forced},
        "CreatedAt": stamp(service["created"]),
        "UpdatedAt": stamp(service["updated"]),
        "Spec": _spec(state, service, endpoint, forced),
    }
    if forced:
        made["PreviousSpec"] = _before(state, service, endpoint, forced - 1)
    made["Endpoint"] = {"Spec": endpoint, "Ports": published} if published else {"Spec": {}}
    if (update := update_status(state, service)) is not None:
        made["UpdateStatus"] = _status(*update)
    return made


def message(update: Update) -> str:
    """What Docker says of an update that has ended."""
    if update["state"] == "paused":
        return f"update paused due to failure or early termination of task {update['task']}"
    return "update completed"


def _status(update: Update, word: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"State": word, "StartedAt": stamp(update["started"])}
    if word == "completed":
        shown["CompletedAt"] = stamp(update["ended"])
    shown["Message"] = "update in progress" if word == "updating" else message(update)
    return shown


def _spec(state: State, service: Service, endpoint: dict[str, Any], forced: int) -> dict[str, Any]:
    policy = {
        "Parallelism": 1,
        "FailureAction": "pause",
        "Monitor": 5 * _SECOND,
        "MaxFailureRatio": 0,
        "Order": "stop-first",
    }
    return {
        "Name": service["name"],
        "Labels": service["labels"],
        "TaskTemplate": _template(state, service, forced, whole=True),
        "Mode": {"Replicated": {"Replicas": service["replicas"]}},
        "UpdateConfig": policy,
        "RollbackConfig": policy,
        "EndpointSpec": endpoint,
    }


def _before(state: State, service: Service, endpoint: dict[str, Any], forced: int) -> dict[str, Any]:
    """The specification before an update by force, without what the Swarm had filled in by itself."""
    whole = _spec(state, service, endpoint, forced)
    whole["TaskTemplate"] = _template(state, service, forced, whole=False)
    return {name: value for name, value in whole.items() if not name.endswith("Config")}


def _template(state: State, service: Service, forced: int, *, whole: bool) -> dict[str, Any]:
    container: dict[str, Any] = {"Image": service["image"], "Init": False}
    if service["mounts"]:
        container["Mounts"] = [_mount(service, source) for source in service["mounts"]]
    if whole:
        container["StopGracePeriod"] = 10 * _SECOND
    container["DNSConfig"] = {}
    if names := service.get("configs"):
        known = {each["name"]: each["id"] for each in state["docker"]["configs"]}
        container["Configs"] = [
            {
                "File": {"Name": name, "UID": "0", "GID": "0", "Mode": 0o444},
                "ConfigID": known.get(name, ""),
                "ConfigName": name,
            }
            for name in names
        ]
    container["Isolation"] = "default"
    made: dict[str, Any] = {"ContainerSpec": container, "Resources": {"Limits": {}, "Reservations": {}}}
    if whole:
        made["RestartPolicy"] = {"Condition": "any", "Delay": 5 * _SECOND, "MaxAttempts": 0}
    made["Placement"] = {}
    if service["networks"]:
        ids = {each["name"]: each["id"] for each in state["docker"]["networks"]}
        made["Networks"] = [{"Target": ids.get(name, name)} for name in service["networks"]]
    return {**made, "ForceUpdate": forced, "Runtime": "container"}


def _mount(service: Service, source: str) -> dict[str, Any]:
    shown = {"Type": "bind" if source.startswith("/") else "volume", "Source": source}
    target = service.get("mounted", {}).get(source)
    return {**shown, "Target": target} if target else shown
