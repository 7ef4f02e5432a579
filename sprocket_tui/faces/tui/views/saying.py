"""A screen around one page that has something to say above its keys, for as long as it takes to read."""

from __future__ import annotations

from abc import abstractmethod

from sprocket_tui.faces.tui.pages import chrome
from sprocket_tui.faces.tui.pages.look import Look
from sprocket_tui.faces.tui.spans import Line
from sprocket_tui.faces.tui.views.paged import Paged

# How long a sentence stays, in seconds.
_READ = 12.0


class Saying(Paged):
    """`say` shows a sentence until it was read or the next key; its lines are drawn above the keys."""

    _message: tuple[str, str] | None = None

    def say(self, text: str, role: str = "quiet") -> None:
        """A sentence above the keys, until it was read or the next key."""
        self._message = said = (text, role)
        self.set_timer(_READ, lambda: self._unsay(said))
        self.draw()

    def hush(self) -> None:
        """What was said was read."""
        self._message = None

    def said(self, look: Look) -> list[Line]:
        """The lines of the sentence, if there is one."""
        return chrome.message(*self._message, look) if self._message is not None else []

    @abstractmethod
    def draw(self) -> None:
        """Draws everything anew."""

    def _unsay(self, said: tuple[str, str]) -> None:
        if self._message is said:
            self.hush()
            self.draw()
