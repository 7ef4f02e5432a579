"""A program of a few lines that does everything a terminal must survive; keys say what."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from sprocket_tui.errors import SprocketError
from sprocket_tui.faces.tui import running
from sprocket_tui.faces.tui.running import TerminalApp, drive
from sprocket_tui.faces.tui.themes import VARIABLES


class Tiny(TerminalApp):
    """Shows what it was told, and its size."""

    CSS = "\n".join(
        ["Screen { background: $background; color: $foreground; }"]
        + [f"#{name} {{ color: ${name}; }}" for name in VARIABLES]
    )
    BINDINGS: ClassVar = [
        Binding("q", "leave(0)"),
        Binding("3", "leave(3)"),
        Binding("j", "count"),
        Binding("x", "crash"),
        Binding("e", "say_why"),
        Binding("w", "crash_elsewhere"),
        Binding("o", "scribble"),
        Binding("exclamation_mark", "hand_over"),
        Binding("d", "drop"),
        Binding("b", "block"),
        Binding("f", "flood"),
        Binding("r", "ring"),
    ]
    keys = 0
    ticks = 0

    def compose(self) -> ComposeResult:
        yield Static(f"ready {self.glyphs.passed} {self.glyphs.rule * 3} {self.theme}", markup=False)
        for name in VARIABLES:
            yield Static(name, id=name)
        yield Static("", id="size")
        yield Static("", id="said")
        # A rule that no glyph was chosen for, as Textual's own widgets draw it.
        yield Static("\u2500\u2502\u2588", id="drawn")
        yield Static("", id="flood")

    def say(self, text: str) -> None:
        self.query_one("#said", Static).update(Content(text))

    def on_resize(self, event: Resize) -> None:
        self.query_one("#size", Static).update(Content(f"{event.size.width} by {event.size.height}"))

    def action_leave(self, code: int) -> None:
        self.exit(code)

    def action_count(self) -> None:
        self.keys += 1
        self.say(f"keys {self.keys}.")

    def action_crash(self) -> None:
        canary = os.environ["CANARY"]
        raise ValueError(f"value {canary}")

    def action_say_why(self) -> None:
        canary = os.environ["CANARY"]
        raise SprocketError("the guide has no such step") from KeyError(canary)

    def action_crash_elsewhere(self) -> None:
        async def work() -> None:
            canary = os.environ["CANARY"]
            raise RuntimeError(canary)

        self.run_worker(work())

    def action_scribble(self) -> None:
        for descriptor in (1, 2):
            os.write(descriptor, b"STRAY")
        print("STRAY")
        print("STRAY", file=sys.stderr)
        heard = subprocess.run(["sh", "-c", "echo STRAY; echo STRAY >&2; cat; [ -t 0 ]"], check=False).returncode
        self.say(f"scribbled, and the child had {'a' if heard == 0 else 'no'} terminal")

    def action_hand_over(self) -> None:
        with self.handed_over():
            subprocess.run(["sh", "-c", "echo handed over; read answer; echo $answer > answered"], check=True)
        self.say("back again")

    def action_drop(self) -> None:
        try:
            with self.handed_over():
                raise OSError("the shell could not be started")
        except OSError:
            self.say("dropped")

    def action_block(self) -> None:
        Path("blocked").touch()
        time.sleep(120)

    def action_ring(self) -> None:
        self.call_for("Layer 1, apply: failed")
        self.say("rung")

    def action_flood(self) -> None:
        self.set_interval(0.01, self.tick)

    def tick(self) -> None:
        self.ticks += 1
        row = f"tick {self.ticks}. " * 6
        self.query_one("#flood", Static).update(Content("\n".join([row] * 10)))
        if self.ticks == 300:
            Path("flooded").touch()


def main() -> None:
    running._LEAVING = float(os.environ.get("LEAVING", "30"))
    sys.exit(drive(Tiny(theme=os.environ.get("THEME", ""), low_bandwidth="LOW" in os.environ)))
