"""How a page is to be drawn: the room there is, the glyphs, the time, and what a person has unfolded."""

from __future__ import annotations

from dataclasses import dataclass, field

from sprocket_tui.faces.tui.glyphs import Glyphs

# What can be folded, by the action that unfolds it.
WHY, PLAN, ALL = "why", "plan", "all"


@dataclass(frozen=True)
class Look:
    """`now` is in seconds since the epoch; `unfolded` holds names of what is shown in full."""

    width: int
    glyphs: Glyphs
    now: float
    unfolded: frozenset[str] = field(default_factory=frozenset[str])


def clock(seconds: float) -> str:
    """A span of time as 3:41, 1:02:09, or 2 d 3 h."""
    whole = max(int(seconds), 0)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 24:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def minutes(value: float) -> str:
    """A guide's usual time: 12 s, 5 min, 2 h."""
    if value < 1:
        return f"{value * 60:.0f} s"
    return f"{value:g} min" if value < 120 else f"{value / 60:.1f} h"
