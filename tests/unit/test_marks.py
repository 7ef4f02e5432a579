"""A YAML file as data: what no program should be asked to follow is refused at its line."""

from __future__ import annotations

import pytest

from sprocket_tui.guide.marks import Document, read
from sprocket_tui.guide.problems import Problem

TOO_DEEP = "not YAML: more than 100 levels, one in another"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[" * 100_000, 1),
        ("a: " + "{a: " * 100_000, 1),
        ("- " * 100_000, 1),
        ("? " * 100_000, 1),
        ("\n".join(" " * depth + "a:" for depth in range(2000)), 101),
        ("- [\n" + "  [\n" * 100_000, 100),
        ("a: " + "[" * 100 + "]" * 100, 1),
    ],
)
def test_a_file_that_is_nested_without_end_is_refused_before_anything_follows_it(text: str, line: int) -> None:
    assert read("file.yaml", text.encode()) == [Problem("file.yaml", line, "", TOO_DEEP)]


def test_a_hundred_levels_are_read() -> None:
    found = read("file.yaml", ("a: " + "[" * 99 + "]" * 99).encode())
    assert isinstance(found, Document)


def test_a_large_file_that_is_shallow_is_read() -> None:
    found = read("file.yaml", ("a: [" + "[x], " * 5000 + "]\nb: '" + "x" * 5000 + "'\n").encode())
    assert isinstance(found, Document)
    assert len(found.data["a"]) == 5000
