"""How far the screen has taken the journal in, and whether a page has to be read before more of it is."""

from __future__ import annotations

from collections.abc import Callable

from sprocket_tui.faces.tui import pace
from sprocket_tui.faces.tui.setup import Setup
from sprocket_tui.faces.tui.sight import Sight
from sprocket_tui.journal.events import StepEnded

# Stands for the plan among the pages that were read, where a step stands by its id.
_PLAN = "-"


class Reading:
    """Brings `sight` up to date, a page at a time; with `held` one waits to be read."""

    def __init__(self, setup: Setup, sight: Sight) -> None:
        self._setup, self._sight = setup, sight
        self._seen = 0
        self._read = ""
        self.held = False

    def begin(self) -> None:
        """What earlier sessions did is known, and is not read again."""
        for event in self._setup.engine.since(0):
            if event.seq <= self._setup.seen:
                self._sight.take(event)
                self._seen = event.seq
        self._sight.question = None
        self._sight.unfollowed()
        step = self._sight.step
        # A step that is still to end has not been read to its end.
        self._read = (step.id if step.how else "") if step is not None else _PLAN if self._seen else ""

    def take(self, leaving: Callable[[], bool], step_ended: Callable[[str], None]) -> bool:
        """Takes in what is new, up to a page that is to be read first; nobody who is `leaving` reads one.

        Whether there was anything to show.
        """
        changed = False
        for event in self._setup.engine.since(self._seen):
            holds = not leaving() and event.seq > self._setup.seen and pace.holds(self._sight, event)
            if holds and self._read != (self._sight.current or _PLAN):
                changed |= not self.held
                self.held = True
                break
            self.held = False
            self._seen = event.seq
            self._sight.take(event)
            changed = True
            if isinstance(event.fact, StepEnded):
                step_ended(event.fact.step)
        return changed

    def read(self) -> None:
        """The page that is shown was read."""
        self._read, self.held = self._sight.current or _PLAN, False
