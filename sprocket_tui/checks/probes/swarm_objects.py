"""Networks, configs and secrets of the Swarm, by name; what is in a config or a secret is never asked for.

Value {networks: {name: {driver, scope, attachable, internal, encrypted}}, configs, secrets, missing}: the overlay
networks of the Swarm and the bridges of the node (none of Docker's own), the names of configs and secrets, and of the
names that were asked for those that are not there, as "network NAME", "config NAME" or "secret NAME".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Answers, Probe, ProbeError, as_object, as_text, documents
from sprocket_tui.guide.words.probes import SwarmObjectsProbe
from sprocket_tui.target.batch import Command
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

_LIST = """\
command -v docker >/dev/null 2>&1 || { echo "docker was not found" >&2; exit 1; }
ids=$(docker network ls -q) || exit 1
docker network inspect --format '{"network":{{json .Name}},"driver":{{json .Driver}},"scope":{{json .Scope}},\
"attachable":{{json .Attachable}},"internal":{{json .Internal}},"options":{{json .Options}}}' $ids || exit 1
docker config ls --format '{"config":{{json .Name}}}' || exit 1
docker secret ls --format '{"secret":{{json .Name}}}' || exit 1
echo '{"complete": true}'
"""
_DOCKERS_OWN = {"bridge", "host", "none", "ingress", "docker_gwbridge"}
_ADDED = re.compile(r"-[0-9a-f]{7}")


def commands(words: SwarmObjectsProbe) -> tuple[Command, ...]:
    """All of them, as one JSON document each."""
    return (Command("objects", _LIST, words.timeout),)


def read(words: SwarmObjectsProbe, answers: Answers) -> Observation:
    """See the module; raises ProbeError when the daemon did not answer, is no manager, or was cut short."""
    found = [as_object(document) for document in documents(answers.text("objects"))]
    if not any(each.get("complete") is True for each in found):
        raise ProbeError("the list of networks, configs and secrets was cut short" if found else "the answer was empty")
    every = {as_text(each["network"]): _network(each) for each in found if "network" in each}
    networks = {name: every[name] for name in sorted(every) if name not in _DOCKERS_OWN}
    configs, secrets = (sorted(as_text(each[kind]) for each in found if kind in each) for kind in ("config", "secret"))
    missing = [
        *_missing("network", words.networks, networks),
        *_missing("config", words.configs, configs),
        *_missing("secret", words.secret_names, secrets),
    ]
    value: dict[str, JSON] = {
        "networks": {name: {**network} for name, network in networks.items()},
        "configs": [*configs],
        "secrets": [*secrets],
        "missing": [*missing],
    }
    driven = [f"{name} ({network['driver']})" for name, network in networks.items()]
    told = [
        f"networks {_listed(driven)}",
        f"configs {_listed(configs)}",
        f"secrets {_listed(secrets)}",
    ]
    lacks = [f"there is no {' and no '.join(missing)}"] if missing else []
    return Observation(value=value, seen=one_line("; ".join([*lacks, *told])))


def _network(document: Mapping[str, JSON]) -> dict[str, JSON]:
    return {
        "driver": as_text(document.get("driver")),
        "scope": as_text(document.get("scope")),
        "attachable": document.get("attachable") is True,
        "internal": document.get("internal") is True,
        "encrypted": "encrypted" in as_object(document.get("options")),
    }


def _missing(kind: str, wanted: Iterable[str], there: Iterable[str]) -> list[str]:
    names = [name for each in there for name in (each, _ADDED.sub("", each) if _ADDED.fullmatch(each[-8:]) else each)]
    return [f"{kind} {each}" for each in wanted if each not in names]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


PROBE = Probe[SwarmObjectsProbe](kind="swarm-objects", commands=commands, read=read)
