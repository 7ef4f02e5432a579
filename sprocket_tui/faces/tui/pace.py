"""Where the screen waits for the person although the engine does not: nobody should miss what flew by.

The engine measures and passes over steps as fast as it can; a page that somebody wants to read stays until Enter.
"""

from __future__ import annotations

from sprocket_tui.faces.tui.sight import Sight, StepSight
from sprocket_tui.guide.words.verbs import CheckVerb, ReadVerb
from sprocket_tui.journal.events import Event, RunLeft, StepStarted


def holds(sight: Sight, event: Event) -> bool:
    """Whether the page that is shown has to be read before `event` is taken in."""
    step = sight.step
    match event.fact:
        case StepStarted(step=name):
            return (step is None or step.id != name) and (step is None or _worth_reading(sight, step))
        case RunLeft(how="done"):
            return step is not None and _worth_reading(sight, step)
        case _:
            return False


def _worth_reading(sight: Sight, step: StepSight) -> bool:
    """Text to read, a list that was measured, a change that was made; not what was answered or passed over."""
    if step.how not in ("done", "already"):
        return False
    written = sight.written(step.id)
    reads = written is not None and isinstance(written[1].verb, ReadVerb | CheckVerb)
    return reads or (step.changed and step.how == "done")
