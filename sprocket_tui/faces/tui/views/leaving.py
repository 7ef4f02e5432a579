"""How to leave, with or without work under way: nothing is lost either way."""

from __future__ import annotations

from sprocket_tui.faces.tui.sight import Sight
from sprocket_tui.faces.tui.spans import Line, labelled, line
from sprocket_tui.faces.tui.views.listed import ChoosingScreen
from sprocket_tui.faces.tui.widgets.choices import Choice

LEAVE, FINISH, GO_ON, ABORT, STAY = "leave", "finish", "go-on", "abort", "stay"
_FINISH = Choice(FINISH, "f", "Finish this, then stop", "it leaves before the next step")
# In the place of the one above, once that was chosen: by the same letter, and without work under way too.
_GO_ON = Choice(GO_ON, "f", "Go on after all", "it does not stop before the next step")
_STAY = Choice(STAY, "s", "Stay", "")
_LEAVE_RUNNING = Choice(LEAVE, "l", "Leave it running", "it finishes on the droplet; come back at any time")
_ABORT = Choice(ABORT, "a", "Abort", "it is asked to stop; resume repairs what is left")
_LEAVE = Choice(LEAVE, "l", "Leave", "the run is kept as it is; nothing is under way")


def leaving(
    sight: Sight, header: Line, rule: Line, resume: str, cursor: str, width: int, *, stops: bool
) -> ChoosingScreen:
    """The choices of leaving; work that is under way is named. `stops`: it leaves by itself before the next step."""
    step = sight.step
    busy = step is not None and step.running
    said = f"{step.title}: under way on the droplet." if busy and step else "Leave the walk?"
    head = [header, rule, line((f" {said}", "title")), ()]
    foot = [*labelled("back with", resume, width, column=12, role="accent"), rule]
    foot += [
        line((" ↑↓ choose  Enter do  Esc stay  Ctrl-C leave" if cursor == "▸" else " Enter do  Esc stay", "quiet"))
    ]
    if busy:
        choices = (_LEAVE_RUNNING, _GO_ON if stops else _FINISH, _ABORT, _STAY)
    else:
        choices = (_STAY, *((_GO_ON,) if stops else ()), _LEAVE)
    return ChoosingScreen(head, choices, foot, cursor, stay=STAY, twice=LEAVE)
