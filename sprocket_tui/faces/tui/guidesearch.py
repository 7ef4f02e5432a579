"""Looks for words in the guide: in its steps and all that belongs to them, and in its hints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from sprocket_tui.guide.model import Correction, Guide, Hint, Screen, Step
from sprocket_tui.guide.resolve import checked
from sprocket_tui.guide.templates import shown
from sprocket_tui.values import JSON

HINT = "Hint"


@dataclass(frozen=True)
class Hit:
    """A step, or a hint, that has all the words: where it stands, its title, and the line that says them best.

    `step` is empty for a hint. `words` are those that were looked for.
    """

    place: str
    title: str
    line: str
    step: str = ""
    hint: Hint | None = None
    words: tuple[str, ...] = ()


def search(guide: Guide, typed: str, known: Mapping[str, JSON]) -> list[Hit]:
    """What has all the words that were typed, in any case: steps in their order, then hints; by their title first.

    `known` are values that the texts are read with.
    """
    words = typed.casefold().split()
    if not words:
        return []
    found = [*_steps(guide, words, known), *_hints(guide, words, known)]
    return sorted(found, key=lambda hit: not _all(words, hit.title))


def command(argv: Sequence[str], known: Mapping[str, JSON]) -> str:
    """A command of the guide to be read; only what has spaces is quoted."""
    parts = [shown(part, known) for part in argv]
    return " ".join(quote(part) if not part or re.search(r"\s", part) else part for part in parts)


def _steps(guide: Guide, words: Sequence[str], known: Mapping[str, JSON]) -> Iterator[Hit]:
    for number, screen in enumerate(guide.screens, start=1):
        for step in screen.steps:
            title, *lines = (shown(each, known) for each in (step.title, *_told(guide, screen, step)))
            if _all(words, " ".join((title, *lines))):
                yield Hit(f"{number} {screen.title}", title, _best(words, lines), step.id, words=tuple(words))


def _hints(guide: Guide, words: Sequence[str], known: Mapping[str, JSON]) -> Iterator[Hit]:
    for hint in guide.hints:
        title, *lines = (shown(each, known) for each in (hint.title, *hint.cause.splitlines()))
        if _all(words, " ".join((title, *lines))):
            yield Hit(HINT, title, _best(words, lines), hint=hint, words=tuple(words))


def _told(guide: Guide, screen: Screen, step: Step) -> Iterator[str]:
    """Every line that belongs to a step; what the chapter is for belongs to its first."""
    yield from step.text.splitlines()
    if step is screen.steps[0]:
        yield screen.title
        yield from screen.why.splitlines()
    yield from _corrected(step.corrects)
    yield from step.changes
    checks = guide.checks()
    for name in checked(guide, step):
        check = checks[name]
        yield check.title
        yield from check.why.splitlines()
        yield from _corrected(check.corrects)


def _corrected(wrong: Correction | None) -> Iterator[str]:
    if wrong is not None:
        yield f"The guide says: {wrong.says}"
        yield f"We do: {wrong.true}"
        yield f"Because: {wrong.why}"


def _all(words: Sequence[str], text: str) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)


def _best(words: Sequence[str], lines: Sequence[str]) -> str:
    """The first of the lines that have the most of the words; the first of all where only the title has any."""
    return max(lines, key=lambda each: sum(word in each.casefold() for word in words), default="")
