"""`docker swarm` and `docker node`: a Swarm of one manager, this node."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from typing import Any

from sprocket_tui.practice.standins.docker import fates
from sprocket_tui.practice.standins.docker.changes import there
from sprocket_tui.practice.standins.docker.find import managed
from sprocket_tui.practice.standins.docker.line import Command, Flag, Request
from sprocket_tui.practice.standins.docker.shown import Listing, inspected, listing
from sprocket_tui.practice.standins.docker.template import Shape
from sprocket_tui.practice.standins.docker.times import stamp
from sprocket_tui.practice.standins.docker.words import Refused, from_daemon
from sprocket_tui.practice.world import State, identifier

_NODES = Listing(
    ("Marked", "Hostname", "Status", "Availability", "ManagerStatus", "EngineVersion"),
    {
        "Marked": "ID",
        "Availability": "AVAILABILITY",
        "EngineVersion": "ENGINE VERSION",
        "Hostname": "HOSTNAME",
        "ID": "ID",
        "ManagerStatus": "MANAGER STATUS",
        "Self": "SELF",
        "Status": "STATUS",
        "TLSStatus": "TLS STATUS",
    },
    "*node.nodeContext",
)
_SHAPE = Shape(
    {
        "": "swarm.Node",
        "Spec": "swarm.NodeSpec",
        "Description": "swarm.NodeDescription",
        "Description.Platform": "swarm.Platform",
        "Status": "swarm.NodeStatus",
    }
)
_MEMBER = 'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.'
_WORKER = (
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this "
    "command on a manager node or promote the current node to a manager."
)
_NO_MEMBER = "This node is not part of a swarm"
_LAST_MANAGER = (
    "You are attempting to leave the swarm on a node that is participating as a manager. Removing the last manager "
    "erases all current state of the swarm. Use `--force` to ignore this message."
)
_LOCKED = "Swarm is encrypted and locked. Please unlock it first or use `--force` to ignore this message."
_NO_ADDRESS = "advertise address must be a non-zero IP address or network interface (with optional port number)"
_TWO_ADDRESSES = (
    "could not choose an IP address to advertise since this system has multiple addresses on interface eth0 ({} and "
    "10.10.0.5) - specify one with --advertise-addr"
)
_INITIALISED = """\
Swarm initialized: current node ({node}) is now a manager.

To add a worker to this swarm, run the following command:

    docker swarm join --token {token} {address}:2377

