"""How to leave, with or without work under way: nothing is lost either way."""

from __future__ import annotations

from sprocket_tui.faces.tui.sight import Sight
from sprocket_tui.faces.tui.spans import Line, labelled, line
from sprocket_tui.faces.tui.views.listed import ChoosingScreen
from sprocket_tui.faces.tui.widgets.choices import Choice

LEAVE, FINISH, ABORT, STAY = "leave", "finish", "abort", "stay"
_WORK = (
    Choice(LEAVE, "l", "Leave it running", "it finishes on the droplet; come back at any time"),
    Choice(FINISH, "f", "Finish this, then stop", "it leaves before the next step"),
    Choice(ABORT, "a", "Abort", "it is asked to stop; resume repairs what is left"),
    Choice(STAY, "s", "Stay", ""),
)
_QUIET = (
    Choice(STAY, "s", "Stay", ""),
    Choice(LEAVE, "l", "Leave", "the run is kept as it is; nothing is under way"),
)


def leaving(sight: Sight, header: Line, rule: Line, resume: str, cursor: str, width: int) -> ChoosingScreen:
    """The choices of leaving; work that is under way is named."""
    step = sight.step
    busy = step is not None and step.running
    said = f"{step.title}: under way on the droplet." if busy and step else "Leave the walk?"
    head = [header, rule, line((f" {said}", "title")), ()]
    foot = [*labelled("back with", resume, width, column=12, role="accent"), rule]
    foot += [
        line((" ↑↓ choose  Enter do  Esc stay  Ctrl-C leave" if cursor == "▸" else " Enter do  Esc stay", "quiet"))
    ]
    choices = _WORK if busy else _QUIET
    return ChoosingScreen(head, choices, foot, cursor, stay=STAY, twice=LEAVE)
