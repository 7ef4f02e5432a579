"""How text is written to a stream: wide, coloured and with which signs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True)
class Style:
    """How to write: `width` in columns, `color` with escape sequences, `unicode` or plain ASCII."""

    width: int = 80
    color: bool = False
    unicode: bool = True


def style_of(stream: TextIO, environ: Mapping[str, str] = os.environ) -> Style:
    """The style that fits a stream: colour on a terminal without NO_COLOR, ASCII where the encoding is not UTF-8."""
    terminal = stream.isatty()
    encoding = stream.encoding.lower().replace("-", "").replace("_", "")
    return Style(
        width=shutil.get_terminal_size().columns if terminal else 80,
        color=terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb",
        unicode=encoding in {"utf8", "utf8sig"},
    )
