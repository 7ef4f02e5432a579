"""What the interpreter does not know, and how it says so."""

from __future__ import annotations

from sprocket_tui.practice.standins.rehearsed import STATUS

__all__ = ["STATUS", "NotKnown", "line"]

_LINE = "this practice droplet is an interpreter without a sandbox, and does not know this command line"


class NotKnown(Exception):
    """A command line, or a part of one, that is not interpreted; the text says which."""


def line(what: str) -> bytes:
    """The one line on stderr that goes with the status."""
    return f"{what}: {_LINE}\n".encode(errors="surrogateescape")
