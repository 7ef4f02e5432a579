"""The command card: everything a person needs to say yes or no to a change."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sprocket_tui.engine.steps import Ahead
from sprocket_tui.faces import lines as wording
from sprocket_tui.faces.tui.pages.look import PLAN, Look, minutes
from sprocket_tui.faces.tui.spans import Line, columns, labelled
from sprocket_tui.journal.events import CardShown

_COLUMN = 12
# A plan of so many lines is shown without asking.
_SHORT = 5
_WORDS = {"create": "created", "update": "changed", "replace": "replaced", "delete": "deleted"}


def card(shown: CardShown, titles: Mapping[str, str], look: Look) -> list[Line]:
    """The card as a table of facts; `titles` of checks by id. Many commands stand last: what counts comes before."""
    told: dict[str, Any] = dict(shown.card)
    commands: list[Line] = []
    for argv in told.get("commands") or [told["argv"]]:
        commands += _row("" if commands else "runs", shlex.join(argv), look, role="accent")
    on = _row("on", f"{told['user']}@{told['host']} in {told['directory']}", look)
    on += _row("for", told["why"], look) if told.get("why") else []
    if told.get("commands"):
        return [*_facts(told, titles, look), *on, *commands]
    return [*commands, *on, *_facts(told, titles, look)]


def ahead(told: Ahead, where: str, titles: Mapping[str, str], look: Look) -> list[Line]:
    """The card of a step whose turn has not come: the same rows, but for what only its turn can tell."""
    commands: list[Line] = []
    for argv in told.commands:
        commands += _row("" if commands else "runs", shlex.join(argv), look, role="accent")
    on = _row("on", f"{where} in {told.directory}", look)
    return [*commands, *on, *_facts({**asdict(told), "plan": [], "warnings": []}, titles, look)]


def _facts(told: dict[str, Any], titles: Mapping[str, str], look: Look) -> list[Line]:
    """What it changes, what undoes it, how long it takes, what proves it."""
    found: list[Line] = []
    for index, change in enumerate(told["changes"]):
        found += _row("" if index else "changes", change, look)
    if told["plan"]:
        found += _plan(told["plan"], look)
    for warning in told["warnings"]:
        found += _row("warning", warning, look, role="warn")
    if told.get("agrees"):
        found += _row("agrees", told["agrees"], look)
    if told["undo"]:
        found += _row("undo", wording.undo(told["undo"]), look)
    if told["minutes"]:
        usual, most = told["minutes"]
        found += _row("usually", f"{minutes(usual)}, at most {minutes(most)}", look)
    proven = ", ".join(titles.get(each, each) for each in told["proven_by"])
    return found + (_row("proven by", proven, look) if proven else [])


def _plan(changes: list[dict[str, str]], look: Look) -> list[Line]:
    ops = [each["op"] for each in changes]
    counts = ", ".join(f"{ops.count(op)} {word}" for op, word in _WORDS.items())
    short = len(changes) <= _SHORT or PLAN in look.unfolded
    found = _row("plan", counts if short else f"{counts}   (p shows them)", look)
    if short:
        kinds = min(max((len(each["kind"]) for each in changes), default=0), 24) + 2
        widths = [_COLUMN + 3, 9, kinds, max(look.width - _COLUMN - kinds - 12, 8)]
        cells = [((each["op"], "quiet"), (each["kind"], "quiet"), (each["name"], "plain")) for each in changes]
        found += [columns([(" " * (_COLUMN + 3), "plain"), *each], widths) for each in cells]
    return found


def _row(label: str, text: str, look: Look, role: str = "plain") -> list[Line]:
    return labelled(label, text, look.width, indent=3, column=_COLUMN, role=role)
