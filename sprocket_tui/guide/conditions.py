"""The closed predicate language of `when`, `done_when` and `outcomes.when`, with three answers: yes, no, cannot tell.

A reference is a dotted path: into an observation ("value.cores"), to a variable ("hostname"), or to a check's state
("check.swarm.active"). What it leads to is the caller's `Lookup`. An operand that is a whole template ("${address}") is
what that reference leads to; templates within one ("https://${hostname}/login") are put in as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import Any, Final, Self, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sprocket_tui.values import JSON


class Missing(Enum):
    """Why a reference has no value: nothing is there (ABSENT), or it could not be measured (UNKNOWN)."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


ABSENT: Final = Missing.ABSENT
UNKNOWN: Final = Missing.UNKNOWN

Lookup = Callable[[str], "JSON | Missing"]
Scalar = bool | int | float | str | None
_TEMPLATE = re.compile(r"\$\{([^}]+)\}")


def reach(root: JSON, dotted: str) -> JSON | Missing:
    """What the dotted path leads to in `root`; ABSENT where a name is not there. Lists are entered by number."""
    found = root
    for name in dotted.split("."):
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            return ABSENT
    return found


class Condition(BaseModel):
    """Exactly one predicate. `eq`, `in`, `ge` and `matches` take [reference, operand]; `exists` takes a reference.

    Only the operands of `eq` and `in` may be templates; `ge` takes a number and `matches` a regular expression.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid", populate_by_name=True)

    eq: tuple[str, Scalar] | None = None
    in_: tuple[str, tuple[Scalar, ...]] | None = Field(default=None, alias="in")
    ge: tuple[str, int | float] | None = None
    matches: tuple[str, str] | None = None
    exists: str | None = None
    all: tuple[Condition, ...] | None = None
    any: tuple[Condition, ...] | None = None
    not_: Condition | None = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _one_predicate(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("a condition has exactly one of eq, in, ge, matches, exists, all, any, not")
        return self

    @field_validator("matches")
    @classmethod
    def _compiles(cls, pair: tuple[str, str] | None) -> tuple[str, str] | None:
        if pair is not None:
            try:
                re.compile(pair[1])
            except re.error as error:
                raise ValueError(f"not a regular expression: {error}") from error
        return pair

    def references(self) -> set[str]:
        """Every reference this condition reads."""
        found = {pair[0] for pair in (self.eq, self.in_, self.ge, self.matches) if pair is not None}
        operands = (*(self.eq or ())[1:], *(self.in_ or ((), ()))[1])
        found |= {name for operand in operands if isinstance(operand, str) for name in _TEMPLATE.findall(operand)}
        if self.exists is not None:
            found.add(self.exists)
        for part in (*(self.all or ()), *(self.any or ()), *((self.not_,) if self.not_ else ())):
            found |= part.references()
        return found

    def holds(self, lookup: Lookup) -> bool | None:
        """True, False, or None when an answer needs a value that is not known (Kleene's logic)."""
        if self.all is not None:
            return _all([part.holds(lookup) for part in self.all])
        if self.any is not None:
            return _negated(_all([_negated(part.holds(lookup)) for part in self.any]))
        if self.not_ is not None:
            return _negated(self.not_.holds(lookup))
        if self.exists is not None:
            found = lookup(self.exists)
            return None if found is UNKNOWN else found is not ABSENT and found is not None
        return self._compares(lookup)

    def _compares(self, lookup: Lookup) -> bool | None:
        pair = cast("tuple[str, Any]", self.eq or self.in_ or self.ge or self.matches)
        found, operand = lookup(pair[0]), pair[1]
        if isinstance(found, Missing):
            return None
        if self.eq is not None:
            return _equal(found, operand, lookup)
        if self.in_ is not None:
            return _negated(_all([_negated(_equal(found, each, lookup)) for each in operand]))
        if self.ge is not None:
            return found >= operand if isinstance(found, int | float) and not isinstance(found, bool) else None
        return re.search(operand, found) is not None if isinstance(found, str) else None


def _equal(left: JSON, operand: Scalar, lookup: Lookup) -> bool | None:
    """Equality without Python's True == 1."""
    right = _operand(operand, lookup)
    return None if isinstance(right, Missing) else isinstance(left, bool) == isinstance(right, bool) and left == right


def _operand(operand: Scalar, lookup: Lookup) -> JSON | Missing:
    """The operand with what its templates lead to: the value itself where it is nothing else, else put in as text."""
    if not isinstance(operand, str):
        return operand
    names: list[str] = _TEMPLATE.findall(operand)
    found = {name: lookup(name) for name in names}
    missing = next((each for each in found.values() if isinstance(each, Missing)), None)
    if missing:
        return missing
    return (
        found[names[0]] if operand == f"${{{''.join(names)}}}" else _TEMPLATE.sub(lambda m: str(found[m[1]]), operand)
    )


def _all(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def _negated(answer: bool | None) -> bool | None:
    return None if answer is None else not answer
