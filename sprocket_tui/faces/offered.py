"""What the answers that a question offers are called, on the screen and in lines of text."""

from __future__ import annotations

from sprocket_tui.journal.events import Asked

WHAT_NOW = "What now?"
# What can be done when a step has failed, in the order they are offered: the label, and what it means.
FAILED = {
    "recheck": ("Check again", "just this"),
    "retry": ("Try again", "from its beginning; it asks before any change"),
    "now": ("Do it now", "as any other step; it asks before any change"),
    "remedy": ("Run a remedy", "the command is shown, and asks first"),
    "skip": ("Skip it", "with a reason that is kept"),
    "leave": ("Leave", "the run is kept, and goes on here"),
}


def failed(asked: Asked) -> bool:
    """Whether it asks what to do about a step that failed."""
    return asked.id.endswith("/failed")


def called(asked: Asked, option: str) -> tuple[str, str]:
    """The label and the detail of an option: the question's own words for it before the usual ones; may be empty."""
    label, detail = asked.told(option)
    usual = FAILED.get(option, ("", "")) if failed(asked) else ("", "")
    return label or usual[0], detail or usual[1]
