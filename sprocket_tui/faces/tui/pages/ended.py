"""The last page of a walk: how it was left, and what comes next."""

from __future__ import annotations

from sprocket_tui.exits import Exit
from sprocket_tui.faces import lines
from sprocket_tui.faces.tui.pages.look import Look
from sprocket_tui.faces.tui.sight import Sight
from sprocket_tui.faces.tui.spans import Line, joined, labelled, line, paragraph

_VERDICTS = {
    Exit.GO: ("Everything that was measured passes.", "pass"),
    Exit.WARNINGS: ("It is done, with warnings or unknowns that do not block.", "warn"),
    Exit.WAIVED: ("It is done, but for steps that were skipped.", "warn"),
}


def page(sight: Sight, resume: str, look: Look) -> list[Line]:
    """How the run ended; `resume` is the command that goes on with it."""
    left = sight.left
    if left is None:
        return []
    if left.how == "done":
        text, role = _VERDICTS.get(Exit(left.code), ("", "plain"))
        return joined(
            (
                [line((" The walk is complete", "title"))],
                paragraph(text, look.width, indent=1, role=role),
                _again(sight, look),
                _open_points(sight, look),
            )
        )
    said = {"refused": "Not begun", "lost": "The connection was lost", "detached": "Left"}.get(left.how, "Stopped")
    # Who left knows that, and a no is no failure.
    calm = left.how == "detached" or left.code == Exit.CANCELLED
    why = paragraph(left.why, look.width, indent=1, role="plain" if calm else "fail") if left.why else []
    way = labelled("go on with", resume, look.width, column=12, role="accent") if left.how != "refused" else []
    return joined(([line((f" {said}", "title"))], why, way))


def _again(sight: Sight, look: Look) -> list[Line]:
    """How the steps ended that somebody came back for."""
    found: list[Line] = []
    for step in map(sight.of, sight.again):
        found += labelled("once more", f"{step.title}: {lines.ended(step.how)}", look.width, column=12)
    return found


def _open_points(sight: Sight, look: Look) -> list[Line]:
    """What was skipped, and what does not pass by its last measurement."""
    found: list[Line] = []
    for step in sight.steps.values():
        if step.how == "skipped":
            found += labelled("skipped", f"{step.title}: {step.why}", look.width)
    for verdict in sight.verdicts.values():
        if verdict["state"] in ("fail", "unknown", "warn"):
            found += labelled(str(verdict["state"]), f"{verdict['title']}: {verdict['observed']}", look.width)
    return found
