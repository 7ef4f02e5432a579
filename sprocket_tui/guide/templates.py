"""`${name}` in commands and texts: put in whole, never evaluated, never split.

`${value.path}` reaches into a value, `$$` is one dollar sign, a `$` before anything else stands for itself. A list is
joined by commas, yes and no are written `true` and `false`. A name without a value (or with none) is missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from sprocket_tui.errors import SprocketError
from sprocket_tui.guide.conditions import Missing, reach
from sprocket_tui.values import JSON

_TEMPLATE = re.compile(r"\$(?:\$|\{([^}]*)\})")


class MissingVar(SprocketError):
    """A template names something that has no value; `name` is the whole dotted name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has no value", remedy=f"give {name} in the profile or the answers")
        self.name = name


def names_in(text: str) -> tuple[str, ...]:
    """The names that `text` refers to, in order, as written (a name may be empty or not valid)."""
    return tuple(match[1] for match in _TEMPLATE.finditer(text) if match[1] is not None)


def expand(text: str, values: Mapping[str, JSON]) -> str:
    """`text` with every template replaced. Raises MissingVar for the first name without a value."""
    return _TEMPLATE.sub(lambda match: "$" if match[1] is None else _text_of(match[1], values), text)


def shown(text: str, values: Mapping[str, JSON]) -> str:
    """`text` to be read: expanded as far as it can be, a name without a value in capitals ("traefik.HOSTNAME")."""

    def told(match: re.Match[str]) -> str:
        try:
            return "$" if match[1] is None else _text_of(match[1], values)
        except MissingVar as missing:
            return missing.name.rpartition(".")[2].upper()

    return _TEMPLATE.sub(told, text)


def expand_argv(argv: Iterable[str], values: Mapping[str, JSON]) -> tuple[str, ...]:
    """Every element expanded; an element stays one element whatever its values hold. Raises MissingVar."""
    return tuple(expand(element, values) for element in argv)


def is_whole(argv: Iterable[str], values: Mapping[str, JSON]) -> bool:
    """Whether every name in `argv` has a value."""
    try:
        expand_argv(argv, values)
    except MissingVar:
        return False
    return True


def _text_of(name: str, values: Mapping[str, JSON]) -> str:
    head, _, path = name.partition(".")
    found: JSON | Missing = values.get(head)
    if path and found is not None:
        found = reach(found, path)
    if found is None or isinstance(found, Missing):
        raise MissingVar(name)
    return _plain(found)


def _plain(value: JSON) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join(_plain(each) for each in value)
    return json.dumps(value, ensure_ascii=False)
