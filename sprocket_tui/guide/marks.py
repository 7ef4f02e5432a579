"""A YAML file as plain data together with the line every part of it stands on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, cast

import yaml

from sprocket_tui.guide.problems import Problem

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 100
# As many levels libyaml puts together without any danger to the stack; it ends the program at some ten thousand.
_HARMLESS = 1000
_TOO_DEEP = f"more than {_DEEPEST} levels, one in another"


@dataclass(frozen=True)
class Document:
    """One file: its name in the guide, its data (a mapping), and the nodes that know the lines."""

    name: str
    data: dict[str, Any]
    node: yaml.MappingNode = field(repr=False)

    def line(self, path: Sequence[str | int]) -> int:
        """The line of what `path` leads to, or of the last part of the way that is there."""
        return self._follow(path)[0].start_mark.line + 1

    def known(self, path: Sequence[str | int]) -> tuple[str | int, ...]:
        """The part of `path` that exists in the file."""
        return tuple(path[: self._follow(path)[1]])

    def _follow(self, path: Sequence[str | int]) -> tuple[yaml.Node, int]:
        """The node to point at (the key, for a mapping's entry), and how much of the way is there."""
        mark: yaml.Node = self.node
        node: yaml.Node = self.node
        for depth, part in enumerate(path):
            step = _child(node, part)
            if step is None:
                return mark, depth
            mark, node = step
        return mark, len(path)


def read(name: str, content: bytes) -> Document | list[Problem]:
    """Reads one file, or says everything that keeps it from being read as a YAML mapping without double keys."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return [Problem(name, line, "", f"not UTF-8: byte 0x{content[error.start]:02x}")]
    try:
        _follow_to_the_depth(text)
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return [Problem(name, 1, "", "the file is empty")]
        if not isinstance(node, yaml.MappingNode):
            return [Problem(name, node.start_mark.line + 1, "", "the file must be a mapping of keys to values")]
        double = [
            Problem(name, key.start_mark.line + 1, str(key.value), "this key stands twice in the same mapping")
            for key in _double_keys(node)
        ]
        return double or Document(name, loader.construct_document(node), node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return [Problem(name, mark.line + 1 if mark else 1, "", f"not YAML: {error.problem or error.context}")]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return [Problem(name, 1, "", f"not YAML: {str(error).splitlines()[0]}")]


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def _follow_to_the_depth(text: str) -> None:
    """Raises MarkedYAMLError for a text that is too deep to be put together; one that cannot be is not looked at."""
    # A level takes a bracket, or a column of its line in which at most a mapping and a list begin.
    if text.count("[") + text.count("{") + 2 * max(map(len, text.splitlines()), default=0) <= _HARMLESS:
        return
    depth = 0
    for event in cast("Iterator[yaml.Event]", yaml.parse(text, _Loader)):  # pyright: ignore[reportUnknownMemberType]
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise yaml.MarkedYAMLError(problem=_TOO_DEEP, problem_mark=event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _collections(top: yaml.Node) -> Iterator[yaml.Node]:
    """Every list and mapping once. Raises MarkedYAMLError for one in too many others."""
    waiting, met = [(top, 1)], set[int]()
    while waiting:
        node, depth = waiting.pop()
        if id(node) in met:
            continue
        met.add(id(node))
        if depth > _DEEPEST:
            raise yaml.MarkedYAMLError(problem=_TOO_DEEP, problem_mark=node.start_mark)
        yield node
        parts = node.value if isinstance(node, yaml.SequenceNode) else chain.from_iterable(node.value)
        waiting += [(part, depth + 1) for part in parts if isinstance(part, yaml.CollectionNode)]


def _double_keys(top: yaml.MappingNode) -> Iterator[yaml.Node]:
    for node in _collections(top):
        if isinstance(node, yaml.MappingNode):
            keys = set[str]()
            for key, _ in node.value:
                if isinstance(key.value, str):
                    if key.value in keys:
                        yield key
                    keys.add(key.value)
