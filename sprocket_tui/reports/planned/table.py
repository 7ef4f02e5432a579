"""A plan as lines of text for a terminal: the verdict last, what is missing before it."""

from __future__ import annotations

from collections.abc import Iterator

from sprocket_tui.planning.plan import Plan
from sprocket_tui.reports import states
from sprocket_tui.reports.planned import view
from sprocket_tui.reports.planned.view import Row, Table
from sprocket_tui.reports.style import Style
from sprocket_tui.reports.table import columns

_GLYPHS = {"pass": "✓", "warn": "!", "fail": "✗", "unknown": "?", "skipped": "-"}
_PLAIN = {**_GLYPHS, "pass": "+", "fail": "x"}
_COLORS = {"pass": "32", "warn": "33", "fail": "31", "unknown": "35", "skipped": "2"}
_QUIET = {"pass", "skipped"}
_LABEL = 14


def table(plan: Plan, style: Style) -> str:
    """The plan, at most as wide as the style says where words allow it; ends with a newline."""
    text = "\n".join(_lines(plan, style)) + "\n"
    return text if style.unicode else text.encode("ascii", "replace").decode("ascii")


def _lines(plan: Plan, style: Style) -> Iterator[str]:
    if plan.practice:
        yield view.PRACTICE
    for label, text in view.facts(plan):
        yield from _labelled(label, text, style.width)
    for each in (view.stages(plan), view.prices(plan), view.risks(plan)):
        yield ""
        yield each.title
        yield from _table(each, style.width)
    for title, rows in view.chapters(plan):
        yield ""
        yield title
        quiet = [each for each in rows if each.state in _QUIET] if title == view.CHECKS else []
        for each in rows:
            if each not in quiet:
                yield from _row(each, style)
        if quiet:
            applied = sum(each.state == "pass" for each in quiet)
            yield f"{_mark('pass', style)} {applied} passed, {len(quiet) - applied} do not apply"
    for each in plan.guide.planning.after:
        yield ""
        yield f"After: {each.title}"
        for work in each.work:
            first, *rest = wrapped(work, style.width - 4)
            yield f"  - {first}"
            yield from (f"    {line}" for line in rest)
    yield ""
    yield from wrapped(view.counts(plan) + ".", style.width)
    yield from wrapped(plan.sentence, style.width)
    if plan.looked:
        yield from wrapped(f"Next good window: {view.better(plan)}", style.width)


def _row(row: Row, style: Style) -> Iterator[str]:
    first, *rest = wrapped(f"{row.title}: {row.observed}" if row.observed else row.title, style.width - 10)
    yield f"{_mark(row.state, style)} {first}"
    for each in rest:
        yield f"{'':10}{each}"
    found = f"{row.measured}{f', valid until {row.until}' if row.until else ''}"
    told = (("found", found), ("why", row.why), ("waived", row.waived), ("do", row.remedy))
    for label, text in told[:1] if row.state in _QUIET else told:
        if text:
            first, *rest = wrapped(text, style.width - 14)
            yield f"{'':4}{label:<10}{first}"
            for each in rest:
                yield f"{'':14}{each}"
    if row.command and row.state not in _QUIET:
        # Never wrapped: it is there to be copied.
        yield f"{'':4}{'run':<10}{row.command}"
        yield f"{'':14}({states.place(row.where)})"


def _mark(state: str, style: Style) -> str:
    mark = f"{(_GLYPHS if style.unicode else _PLAIN)[state]} {state:<7}"
    return f"\x1b[{_COLORS[state]}m{mark}\x1b[0m" if style.color else mark


def _table(found: Table, width: int) -> Iterator[str]:
    """All columns but the last beside each other; what the last says goes below, where it would not fit."""
    body = [each[:-1] for each in found.rows]
    wide = [max((columns(each[at]) for each in body), default=0) for at in range(len(found.head) - 1)]
    for full, cells in zip(found.rows, body, strict=True):
        beside = "  ".join(f"{cell}{'':{wide[at] - columns(cell)}}" for at, cell in enumerate(cells))
        if columns(beside) + columns(full[-1]) + 4 <= width:
            yield f"  {beside}  {full[-1]}"
            continue
        yield f"  {beside}".rstrip()
        for line in wrapped(full[-1], width - 6):
            yield f"      {line}"
    yield from (f"  {line}" for line in wrapped(found.note, width - 2))


def _labelled(label: str, text: str, width: int) -> Iterator[str]:
    for number, line in enumerate(wrapped(text, width - _LABEL)):
        yield f"{'' if number else label:<{_LABEL}}{line}"


def wrapped(text: str, width: int) -> list[str]:
    """Words filled into lines; one that is longer than a line stays whole."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and columns(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines
