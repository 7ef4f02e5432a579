"""The chapters, to look at and to go back to, and the question before a step is taken once more."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from sprocket_tui.faces.tui.keys import REGISTRY
from sprocket_tui.faces.tui.spans import Line, line, paragraph
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


def asking(head: list[Line], said: str, yes: str, cursor: str, width: int) -> ChoosingScreen:
    """A question with the safe answer first, wrapped at `width`."""
    choices = (Choice(NO, "n", "No"), Choice(YES, "y", yes))
    foot = [line((" Enter do  Esc no", "quiet"))]
    asked = paragraph(said, width - 1, indent=1, role="title")
    return ChoosingScreen([*head, *asked, ()], choices, foot, cursor, stay=NO, twice=NO)
