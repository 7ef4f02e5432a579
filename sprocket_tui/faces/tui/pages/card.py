"""The command card: everything a person needs to say yes or no to a change."""

from __future__ import annotations

import shlex
from typing import Any

from sprocket_tui.faces.tui.pages.look import PLAN, Look, minutes
from sprocket_tui.faces.tui.spans import Line, columns, labelled
from sprocket_tui.journal.events import CardShown

_COLUMN = 12
# A plan of so many lines is shown without asking.
_SHORT = 5
_WORDS = {"create": "created", "update": "changed", "replace": "replaced", "delete": "deleted"}


def card(shown: CardShown, look: Look) -> list[Line]:
    """The card as a table of facts."""
    told: dict[str, Any] = dict(shown.card)
    found: list[Line] = []
    for argv in told.get("commands") or [told["argv"]]:
        found += _row("runs" if not found else "", shlex.join(argv), look, role="accent")
    found += _row("on", f"{told['user']}@{told['host']} in {told['directory']}", look)
    if told.get("why"):
        found += _row("for", told["why"], look)
    for index, change in enumerate(told["changes"]):
        found += _row("" if index else "changes", change, look)
    if told["plan"]:
        found += _plan(told["plan"], look)
    for warning in told["warnings"]:
        found += _row("warning", warning, look, role="warn")
    if told["undo"]:
        found += _row("undo", told["undo"], look)
    if told["minutes"]:
        usual, most = told["minutes"]
        found += _row("usually", f"{minutes(usual)}, at most {minutes(most)}", look)
    return found + (_row("proven by", ", ".join(told["proven_by"]), look) if told["proven_by"] else [])


def _plan(changes: list[dict[str, str]], look: Look) -> list[Line]:
    ops = [each["op"] for each in changes]
    counts = ", ".join(f"{ops.count(op)} {word}" for op, word in _WORDS.items())
    short = len(changes) <= _SHORT or PLAN in look.unfolded
    found = _row("plan", counts if short else f"{counts}   (p shows them)", look)
    if short:
        found += [
            columns(
                [
                    (" " * (_COLUMN + 3), "plain"),
                    (each["op"], "quiet"),
                    (each["kind"], "quiet"),
                    (each["name"], "plain"),
                ],
                [_COLUMN + 3, 10, 18, max(look.width - _COLUMN - 31, 8)],
            )
            for each in changes
        ]
    return found


def _row(label: str, text: str, look: Look, role: str = "plain") -> list[Line]:
    return labelled(label, text, look.width, indent=3, column=_COLUMN, role=role)
