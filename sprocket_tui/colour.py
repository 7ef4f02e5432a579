"""The environment's name in a colour of its own, on terminals that show colours."""

import os
import re
from typing import TextIO

# Black on yellow, bold red, cyan: of the 16 that every terminal has.
_PAINTS = {"PRACTICE": "30;43", "production": "1;31"}
_OTHER = "36"


def shown(stream: TextIO) -> bool:
    """Whether colours may be written there (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and (os.environ.get("TERM") or "dumb") != "dumb"


def environment(text: str, name: str, stream: TextIO) -> str:
    """`text` with every `name` in that environment's colour; as it is where `stream` shows none."""
    if not name or not shown(stream):
        return text
    painted = f"\x1b[{_PAINTS.get(name, _OTHER)}m{name}\x1b[0m"
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", painted, text)
