"""How much is held in memory for a script: there is no process of its own that the system could stop instead of us."""

from __future__ import annotations

# Characters or bytes of one value, of a command line, and of what a command prints for another; then of all variables.
MOST = 1 << 20
MOST_OF_ALL = 4 * MOST
# Bytes of a file that a program reads whole.
MOST_READ = 64 << 20


class TooLong(Exception):
    """More than a script may hold; its shell ends as one that gets no more memory."""


def checked(length: int, most: int = MOST) -> None:
    """Raises TooLong."""
    if length > most:
        raise TooLong
