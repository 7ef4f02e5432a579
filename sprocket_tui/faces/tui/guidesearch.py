"""Looks for words in the guide: in its steps and all that belongs to them, and in its hints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from shlex import quote

from sprocket_tui.guide.model import Correction, Guide, Hint, Screen, Step
from sprocket_tui.guide.resolve import checked

# A value that a text leaves open: ${hostname}, or ${match.path} of what a hint found.
_OPEN = re.compile(r"\$\{(?:match\.)?([^}]+)\}")
HINT = "Hint"


@dataclass(frozen=True)
class Hit:
    """A step, or a hint, that has all the words: where it stands, its title, and the line that says them best.

    `step` is empty for a hint.
    """

    place: str
    title: str
    line: str
    step: str = ""
    hint: Hint | None = None


def search(guide: Guide, typed: str) -> list[Hit]:
    """What has all the words that were typed, in any case: steps in their order, then hints; by their title first."""
    words = typed.casefold().split()
    if not words:
        return []
    found = [*_steps(guide, words), *_hints(guide, words)]
    return sorted(found, key=lambda hit: not _all(words, hit.title))


def readable(text: str) -> str:
    """A text of the guide where the values are not known: <hostname> in the place of what is filled in later."""
    return _OPEN.sub(r"<\1>", text)


def command(argv: Sequence[str]) -> str:
    """A command of the guide to be read; only what has spaces is quoted."""
    parts = [readable(part) for part in argv]
    return " ".join(quote(part) if not part or re.search(r"\s", part) else part for part in parts)


def _steps(guide: Guide, words: Sequence[str]) -> Iterator[Hit]:
    for number, screen in enumerate(guide.screens, start=1):
        for step in screen.steps:
            lines = [readable(each) for each in _told(guide, screen, step)]
            if _all(words, " ".join((step.title, *lines))):
                yield Hit(f"{number} {screen.title}", readable(step.title), _best(words, lines), step.id)


def _hints(guide: Guide, words: Sequence[str]) -> Iterator[Hit]:
    for hint in guide.hints:
        lines = [readable(each) for each in hint.cause.splitlines()]
        if _all(words, " ".join((hint.title, *lines))):
            yield Hit(HINT, readable(hint.title), _best(words, lines), hint=hint)


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
