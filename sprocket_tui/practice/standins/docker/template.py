"""Go templates, as far as formats of Docker use them: text, fields, `json`, `index`, `not`, parentheses, methods."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sprocket_tui.practice.standins.docker.words import Refused

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|`[^`]*`)|(?P<number>-?\d+)|(?P<field>\.\w+)|(?P<dot>\.)|(?P<word>\w+)|(?P<mark>[()]))'
)
_FUNCTIONS = ("json", "index", "not")
_ESCAPES = {"\\n": "\n", "\\t": "\t"}


class Row(dict[str, Any]):
    """A row of a list. Go writes its JSON sorted, and fit for HTML; a method of it is a callable."""


@dataclass(frozen=True)
class Shape:
    """What Go calls the values: the type at each dotted path, "" being the value itself.

    A value whose type is not named is a map for Go. `optional` are paths that are nil where they are not there.
    """

    types: Mapping[str, str]
    optional: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Field:
    name: str
    column: int


@dataclass(frozen=True)
class _Operand:
    """A constant, the dot, a function's name, or what is in parentheses; then fields of it."""

    kind: str
    value: Any
    fields: tuple[_Field, ...]
    column: int
    source: str


_Action = Sequence[_Operand]


class Template:
    """A format that was parsed. Raises Refused where it is none."""

    def __init__(self, text: str) -> None:
        self._parts: list[str | _Action] = []
        place = 0
        for escape, meant in _ESCAPES.items():
            text = text.replace(escape, meant)
        while (start := text.find("{{", place)) >= 0:
            end = text.find("}}", start)
            if end < 0:
                raise _bad("template: :1: unclosed action")
            self._parts += [text[place:start], _Parser(text[start + 2 : end], start + 2).action()]
            place = end + 2
        self._parts.append(text[place:])

    def render(self, value: object, shape: Shape) -> str:
        """The text for one value. Raises Refused for a field it does not have."""
        return "".join(part if isinstance(part, str) else _shown(_evaluate(part, value, shape)) for part in self._parts)


class _Parser:
    def __init__(self, text: str, offset: int) -> None:
        self._text, self._offset, self._place = text, offset, 0

    def action(self) -> _Action:
        operands = self._operands(inside=False)
        if not operands:
            raise _bad("template: :1: missing value for command")
        return operands

    def _operands(self, *, inside: bool) -> _Action:
        found: list[_Operand] = []
        while self._text[self._place :].strip():
            token = _TOKEN.match(self._text, self._place)
            if token is None:
                odd = self._text[self._place :].lstrip()[0]
                raise _bad(f"template: :1: unexpected {json.dumps(odd)} in operand")
            kind = str(token.lastgroup)
            if token[kind] == ")":
                if not inside:
                    raise _bad("template: :1: unexpected right paren U+0029 ')'")
                return found
            begin = token.start(kind)
            self._place = token.end()
            found.append(self._operand(kind, token[kind], begin))
        if inside:
            raise _bad("template: :1: unclosed left paren")
        return found

    def _operand(self, kind: str, text: str, begin: int) -> _Operand:
        fields: list[_Field] = []
        value: Any = text
        if kind == "mark":
            value = self._operands(inside=True)
            self._place = _TOKEN.match(self._text, self._place).end()  # type: ignore[union-attr]
        elif kind == "text":
            value = json.loads(text) if text.startswith('"') else text[1:-1]
        elif kind == "number":
            value = int(text)
        elif kind == "field":
            kind, fields = "dot", [_Field(text[1:], self._offset + begin)]
        elif kind == "word" and text not in _FUNCTIONS:
            raise _bad(f'template: :1: function "{text}" not defined')
        while (more := _TOKEN.match(self._text, self._place)) and more["field"] and more.start() == more.start("field"):
            fields.append(_Field(more["field"][1:], self._offset + more.start("field")))
            self._place = more.end()
        return _Operand(kind, value, tuple(fields), self._offset + begin, self._text[begin : self._place])


def _evaluate(action: _Action, dot: object, shape: Shape) -> object:
    first = action[0]
    if first.kind == "word":
        given = [_operand(each, dot, shape, ()) for each in action[1:]]
        return _call(first, given, " ".join(each.source for each in action))
    given = [_operand(each, dot, shape, ()) for each in action[1:]]
    return _operand(first, dot, shape, given)


def _call(function: _Operand, given: list[object], source: str) -> object:
    if not given or (function.value != "index" and len(given) > 1):
        wanted = "want at least 1 got" if function.value == "index" else "want 1 got"
        raise _failed(function, function.source, f"wrong number of args for {function.value}: {wanted} {len(given)}")
    if function.value == "json":
        return compact(given[0])
    if function.value == "not":
        return not given[0]
    value = given[0]
    for key in given[1:]:
        if isinstance(value, list):
            items = cast("list[Any]", value)
            if not isinstance(key, int) or not 0 <= key < len(items):
                raise _failed(function, source, f"error calling index: index out of range: {key}")
            value = items[key]
        elif isinstance(value, dict):
            value = cast("dict[Any, Any]", value).get(key, "")
        else:
            raise _failed(function, source, "error calling index: index of untyped nil")
    return value


def _operand(operand: _Operand, dot: object, shape: Shape, given: Sequence[object]) -> object:
    path = ""
    if operand.kind == "mark":
        value = _evaluate(operand.value, dot, shape)
        # What a function returned is a value of its own, whose type is not known.
        shape, path = Shape({}, shape.optional), "()"
    elif operand.kind == "dot":
        value = dot
    else:
        return operand.value
    for field in operand.fields:
        place = f"{path}.{field.name}".lstrip(".")
        value = _field(operand, field, value, shape, path, place)
        path = place
        if callable(value):
            value = value(*given)
    return value


def _field(operand: _Operand, field: _Field, value: object, shape: Shape, path: str, place: str) -> object:
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        for name in (field.name, "Id" if field.name == "ID" else field.name):
            if name in held:
                return held[name]
    if place in shape.optional:
        return None
    known = shape.types.get(path)
    what = f"can't evaluate field {field.name} in type {known}" if known else f'map has no entry for key "{field.name}"'
    raise _bad(f'template: :1:{field.column}: executing "" at <{operand.source}>: {what}')


def _failed(function: _Operand, source: str, what: str) -> Refused:
    return _bad(f'template: :1:{function.column}: executing "" at <{source}>: {what}')


def _bad(what: str) -> Refused:
    return Refused(f"template parsing error: {what}")


def compact(value: object) -> str:
    """JSON as Go writes it on one line."""
    if isinstance(value, Row):
        text = compact({name: each for name, each in sorted(value.items()) if not callable(each)})
        return text.translate({ord(each): f"\\u{ord(each):04x}" for each in "<>&"})
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _shown(value: object) -> str:
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        return f"map[{' '.join(f'{name}:{_shown(each)}' for name, each in sorted(held.items()))}]"
    if isinstance(value, list):
        return f"[{' '.join(_shown(each) for each in cast('list[Any]', value))}]"
    return str(value)
