"""The faults that can be rehearsed: data beside this module, and how they enter a world."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import BaseModel, ConfigDict, JsonValue

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.guide.problems import unknown
from sprocket_tui.practice.world import State


class Fault(BaseModel):
    """One fault. `shows` is the check that fails by it, `hint` the hint that names it in a failure's output.

    `set`, `unset`, `add` and `remove` say what becomes of the world: values by path, keys that go, items of lists.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    rehearses: tuple[str, ...]
    shows: str
    hint: str = ""
    set: dict[str, JsonValue] = {}
    unset: tuple[str, ...] = ()
    add: dict[str, JsonValue] = {}
    remove: dict[str, JsonValue] = {}


def faults() -> dict[str, Fault]:
    """Every fault by id, in the order of the files."""
    found: dict[str, Fault] = {}
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        for row in cast("list[Any]", yaml.safe_load(path.read_text(encoding="utf-8"))):
            fault = Fault.model_validate(row)
            found[fault.id] = fault
    return found


def chosen(ids: list[str]) -> list[Fault]:
    """The faults with these ids. Raises SprocketError for an unknown one, with the nearest that there is."""
    known = faults()
    for each in ids:
        if each not in known:
            raise SprocketError(unknown("fault", each, known), remedy="sprocket-tui practice faults", code=Exit.USAGE)
    return [known[each] for each in ids]


def some(seed: int, count: int) -> list[Fault]:
    """That many faults, drawn by a seed."""
    return random.Random(seed).sample(list(faults().values()), count)  # noqa: S311 a rehearsal


def strike(state: State, fault: Fault) -> None:
    """Changes the world as the fault says, once: what was mended stays mended."""
    if fault.id in state["faults"]:
        return
    state["faults"].append(fault.id)
    for path, value in fault.set.items():
        parent, name = _place(state, path)
        parent[name] = _filled(state, value)
    for path in fault.unset:
        parent, name = _place(state, path)
        parent.pop(name, None)
    for path, value in fault.add.items():
        parent, name = _place(state, path)
        parent.setdefault(name, []).append(_filled(state, value))
    for path, value in fault.remove.items():
        parent, name = _place(state, path)
        parent[name] = [each for each in parent[name] if each != _filled(state, value)]


def _place(state: State, path: str) -> tuple[dict[str, Any], str]:
    """The mapping that holds the last word of a path, and that word; "names.a@2" has two words."""
    words = path.split(".")
    place = cast("dict[str, Any]", state)
    for word in words[:-1]:
        place = place[word]
    return place, words[-1]


def _filled(state: State, value: JsonValue) -> JsonValue:
    """The value with the world's web ports in it; a port alone stays a number."""
    if isinstance(value, dict):
        return {key: _filled(state, each) for key, each in value.items()}
    if not isinstance(value, str):
        return value
    for name, port in (("${http}", state["ports"]["http"]), ("${https}", state["ports"]["https"])):
        if value == name:
            return port
        value = value.replace(name, str(port))
    return value
