"""Verdicts as lines of text for a terminal, a pipe, or somebody who listens: no cursor movement, one thought a line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from sprocket_tui.checks.observation import State
from sprocket_tui.reports import states
from sprocket_tui.reports.schema import CheckRow, Report
from sprocket_tui.reports.states import GLYPHS, OPENED
from sprocket_tui.reports.style import Style
from sprocket_tui.terminal import clean, one_line

_ASCII = {**GLYPHS, State.PASS: "+", State.FAIL: "x"}
_COLORS = {State.PASS: "32", State.WARN: "33", State.FAIL: "31", State.UNKNOWN: "35", State.SKIPPED: "2"}
# Punctuation that has a plain form; every other sign becomes a question mark.
_SIGNS = {"\u2026": "...", "\u2013": "-", "\u2014": "-", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}
_INDENT = 4
_LABEL = 10
_NARROWEST = 40
# A glyph, a space and the longest word of a state.
_MARK = 9


def table(reports: Sequence[Report], style: Style | None = None) -> str:
    """All checks, those that need attention opened, and a summary as the last line.

    Several reports stand side by side, a column each; below it what needs attention, and a summary for each of them.
    """
    style = style or Style()
    lines = list(_several(reports, style) if len(reports) > 1 else _single(reports[0], style))
    text = "\n".join(lines) + "\n"
    return text if style.unicode else plain(text)


def _single(report: Report, style: Style) -> Iterator[str]:
    if report.practice:
        yield states.PRACTICE
    yield from _rows(report.checks, style)
    yield from wrapped(states.left_out(report), style.width, 0)
    yield from wrapped(states.summary(report), style.width, 0)


def _several(reports: Sequence[Report], style: Style) -> Iterator[str]:
    names = [f"[{number}]" for number in range(1, len(reports) + 1)]
    for name, report in zip(names, reports, strict=True):
        yield from wrapped(
            f"{name} {one_line(report.target)}{' (PRACTICE)' if report.practice else ''}", style.width, 0
        )
    yield " ".join(f"{name:<{_MARK}}" for name in names).rstrip()
    for rows in states.paired(reports).values():
        marks = " ".join(_mark(states.state(row), style) if row else " " * _MARK for row in rows)
        title = next(one_line(row.title) for row in rows if row)
        # What needs attention everywhere, and alike, is told below.
        said = "" if _alike(rows) else states.beside(rows)
        lead = len(rows) * (_MARK + 1)
        first, *rest = wrapped(f"{title}: {said}" if said else title, max(style.width, lead + _NARROWEST), lead) or [""]
        yield f"{marks} {first}"
        for line in rest:
            yield f"{'':{lead}}{line}"
    for name, report in zip(names, reports, strict=True):
        yield ""
        yield from wrapped(f"{name} {one_line(report.target)}", style.width, 0)
        yield from _rows([row for row in report.checks if states.state(row) in OPENED], style)
        yield from wrapped(states.left_out(report), style.width, 0)
        yield from wrapped(states.summary(report), style.width, 0)


def _rows(rows: Sequence[CheckRow], style: Style) -> Iterator[str]:
    """A reason for which several checks are unknown is told once; the others name the first."""
    causes: dict[str, str] = {}
    for row in rows:
        same = causes.get(row.observed, "") if states.state(row) is State.UNKNOWN else ""
        if states.state(row) is State.UNKNOWN and not same:
            causes[row.observed] = row.title
        yield from _row(row, style, same)


def _alike(rows: Sequence[CheckRow | None]) -> bool:
    """Whether it needs attention on every target that has it, for the same reason."""
    there = [row for row in rows if row]
    return all(map(states.opened, there)) and len({row.observed for row in there}) == 1


def mark(state: State, *, unicode: bool) -> str:
    """The sign and the word of a state, as wide as any."""
    return f"{(GLYPHS if unicode else _ASCII)[state]} {state.value:<{_MARK - 2}}"


def _mark(state: State, style: Style) -> str:
    text = mark(state, unicode=style.unicode)
    return f"\x1b[{_COLORS[state]}m{text}\x1b[0m" if style.color else text


def _row(row: CheckRow, style: Style, same: str) -> Iterator[str]:
    state = states.state(row)
    opened = state in OPENED and not same
    observed = f"for the same reason as {same}" if same else row.observed
    told = one_line(row.title) + (f": {one_line(observed)}" if observed and not opened else "")
    first, *rest = wrapped(told, style.width, _MARK + 1) or [""]
    yield f"{_mark(state, style)} {first}"
    for line in rest:
        yield f"{'':{_MARK}} {line}"
    if not opened:
        return
    rows = [("observed", row.observed), ("expected", row.expected), ("why", row.why), ("waived", states.waived(row))]
    if row.remedy:
        rows.append(("do", row.remedy.text))
    for label, text in rows:
        if text:
            yield from _labelled(label, one_line(text), style.width)
    if row.remedy and row.remedy.command:
        # Never wrapped: these lines are there to be copied.
        yield f"{'':{_INDENT}}{'run':<{_LABEL}}{clean(row.remedy.command)}"
        yield f"{'':{_INDENT + _LABEL}}({states.where(row)})"
    if row.recheck:
        yield f"{'':{_INDENT}}{'re-check':<{_LABEL}}{clean(row.recheck)}"


def _labelled(label: str, text: str, width: int) -> Iterator[str]:
    for number, line in enumerate(wrapped(text, width, _INDENT + _LABEL)):
        yield f"{'':{_INDENT}}{label if number == 0 else '':<{_LABEL}}{line}"


def wrapped(text: str, width: int, indent: int) -> list[str]:
    """Words filled into lines of at most `width - indent` columns; a word that is longer is cut."""
    room = max(width, _NARROWEST) - indent
    lines: list[str] = []
    line = ""
    for word in (part for whole in text.split() for part in _parts(whole, room)):
        joined = f"{line} {word}" if line else word
        if columns(joined) > room:
            lines.append(line)
            joined = word
        line = joined
    return [*lines, line] if line else lines


def columns(text: str) -> int:
    """How many columns a text takes: East Asian wide characters two, combining ones none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _parts(word: str, room: int) -> Iterator[str]:
    """The word, cut where it is wider than a line."""
    part = ""
    for char in word:
        if part and columns(part + char) > room:
            yield part
            part = ""
        part += char
    yield part


def plain(text: str) -> str:
    """The text in ASCII, for a terminal that shows nothing else."""
    for sign, plain in _SIGNS.items():
        text = text.replace(sign, plain)
    return text.encode("ascii", "replace").decode("ascii")
