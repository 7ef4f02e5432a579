"""Help for what is on the screen: the keys that do something now, then all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sprocket_tui.faces.tui.keys import Action, Keymap, shown
from sprocket_tui.faces.tui.pages.look import Look
from sprocket_tui.faces.tui.spans import Line, joined, labelled, line, paragraph
from sprocket_tui.faces.tui.widgets.choices import Choice
from sprocket_tui.journal.events import Asked

_SORTS = {
    "secret": "Type it and press Enter. It is not shown, and goes nowhere but to the job that needs it.",
    "name": "Only the name itself goes on. Enter on an empty line changes nothing, Esc says no.",
    "text": "Type the answer and press Enter.",
    "yes-no": "Arrows and Enter, or the letter. The cursor stands on the answer that changes nothing.",
    "choice": "Arrows and Enter, or the letter.",
}


def help_page(
    keymap: Keymap, offered: Sequence[str], asked: Asked | None, choices: Iterable[Choice], look: Look
) -> list[Line]:
    """The question that waits, the keys of the moment, the other keys, and how to get out."""
    question: list[Line] = []
    if asked is not None:
        question = [line((" This question", "title")), *paragraph(_SORTS[asked.sort], look.width, indent=1)]
        for choice in choices:
            question += labelled(f"  {choice.letter}", f"{choice.label}. {choice.detail}".strip(), look.width)
    now = [keymap.of(name) for name in offered]
    rest = [action for action in keymap.actions.values() if action.name not in offered]
    return joined(
        (
            question,
            _section("Now", now, look),
            _section("Always", rest, look),
            paragraph(
                "While you type an answer, letters are letters: F1 is help, Ctrl-C leaves. Nothing on this screen is "
                "needed to keep a run: it is saved at every step, here and on the target.",
                look.width,
                indent=1,
                role="quiet",
            ),
        )
    )


def first_help(actions: Iterable[Action], look: Look) -> list[Line]:
    """The keys of the first screen."""
    told = paragraph(
        "Enter opens what the cursor stands on. Before a run is begun nothing is changed anywhere but in the profiles "
        "of this machine, and a look at a target only reads.",
        look.width,
        indent=1,
        role="quiet",
    )
    return joined((_section("Where do we deploy?", actions, look), told))


def _section(title: str, actions: Iterable[Action], look: Look) -> list[Line]:
    rows = [
        part
        for action in actions
        for part in labelled("  " + ", ".join(shown(key) for key in action.keys), action.help, look.width, column=14)
    ]
    return [line((f" {title}", "title")), *rows] if rows else []
