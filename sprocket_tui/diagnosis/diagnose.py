"""From the output of what failed to the hints that fit it, the likeliest cause first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sprocket_tui.diagnosis.lines import is_consequence, is_warning, plain_lines
from sprocket_tui.guide.model import Hint


@dataclass(frozen=True)
class Finding:
    """A hint that fits. `line` is the cleaned line of the output that shows it, `number` counts lines from 1.

    `named` is what the symptom's named groups matched; the hint's remedy calls it `match.NAME`.
    """

    hint: Hint
    line: str
    number: int
    named: Mapping[str, str]


def diagnose(text: str, hints: Iterable[Hint], prefer: Collection[str] = ()) -> tuple[Finding, ...]:
    """The hints whose symptoms occur in `text`, each once.

    The earliest error decides: later ones mostly follow from it. What only follows from an error is never looked at,
    a warning only when nothing else fits as well. Of hints that meet on one line those named in `prefer` (what the step
    expects to go wrong) come first, then the longer match.
    """
    rows = [line if not is_consequence(line) else "" for line in plain_lines(text)]
    whole = "\n".join(rows)
    ranked: list[tuple[_Rank, Finding]] = []
    for order, hint in enumerate(hints):
        found = [match for symptom in hint.symptoms for match in re.finditer(symptom, whole, re.MULTILINE)]
        known = hint.id in prefer
        fits = [(_rank(match, whole, rows, known, order), match) for match in found if match.group()]
        if fits:
            best, match = min(fits, key=lambda each: each[0])
            ranked.append((best, Finding(hint, rows[best.row].strip(), best.row + 1, match.groupdict(""))))
    return tuple(finding for _, finding in sorted(ranked, key=lambda each: each[0]))


class _Rank(NamedTuple):
    """How well a match fits, best least."""

    warning: bool
    row: int
    unexpected: bool
    shortness: int
    order: int


def _rank(match: re.Match[str], whole: str, rows: list[str], known: bool, order: int) -> _Rank:
    row = whole.count("\n", 0, match.start())
    return _Rank(is_warning(rows[row]), row, not known, -len(match.group()), order)
