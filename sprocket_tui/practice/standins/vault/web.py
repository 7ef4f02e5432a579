"""What Vault answers to anybody by HTTP: whether it is made and open."""

from __future__ import annotations

import json
import time

from sprocket_tui.practice.standins.vault import reach, start, store
from sprocket_tui.practice.world import State

_KIND = "application/json"
_OPEN, _NOT_MADE, _SEALED = 200, 501, 503


def answer(state: State, path: str) -> tuple[int, str, bytes]:
    """Status, content type and body for one path."""
    service = reach.service(state)
    if service is None:
        return 502, "text/plain; charset=utf-8", b"Bad Gateway"
    known = store.status(state, service)
    if start.due(state) is not None:
        # The script has done its work, and nobody has looked since.
        known |= {"initialized": True, "sealed": False}
    match path.partition("?")[0]:
        case "/v1/sys/health":
            status = _SEALED if known["sealed"] else _OPEN
            return status if known["initialized"] else _NOT_MADE, _KIND, _encoded(_health(known))
        case "/v1/sys/seal-status":
            return _OPEN, _KIND, _encoded(known)
        case _:
            return 404, _KIND, b'{"errors":[]}\n'


def _health(known: dict[str, object]) -> dict[str, object]:
    closed = known["sealed"]
    mode = "unknown" if closed else "disabled"
    cluster = {name: known[name] for name in ("cluster_name", "cluster_id") if name in known}
    return {
        "initialized": known["initialized"],
        "sealed": closed,
        "standby": closed,
        "performance_standby": False,
        "replication_performance_mode": mode,
        "replication_dr_mode": mode,
        "server_time_utc": int(time.time()),
        "version": known["version"],
        **cluster,
    }


def _encoded(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
