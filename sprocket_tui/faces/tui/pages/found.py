"""What a search in the guide found: a list to choose from, and a hint as a page of its own."""

from __future__ import annotations

from collections.abc import Sequence

from sprocket_tui.faces.tui.guidesearch import Hit, command, readable
from sprocket_tui.faces.tui.pages.look import Look
from sprocket_tui.faces.tui.spans import Line, cut, joined, labelled, line, paragraph
from sprocket_tui.guide.model import Hint

# Rows of one hit: where it is, and the line that matched.
ROWS = 2
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


def hint(shown: Hint, look: Look) -> list[Line]:
    """A hint by itself: nothing has failed that it would be about."""
    told = [
        *labelled("Cause", readable(shown.cause), look.width, column=8),
        *labelled("Do", readable(shown.remedy.text), look.width, column=8),
    ]
    if shown.remedy.command:
        run = command(shown.remedy.command)
        where = "On this machine." if shown.remedy.where == "here" else "On the target."
        filled = " What stands in < > is filled in where it is known." if "${" in " ".join(shown.remedy.command) else ""
        told += labelled("Run", run, look.width, column=8, role="accent")
        told += labelled("", f"{where}{filled}", look.width, column=8)
    note = "A hint of the guide. It is shown by itself where a step fails with what it is about."
    return joined(
        (
            paragraph(readable(shown.title), look.width, indent=1, role="title"),
            told,
            paragraph(note, look.width, indent=1, role="quiet"),
        )
    )


def _rows(hit: Hit, look: Look, *, here: bool) -> tuple[Line, Line]:
    mark = look.glyphs.cursor if here else " "
    return (
        line((f" {mark} ", "accent"), (f"{hit.place} {look.glyphs.dot} ", "quiet"), (hit.title, "title")),
        line((f"     {hit.line}", "plain" if here else "quiet")),
    )
