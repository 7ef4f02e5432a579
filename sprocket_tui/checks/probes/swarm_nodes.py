"""The nodes of the Swarm, as their manager knows them.

Value {count, managers, own, takers, away, labelled, idle, nodes: {name: {role, leader, state, availability, address,
labels, cpus, memory_gib, arch, engine}}}. `own` is the name of the node that was asked. `takers` lists the nodes that
take tasks (ready and active) and `away` the others, `labelled` the takers that bear the label asked for, `idle` those
that bear it and take none. Nodes that have one name are called by their ids, as docker wants them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Answers, Probe, ProbeError, as_object, as_text, documents
from sprocket_tui.guide.words.probes import SwarmNodesProbe
from sprocket_tui.target.batch import Command
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

_LIST = """\
command -v docker >/dev/null 2>&1 || { echo "docker was not found" >&2; exit 1; }
ids=$(docker node ls -q) || exit 1
[ -n "$ids" ] || exit 1
docker info --format '{"own":{{json .Swarm.NodeID}}}' || exit 1
docker node inspect --format '{{json .}}' $ids || exit 1
echo '{"complete": true}'
"""
_GIB = 1 << 30


def commands(words: SwarmNodesProbe) -> tuple[Command, ...]:
    """The nodes, as one JSON document each."""
    return (Command("nodes", _LIST, words.timeout),)


def read(words: SwarmNodesProbe, answers: Answers) -> Observation:
    """See the module; raises ProbeError when the daemon did not answer, is no manager, or was cut short."""
    found = [as_object(document) for document in documents(answers.text("nodes"))]
    raw = [each for each in found if "Spec" in each]
    if not raw or not any(each.get("complete") is True for each in found):
        raise ProbeError("the list of nodes was cut short" if found else "the answer was empty")
    own = next((as_text(each["own"]) for each in found if "own" in each), "")
    names = _names(raw)
    nodes = {names[as_text(each.get("ID"))]: _node(each) for each in raw}
    takers = [name for name, node in nodes.items() if (node["state"], node["availability"]) == ("ready", "active")]
    key, _, wanted = words.label.partition("=")
    bearing = [name for name, node in nodes.items() if key and as_object(node["labels"]).get(key) == wanted]
    value: dict[str, JSON] = {
        "count": len(nodes),
        "managers": sum(node["role"] == "manager" for node in nodes.values()),
        "own": names.get(own, ""),
        "takers": [*takers],
        "away": [name for name in nodes if name not in takers],
        "labelled": [name for name in bearing if name in takers],
        "idle": [name for name in bearing if name not in takers],
        "nodes": {name: {**node} for name, node in nodes.items()},
    }
    return Observation(value=value, seen=one_line("; ".join(_told(name, node) for name, node in nodes.items())))


def _names(raw: list[dict[str, JSON]]) -> dict[str, str]:
    """What docker takes as the name of each node, by its id."""
    hosts = {as_text(each.get("ID")): as_text(as_object(each.get("Description")).get("Hostname")) for each in raw}
    often = Counter(hosts.values())
    return {id_: host if host and often[host] == 1 else id_ for id_, host in sorted(hosts.items())}


def _node(document: Mapping[str, JSON]) -> dict[str, JSON]:
    spec, status, manager = (as_object(document.get(name)) for name in ("Spec", "Status", "ManagerStatus"))
    about = as_object(document.get("Description"))
    resources = as_object(about.get("Resources"))
    cpus, memory = resources.get("NanoCPUs"), resources.get("MemoryBytes")
    labels = as_object(spec.get("Labels"))
    return {
        "role": as_text(spec.get("Role")),
        "leader": manager.get("Leader") is True,
        "state": as_text(status.get("State")),
        "availability": as_text(spec.get("Availability")),
        "address": as_text(status.get("Addr")) or re.sub(r":\d+$", "", as_text(manager.get("Addr"))),
        "labels": dict(sorted(labels.items())),
        "cpus": round(cpus / 1e9, 1) if isinstance(cpus, int) else None,
        "memory_gib": round(memory / _GIB, 1) if isinstance(memory, int) else None,
        "arch": as_text(as_object(about.get("Platform")).get("Architecture")),
        "engine": as_text(as_object(about.get("Engine")).get("EngineVersion")),
    }


def _told(name: str, node: Mapping[str, JSON]) -> str:
    labels = ", ".join(f"{key}={as_text(text)}" for key, text in as_object(node["labels"]).items())
    role = "leader" if node["leader"] else node["role"]
    return (
        f"{name} ({role}) is {node['state']} and {node['availability']}, {f'labels {labels}' if labels else 'no label'}"
    )


PROBE = Probe[SwarmNodesProbe](kind="swarm-nodes", commands=commands, read=read)
