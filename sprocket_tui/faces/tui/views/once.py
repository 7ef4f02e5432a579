"""A screen over another that goes away once, however fast its keys are typed, and is shown where it has room."""

from __future__ import annotations

from typing import cast

from textual.app import App
from textual.await_complete import AwaitComplete
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget

from sprocket_tui.faces.tui.layout import too_small
from sprocket_tui.faces.tui.pages import chrome
from sprocket_tui.faces.tui.views.walk import WalkScreen
from sprocket_tui.faces.tui.widgets.lines import Lines

# Actions that lead away from what cannot be seen.
_AWAY = ("back", "close", "leave", "stay", "twice")


class Once(Screen[ScreenResultType]):
    """Textual would take away whatever lies below for a second key that was on its way, and give a result twice.

    Where the terminal is too small it is a sentence, and only the keys that lead away from it do something; it is as it
    was once there is room again.
    """

    # In the sentence: what can be done.
    away: str = "Esc goes back"
    DEFAULT_CSS = """
    Once > #small { display: none; }
    Once.-small > * { display: none !important; }
    Once.-small > #small { display: block !important; }
    """
    _had_focus: Widget | None = None

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Goes away with a result; nothing happens where it has gone already."""
        return super().dismiss(result) if self.is_current else AwaitComplete.nothing()

    def on_resize(self) -> None:
        """Shows what there is room for."""
        small = too_small(self._program.size)
        if small:
            self._say_so()
        if small == self.has_class("-small"):
            return
        before = self.focused
        self.set_class(small, "-small")
        if small:
            super().set_focus(None)
            self._had_focus = before
        else:
            self.set_focus(self._had_focus)

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:
        """What cannot be seen gets no keys; it has them once it is shown."""
        if self.has_class("-small"):
            self._had_focus = widget
        else:
            super().set_focus(widget, scroll_visible, from_app_focus)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is done to what cannot be seen."""
        if self.has_class("-small") and action not in _AWAY:
            return False
        return super().check_action(action, parameters)

    @property
    def _program(self) -> App[object]:
        return cast("App[object]", self.app)  # pyright: ignore[reportUnknownMemberType]

    def _say_so(self) -> None:
        below = self._program.screen_stack[0]
        sight = below.sight if isinstance(below, WalkScreen) else None
        if not self.query("#small"):
            self.mount(Lines(id="small"))
        self.query_one("#small", Lines).show(chrome.told_small(sight, *self._program.size, self.away))
