"""What somebody who helps needs to know of a step, as one text: the run, the page, the last command and its output."""

from __future__ import annotations

import shlex
from pathlib import Path

from sprocket_tui import __version__
from sprocket_tui.faces.tui.logfile import LogFile
from sprocket_tui.faces.tui.pages import ended
from sprocket_tui.faces.tui.pages import step as pages
from sprocket_tui.faces.tui.pages.look import ALL, PLAN, Look
from sprocket_tui.faces.tui.records import literal
from sprocket_tui.faces.tui.setup import Setup
from sprocket_tui.faces.tui.sight import Sight, StepSight
from sprocket_tui.faces.tui.spans import Line, joined, text_of
from sprocket_tui.redaction import Redactor

# So many lines of the output are told, and so much of each, in characters.
LINES, WIDEST = 30, 1000
_WIDTH = 100


def told(setup: Setup, sight: Sight, step: str, look: Look) -> str:
    """All of it. What looks like a token is masked once more, though nothing is stored or shown unmasked."""
    shown = sight.steps.get(step) or StepSight(step)
    wide = Look(_WIDTH, look.glyphs, look.now, frozenset({ALL, PLAN}))
    parts = [
        _named(setup, sight, shown),
        _part("What the screen says", _said(_page(setup, sight, shown, wide))),
        *_attempt(setup, shown),
    ]
    text = "\n\n".join("\n".join(part) for part in parts)
    return Redactor().text("\n".join(literal(each) for each in text.split("\n")))


def _named(setup: Setup, sight: Sight, step: StepSight) -> list[str]:
    """Which run this is, on what, and at which step."""
    guide, run, link = setup.guide, sight.run, sight.link
    written = sight.written(step.id)
    title = step.title or (written[1].title if written else "")
    chapter = f" ({written[0].title})" if written else ""
    environment = " ".join(each for each in ("practice" if sight.practice else "", sight.environment) if each)
    rows = (
        ("program", f"sprocket-tui {__version__}"),
        ("guide", f"{guide.name} {guide.version}"),
        ("run", run.run if run is not None else setup.directory.id),
        ("environment", environment),
        ("name", sight.hostname),
        ("host", f"{link.user}@{link.host}" if link is not None else run.target if run is not None else ""),
        ("step", f"{step.id}: {title}{chapter}" if step.id else "none yet"),
    )
    return [f"{label:<13}{value}" for label, value in rows if value]


def _page(setup: Setup, sight: Sight, step: StepSight, look: Look) -> list[Line]:
    """What was observed and expected, and how the run was left, if it was."""
    page = pages.looked_at(sight, step, look)[1:] if step.id else []
    return joined((page, ended.page(sight, setup.resume, look) if sight.left is not None else []))


def _said(page: list[Line]) -> list[str]:
    return [text_of(each).rstrip() for each in page]


def _attempt(setup: Setup, step: StepSight) -> list[list[str]]:
    """The last command, how it ended, and the end of what it printed."""
    attempt = step.attempt
    if attempt is None:
        return []
    how = attempt.how or "not ended, as far as is known"
    command = _part(f"Attempt {attempt.number} ({attempt.stage}): {how}", [shlex.join(attempt.argv)])
    output = _last(setup.output(step.id, attempt.number))
    return [command, _part(f"The last {len(output)} lines of its output" if output else "It printed nothing", output)]


def _last(path: Path) -> list[str]:
    """The last lines of an output, as they are stored: cleaned and masked."""
    try:
        file = LogFile(path)
    except OSError as error:
        return [f"{path}: {error.strerror}"]
    try:
        lines = [file.line(number).text for number in range(max(file.count - LINES, 0), file.count)]
    finally:
        file.close()
    return [each if len(each) <= WIDEST else f"{each[:WIDEST]}…" for each in lines]


def _part(title: str, lines: list[str]) -> list[str]:
    return [f"-- {title}", *lines]
