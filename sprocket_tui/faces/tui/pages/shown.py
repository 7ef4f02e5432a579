"""The page that stands on the screen: the plan, a step, one that is looked at, or how the run was left."""

from __future__ import annotations

from collections.abc import Sequence

from sprocket_tui.faces.tui.pages import chapters, ended
from sprocket_tui.faces.tui.pages import step as steps
from sprocket_tui.faces.tui.pages.look import Look
from sprocket_tui.faces.tui.pages.offers import Moment
from sprocket_tui.faces.tui.pages.running import Note
from sprocket_tui.faces.tui.sight import StepSight
from sprocket_tui.faces.tui.spans import Line


def page(moment: Moment, step: StepSight | None, notes: Sequence[Note], resume: str, look: Look) -> list[Line]:
    """The page of `step`, or what stands there without one; `resume` is the command that goes on with the run."""
    sight = moment.sight
    if moment.looking and step is not None:
        return steps.looked_at(sight, step, look)
    if sight.left is not None and not moment.held:
        return ended.page(sight, resume, look)
    if step is None:
        return chapters.plan(sight, look, waits=not moment.held and sight.question is None)
    return steps.page(sight, step, notes, look)
