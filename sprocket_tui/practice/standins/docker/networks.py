"""`docker network`: the daemon's own, the Swarm's own, and those that somebody made."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from sprocket_tui.practice.standins.docker.find import find
from sprocket_tui.practice.standins.docker.line import Command, Flag, Request
from sprocket_tui.practice.standins.docker.shown import Listing, inspected, listing
from sprocket_tui.practice.standins.docker.tasks import identifier, tasks
from sprocket_tui.practice.standins.docker.template import Shape
from sprocket_tui.practice.standins.docker.things import known_filters, matching, remove_each
from sprocket_tui.practice.standins.docker.times import listed, stamp
from sprocket_tui.practice.standins.docker.words import from_daemon, not_manager
from sprocket_tui.practice.world import State, Thing
from sprocket_tui.practice.world import identifier as new_identifier

_NETWORKS = Listing(
    ("ID", "Name", "Driver", "Scope"),
    {
        "CreatedAt": "CREATED AT",
        "Driver": "DRIVER",
        "ID": "NETWORK ID",
        "IPv4": "IPV4",
        "IPv6": "IPV6",
        "Internal": "INTERNAL",
        "Labels": "LABELS",
        "Name": "NAME",
        "Scope": "SCOPE",
    },
    "*network.networkContext",
)
_SHAPE = Shape({})
_PREDEFINED = {"bridge": "bridge", "host": "host", "none": "null"}
# The first address of each; the guide's services send their logs to the second one.
_SUBNETS = {"bridge": ("172.17.0.0/16", "172.17.0.1"), "docker_gwbridge": ("172.18.0.0/16", "172.18.0.1")}
_BRIDGE = "com.docker.network.bridge."
_OPTIONS: dict[str, dict[str, str]] = {
    "bridge": {
        f"{_BRIDGE}default_bridge": "true",
        f"{_BRIDGE}enable_icc": "true",
        f"{_BRIDGE}enable_ip_masquerade": "true",
        f"{_BRIDGE}host_binding_ipv4": "0.0.0.0",  # noqa: S104 what Docker says
        f"{_BRIDGE}name": "docker0",
        "com.docker.network.driver.mtu": "1500",
    },
    "docker_gwbridge": {
        f"{_BRIDGE}enable_icc": "false",
        f"{_BRIDGE}enable_ip_masquerade": "true",
        f"{_BRIDGE}name": "docker_gwbridge",
    },
}
_FIRST_VXLAN = 4096


def networks(state: State) -> list[Thing]:
    """All of them: every daemon has three, a Swarm brings two more, and its bridge stays when it is left."""
    docker = state["docker"]
    held = [_own(state, name, driver, "local") for name, driver in _PREDEFINED.items()]
    if docker["advertised"]:
        held.append(_own(state, "docker_gwbridge", "bridge", "local"))
    if docker["swarm"] == "active":
        held.append(_own(state, "ingress", "overlay", "swarm"))
    visible = ("local", "swarm") if docker["swarm"] == "active" else ("local",)
    return held + [each for each in docker["networks"] if each["detail"].get("Scope", "local") in visible]


def _own(state: State, name: str, driver: str, scope: str) -> Thing:
    mark = f"{state['node']['hostname']} {state['docker']['node_id'] * (scope == 'swarm')} {name}"
    made = identifier(mark) if scope == "swarm" else hashlib.sha256(mark.encode()).hexdigest()
    return {"id": made, "name": name, "created": 1_760_000_000.0, "detail": {"Driver": driver, "Scope": scope}}


def _ls(request: Request) -> int:
    held = networks(request.read())
    known_filters(request, "name", "driver")
    rows = [
        {
            "CreatedAt": listed(each["created"], fraction=True),
            "Driver": each["detail"].get("Driver", "bridge"),
            "ID": each["id"] if request.on("no-trunc") else each["id"][:12],
            "IPv4": "false",
            "IPv6": "false",
            "Internal": "false",
            "Labels": "",
            "Name": each["name"],
            "Scope": each["detail"].get("Scope", "local"),
        }
        for each in matching(request, held, _matches)
    ]
    return listing(request, _NETWORKS, rows, "ID")


def _matches(thing: Thing, name: str, value: str) -> bool:
    return value in thing["name"] if name == "name" else value == thing["detail"].get("Driver", "bridge")


def network(state: State, word: str) -> Thing:
    """One network. Raises Refused as the daemon does."""
    found = find(networks(state), word)
    if len(found) > 1:
        raise from_daemon(f"network {word} is ambiguous ({len(found)} matches found based on ID prefix)")
    if not found:
        raise from_daemon(f"network {word} not found")
    return found[0]


def document(state: State, word: str) -> dict[str, Any]:
    """What is known of one. Raises Refused."""
    thing = network(state, word)
    name, driver = thing["name"], thing["detail"].get("Driver", "bridge")
    overlay = driver == "overlay"
    number, made_here = _number(state, thing), thing in state["docker"]["networks"]
    subnet = ("10.0.{0}.0/24", "10.0.{0}.1") if overlay else _SUBNETS.get(name, ("172.{0}.0.0/16", "172.{0}.0.1"))
    place = number if overlay else number + 18
    config = [{"Subnet": subnet[0].format(place), "Gateway": subnet[1].format(place)}]
    containers = _containers(state, thing) if overlay or name in _SUBNETS else {}
    made: dict[str, Any] = {
        "Name": name,
        "Id": thing["id"],
        "Created": stamp(thing["created"]),
        "Scope": thing["detail"].get("Scope", "local"),
        "Driver": driver,
        "EnableIPv6": False,
        "IPAM": {
            "Driver": "default",
            "Options": {} if made_here and not overlay else None,
            "Config": [] if driver in ("host", "null") else config,
        },
        "Internal": False,
        "Attachable": False,
        "Ingress": name == "ingress",
        "ConfigFrom": {"Network": ""},
        "ConfigOnly": False,
        # Nobody has set up an overlay network where no container of it is.
        "Containers": containers if containers or not overlay else None,
        "Options": {"com.docker.network.driver.overlay.vxlanid_list": str(_FIRST_VXLAN + number)}
        if overlay
        else _OPTIONS.get(name, {}),
        "Labels": None if overlay and not containers else {},
    }
    if overlay and containers:
        peer = hashlib.sha256(state["docker"]["node_id"].encode()).hexdigest()[:12]
        made["Peers"] = [{"Name": peer, "IP": state["docker"]["advertised"]}]
    return made


def _number(state: State, thing: Thing) -> int:
    """Its number among those of its kind, from 1; the Swarm's own is 0."""
    kind = thing["detail"].get("Driver", "bridge")
    alike = [each["id"] for each in state["docker"]["networks"] if each["detail"].get("Driver", "bridge") == kind]
    return alike.index(thing["id"]) + 1 if thing["id"] in alike else 0


