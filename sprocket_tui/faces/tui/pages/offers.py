"""Which actions do something now, the likeliest first: what the line of keys and the help offer."""

from __future__ import annotations

from sprocket_tui.faces.tui.sight import Sight


def offered(sight: Sight, *, held: bool, looking: str) -> list[str]:
    """Names of actions. `held`: a page waits to be read; `looking`: the step that is shown in its place."""
    if looking:
        again = ["again"] if sight.left is None and sight.ended(looking) else []
        return ["present", *again, "back", "forward", "chapters"]
    names = ["next"] if held or sight.left is not None else []
    step = sight.step
    if step is not None:
        names.append("why")
        names += ["plan"] if step.card is not None and step.card.card.get("plan") else []
        names += ["all"] if step.verdicts else []
        names += ["log"] if step.attempt is not None else []
    names += ["skip"] if skippable(sight) else []
    return [*names, "chapters", "back", "copy", "shell"]


def skippable(sight: Sight) -> bool:
    """Whether a question stands whose step can be skipped; after a failure skipping is one of the choices."""
    asked, step = sight.question, sight.step
    if asked is None or step is None or asked.step != step.id or step.running:
        return False
    return not asked.id.endswith(("/failed", "/reason"))


def next_label(sight: Sight, *, held: bool) -> str:
    """What going on is called now."""
    if sight.left is not None and not held:
        return "end"
    return "begin" if sight.step is None else "next"
