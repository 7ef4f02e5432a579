"""What Traefik of the guide's version gets from Docker: its routes, or a refusal that it writes to its log."""

from __future__ import annotations

import re
import time

from sprocket_tui.practice.world import Service, State

_API = "1.24"
_TOO_OLD = (
    "Error response from daemon: client version {api} is too old. Minimum supported API version is {oldest}, please "
    "upgrade your client to a newer version"
)


def is_traefik(service: Service) -> bool:
    """Whether the service is the one that the program of Layer 1 makes."""
    return re.fullmatch(r"traefik-[0-9a-f]{7}", service["name"]) is not None


def refusal(state: State) -> str:
    """Why Docker tells it nothing; "" where it does."""
    oldest = state["docker"]["oldest_api"]
    if [int(part) for part in _API.split(".")] >= [int(part) for part in oldest.split(".")]:
        return ""
    return _TOO_OLD.format(api=_API, oldest=oldest)


def log(state: State) -> list[str]:
    """The newest lines of its log, which holds errors alone."""
    why = refusal(state)
    if not why:
        return []
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + state["node"]["clock"]))
    said = (
        f"Failed to retrieve information of the docker client and server host: {why}",
        f"Provider connection error {why}, retrying in 3.402617935s",
    )
    return [f'time="{now}" level=error msg="{each}" providerName=docker' for each in said]
