"""When to call somebody who looks elsewhere: what took long is over, or needs a person. It hears the journal itself,
since the screen may wait on a page that nobody is there to read."""

from __future__ import annotations

from dataclasses import dataclass

from sprocket_tui.faces.tui.sight import seconds
from sprocket_tui.journal.events import Answered, Asked, Event, RunAttached, RunLeft, StepEnded, StepStarted

# Whoever waits so long, in seconds, looks elsewhere.
LONG = 20.0
_ENDS = {"done": "done", "already": "done", "failed": "failed", "skipped": "skipped"}


@dataclass
class Bell:
    """Hears every event once; `seen` events are of earlier sessions, and nobody is called for them."""

    seen: int = 0
    on: bool = True
    _where: str = ""
    _since: float | None = None

    def hear(self, event: Event) -> str:
        """The sentence to call a person with, else nothing. One stretch of work calls once."""
        fact, at = event.fact, seconds(event.at)
        match fact:
            case StepStarted(screen=screen, title=title):
                self._where, self._since = f"{screen}, {title}", at
            case Answered() | RunAttached():
                self._since = at
            case Asked(id=id_):
                return self._over(event, at, "failed" if id_.endswith("/failed") else "waits for an answer")
            case StepEnded(how=how):
                return self._over(event, at, _ENDS.get(how, "over"))
            case RunLeft(how=how):
                return self._over(event, at, "done" if how == "done" else "stopped")
            case _:
                pass
        return ""

    def _over(self, event: Event, at: float, how: str) -> str:
        since, self._since = self._since, None
        if not self.on or event.seq <= self.seen or since is None or at - since < LONG:
            return ""
        return f"{self._where}: {how}"
