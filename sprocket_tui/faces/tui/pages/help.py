"""Help for what is on the screen: the keys that do something now, then all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sprocket_tui.faces.tui.keys import LOG, Action, Keymap, shown
from sprocket_tui.faces.tui.pages.look import Look
from sprocket_tui.faces.tui.spans import Line, joined, labelled, line, paragraph
from sprocket_tui.faces.tui.widgets.choices import Choice
from sprocket_tui.journal.events import Asked

# How wide keys are with two blanks before and after them; somebody's own may be wider.
_COLUMN = 17
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
                "While you type an answer, letters are letters: Ctrl-O is help, as F1 is where the terminal passes it "
                "on; Ctrl-C leaves. Nothing on this screen is needed to keep a run: it is saved at every step, here "
                "and on the target.",
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


def log_help(look: Look) -> list[Line]:
    """The keys of the log."""
    moves = (
        ("Up, Down", "A line up or down; up leaves the end."),
        ("PgUp, PgDn", "A screen up or down."),
        ("Home", "Go to the beginning."),
        ("Left, Right", "Half a screen sideways, for lines that are longer than it is wide."),
    )
    return joined((_section("The log", LOG, look), _rows("Moving", moves, look)))


def chapters_help(keymap: Keymap, look: Look) -> list[Line]:
    """The keys of the list of chapters."""
    moves = (
        ("Up, Down", "Move the cursor, round the ends."),
        ("Enter", "Look at the step under the cursor, at a chapter's first. Looking changes nothing."),
        ("Esc", "Back to the walk."),
    )
    actions = [keymap.of(name) for name in ("again", "begin", "search", "jump", "help")]
    return joined((_rows("Where to look", moves, look), _section("Other keys", actions, look)))


def search_help(look: Look) -> list[Line]:
    """The keys of the search in the guide."""
    moves = (
        ("Up, Down", "Choose one of those that were found; PgUp and PgDn move by more."),
        ("Enter", "Look at the step, or read the hint. Looking changes nothing."),
        ("Esc", "Back to the walk."),
    )
    told = paragraph(
        "What is listed has every word that is typed, in any case: in the title or the text of a step, in what the "
        "guide says wrong about it, in the titles and reasons of its checks, or in a hint. The output of a job has a "
        "search of its own, in its log.",
        look.width,
        indent=1,
        role="quiet",
    )
    return joined((_rows("Search the guide", moves, look), told))


def form_help(asks: str, offered: str, look: Look) -> list[Line]:
    """What a form asks for under its cursor, what is `offered` there, and the keys of the form."""
    question = [line((" This question", "title")), *paragraph(asks, look.width, indent=1)]
    question += paragraph(offered, look.width, indent=1, role="quiet") if offered else []
    moves = (
        ("Enter", "Go on to the next question, where the answer fits; on Save, save them all."),
        ("Up, Down", "Any question, in any order; what was typed stays."),
        ("Right", "At the end of an answer: take what is offered behind it."),
        ("Esc", "Back to the first screen; nothing is saved."),
    )
    told = paragraph(
        "An empty answer is what stands there in grey, if anything does. Nothing is sent anywhere: the answers are "
        "kept in a profile on this machine.",
        look.width,
        indent=1,
        role="quiet",
    )
    return joined((question, _rows("The form", moves, look), told))


def _section(title: str, actions: Iterable[Action], look: Look) -> list[Line]:
    return _rows(title, ((", ".join(shown(key) for key in each.keys), each.help) for each in actions), look)


def _rows(title: str, told: Iterable[tuple[str, str]], look: Look) -> list[Line]:
    spaced = [(f"  {keys}  ", text) for keys, text in told]
    column = max([_COLUMN, *(len(keys) for keys, _ in spaced)])
    rows = [part for keys, text in spaced for part in labelled(keys, text, look.width, column=column)]
    return [line((f" {title}", "title")), *rows] if rows else []
