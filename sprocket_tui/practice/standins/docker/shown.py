"""How answers are laid out: lists as tables, as ids alone or by a format; inspected things as JSON or by a format."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sprocket_tui.practice.standins.docker.line import Request
from sprocket_tui.practice.standins.docker.template import Row, Shape, Template, compact
from sprocket_tui.practice.standins.docker.words import Refused

_LEAST_WIDTH, _GAP = 10, 3


@dataclass(frozen=True)
class Listing:
    """A kind of list: the fields of its table in order, the heading of every field, and what Go calls a row."""

    table: tuple[str, ...]
    headings: Mapping[str, str]
    type: str


def listing(request: Request, kind: Listing, rows: Iterable[Mapping[str, Any]], quiet: str = "") -> int:
    """Writes a list as asked: the field `quiet` alone for `--quiet`, or by `--format`, or as the table."""
    if quiet and request.on("quiet"):
        for row in rows:
            request.call.say(row[quiet])
        return 0
    wanted = request.text("format") or "table"
    rows = list(rows)
    if wanted == "table":
        wanted = "table " + "\t".join(f"{{{{.{name}}}}}" for name in kind.table)
    if wanted == "json":
        wanted = "{{json .}}"
    head = wanted.startswith("table ")
    template = Template(wanted.removeprefix("table ") if head else wanted)
    shape = Shape({"": kind.type})
    lines = [template.render(kind.headings, shape)] if head else []
    for row in rows:
        lines.append(template.render(Row(row), shape))
    request.call.stdout.write(_aligned(lines) if head else "".join(f"{line}\n" for line in lines))
    return 0


def inspected(request: Request, find: Callable[[str], dict[str, Any]], shape: Shape) -> int:
    """Writes what each of the words names, then why others could not be found. `find` raises Refused."""
    found: list[dict[str, Any]] = []
    missing: list[str] = []
    for word in request.words:
        try:
            found.append(find(word))
        except Refused as refused:
            missing.append(refused.text)
    status = _write(request, found, shape)
    if missing:
        return request.call.fail("\n".join(missing))
    return status


def _write(request: Request, found: Sequence[dict[str, Any]], shape: Shape) -> int:
    call, wanted = request.call, request.text("format")
    if wanted == "json":
        call.say(compact(list(found)))
    elif not wanted:
        call.say(json.dumps(list(found), indent=4, ensure_ascii=False))
    else:
        template = Template(wanted)
        lines: list[str] = []
        try:
            lines += [template.render(each, shape) for each in found]
        except Refused as refused:
            call.stdout.write("\n")
            return call.fail(refused.text, refused.status)
        call.stdout.write("\n".join(lines) + "\n")
    return 0


def _aligned(lines: Sequence[str]) -> str:
    """Columns as wide as their widest cell and three spaces, never below ten; the last one is as it is."""
    rows = [line.split("\t") for line in lines]
    widths = [
        max(_LEAST_WIDTH, *(len(row[column]) + _GAP for row in rows)) for column in range(min(map(len, rows)) - 1)
    ]
    return "".join(
        "".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)) + "\n" for row in rows
    )


def cut(text: str, length: int) -> str:
    """The text, or its beginning and an ellipsis where it is longer."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def natural(name: str) -> list[tuple[bool, int, str]]:
    """A key that sorts names as people do: web2 before web10."""
    parts = re.findall(r"\d+|\D+", name)
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]