To add a manager to this swarm, run 'docker swarm join-token manager' and follow the instructions.
"""
_AVAILABILITIES = ("active", "pause", "drain")
_PLUGINS = {
    "Log": "awslogs fluentd gcplogs gelf journald json-file local logentries splunk syslog",
    "Network": "bridge host ipvlan macvlan null overlay",
    "Volume": "local",
}


def _init(request: Request) -> int:
    anew = request.on("force-new-cluster")
    with request.change() as state:
        docker = state["docker"]
        if docker["swarm"] == "active" and not anew:
            raise from_daemon(_MEMBER)
        if docker["swarm"] == "locked":
            raise from_daemon(_WORKER if anew else _MEMBER)
        # A droplet has two addresses on one interface; Docker does not choose between them.
        address = request.text("advertise-addr")
        if not address:
            raise from_daemon(_TWO_ADDRESSES.format(state["node"]["address"]))
        if not _is_address(address):
            raise from_daemon(_NO_ADDRESS)
        docker["advertised"] = address.partition(":")[0]
        if docker["swarm"] != "active":
            docker["swarm"], docker["node_id"] = "active", identifier(state)
    token = f"SWMTKN-1-{_token(docker['node_id'], 50)}-{_token(docker['advertised'], 25)}"
    words = {"node": docker["node_id"], "token": token, "address": docker["advertised"]}
    request.call.stdout.write(_INITIALISED.format(**words))
    return 0


def _is_address(text: str) -> bool:
    try:
        return not ipaddress.ip_address(text.partition(":")[0]).is_unspecified
    except ValueError:
        return False


def _token(mark: str, length: int) -> str:
    return "".join(hashlib.sha256(f"{mark} {part}".encode()).hexdigest() for part in range(2))[:length]


def _unlock(request: Request) -> int:
    state = request.read()
    if state["docker"]["swarm"] != "locked":
        raise Refused(f"Error: {'swarm is not locked' if state['docker']['swarm'] == 'active' else _NO_MEMBER}")
    key = request.call.stdin.readline().strip()
    if not re.fullmatch(r"SWMKEY-1-[A-Za-z0-9+/]{43}", key):
        raise from_daemon("invalid key string")
    with request.change() as state:
        if key != state["docker"].get("unlock_key"):
            raise from_daemon("swarm could not be unlocked: invalid key provided")
        state["docker"]["swarm"] = "active"
    return 0


def _leave(request: Request) -> int:
    with request.change() as state:
        docker = state["docker"]
        if docker["swarm"] == "inactive":
            raise from_daemon(_NO_MEMBER)
        if not request.on("force"):
            raise from_daemon(_LOCKED if docker["swarm"] == "locked" else _LAST_MANAGER)
        docker["swarm"], docker["node_id"], docker["availability"] = "inactive", "", "active"
        docker["services"], docker["configs"], docker["secrets"] = [], [], []
        docker["networks"] = [each for each in docker["networks"] if each["detail"].get("Scope") != "swarm"]
        docker.pop("unlock_key", None)
    request.call.say("Node left the swarm.")
    return 0


def _ls(request: Request) -> int:
    state = request.read()
    managed(state)
    docker = state["docker"]
    row = {
        "Availability": docker["availability"].capitalize(),
        "EngineVersion": docker["version"],
        "Hostname": state["node"]["hostname"],
        "ID": docker["node_id"],
        # Only the table marks the node that answers.
        "Marked": f"{docker['node_id']} *",
        "ManagerStatus": "Leader",
        "Self": True,
        "Status": "Ready",
        "TLSStatus": "Ready",
    }
    if request.text("format", "table") != "table":
        del row["Marked"]
    return listing(request, _NODES, [row], "ID")


def _check(state: State, word: str) -> None:
    managed(state)
    docker = state["docker"]
    if word not in (docker["node_id"], state["node"]["hostname"]) and not docker["node_id"].startswith(word):
        raise from_daemon(f"node {word} not found")


def _inspect(request: Request) -> int:
    def one(word: str) -> dict[str, Any]:
        state = request.read()
        managed(state)
        _check(state, state["docker"]["node_id"] if word == "self" else word)
        return document(state)

    return inspected(request, one, _SHAPE)


def document(state: State) -> dict[str, Any]:
    """The node as it is inspected."""
    docker, node = state["docker"], state["node"]
    moment = stamp(1_760_000_000.0)
    plugins = [{"Type": kind, "Name": name} for kind, names in _PLUGINS.items() for name in names.split()]
    return {
        "ID": docker["node_id"],
        "Version": {"Index": 9},
        "CreatedAt": moment,
        "UpdatedAt": moment,
        "Spec": {"Labels": {}, "Role": "manager", "Availability": docker["availability"]},
        "Description": {
            "Hostname": node["hostname"],
            "Platform": {"Architecture": node["arch"], "OS": "linux"},
            "Resources": {"NanoCPUs": node["cpus"] * 10**9, "MemoryBytes": node["memory_mib"] * 2**20},
            "Engine": {"EngineVersion": docker["version"], "Plugins": plugins},
            "TLSInfo": trust(state),
        },
        "Status": {"State": "ready", "Addr": docker["advertised"]},
        "ManagerStatus": {"Leader": True, "Reachability": "reachable", "Addr": f"{docker['advertised']}:2377"},
    }


def trust(state: State) -> dict[str, str]:
    """The Swarm's own authority; its certificate is none, because nobody connects to a rehearsal."""
    mark = hashlib.sha512(state["docker"]["node_id"].encode()).hexdigest()
    lines = "\n".join(mark[place : place + 64] for place in range(0, 128, 64))
    return {
        "TrustRoot": f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n",
        "CertIssuerSubject": "MBMxETAPBgNVBAMTCHN3YXJtLWNh",
        "CertIssuerPublicKey": mark[:122] + "==",
    }


def _update(request: Request) -> int:
    word, wanted = request.words[0], request.text("availability")
    with request.change() as state:
        _check(state, word)
        if wanted:
            if wanted not in _AVAILABILITIES:
                raise from_daemon(f'invalid Availability: "{wanted}"')
            state["docker"]["availability"] = wanted
            fates.settle(state, there(request.call))
    request.call.say(word)
    return 0


COMMANDS = (
    Command("swarm init", "[OPTIONS]", 0, 0, (Flag("advertise-addr", "", "text"), Flag("force-new-cluster")), _init),
    Command("swarm unlock", "", 0, 0, (), _unlock),
    Command("swarm leave", "[OPTIONS]", 0, 0, (Flag("force", "f"),), _leave),
    Command("node ls", "[OPTIONS]", 0, 0, (Flag("quiet", "q"), Flag("format", "", "text")), _ls),
    Command("node inspect", "[OPTIONS] self|NODE [NODE...]", 1, None, (Flag("format", "f", "text"),), _inspect),
    Command("node update", "[OPTIONS] NODE", 1, 1, (Flag("availability", "", "text"),), _update),
)
