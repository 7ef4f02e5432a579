"""What the specification of a Swarm service asks for: an image, a label of the node, ports of the node."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sprocket_tui.checks.probes.base import as_object, as_text
from sprocket_tui.values import JSON


@dataclass(frozen=True)
class Wanted:
    """`image` without its digest; `label` is "key=value" of the first label that a node must bear.

    `ports` are those in host mode, with their protocols; `previous` says that there is an earlier specification.
    """

    image: str
    label: str
    ports: frozenset[tuple[int, str]]
    previous: bool


def wanted(document: Mapping[str, JSON]) -> Wanted:
    """From a document with Spec, Ports and PreviousSpec; what is not there is not asked for."""
    task = as_object(as_object(document.get("Spec")).get("TaskTemplate"))
    constraints = as_object(task.get("Placement")).get("Constraints")
    labels = [
        f"{found[1]}={found[2]}"
        for each in (constraints if isinstance(constraints, list) else [])
        if (found := re.fullmatch(r"node\.labels\.(\S+?) *== *(\S+)", as_text(each)))
    ]
    return Wanted(
        image=as_text(as_object(task.get("ContainerSpec")).get("Image")).partition("@")[0],
        label=labels[0] if labels else "",
        ports=_host_ports(document.get("Ports")),
        previous=bool(document.get("PreviousSpec")),
    )


def _host_ports(listed: JSON) -> frozenset[tuple[int, str]]:
    ports = [as_object(each) for each in (listed if isinstance(listed, list) else [])]
    return frozenset(
        (port, as_text(each.get("Protocol")))
        for each in ports
        if each.get("PublishMode") == "host" and isinstance(port := each.get("PublishedPort"), int) and port
    )
