"""What a walk on the screen is made of; commands put it together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui.faces.plain import Engine
from sprocket_tui.faces.tui.keys import Keymap
from sprocket_tui.guide.model import Guide
from sprocket_tui.journal.runs import RunDirectory


@dataclass(frozen=True)
class Setup:
    """`seen` events are of earlier sessions. `way_in` gives the argv of a shell on the target; `resume` goes on."""

    engine: Engine
    directory: RunDirectory
    guide: Guide
    who: str
    seen: int
    way_in: Callable[[], tuple[str, ...]]
    resume: str
    keymap: Keymap

    def output(self, step: str, number: int) -> Path:
        """What an attempt printed."""
        return self.directory.attempt(step, number) / "output.jsonl"
