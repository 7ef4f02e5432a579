"""What a search in the guide found: a list to choose from, and a hint as a page of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sprocket_tui.faces.tui.guidesearch import Hit, command
from sprocket_tui.faces.tui.pages.look import Look
from sprocket_tui.faces.tui.spans import (
    Line,
    around,
    cut,
    joined,
    labelled,
    line,
    marked,
    matches,
    paragraph,
    text_of,
)
from sprocket_tui.guide.model import Hint
from sprocket_tui.guide.templates import is_whole, shown
from sprocket_tui.values import JSON

# Rows of one hit: where it is, and the line that matched.
ROWS = 2
_MARGIN = 5
# The last line of a page's head: the note that it is only looked at, and the title.
_HEAD = 1
_EMPTY = "Type words: the steps and hints of the guide that have all of them are listed here."


def found(hits: Sequence[Hit], typed: str, at: int, look: Look) -> list[Line]:
    """Two rows a hit; `at` is the one under the cursor."""
    if not typed.strip():
        return paragraph(_EMPTY, look.width, indent=1, role="quiet")
    if not hits:
        return paragraph(f"Nothing in the guide has: {typed.strip()}", look.width, indent=1)
    return [cut(row, look.width) for number, hit in enumerate(hits) for row in _rows(hit, look, here=number == at)]


def counted(hits: Sequence[Hit]) -> str:
    """How many were found, in a few words."""
    steps = sum(1 for hit in hits if hit.step)
    told = [f"{count} {what}{'s' * (count != 1)}" for count, what in ((steps, "step"), (len(hits) - steps, "hint"))]
    return " and ".join(each for each in told if not each.startswith("0 "))


def hint(told: Hint, known: Mapping[str, JSON], look: Look) -> list[Line]:
    """A hint by itself: nothing has failed that it would be about."""
    remedy = told.remedy
    rows = [
        *labelled("Cause", shown(told.cause, known), look.width, column=8),
        *labelled("Do", shown(remedy.text, known), look.width, column=8),
    ]
    if remedy.command:
        where = "On this machine." if remedy.where == "here" else "On the target."
        filled = "" if is_whole(remedy.command, known) else " What stands in capitals is filled in where it is known."
        rows += labelled("Run", command(remedy.command, known), look.width, column=8, role="accent")
        rows += labelled("", f"{where}{filled}", look.width, column=8)
    note = "A hint of the guide. It is shown by itself where a step fails with what it is about."
    return joined(
        (
            paragraph(shown(told.title, known), look.width, indent=1, role="title"),
            rows,
            paragraph(note, look.width, indent=1, role="quiet"),
        )
    )


def _rows(hit: Hit, look: Look, *, here: bool) -> tuple[Line, Line]:
    mark = look.glyphs.cursor if here else " "
    said = around(hit.line, hit.words, look.width - _MARGIN)
    return (
        line(
            (f" {mark} ", "accent"),
            (f"{hit.place} {look.glyphs.dot} ", "quiet"),
            *marked(line((hit.title, "title")), hit.words),
        ),
        line(" " * _MARGIN, *marked(line((said, "plain" if here else "quiet")), hit.words)),
    )


def on_page(lines: Sequence[Line], hit: Hit, look: Look) -> list[Line]:
    """A page with what was looked for marked; the line that has it is added where the page does not show it."""
    shown = "\n".join(text_of(each) for each in lines).casefold()
    missing = [word for word in hit.words if matches(hit.line, [word]) and word not in shown]
    told = labelled("found", hit.line, look.width, column=8) if missing else []
    return [marked(each, hit.words) for each in (*lines[:1], *told, *lines[1:])]


def first(lines: Sequence[Line]) -> int | None:
    """The number of the first line of a page that has something marked below its head."""
    return next((at for at, each in enumerate(lines) if at > _HEAD and any(role == "found" for _, role in each)), None)
