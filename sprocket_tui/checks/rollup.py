"""From many verdicts to one word and one exit code. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.exits import Exit

_WORST_FIRST = tuple(State)

WORDS = {
    Exit.GO: "go",
    Exit.WARNINGS: "go with warnings",
    Exit.WAIVED: "go with waivers",
    Exit.UNKNOWN: "unknown",
    Exit.FAILED: "no-go",
}
CODES = {word: code for code, word in WORDS.items()}


def worst(states: Iterable[State]) -> State:
    """A parent's state: that of its worst child; skipped when there is none."""
    return min(states, key=_WORST_FIRST.index, default=State.SKIPPED)


def effective(verdict: Verdict) -> State:
    """The state that counts: what is blocked has not been measured, so that it counts as unknown."""
    return State.UNKNOWN if verdict.blocked_by else verdict.state


def verdict_of(verdicts: Sequence[Verdict], waived: Collection[str] = ()) -> tuple[str, Exit]:
    """The word and the exit code of all verdicts; `waived` holds the ids of the checks that a person answers for.

    It is a go with waivers where nothing else stands in the way, not even a warning.
    """
    waived_away = False
    blocking: set[State] = set()
    other: set[State] = set()
    for verdict in verdicts:
        state = effective(verdict)
        if state in {State.PASS, State.SKIPPED}:
            continue
        if verdict.id in waived:
            waived_away = True
        else:
            (blocking if verdict.blocking else other).add(state)
    if State.FAIL in blocking:
        code = Exit.FAILED
    elif State.UNKNOWN in blocking:
        code = Exit.UNKNOWN
    elif blocking or other:
        code = Exit.WARNINGS
    else:
        code = Exit.WAIVED if waived_away else Exit.GO
    return WORDS[code], code
