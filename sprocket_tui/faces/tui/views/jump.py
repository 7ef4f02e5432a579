"""Letters on everything that can be gone to: one of them moves the focus there, and does no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

# The hand rests on the first of them.
LETTERS = "asdfghjklqwertyuiopzxcvbnm" + ascii_uppercase
# How often what lies below is looked at again, in seconds: a question may have come, or gone.
_AGAIN = 0.25


@dataclass(frozen=True)
class Spot:
    """A place on the screen, in cells; `name` tells it from the others, `go` moves the focus there."""

    x: int
    y: int
    name: str
    go: Callable[[], None] = field(compare=False)


class JumpScreen(ModalScreen[None], inherit_bindings=False):
    """Lies over a screen until a letter is pressed; any key that is none of the letters closes it as Esc does."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "app.interrupt", show=False, priority=True)]
    DEFAULT_CSS = """
    JumpScreen { background: transparent; }
    JumpScreen Static { position: absolute; width: 1; height: 1; color: $accent; text-style: bold reverse; }
    """

    def __init__(self, spots: Callable[[], Sequence[Spot]]) -> None:
        super().__init__()
        self._spots = spots
        self._lettered: dict[str, Spot] = {}

    def on_mount(self) -> None:
        """The letters stand where the places are now, and are put anew where these change."""
        self._letter()
        self.set_interval(_AGAIN, self._letter)

    def on_resize(self) -> None:
        """Another size moves the places."""
        self.call_after_refresh(self._letter)

    def _letter(self) -> None:
        lettered = dict(zip(LETTERS, self._spots(), strict=False))
        if lettered == self._lettered:
            return
        self._lettered = lettered
        self.remove_children(Static)
        labels = [Static(Content(letter)) for letter in lettered]
        for label, spot in zip(labels, lettered.values(), strict=True):
            label.styles.offset = (spot.x, spot.y)
        self.mount_all(labels)

    def on_key(self, event: events.Key) -> None:
        """Goes to the place of the letter, if it is still there."""
        event.stop()
        if not self.is_current:
            # Typed on before the key that closed it was done with.
            return
        spot = self._lettered.get(event.character or "")
        self.dismiss()
        if spot is not None and spot in self._spots():
            spot.go()
