"""Things by id, by name, or by the beginning of an id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sprocket_tui.practice.standins.docker.words import Refused, from_daemon, not_manager
from sprocket_tui.practice.world import Service, State

Named = TypeVar("Named", bound=Mapping[str, Any])


def find(things: Sequence[Named], word: str) -> list[Named]:
    """What a word names: one thing by its id or name, else all whose ids begin with it."""
    for key in ("id", "name"):
        for each in things:
            if each[key] == word:
                return [each]
    return [each for each in things if each["id"].startswith(word)]


def managed(state: State) -> None:
    """Raises Refused where this node manages no Swarm."""
    if state["docker"]["swarm"] != "active":
        raise not_manager(state["docker"]["swarm"])


def ambiguous(word: str, count: int) -> Refused:
    """The refusal of the beginning of several services' ids."""
    return from_daemon(f"service {word} is ambiguous ({count} matches found)")


def service(state: State, word: str) -> Service:
    """One service. Raises Refused as the daemon does."""
    managed(state)
    found = find(state["docker"]["services"], word)
    if len(found) > 1:
        raise ambiguous(word, len(found))
    if not found:
        raise from_daemon(f"service {word} not found")
    return found[0]
