"""Whether a document from a droplet is what the types of the world say: whoever is inside may have written another."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Literal, NotRequired, cast, get_args, get_origin, get_type_hints, is_typeddict

# Deeper than any world; no more than a program's own stack takes.
_DEEPEST = 100


def fits(value: object, kind: Any) -> bool:  # noqa: ANN401 a type, of whatever form
    """Whether the value is of that kind: a TypedDict, a list, a dict, a Literal, a plain type, or Any."""
    if is_typeddict(kind):
        return isinstance(value, dict) and _fields_fit(cast("dict[str, object]", value), kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if origin is list:
        return isinstance(value, list) and all(fits(each, inner[0]) for each in cast("list[object]", value))
    if origin is dict:
        return isinstance(value, dict) and all(
            isinstance(name, inner[0]) and fits(each, inner[1])
            for name, each in cast("dict[object, object]", value).items()
        )
    # A whole number may be written without its point; True is none.
    plain = object if kind is Any else (int, kind) if kind is float else kind
    return isinstance(value, plain) and (kind in (bool, Any) or not isinstance(value, bool))


def is_deep(value: object) -> bool:
    """Whether lists and mappings lie in each other further than in any world."""
    level: list[object] = [value]
    for _ in range(_DEEPEST):
        level = [inner for each in level for inner in _inner(each)]
        if not level:
            return False
    return True


def _inner(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return cast("dict[str, object]", value).values()
    return cast("list[object]", value) if isinstance(value, list) else ()


def _fields_fit(value: dict[str, object], kind: Any) -> bool:  # noqa: ANN401 a type, of whatever form
    for name, (inner, needed) in _fields(kind).items():
        if (needed or name in value) and not (name in value and fits(value[name], inner)):
            return False
    return True


@cache
def _fields(kind: Any) -> dict[str, tuple[Any, bool]]:  # noqa: ANN401 a type, of whatever form
    """The type of each field, and whether it must be there."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        name: (get_args(hint)[0], False) if get_origin(hint) is NotRequired else (hint, True)
        for name, hint in hints.items()
    }
