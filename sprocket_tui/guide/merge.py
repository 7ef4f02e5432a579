"""A guide that extends another: whole elements take the place of those with the same id, the others are added."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sprocket_tui.guide.model import Check, Checklist, Hint, Screen, Step, Var
from sprocket_tui.guide.planning import Planning, over

Part = TypeVar("Part", Check, Step, Hint, Screen, Checklist)
Holder = TypeVar("Holder", Screen, Checklist)


@dataclass(frozen=True)
class Content:
    """What a guide's files hold, and where each element stands."""

    vars: tuple[Var, ...]
    screens: tuple[Screen, ...]
    checklists: tuple[Checklist, ...]
    hints: tuple[Hint, ...]
    planning: Planning
    places: Mapping[str, str]
    replaced: tuple[str, ...] = ()


def extend(base: Content, upper: Content) -> Content:
    """`base` with the elements of `upper` over it.

    A screen or checklist with a new id may hold steps or checks of the base: those are replaced where they stand, and
    only what is left of it is added.
    """
    names = {var.name for var in upper.vars}
    kept = tuple(var for var in base.vars if var.name not in names)
    replaced = tuple(sorted(base.places.keys() & upper.places.keys()))
    return Content(
        vars=(*kept, *upper.vars),
        screens=_holders(base.screens, upper.screens, lambda screen: screen.steps, "steps"),
        checklists=_holders(base.checklists, upper.checklists, lambda each: each.checks, "checks"),
        hints=_over(base.hints, upper.hints),
        planning=over(base.planning, upper.planning),
        places={**base.places, **upper.places},
        replaced=replaced,
    )


def _holders(
    base: Sequence[Holder], upper: Sequence[Holder], parts_of: Callable[[Holder], tuple[Part, ...]], name: str
) -> tuple[Holder, ...]:
    """Screens or checklists; `parts_of` gives their steps or checks, kept in the field `name`."""
    known = {holder.id for holder in base}
    merged = list(_over(base, [holder for holder in upper if holder.id in known]))
    for holder in upper:
        if holder.id in known:
            continue
        below = {part.id for each in merged for part in parts_of(each)}
        swaps = [part for part in parts_of(holder) if part.id in below]
        rest = tuple(part for part in parts_of(holder) if part.id not in below)
        merged = [each.model_copy(update={name: _swap(parts_of(each), swaps)}) for each in merged]
        if rest:
            merged.append(holder.model_copy(update={name: rest}))
    return tuple(merged)


def _over(base: Sequence[Part], upper: Sequence[Part]) -> tuple[Part, ...]:
    known = {part.id for part in base}
    return (*_swap(base, upper), *(part for part in upper if part.id not in known))


def _swap(base: Sequence[Part], upper: Sequence[Part]) -> tuple[Part, ...]:
    by_id = {part.id: part for part in upper}
    return tuple(by_id.get(part.id, part) for part in base)