def _containers(state: State, thing: Thing) -> dict[str, dict[str, str]]:
    """The ends of a network: its containers, sorted by id, then the Swarm's own."""
    name, number = thing["name"], _number(state, thing)
    overlay = thing["detail"].get("Driver") == "overlay"
    ends: dict[str, str] = {}
    for service in state["docker"]["services"]:
        inside = (
            {name, thing["id"]} & set(service["networks"])
            if overlay
            else bool(service["networks"]) == (name == "docker_gwbridge")
        )
        for task in tasks(state, service) if inside else ():
            if task.alive:
                gateway = f"gateway_{hashlib.sha256(task.container.encode()).hexdigest()[:12]}"
                ends[task.container] = gateway if name == "docker_gwbridge" else f"{task.name}.{task.id}"
    ends = dict(sorted(ends.items()))
    if overlay and ends:
        ends[f"lb-{name}"] = f"{name}-endpoint"
    if state["docker"]["swarm"] == "active" and name in ("ingress", "docker_gwbridge"):
        ends["ingress-sbox"] = "ingress-endpoint" if name == "ingress" else "gateway_ingress-sbox"
    base = f"10.0.{number}" if overlay else _SUBNETS[name][1].rpartition(".")[0]
    size = 24 if overlay else 16
    return {
        mark: {
            "Name": end,
            "EndpointID": hashlib.sha256(f"{thing['id']} {mark}".encode()).hexdigest(),
            "MacAddress": "02:42:" + ":".join(f"{int(part):02x}" for part in f"{base}.{place}".split(".")),
            "IPv4Address": f"{base}.{place}/{size}",
            "IPv6Address": "",
        }
        for place, (mark, end) in enumerate(ends.items(), 2)
    }


def _inspect(request: Request) -> int:
    def one(word: str) -> dict[str, Any]:
        made = document(request.read(), word)
        if not request.text("format"):
            return made
        # Where a format is given, the client tells what it knows by itself as well.
        before = list(made).index("EnableIPv6")
        pairs = list(made.items())
        return dict([*pairs[:before], ("EnableIPv4", False), *pairs[before:]])

    return inspected(request, one, _SHAPE)


def _create(request: Request) -> int:
    name, driver = request.words[0], request.text("driver", "bridge")
    with request.change() as state:
        scope = "swarm" if driver == "overlay" else "local"
        if scope == "swarm" and state["docker"]["swarm"] != "active":
            raise not_manager("inactive")
        if any(each["name"] == name for each in networks(state)):
            raise from_daemon(f"network with name {name} already exists")
        mark = new_identifier(state)
        if scope == "local":
            mark = hashlib.sha256(mark.encode()).hexdigest()
        detail: dict[str, Any] = {"Driver": driver, "Scope": scope, "Labels": {}}
        state["docker"]["networks"].append({"id": mark, "name": name, "created": time.time(), "detail": detail})
    request.call.say(mark)
    return 0


def _rm(request: Request) -> int:
    def remove(state: State, word: str) -> None:
        thing = network(state, word)
        if thing["name"] in _PREDEFINED:
            raise from_daemon(f"{thing['name']} is a pre-defined network and cannot be removed")
        for service in state["docker"]["services"]:
            if {thing["name"], thing["id"]} & set(service["networks"]):
                used = f"network {thing['id']} is in use by service {service['id']}"
                raise from_daemon(f"rpc error: code = FailedPrecondition desc = {used}")
        if thing not in state["docker"]["networks"]:
            raise from_daemon(
                f"error while removing network: network {thing['name']} id {thing['id']} has active endpoints"
            )
        state["docker"]["networks"].remove(thing)

    errors = remove_each(request, remove)
    return request.call.fail("\n".join([*errors, "exit status 1"])) if errors else 0


COMMANDS = (
    Command(
        "network ls",
        "[OPTIONS]",
        0,
        0,
        (Flag("quiet", "q"), Flag("no-trunc"), Flag("filter", "f", "filter"), Flag("format", "", "text")),
        _ls,
    ),
    Command("network inspect", "[OPTIONS] NETWORK [NETWORK...]", 1, None, (Flag("format", "f", "text"),), _inspect),
    Command("network create", "[OPTIONS] NETWORK", 1, 1, (Flag("driver", "d", "text"),), _create),
    Command("network rm", "NETWORK [NETWORK...]", 1, None, (), _rm),
)
