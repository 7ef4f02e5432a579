"""What the attempt under way notes, read as it comes."""

from __future__ import annotations

from sprocket_tui.engine.outputs import Notes
from sprocket_tui.faces.tui.pages import running
from sprocket_tui.faces.tui.pages.running import Note
from sprocket_tui.faces.tui.setup import Setup
from sprocket_tui.faces.tui.sight import StepSight


class Following:
    """The notes of one attempt after another; `notes` are those that a page can still show."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._watched: tuple[str, int] | None = None
        self._file: Notes | None = None
        self.notes: list[Note] = []

    def take(self, step: StepSight | None) -> bool:
        """Takes in what the step's attempt noted since; whether there was anything."""
        attempt = step.attempt if step else None
        if step is None or attempt is None:
            return False
        watched = (step.id, attempt.number)
        if self._file is None or watched != self._watched:
            self._watched, self.notes = watched, []
            self._file = Notes(self._setup.directory.attempt(*watched))
        fresh = self._file.fresh()
        if fresh:
            self.notes = running.kept([*self.notes, *fresh])
        return bool(fresh)
