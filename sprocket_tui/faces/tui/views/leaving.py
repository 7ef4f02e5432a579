"""How to leave, with or without work under way: nothing is lost either way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sprocket_tui import going_on
from sprocket_tui.faces.tui.glyphs import Glyphs
from sprocket_tui.faces.tui.sight import Sight
from sprocket_tui.faces.tui.spans import Line, labelled, line, paragraph
from sprocket_tui.faces.tui.views.listed import ChoosingScreen
from sprocket_tui.faces.tui.widgets.choices import Choice

LEAVE, FINISH, GO_ON, ABORT, STAY, ASK = "leave", "finish", "go-on", "abort", "stay", "ask"
_FINISH = Choice(FINISH, "f", "Finish this, then stop", "it leaves before the next step")
# In the place of the one above, once that was chosen: by the same letter, and without work under way too.
_GO_ON = Choice(GO_ON, "f", "Go on after all", "it does not stop before the next step")
_STAY = Choice(STAY, "s", "Stay", "")
_LEAVE_RUNNING = Choice(LEAVE, "l", "Leave it running", "it finishes on the droplet; come back at any time")
# A practice droplet of the program that started us ends with us, and what runs on it; that of `serve` does not.
_LEAVE_PRACTICE = Choice(LEAVE, "l", "Leave", "practice cuts it off here; you repair that when you come back")
_ABORT = Choice(ABORT, "a", "Abort", "it is asked to stop; resume repairs what is left")
_LEAVE = Choice(LEAVE, "l", "Leave", "the run is kept as it is; nothing is under way")
_LEAVE_CHECKING = Choice(LEAVE, "l", "Leave", "nothing runs there; checks begin anew later")


class LeavingScreen(ChoosingScreen):
    """The choices; ASK where what they speak of no longer `holds`, so that nobody chooses by what was."""

    away = "Ctrl-C leaves, Esc stays"

    def __init__(
        self,
        head: Sequence[Line],
        choices: Sequence[Choice],
        foot: Sequence[Line],
        cursor: str,
        *,
        holds: Callable[[], bool],
    ) -> None:
        super().__init__(head, choices, foot, cursor, stay=STAY, twice=LEAVE)
        self._holds = holds

    def on_mount(self) -> None:
        """Twice a second is sooner than anybody chooses."""
        self.set_interval(0.5, self._look)

    def _look(self) -> None:
        if self.is_current and not self._holds():
            self.dismiss(ASK)


def leaving(
    sight: Sight, header: Line, rule: Line, resume: str, glyphs: Glyphs, width: int, *, stops: bool
) -> LeavingScreen:
    """The choices of leaving; work that is under way is named. `stops`: it leaves by itself before the next step."""
    step, busy = sight.step, _busy(sight)
    said = f"{step.title}: under way on the droplet." if busy and step else "Leave the walk?"
    head = [header, rule, *paragraph(said, width - 1, indent=1, role="title"), ()]
    foot = [*labelled("back with", resume, width, column=12, role="accent"), rule]
    foot += [line((f" {glyphs.arrows} choose  Enter do  Esc stay  Ctrl-C leave", "quiet"))]
    if busy:
        leave = _LEAVE_PRACTICE if sight.practice and going_on.own() else _LEAVE_RUNNING
        choices = (leave, _GO_ON if stops else _FINISH, _ABORT, _STAY)
    else:
        leave = _LEAVE_CHECKING if step is not None and step.checking else _LEAVE
        choices = (_STAY, *((_GO_ON,) if stops else ()), leave)
    return LeavingScreen(head, choices, foot, glyphs.cursor, holds=lambda: sight.left is None and _busy(sight) == busy)


def _busy(sight: Sight) -> bool:
    return sight.step is not None and sight.step.running
