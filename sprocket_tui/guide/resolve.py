"""What an element of the guide means once values are known: one for each item of a list, and whether it applies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sprocket_tui.guide.conditions import Condition, Lookup, Missing, reach
from sprocket_tui.guide.model import Check, Guide, Step, Var
from sprocket_tui.guide.templates import names_in
from sprocket_tui.guide.words.verbs import CheckVerb
from sprocket_tui.values import JSON

Element = TypeVar("Element", Check, Step)


@dataclass(frozen=True)
class Expanded(Generic[Element]):
    """One check or step as it will be walked.

    `element` carries the final id, `base` the id in the guide (what `needs` and `verify` name), `values` the values
    with the item added. `missing` names the list variable that has no value: the element is then unknown.
    """

    element: Element
    base: str
    values: Mapping[str, JSON] = field(repr=False)
    missing: str = ""


@dataclass(frozen=True)
class Elements:
    """Which elements of lists are meant, by id ("dns.layer-1.traefik"); without anything said all of them are.

    Of a list in `only` it is those that are named there, and never one of `skip`.
    """

    only: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    skip: frozenset[str] = frozenset()

    def has(self, element: str, base: str) -> bool:
        """Whether the element of the list `base` is meant; a list whose items are not known stands for all of them."""
        wanted = element == base or base not in self.only or element in self.only[base]
        return wanted and element not in self.skip


def expand_for_each(element: Element, values: Mapping[str, JSON]) -> tuple[Expanded[Element], ...]:
    """The element itself, or one for each item of its `for_each` list, with the item's slug added to the id."""
    if not element.for_each:
        return (Expanded(element, element.id, values),)
    ((name, source),) = element.for_each.items()
    items = values.get(source) if isinstance(source, str) else list(source)
    if items is None:
        return (Expanded(element, element.id, values, missing=str(source)),)
    taken: dict[str, int] = {}
    found: list[Expanded[Element]] = []
    for item in items if isinstance(items, list) else [items]:
        last = slug(str(item))
        taken[last] = taken.get(last, 0) + 1
        # Two items may read alike as a slug; the later one says so, so that no verdict covers another.
        own = f"{element.id}.{last}" + (f"-{taken[last]}" if taken[last] > 1 else "")
        copy = element.model_copy(update={"id": own, "for_each": {}})
        found.append(Expanded(copy, element.id, {**values, name: item}))
    return tuple(found)


def slug(item: str) -> str:
    """The item as the last part of an id: lower case, everything else a dash."""
    return re.sub(r"[^a-z0-9]+", "-", item.lower()).strip("-") or "item"


def applies(when: Condition | None, lookup: Lookup) -> bool | None:
    """Whether an element applies; None when that needs a value that is not known."""
    return True if when is None else when.holds(lookup)


def measured(var: Var, value: JSON, seen: str) -> JSON:
    """The value of a variable that a check measures, from that check's observation; None when it is not there."""
    found = reach({"value": value, "seen": seen}, var.measured)
    if isinstance(found, Missing):
        return None
    return found.strip() if isinstance(found, str) else found


def checked(guide: Guide, step: Step) -> list[str]:
    """The checks that a step measures: those it is for, those its `done_when` asks, those that prove it."""
    asked = step.done_when.references() if step.done_when else set[str]()
    names = [each.removeprefix("check.") for each in sorted(asked) if each.startswith("check.")]
    if isinstance(step.verb, CheckVerb):
        lists = [each for each in guide.checklists if each.id in step.verb.checklists]
        names += [check.id for each in lists for check in each.checks] + list(step.verb.checks)
    return list(dict.fromkeys([*names, *(step.verify.checks if step.verify else ())]))


def measured_at(guide: Guide) -> dict[str, str]:
    """The title of the walk's first step that measures a check, by the check's id."""
    found: dict[str, str] = {}
    for step in guide.steps().values():
        for check in checked(guide, step) if isinstance(step.verb, CheckVerb) else ():
            found.setdefault(check, step.title)
    return found


def with_needs(ids: Iterable[str], checks: Mapping[str, Check]) -> list[str]:
    """`ids` and all that they need, in the guide's order."""
    wanted, left = set[str](), list(ids)
    while left:
        each = left.pop()
        if each not in wanted:
            wanted.add(each)
            left += checks[each].needs
    return [each for each in checks if each in wanted]


def measurers(check: Check, variables: Iterable[Var]) -> set[str]:
    """The checks that measure what this one refers to, in its condition, its lists or any of its texts."""
    names = {*names_in(check.model_dump_json()), *(check.when.references() if check.when else ())}
    named = {
        name.partition(".")[0]
        for name in (*names, *(each for each in check.for_each.values() if isinstance(each, str)))
    }
    return {var.measured_by for var in variables if var.measured_by and var.name in named} - {check.id}


def is_of(verdict: str, check: str) -> bool:
    """Whether a verdict belongs to that check, or to one item of it."""
    return verdict == check or verdict.startswith(f"{check}.")


def defaults(variables: Iterable[Var]) -> dict[str, JSON]:
    """The defaults of the variables that have one and are not secret."""
    return {
        var.name: list(var.default) if isinstance(var.default, tuple) else var.default
        for var in variables
        if var.default is not None and not var.secret
    }
