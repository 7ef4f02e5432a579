"""One quiet line that changes often: only the characters that are different are drawn again."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Status(Widget):
    """A line of text, cut at the width."""

    DEFAULT_CSS = "Status { height: 1; width: 1fr; color: $quiet; &:ansi { text-style: dim; } }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.text = ""

    def say(self, text: str) -> None:
        """Replaces the text."""
        before, self.text = self.text, text
        if before == text:
            return
        wide = max(len(before), len(text))
        old, new = before.ljust(wide), text.ljust(wide)
        changed = [at for at in range(wide) if old[at] != new[at]]
        if before.isascii() and text.isascii():
            self.refresh(Region(changed[0], 0, changed[-1] + 1 - changed[0], 1))
        else:
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The text in one piece."""
        width = self.size.width
        filled = self.text + " " * (width - cell_len(self.text))
        return Strip([Segment(filled, self.rich_style)]).crop(0, width)
