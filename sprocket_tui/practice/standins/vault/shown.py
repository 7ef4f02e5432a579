"""Tables and JSON as Vault prints them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sprocket_tui.practice.standins.call import Call


def as_json(call: Call, value: object) -> None:
    """JSON over several lines."""
    call.say(json.dumps(value, indent=2, ensure_ascii=False))


def pairs(call: Call, rows: Mapping[str, object]) -> None:
    """Names and values in two columns."""
    table(call, ("Key", "Value"), [(name, text(value)) for name, value in rows.items()])


def table(call: Call, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns with a line under each heading."""
    lines = [headings, ["-" * len(each) for each in headings], *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        call.say("    ".join([*cells[:-1], line[-1]]))


def title(call: Call, name: str, width: int) -> None:
    """A heading between equal signs, as wide as what stands below it."""
    signs = width - len(name) - 2
    if signs <= 0:
        signs = 4
    side = "=" * ((signs + 1) // 2)
    call.say(f"{side} {name} {side}")


def text(value: object) -> str:
    """A value in a table."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "<nil>"
    if value == "":
        return "n/a"
    if isinstance(value, list):
        return f"[{' '.join(text(each) for each in cast('list[object]', value))}]"
    if isinstance(value, dict):
        rows = sorted(cast("dict[str, object]", value).items())
        return f"map[{' '.join(f'{name}:{text(each)}' for name, each in rows)}]"
    return str(value)


def moment(seconds: float) -> str:
    """A moment by the nanosecond, as Go prints it."""
    whole, part = divmod(int(seconds * 1e9), 10**9)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{part:09d}".rstrip("0") + "Z"


def answer(number: str, data: object, lease: int = 0) -> dict[str, Any]:
    """What the server answers around its data."""
    frame = {"request_id": number, "lease_id": "", "lease_duration": lease, "renewable": False}
    return {**frame, "data": data, "warnings": None}
