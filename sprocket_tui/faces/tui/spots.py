"""What can be gone to on a screen, from its top to its end: rows of choices, a field, chapters, a log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from sprocket_tui.faces.tui.pages import chapters
from sprocket_tui.faces.tui.views.jump import Spot
from sprocket_tui.faces.tui.views.walk import WalkScreen
from sprocket_tui.faces.tui.widgets.ask import Ask
from sprocket_tui.faces.tui.widgets.choices import Choices
from sprocket_tui.faces.tui.widgets.lines import Page
from sprocket_tui.faces.tui.widgets.log import LogView


def spots(screen: Screen[Any]) -> list[Spot]:
    """The places that are to be seen; a question that cannot be answered yet is none."""
    found = list(_chapters(screen)) if isinstance(screen, WalkScreen) else []
    closed = [each for ask in screen.query(Ask) if not ask.opened for each in ask.query("*")]
    for widget in screen.query("Choices, Input, LogView"):
        if not widget.is_on_screen or not widget.focusable or widget in closed:
            continue
        match widget:
            case Choices():
                found += _rows(widget)
            case Input() | LogView():
                found.append(_spot(widget, 0, widget.id or "log", lambda to=widget: screen.set_focus(to)))
            case _:
                pass
    return sorted(found, key=lambda spot: (spot.y, spot.x))


def _chapters(walk: WalkScreen) -> Iterator[Spot]:
    """Those that stand beside the step: going there is looking, which changes nothing."""
    side = walk.query_one("#side", Page)
    if not side.is_on_screen or not side.display:
        return
    for index, step in enumerate(chapters.beside(walk.sight)):
        spot = _spot(side, index - side.scroll_offset.y, f"look/{step}/{index}", lambda to=step: walk.look_at(to))
        if side.region.contains(spot.x, spot.y):
            yield spot


def _rows(choices: Choices) -> Iterator[Spot]:
    for index, choice in enumerate(choices.choices):

        def go(index: int = index) -> None:
            choices.focus()
            choices.go_to(index)

        spot = _spot(choices, choices.lines_of(index).y, f"{choices.id}/{choice.value}", go)
        if _seen(choices, spot):
            yield spot


def _spot(widget: Widget, row: int, name: str, go: Callable[[], None]) -> Spot:
    return Spot(widget.region.x, widget.region.y + row, name, go)


def _seen(widget: Widget, spot: Spot) -> bool:
    """Whether the row is not scrolled out of what it lies in."""
    parent = widget.parent
    whole = parent.region if isinstance(parent, Widget) else widget.region
    return whole.contains(spot.x, spot.y)
