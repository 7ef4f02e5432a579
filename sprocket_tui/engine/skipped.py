"""Steps that a person skipped and that a failing one builds on: a possible cause that no output names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sprocket_tui.guide.model import Guide, Screen
from sprocket_tui.guide.templates import shown
from sprocket_tui.guide.words.verbs import ReadVerb
from sprocket_tui.journal.replay import RunState
from sprocket_tui.values import JSON


def before(guide: Guide, state: RunState, step: str, values: Mapping[str, JSON]) -> list[tuple[str, str]]:
    """Title and reason of each that comes before `step` in its chapter, or stands in one that its chapter needs.

    What was only to be read is no cause of anything.
    """
    here = next((each for each in guide.screens if any(_is(step, known.id) for known in each.steps)), None)
    if here is None:
        return []
    needed = _needed(guide, here)
    found: list[tuple[str, str]] = []
    for screen in guide.screens:
        if screen.id not in needed:
            continue
        for written in screen.steps:
            if screen is here and _is(step, written.id):
                return found
            if not isinstance(written.verb, ReadVerb):
                title = shown(written.title, values)
                found += [(title, why) for why in _reasons(state, written.id)]
    return found


def _reasons(state: RunState, step: str) -> Iterator[str]:
    """Why it was skipped, once for each item that it was repeated for."""
    for id_, known in state.steps.items():
        if _is(id_, step) and known.how == "skipped":
            yield known.why


def _needed(guide: Guide, screen: Screen) -> set[str]:
    """The chapter and those that it needs, and they in their turn."""
    chapters = {each.id: each for each in guide.screens}
    found, left = {screen.id}, [*screen.needs]
    while left:
        name = left.pop()
        if name not in found and name in chapters:
            found.add(name)
            left += chapters[name].needs
    return found


def _is(step: str, written: str) -> bool:
    return step == written or step.startswith(f"{written}.")
