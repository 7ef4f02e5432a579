"""Which actions do something now, the likeliest first: what the line of keys and the help offer."""

from __future__ import annotations

from dataclasses import dataclass

from sprocket_tui.faces.tui.keys import Action, Keymap, shown
from sprocket_tui.faces.tui.sight import Sight
from sprocket_tui.journal.events import Asked

Offer = tuple[str, str]


@dataclass(frozen=True)
class Moment:
    """What a person is at. `held`: a page waits to be read; `looking`: the step that is shown in its place.

    `typing` is the question whose answer is being typed; `apart`: one waits to be typed while the keys are the page's.
    `letters` are those of the choices that stand there: they mean these, and nothing else.
    """

    sight: Sight
    held: bool = False
    looking: str = ""
    typing: Asked | None = None
    apart: bool = False
    letters: frozenset[str] = frozenset()
    bell: bool = True


def offered(moment: Moment) -> list[str]:
    """Names of actions."""
    sight = moment.sight
    around = _around(sight, moment.looking or sight.current)
    if moment.looking:
        again = ["again"] if sight.left is None and sight.ended(moment.looking) else []
        return ["present", *again, *around, "chapters", "search"]
    asked = sight.question is not None
    names = ["next"] if moment.held or sight.left is not None else []
    step = sight.step
    if step is not None:
        names.append("why")
        names += ["plan"] if step.card is not None and step.card.card.get("plan") else []
        names += ["all"] if step.verdicts else []
        names += ["log"] if step.attempt is not None else []
        names += ["ring"] if (step.running or step.checking) and not asked else []
    names += ["skip"] if skippable(sight) else []
    rest = [
        "chapters",
        "search",
        *(name for name in around if name == "back"),
        "copy",
        *(["jump"] if asked else []),
        "shell",
    ]
    if sight.question is not None and sight.question.id.endswith("/failed") and not sight.question.refused:
        # Who has to find out what is wrong looks at the output, goes there, takes the command along, or asks for help.
        first = [name for name in ("log", "shell", "copy", "report") if name in (*names, *rest, "report")]
        return [*first, *(name for name in names + rest if name not in first)]
    return [*names, *rest]


def _around(sight: Sight, step: str) -> list[str]:
    """Whether there is a step before this one to look at, and one after it; before the first there is only the plan."""
    ids, written = list(sight.guide.steps()), sight.written(step)
    at = ids.index(written[1].id) if written else -1
    return [*(["back"] if at > 0 else []), *(["forward"] if at + 1 < len(ids) else [])]


def skippable(sight: Sight) -> bool:
    """Whether a question stands whose step can be skipped; after a failure skipping is one of the choices."""
    asked, step = sight.question, sight.step
    if asked is None or step is None or asked.step != step.id or step.running:
        return False
    return not asked.id.endswith(("/failed", "/reason")) and sight.guide.skippable(step.id)


def line(moment: Moment, keymap: Keymap) -> tuple[list[Offer], list[Offer]]:
    """The keys at the left and at the right end of the line, each with what it does now.

    While an answer is typed letters are letters: only keys that type nothing are shown.
    """
    if moment.typing is not None:
        refuses = [("Esc", "no")] if moment.typing.sort in ("yes-no", "name") else []
        skips = untyped(keymap.of("skip")) if skippable(moment.sight) else []
        left = [("Enter", "answer"), *refuses, ("Tab", "page"), *skips]
        return left, untyped(keymap.of("help")) + untyped(keymap.of("interrupt"))
    actions = [keymap.of(name) for name in offered(moment)]
    left = [(action.shown, _label(action, moment)) for action in actions if action.shown not in moment.letters]
    back = [("Tab", "answer")] if moment.apart else [("Enter", "do")] if moment.letters else []
    return back + left, [keymap.of("help").offer, keymap.of("leave").offer]


def _label(action: Action, moment: Moment) -> str:
    if action.name == "next":
        return next_label(moment)
    return f"bell: {'on' if moment.bell else 'off'}" if action.name == "ring" else action.label


def next_label(moment: Moment) -> str:
    """What going on is called now."""
    if moment.sight.left is not None and not moment.held:
        return "end"
    return "begin" if moment.sight.step is None else "next"


def untyped(action: Action) -> list[Offer]:
    """The action by a key that types nothing, if it has one."""
    keys = [key for key in action.keys if len(shown(key)) > 1]
    return [(shown(key), action.label) for key in keys[:1]]
