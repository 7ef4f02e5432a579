"""What the job under way said of itself, as far as a page can show it."""

from __future__ import annotations

from sprocket_tui.engine.outputs import Notes
from sprocket_tui.faces.tui.pages import running
from sprocket_tui.faces.tui.pages.running import Note
from sprocket_tui.faces.tui.sight import StepSight
from sprocket_tui.journal.runs import RunDirectory


class JobNotes:
    """Follows the notes of one attempt after another."""

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory
        self._watched: tuple[str, int] | None = None
        self._following: Notes | None = None
        self.kept: list[Note] = []

    def take(self, step: StepSight | None) -> bool:
        """Takes in what the step's attempt said since; whether there was anything."""
        attempt = step.attempt if step else None
        if step is None or attempt is None:
            return False
        watched = (step.id, attempt.number)
        if self._following is None or watched != self._watched:
            self._watched, self.kept = watched, []
            self._following = Notes(self._directory.attempt(*watched))
        fresh = self._following.fresh()
        if fresh:
            self.kept = running.kept([*self.kept, *fresh])
        return bool(fresh)
