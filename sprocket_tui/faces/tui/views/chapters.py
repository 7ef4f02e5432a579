"""The chapters, to look at and to go back to, and the question before a step is taken once more."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from sprocket_tui.faces.tui.keys import REGISTRY
from sprocket_tui.faces.tui.spans import Line, line
from sprocket_tui.faces.tui.views.listed import ChoosingScreen
from sprocket_tui.faces.tui.widgets.choices import Choice, Choices

YES, NO = "yes", "no"
_HERE = ("again", "begin", "search", "help")


class ChaptersScreen(ChoosingScreen):
    """Every chapter and step; what can be done with one has its key here as well."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(action.binding() for action in REGISTRY if action.name in _HERE),
    ]

    @property
    def at(self) -> str:
        """The step, or the chapter, under the cursor."""
        chosen = self.query_one(Choices).current
        return chosen.value if chosen is not None else ""


def asking(head: list[Line], said: str, yes: str, cursor: str) -> ChoosingScreen:
    """A question with the safe answer first."""
    choices = (Choice(NO, "n", "No"), Choice(YES, "y", yes))
    foot = [line((" Enter do  Esc no", "quiet"))]
    return ChoosingScreen([*head, line((f" {said}", "title")), ()], choices, foot, cursor, stay=NO, twice=NO)
