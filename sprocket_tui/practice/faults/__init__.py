"""The faults that can be rehearsed: data beside this module, and how they enter a world."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.guide.model import Guide
from sprocket_tui.guide.problems import unknown
from sprocket_tui.guide.resolve import checked, is_of
from sprocket_tui.practice.faults.change import Change, Elsewhere, apply, places
from sprocket_tui.practice.world import State

# In place of a fault's id: one that the seed chooses.
RANDOM = "random"


class Fault(Change):
    """One fault. `shows` is the check that fails by it, `hint` the hint that names it in a failure's output.

    `told` is what the walk says where neither does. `beside` are other checks and hints that may show as well. `at` is
    the step that is about to begin when the fault strikes; without it the fault is there from the start. `until` is the
    last step that comes upon it, where that is not the last one that measures `shows`.
    """

    id: str
    title: str
    rehearses: tuple[str, ...]
    shows: str = ""
    hint: str = ""
    told: str = ""
    beside: tuple[str, ...] = ()
    at: str = ""
    until: str = ""
    mended: Literal["on the droplet", "by the walk"] | Elsewhere = "on the droplet"

    @property
    def elsewhere(self) -> Elsewhere | None:
        """Who else mends it; None for those that are mended on the droplet or by the walk itself."""
        return self.mended if isinstance(self.mended, Elsewhere) else None


def faults() -> dict[str, Fault]:
    """Every fault by id, in the order of the files."""
    found: dict[str, Fault] = {}
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        for row in cast("list[Any]", yaml.safe_load(path.read_text(encoding="utf-8"))):
            fault = Fault.model_validate(row)
            found[fault.id] = fault
    return found


def known(id_: str) -> Fault:
    """The fault with that id. Raises SprocketError for an unknown one, with the nearest that there is."""
    every = faults()
    if id_ not in every:
        raise SprocketError(unknown("fault", id_, every), remedy="sprocket-tui practice faults", code=Exit.USAGE)
    return every[id_]


def chosen(words: Sequence[str], guide: Callable[[], Guide]) -> list[Fault]:
    """The faults that are named as ID, or as ID@STEP for a later moment of the guide.

    RANDOM names none. Raises SprocketError for an unknown fault or step, and for one at which the fault cannot strike.
    """
    return [_at(*word.partition("@"), guide) for word in words if word != RANDOM]


def _at(id_: str, sign: str, step: str, guide: Callable[[], Guide]) -> Fault:
    if id_ == RANDOM:
        raise SprocketError("a fault that is drawn has its own moment", remedy="--fault random", code=Exit.USAGE)
    fault = known(id_)
    if not sign:
        return fault
    steps = list(guide().steps())
    if step not in steps:
        raise SprocketError(unknown("step", step, steps), remedy="sprocket-tui steps", code=Exit.USAGE)
    if fault.at and steps.index(step) < steps.index(fault.at):
        raise SprocketError(f"{id_} can strike at {fault.at} at the earliest", code=Exit.USAGE)
    if steps.index(step) > steps.index(last := latest(fault, guide())):
        raise SprocketError(f"{id_} can strike at {last} at the latest: no step after it notices", code=Exit.USAGE)
    return fault.model_copy(update={"at": step})


def latest(fault: Fault, guide: Guide) -> str:
    """The last step of the walk that comes upon the fault."""
    steps = guide.steps()
    measuring = {id_ for id_, step in steps.items() if any(is_of(fault.shows, each) for each in checked(guide, step))}
    return next(id_ for id_ in reversed(steps) if id_ in {*measuring, fault.until})


def some(seed: int, count: int, beside: Iterable[str] = ()) -> list[Fault]:
    """That many faults, drawn by a seed: others than those `beside` them, and such as can be there together.

    Raises SprocketError where there are no more of them.
    """
    every = faults()
    there, found = [every[id_] for id_ in beside], list[Fault]()
    # In one order for each seed, so that who draws more later draws what would have come next.
    for one in random.Random(seed).sample(list(every.values()), len(every)):  # noqa: S311 a rehearsal
        touched = frozenset[str]().union(*(places(each) for each in (*there, *found)))
        if len(found) < count and not places(one) & touched:
            found.append(one)
    if len(found) < count:
        raise SprocketError("no other fault can be there beside these", remedy="draw fewer", code=Exit.USAGE)
    return found


def announce(state: State, fault: Fault) -> None:
    """Lets a fault strike now, or when its step is about to begin; one that has struck does not come again."""
    if fault.id in state["faults"]:
        return
    if fault.at:
        state.setdefault("coming", {})[fault.id] = fault.at
    else:
        state.get("coming", {}).pop(fault.id, None)
        strike(state, fault)


def strike(state: State, fault: Fault) -> None:
    """Changes the world as the fault says, once: what was mended stays mended."""
    if fault.id not in state["faults"]:
        state["faults"].append(fault.id)
        apply(state, fault)
