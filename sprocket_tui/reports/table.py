"""Verdicts as lines of text for a terminal, a pipe, or somebody who listens: no cursor movement, one thought a line."""

from __future__ import annotations

import os
import shlex
import shutil
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.checks.rollup import verdict_of
from sprocket_tui.reports.document import command_line
from sprocket_tui.terminal import clean, one_line

_GLYPHS = {State.PASS: "✓", State.WARN: "!", State.FAIL: "✗", State.UNKNOWN: "?", State.SKIPPED: "-"}
_ASCII = {**_GLYPHS, State.PASS: "+", State.FAIL: "x"}
_COLORS = {State.PASS: "32", State.WARN: "33", State.FAIL: "31", State.UNKNOWN: "35", State.SKIPPED: "2"}
# Punctuation that has a plain form; every other sign becomes a question mark.
_SIGNS = {"\u2026": "...", "\u2013": "-", "\u2014": "-", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}
_ORDER = (State.PASS, State.WARN, State.FAIL, State.UNKNOWN, State.SKIPPED)
_OPENED = {State.FAIL, State.UNKNOWN, State.WARN}
_INDENT = 4
_LABEL = 10
_NARROWEST = 40


@dataclass(frozen=True)
class Style:
    """How to write: `width` in columns, `color` with escape sequences, `unicode` or plain ASCII."""

    width: int = 80
    color: bool = False
    unicode: bool = True


def style_of(stream: TextIO, environ: Mapping[str, str] = os.environ) -> Style:
    """The style that fits a stream: colour on a terminal without NO_COLOR, ASCII where the encoding is not UTF-8."""
    terminal = stream.isatty()
    encoding = stream.encoding.lower().replace("-", "").replace("_", "")
    return Style(
        width=shutil.get_terminal_size().columns if terminal else 80,
        color=terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb",
        unicode=encoding in {"utf8", "utf8sig"},
    )


def table(
    verdicts: Sequence[Verdict],
    style: Style | None = None,
    *,
    recheck: Sequence[str] = ("sprocket-tui", "check"),
    waived: Collection[str] = (),
    practice: bool = False,
    left_out: Sequence[str] = (),
) -> str:
    """All verdicts, those that need attention opened, and a summary as the last line.

    A reason for which several checks are unknown is told once; the others name the first.
    `recheck` is the command that measures again, without `--only ID`; `left_out` are checklists that were not measured.
    """
    style = style or Style()
    lines = ["PRACTICE: a rehearsal's droplet was measured; this says nothing about a real one."] if practice else []
    causes: dict[str, str] = {}
    for verdict in verdicts:
        same = causes.get(verdict.observed, "") if verdict.state is State.UNKNOWN else ""
        if verdict.state is State.UNKNOWN and not same:
            causes[verdict.observed] = verdict.title
        lines.extend(_verdict(verdict, style, recheck, same))
    if left_out:
        said = f"Left out: {', '.join(left_out)}. What they judge is made by a deployment; name them to measure it."
        lines.extend(_wrapped(said, style.width, 0))
    text = "\n".join([*lines, *_wrapped(summary(verdicts, waived), style.width, 0)]) + "\n"
    return text if style.unicode else _ascii(text)


def summary(verdicts: Sequence[Verdict], waived: Collection[str] = ()) -> str:
    """ "12 checks: 9 pass, 2 fail, 1 skipped. No-go." """
    counts = Counter(verdict.state for verdict in verdicts)
    told = ", ".join(f"{counts[state]} {state}" for state in _ORDER if counts[state])
    word, _ = verdict_of(verdicts, waived)
    plural = "" if len(verdicts) == 1 else "s"
    return f"{len(verdicts)} check{plural}" + (f": {told}" if told else "") + f". {word[0].upper()}{word[1:]}."


def _verdict(verdict: Verdict, style: Style, recheck: Sequence[str], same: str) -> Iterator[str]:
    glyph = (_GLYPHS if style.unicode else _ASCII)[verdict.state]
    mark = f"{glyph} {verdict.state.value:<7}"
    opened = verdict.state in _OPENED and not same
    observed = f"for the same reason as {same}" if same else verdict.observed
    told = one_line(verdict.title) + (f": {one_line(observed)}" if observed and not opened else "")
    first, *rest = _wrapped(told, style.width, len(mark) + 1) or [""]
    painted = f"\x1b[{_COLORS[verdict.state]}m{mark}\x1b[0m" if style.color else mark
    yield f"{painted} {first}"
    for line in rest:
        yield f"{'':{len(mark)}} {line}"
    if not opened:
        return
    rows = [("observed", verdict.observed), ("expected", verdict.expected), ("why", verdict.why)]
    if verdict.remedy:
        rows.append(("do", verdict.remedy.text))
    for label, text in rows:
        if text:
            yield from _labelled(label, one_line(text), style.width)
    if verdict.remedy and verdict.remedy.command:
        # Never wrapped: these lines are there to be copied.
        where = "on the droplet" if verdict.remedy.where == "droplet" else "here"
        yield f"{'':{_INDENT}}{'run':<{_LABEL}}{clean(command_line(verdict.remedy))}"
        yield f"{'':{_INDENT + _LABEL}}({where})"
    yield f"{'':{_INDENT}}{'re-check':<{_LABEL}}{shlex.join([*recheck, '--only', verdict.id])}"


def _labelled(label: str, text: str, width: int) -> Iterator[str]:
    for number, line in enumerate(_wrapped(text, width, _INDENT + _LABEL)):
        yield f"{'':{_INDENT}}{label if number == 0 else '':<{_LABEL}}{line}"


def _wrapped(text: str, width: int, indent: int) -> list[str]:
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


def _ascii(text: str) -> str:
    for sign, plain in _SIGNS.items():
        text = text.replace(sign, plain)
    return text.encode("ascii", "replace").decode("ascii")
