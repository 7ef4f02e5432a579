"""The probes, by kind. A new one is one module here, named in the table below, and its words in `guide/words/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from sprocket_tui.checks.probes.base import Probe

_MODULES = {
    "checkout": "checkout",
    "cloud-firewall": "cloud_firewall",
    "command": "command",
    "dns": "dns_query",
    "docker-api": "docker_api",
    "doppler": "doppler",
    "firewall": "firewall",
    "github": "github",
    "http": "http",
    "images": "images",
    "node": "node",
    "port": "port",
    "postgres": "postgres",
    "pulumi-backend": "pulumi_backend",
    "registry": "registry",
    "s3": "s3",
    "secret": "secret",
    "software": "software",
    "swarm-nodes": "swarm_nodes",
    "swarm-objects": "swarm_objects",
    "swarm-service": "swarm_service",
    "swarm-services": "swarm_services",
    "tls": "tls",
    "told": "told",
    "vault": "vault",
}


class _Registry(Mapping[str, Probe[Any]]):
    """Imports a probe when it is first asked for: the name resolver alone costs as much as ten checks."""

    def __getitem__(self, kind: str) -> Probe[Any]:
        probe: Probe[Any] = import_module(f"{__name__}.{_MODULES[kind]}").PROBE
        return probe

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


PROBES: Mapping[str, Probe[Any]] = _Registry()
