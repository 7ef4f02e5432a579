"""The probes, by kind. A new one is one module here and its words in `guide/words.py`."""

from __future__ import annotations

from typing import Any

from sprocket_tui.checks.probes import command, dns_query, http, node, port, secret, software, swarm_service
from sprocket_tui.checks.probes.base import Probe

PROBES: dict[str, Probe[Any]] = {
    probe.kind: probe
    for probe in (
        command.PROBE,
        dns_query.PROBE,
        http.PROBE,
        node.PROBE,
        port.PROBE,
        secret.PROBE,
        software.PROBE,
        swarm_service.PROBE,
    )
}
