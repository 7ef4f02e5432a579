"""A checklist as a table: the worst first, a failing row open, every other one a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import cast

from rich.cells import cell_len

from sprocket_tui.faces.tui.pages.look import ALL, Look
from sprocket_tui.faces.tui.spans import Line, columns, labelled, line, wrap
from sprocket_tui.values import JSON

_ORDER = ("fail", "unknown", "warn", "pass", "skipped")
_WORD, _GAP = 11, 2
_OPEN = ("fail", "unknown", "warn")
# So many rows without trouble are shown before the rest is counted; with all of their text where that takes no more.
_CALM = 12
_CALM_STATES = ("pass", "skipped")

Verdict = Mapping[str, JSON]


def table(verdicts: Iterable[Verdict], look: Look) -> list[Line]:
    """The rows, the worst first; in each state in the order they were measured in."""
    rows = sorted(verdicts, key=lambda each: rank(str(each["state"])))
    titles = _titles(rows, look)
    quiet = [_row(each, titles, look, whole=True) for each in rows if str(each["state"]) in _CALM_STATES]
    whole = ALL in look.unfolded or sum(map(len, quiet)) <= _CALM
    found: list[Line] = []
    calm = 0
    for each in rows:
        if str(each["state"]) in _CALM_STATES:
            calm += 1
            if calm > _CALM and ALL not in look.unfolded:
                continue
        found += _row(each, titles, look, whole=whole)
    if calm > _CALM and ALL not in look.unfolded:
        found.append(
            line((f" {look.glyphs.of('pass')} {calm - _CALM} more pass or do not apply (a shows them)", "quiet"))
        )
    return found


def _titles(rows: Sequence[Verdict], look: Look) -> int:
    """How wide the titles' column is: as wide as they are, where what was observed needs no more than the rest; of a
    line that is cut, the value is what matters.
    """
    longest = max((cell_len(str(each["title"])) for each in rows), default=0) + _GAP
    seen = max((cell_len(_observed(each)) for each in rows), default=0)
    room = look.width - _WORD - 1
    return min(longest, max(room - seen, look.width * 3 // 10))


def counts(verdicts: Iterable[Verdict]) -> str:
    """How many of each state, the worst first: "1 fail  9 pass"."""
    states = [str(each["state"]) for each in verdicts]
    return "  ".join(f"{states.count(state)} {state}" for state in _ORDER if state in states)


def rank(state: str) -> int:
    """How bad a state is; the worst is 0."""
    return _ORDER.index(state) if state in _ORDER else len(_ORDER)


def _observed(verdict: Verdict) -> str:
    """What was seen; the name that the title begins with is not said twice in a row."""
    if verdict["blocked_by"]:
        return f"blocked by {verdict['blocked_by']}"
    name = str(verdict["title"]).partition(" ")[0]
    return str(verdict["observed"] or "").removeprefix(f"{name} " if "." in name else "")


def _row(verdict: Verdict, titles: int, look: Look, *, whole: bool) -> list[Line]:
    """One verdict; one that opens itself is never cut, any other only where it is not to be shown `whole`."""
    state, observed, blocked = str(verdict["state"]), _observed(verdict), bool(verdict["blocked_by"])
    word = (f" {look.glyphs.of(state)} {state}".ljust(_WORD + 1), state if state in _ORDER else "quiet")
    room = look.width - _WORD - 1 - titles
    opens = state in _OPEN and not blocked
    if not opens and not whole:
        return [columns([word, (str(verdict["title"]), "plain"), (observed, "plain")], [_WORD + 1, titles, room])]
    cells = zip_longest(wrap(str(verdict["title"]), titles - 2), wrap(observed, room), fillvalue="")
    rows = [
        columns([(" " * (_WORD + 1), "plain"), (title, "plain"), (seen, "plain")], [_WORD + 1, titles, room])
        for title, seen in cells
    ]
    head = (word, *rows[0][1:])
    return [head, *rows[1:], *(_opened(verdict, look) if opens else [])]


def _opened(verdict: Verdict, look: Look) -> list[Line]:
    """What a failing row says of itself: expected, why, what to do."""
    told = [("expected", str(verdict["expected"])), ("why", str(verdict["why"]))]
    remedy = cast("dict[str, JSON] | None", verdict["remedy"])
    if remedy is not None:
        told.append(("do", str(remedy["text"])))
    found = [each for label, text in told if text for each in labelled(label, text, look.width, indent=_WORD + 1)]
    if remedy is not None and remedy["command"]:
        found += labelled("run", str(remedy["command"]), look.width, indent=_WORD + 1, role="accent")
    return found
