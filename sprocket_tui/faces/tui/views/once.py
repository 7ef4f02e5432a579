"""A screen over another that goes away once, however fast its keys are typed."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import Screen, ScreenResultType


class Once(Screen[ScreenResultType]):
    """Textual would take away whatever lies below for a second key that was on its way, and give a result twice."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Goes away with a result; nothing happens where it has gone already."""
        return super().dismiss(result) if self.is_current else AwaitComplete.nothing()
