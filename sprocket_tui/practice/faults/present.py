"""Which faults are in a droplet: those that have struck and are not mended yet, and those that wait for their step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui.practice.faults import Fault, faults, some
from sprocket_tui.practice.faults.change import stands
from sprocket_tui.practice.world import State


@dataclass(frozen=True)
class Present:
    """A fault that is in a droplet. `at` is the step it waits for, "" once it has struck; `drawn` by the seed."""

    id: str
    at: str
    drawn: bool


@dataclass(frozen=True)
class Found:
    """The faults in a droplet when it is up: those from before, those that came with this start.

    `over` are ids that were asked for and do not come again; `drawn` is how many the seed has chosen in all.
    """

    before: tuple[Present, ...]
    added: tuple[Present, ...]
    over: tuple[str, ...]
    drawn: int
    seed: int


def present(state: State, home: Path) -> dict[str, Present]:
    """Those of that world by id, in the order in which they came; `home` is the login's home, seen from outside."""
    every, drawn = faults(), state.get("drawn", [])
    struck = [id_ for id_ in state["faults"] if id_ in every and stands(state, every[id_], _Files(home).there)]
    waiting = {id_: step for id_, step in state.get("coming", {}).items() if id_ in every}
    return {id_: Present(id_, waiting.get(id_, ""), id_ in drawn) for id_ in (*struck, *waiting)}


def draw(state: State, named: Sequence[Fault], count: int) -> list[Fault]:
    """The faults that are missing of `count` chosen by the seed, beside those named; the world remembers which."""
    before = state.get("drawn", [])
    beside = {*state["faults"], *state.get("coming", {}), *(fault.id for fault in named)}
    new = some(state["seed"], max(0, count - len(before)), beside)
    state["drawn"] = [*before, *(fault.id for fault in new)]
    return new


def found(state: State, before: Iterable[str], asked: Iterable[Fault], home: Path) -> Found:
    """What is in the world now, after those `before` and those that were `asked` for."""
    now = present(state, home)
    return Found(
        tuple(now[id_] for id_ in now if id_ in before),
        tuple(now[id_] for id_ in now if id_ not in before),
        tuple(dict.fromkeys(fault.id for fault in asked if fault.id not in now)),
        len(state.get("drawn", [])),
        state["seed"],
    )


class _Files:
    def __init__(self, home: Path) -> None:
        self._home = home.resolve()

    def there(self, name: str) -> bool:
        """Whether that file of the droplet's /root is there; what a link inside leads to is none of it."""
        try:
            path = (self._home / Path(name).relative_to("/root")).resolve()
            return path.is_relative_to(self._home) and path.exists()
        except (OSError, RuntimeError):
            # Somebody shut a directory, or made links that lead to each other.
            return False
