"""The steps that a person names, found in a run; a name that is none is refused with the nearest one."""

from __future__ import annotations

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.guide.model import Guide
from sprocket_tui.guide.problems import unknown
from sprocket_tui.journal.replay import RunState


def screen(guide: Guide, name: str) -> str:
    """The screen called `name`. Raises SprocketError."""
    known = [each.id for each in guide.screens]
    if name not in known:
        raise SprocketError(
            unknown("screen", name, known), remedy="`sprocket-tui steps` lists their steps", code=Exit.USAGE
        )
    return name


def ended(guide: Guide, state: RunState, name: str) -> list[str]:
    """The step called `name`, or those that it was repeated as. Raises SprocketError where none of it has ended."""
    if name not in guide.steps() and name not in state.steps:
        known = [*guide.steps(), *state.steps]
        raise SprocketError(unknown("step", name, known), remedy="`sprocket-tui steps` lists them", code=Exit.USAGE)
    found = [id_ for id_, step in state.steps.items() if step.how and (id_ == name or id_.startswith(f"{name}."))]
    if not found:
        raise SprocketError(
            f"{name} has not ended yet", remedy="`resume` takes it when its turn comes", code=Exit.USAGE
        )
    return found
