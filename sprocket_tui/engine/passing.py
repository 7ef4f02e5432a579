"""Steps before the chapter that a walk begins at: passed by measurement, so that nothing is taken for done unseen."""

from __future__ import annotations

from sprocket_tui.engine.trouble import Trouble
from sprocket_tui.engine.walk import Place
from sprocket_tui.guide.model import Guide
from sprocket_tui.guide.words.verbs import ConfirmVerb, ReadVerb
from sprocket_tui.journal.replay import RunState

# What a person may say to a step that was to be passed: it is then taken as any other.
NOW = "now"


def title(guide: Guide, state: RunState) -> str:
    """The title of the screen that the walk begins at."""
    return next((screen.title for screen in guide.screens if screen.id == state.begins_at), state.begins_at)


def passes(guide: Guide, state: RunState, place: Place) -> bool:
    """Whether the step comes before that screen, and nothing was begun of it yet, nor is it wanted once more."""
    known, order = state.step(place.step.id), [screen.id for screen in guide.screens]
    if state.begins_at not in order or known.attempts or known.reopened:
        return False
    return order.index(place.screen.id) < order.index(state.begins_at)


def unread(place: Place) -> bool:
    """Whether the step is only words to a person, which nothing can measure."""
    return isinstance(place.step.verb, ReadVerb | ConfirmVerb)


def undone(guide: Guide, state: RunState, place: Place) -> Trouble:
    """What is said of a change that was to be there already, and is not."""
    why = f"{place.step.title} is not done yet, and comes before {title(guide, state)}, where the walk was to begin"
    return Trouble(place.step.id, why, passing=True)
