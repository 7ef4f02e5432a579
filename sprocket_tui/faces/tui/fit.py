"""Whether the terminal face can be shown here. Imports next to nothing, since the plain face asks it too."""

import os
from collections.abc import Mapping
from typing import TextIO

# Terminals that cannot move their cursor, by the name they give themselves.
_WITHOUT_CURSOR = {"dumb", "unknown", "emacs"}


def fit(reads: TextIO, shows: TextIO, environ: Mapping[str, str] = os.environ) -> str:
    """Why the face cannot be shown on these streams, in a few words; empty where it can."""
    if not shows.isatty():
        return "the output is not a terminal"
    if not reads.isatty():
        return "the input is not a terminal"
    name = environ.get("TERM", "")
    if not name:
        return "TERM is not set"
    return f"TERM is {name}" if name in _WITHOUT_CURSOR else ""
