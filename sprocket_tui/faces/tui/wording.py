"""What the answers to a question are called on the screen, and which of them is the safe one."""

from __future__ import annotations

from sprocket_tui.faces import offered
from sprocket_tui.faces.tui.widgets.choices import Choice
from sprocket_tui.journal.events import Asked

_LETTERS = {"recheck": "r", "retry": "t", "now": "d", "remedy": "m", "skip": "s", "leave": "x"}
_GATES = {
    "gate": ("No, change nothing", "Yes, do exactly that"),
    "warnings": ("No, change nothing", "Yes, do exactly that"),
    "repair": ("No, leave it as it is", "Yes, repair it as shown"),
    "remedy": ("No, run nothing", "Yes, run it as shown"),
    "again": ("No, do not run it again", "Yes, run it once more"),
}
_TYPED = ("text", "secret", "name")


def reason(step: str) -> Asked:
    """The question that goes before skipping a step; it is the screen's own."""
    return Asked(f"{step}/reason", "text", "Why is this skipped?", step)


def typed(asked: Asked) -> bool:
    """Whether the answer is typed, not chosen."""
    return asked.sort in _TYPED


def heading(asked: Asked) -> str:
    """The question as a sentence."""
    if offered.failed(asked):
        return offered.WHAT_NOW
    text = asked.text.rstrip()
    return text if text.endswith(("?", ".", ":")) or asked.sort in ("text", "secret", "name") else f"{text}?"


def choices(asked: Asked) -> tuple[Choice, ...]:
    """The choices, the safe one first."""
    name = asked.id.rpartition("/")[2]
    if asked.sort == "yes-no":
        no, yes = _GATES.get(name, ("No", "Yes"))
        return (Choice("no", "n", no), Choice("yes", "y", yes))
    if offered.failed(asked):
        lettered = [(option, _LETTERS[option]) for option in asked.options if option in _LETTERS]
    else:
        lettered = _numbered(asked.options) if any(asked.labels) else _lettered(asked.options)
    return tuple(_choice(asked, option, letter) for option, letter in lettered)


def _choice(asked: Asked, option: str, letter: str) -> Choice:
    label, detail = offered.called(asked, option)
    return Choice(option, letter, label or option, detail)


def at(asked: Asked) -> int:
    """Which choice the cursor stands on at first."""
    return asked.options.index(asked.default) if asked.sort == "choice" and _offers_default(asked) else 0


def _offers_default(asked: Asked) -> bool:
    return asked.default in asked.options and not offered.failed(asked)


def _numbered(options: list[str]) -> list[tuple[str, str]]:
    """Every option with a digit: the letters of what the question calls it say nothing."""
    return [(option, str(number) if number < 10 else "") for number, option in enumerate(options, start=1)]


def _lettered(options: list[str]) -> list[tuple[str, str]]:
    """Every option with the first of its letters that is free."""
    taken: set[str] = set()
    found: list[tuple[str, str]] = []
    for option in options:
        letter = next((each for each in option.lower() if each.isalnum() and each not in taken), "")
        taken.add(letter)
        found.append((option, letter))
    return found
