"""What changed between two reports, as lines of text, JSON or Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, cast

from sprocket_tui.checks.observation import State
from sprocket_tui.reports.diff import Change, Difference, Seen, summary
from sprocket_tui.reports.markdown import code, literal, rows
from sprocket_tui.reports.states import GLYPHS, sentence
from sprocket_tui.reports.style import Style
from sprocket_tui.reports.table import plain, wrapped
from sprocket_tui.terminal import clean, one_line
from sprocket_tui.values import JSON

_ARROW = "→"
# Of what differs in a value, so much is shown where the words are the same.
_FEW = 3
_LONGEST = 120


def _table(found: Sequence[Difference], style: Style) -> str:
    lines = [line for each in found for line in _lines(each, style)]
    text = "\n".join(lines) + "\n"
    return text if style.unicode else plain(text.replace(_ARROW, "->"))


def _lines(found: Difference, style: Style) -> Iterator[str]:
    yield from wrapped(
        f"{one_line(found.after.target)}: {found.before.verdict}, now {found.after.verdict}.", style.width, 0
    )
    for note in found.notes:
        yield from wrapped(f"Note: {one_line(note)}.", style.width, 0)
    for change in found.changes:
        blocks = ", blocks" if change.blocks else ""
        yield from wrapped(f"{change.kind}{blocks}: {one_line(change.title)} ({change.id})", style.width, 0)
        for label, told in zip(("before", "now"), _sides(change), strict=True):
            for at, line in enumerate(wrapped(told, style.width, 14)):
                yield f"    {label if not at else '':<10}{line}"
        if change.recheck and change.kind in {"new", "worse"}:
            yield f"    {'re-check':<10}{clean(change.recheck)}"
    yield from wrapped(summary(found), style.width, 0)


def _json(found: Sequence[Difference], _style: Style) -> str:
    documents = [cast("JSON", each.model_dump(mode="json", by_alias=True)) for each in found]
    return json.dumps(documents[0] if len(documents) == 1 else documents, indent=2) + "\n"


def _markdown(found: Sequence[Difference], _style: Style) -> str:
    return "\n".join(line for each in found for line in _ticket(each)) + "\n"


def _ticket(found: Difference) -> Iterator[str]:
    yield f"## {code(found.after.target)}: {sentence(found.before.verdict)}, now {found.after.verdict}"
    yield ""
    yield f"{literal(summary(found))}"
    yield ""
    for note in found.notes:
        yield f"- {literal(sentence(note))}."
    if found.notes:
        yield ""
    if found.changes:
        yield from rows(["Change", "Check", "Before", "Now"], [_cells(change) for change in found.changes])


def _cells(change: Change) -> list[str]:
    kind = change.kind + (", blocks" if change.blocks else "")
    return [kind, literal(change.title), *map(literal, _sides(change))]


def _sides(change: Change) -> tuple[str, str]:
    """What each report says of it, with what differs where the words are the same."""
    before, after = _told(change.before), _told(change.after)
    if before != after or not change.differs:
        return before, after
    return f"{before} ({_values(change, 'before')})", f"{after} ({_values(change, 'after')})"


def _values(change: Change, side: Literal["before", "after"]) -> str:
    named = [f"{each.place.removeprefix('value.')}: {_value(getattr(each, side))}" for each in change.differs[:_FEW]]
    more = len(change.differs) - len(named)
    return "; ".join([*named, *([f"and {more} more"] if more else [])])


def _value(found: object) -> str:
    text = one_line(found if isinstance(found, str) else json.dumps(found, ensure_ascii=False))
    # Of a list there is what the other one does not have.
    text = "nothing else" if found == [] else "nothing" if found in (None, "", {}) else text
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _told(seen: Seen) -> str:
    if seen.state is None:
        return "not there"
    state = f"{GLYPHS[State(seen.state)]} {seen.state}"
    return f"{state}: {one_line(seen.observed)}" if seen.observed else state


DIFF_FORMATS: Mapping[str, Callable[[Sequence[Difference], Style], str]] = {
    "table": _table,
    "json": _json,
    "markdown": _markdown,
}
