"""Exit codes of every command; the table in the docs is generated from this enum."""

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """What a finished command says to the shell. Signals are 128 + n and not listed here."""

    GO = 0
    INTERNAL = 1
    USAGE = 2
    FAILED = 3
    WARNINGS = 4
    UNKNOWN = 5
    WAIVED = 6
    CANCELLED = 7
    LOCKED = 8
    LINK_LOST = 9

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


def worst(codes: Iterable[Exit]) -> Exit:
    """The code of several results together: the first of the order in which `docs/operations.md` lists them."""
    return min(codes, key=WORST_FIRST.index, default=Exit.GO)


def ended(code: Exit, signal: int) -> int:
    """What a command says to the shell: its code, or the number of the signal that cut it short (0 for none)."""
    return 128 + signal if signal else int(code)


# The order in which they hold, and in which the docs list them.
WORST_FIRST = (
    Exit.INTERNAL,
    Exit.USAGE,
    Exit.LOCKED,
    Exit.LINK_LOST,
    Exit.CANCELLED,
    Exit.FAILED,
    Exit.UNKNOWN,
    Exit.WARNINGS,
    Exit.WAIVED,
    Exit.GO,
)

_MEANINGS = {
    Exit.GO: "go: everything passed",
    Exit.INTERNAL: "internal error, or no room for the run's files; a run that goes on is saved",
    Exit.USAGE: "bad usage, guide or configuration, an unknown run, or no room for the output",
    Exit.FAILED: "a blocking check or a step failed, a host key changed, or a no-go",
    Exit.WARNINGS: "warnings, or failures and unknowns that do not block",
    Exit.UNKNOWN: "a blocking check is unknown; an unreachable host makes them so",
    Exit.WAIVED: "go with waivers",
    Exit.CANCELLED: "cancelled, or a question without an answer; the run is saved",
    Exit.LOCKED: "the target is locked by another run",
    Exit.LINK_LOST: "connection lost; a job goes on remotely",
}
