"""What the Swarm makes of a service that the provider made or changed: the stand-in of docker decides it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

from sprocket_tui.practice.world import Service, State

_SOCKET = "/var/run/docker.sock"

Exists = Callable[[str], bool]


def decide(state: State, service: Service, exists: Exists) -> None:
    """Sets what becomes of its tasks; `exists` tells whether there is a file on the droplet."""

    def held(source: str) -> bool:
        # Volumes are made by Docker, and its socket is there while it runs.
        return not source.startswith("/") or source == _SOCKET or exists(source)

    if fates := _docker("fates"):
        fates.decide(state, service, held)


def restart(state: State, service: Service) -> None:
    """Its tasks give way to new ones."""
    if tasks := _docker("tasks"):
        tasks.restart(state, service)


def _docker(name: str) -> ModuleType | None:
    """A module of the stand-in of docker; None where that is not there, and every service runs."""
    try:
        return import_module(f"sprocket_tui.practice.standins.docker.{name}")
    except ImportError:
        return None
