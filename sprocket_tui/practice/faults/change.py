"""What becomes of a world and of its files when a fault strikes, or when somebody mends it elsewhere: as data."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from shlex import quote
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, JsonValue

from sprocket_tui.practice.world import State


class Change(BaseModel):
    """What becomes of the world: values by path, keys that go, items of lists; files of the droplet.

    `write` holds JSON documents by file, `delete` files and directories; ${now} in a document is the time.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    set: dict[str, JsonValue] = {}
    unset: tuple[str, ...] = ()
    add: dict[str, JsonValue] = {}
    remove: dict[str, JsonValue] = {}
    write: dict[str, JsonValue] = {}
    delete: tuple[str, ...] = ()


class Elsewhere(Change):
    """What somebody does about a fault that is not mended on the droplet, and what they say then."""

    says: str


def apply(state: State, change: Change) -> None:
    """Changes the world, but for its files."""
    for path, value in change.set.items():
        parent, name = _place(state, path)
        parent[name] = _filled(state, value)
    for path in change.unset:
        parent, name = _place(state, path)
        parent.pop(name, None)
    for path, value in change.add.items():
        parent, name = _place(state, path)
        parent.setdefault(name, []).append(_filled(state, value))
    for path, value in change.remove.items():
        parent, name = _place(state, path)
        parent[name] = [each for each in parent[name] if each != _filled(state, value)]


def stands(state: State, change: Change, there: Callable[[str], bool]) -> bool:
    """Whether what the change made of the world and its files is still so; `there` says whether a file is.

    What it put there or took away tells. Where it only set values those do, all of them: others may move by themselves.
    """
    things = [_held(state, path, value) for path, value in change.add.items()]
    things += [not _held(state, path, value) for path, value in change.remove.items()]
    things += [_value(state, path) is None for path in change.unset]
    things += [there(name) for name in change.write]
    things += [not there(name) for name in change.delete]
    return all(things or [_value(state, path) == _filled(state, value) for path, value in change.set.items()])


def places(change: Change) -> frozenset[str]:
    """What the change touches: two that share one of these cannot both be so."""
    return frozenset((*change.set, *change.unset, *change.add, *change.remove, *change.write, *change.delete))


def script(change: Change) -> str:
    """The same change to the files, for a shell of the droplet; "" where there is nothing to do."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    lines = [f"rm -rf -- {quote(name)}" for name in change.delete]
    for name, document in change.write.items():
        text = json.dumps(document).replace("${now}", now)
        lines.append(f"mkdir -p {quote(str(Path(name).parent))} && printf %s {quote(text)} >{quote(name)}")
    return "\n".join(lines)


def _place(state: State, path: str) -> tuple[dict[str, Any], str]:
    """The mapping that holds the last word of a path, and that word; "names.a@2" has two words."""
    words = path.split(".")
    place = cast("dict[str, Any]", state)
    for word in words[:-1]:
        place = place[word]
    return place, words[-1]


def _value(state: State, path: str) -> object:
    """What is there; None where nothing is."""
    try:
        parent, name = _place(state, path)
    except (KeyError, TypeError):
        return None
    return parent.get(name)


def _held(state: State, path: str, value: JsonValue) -> bool:
    return _filled(state, value) in cast("list[object]", _value(state, path) or [])


def _filled(state: State, value: JsonValue) -> JsonValue:
    """The value with the world's web ports in it; a port alone stays a number."""
    if isinstance(value, Mapping):
        return {key: _filled(state, each) for key, each in value.items()}
    if not isinstance(value, str):
        return value
    for name, port in (("${http}", state["ports"]["http"]), ("${https}", state["ports"]["https"])):
        if value == name:
            return port
        value = value.replace(name, str(port))
    return value
