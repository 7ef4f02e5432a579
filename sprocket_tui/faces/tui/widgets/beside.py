"""Beside the step, where there is room: what its job prints."""

from __future__ import annotations

from pathlib import Path

from textual.containers import Vertical

from sprocket_tui.faces.tui.logfile import LogFile
from sprocket_tui.faces.tui.widgets.log import LogView


class Beside(Vertical):
    """One log at a time, or nothing."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: Path | None = None

    def show(self, file: Path | None) -> None:
        """Follows `file`, once it is there."""
        file = file if file is not None and file.is_file() else None
        if file == self._shown:
            return
        self._shown = file
        self.remove_children()
        if file is not None:
            self.mount(LogView(LogFile(file)))
