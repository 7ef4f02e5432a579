"""Where two values differ: the places in them, each with what stood there and what stands there now. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from sprocket_tui.guide.conditions import ABSENT, Missing, reach
from sprocket_tui.values import JSON

Found: TypeAlias = "JSON | Missing"


def differing(old: JSON, new: JSON, references: Sequence[str]) -> Iterator[tuple[str, Found, Found]]:
    """(place, before, now) of all that the references lead to and that is not the same in both."""
    was, is_ = {"value": old}, {"value": new}
    for reference in references:
        yield from _within(reference, reach(was, reference), reach(is_, reference))


def _within(place: str, old: Found, new: Found) -> Iterator[tuple[str, Found, Found]]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys([*old, *new]):
            yield from _within(f"{place}.{name}", old.get(name, ABSENT), new.get(name, ABSENT))
    elif isinstance(old, list) and isinstance(new, list):
        # Without what both have; of another order alone there is all of it.
        left = ([each for each in old if each not in new], [each for each in new if each not in old])
        yield (place, *(left if any(left) else (old, new)))
    else:
        yield place, old, new
