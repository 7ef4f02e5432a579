"""Sentences for a terminal: broken between words, and never within a command between backquotes, which is copied."""

import re
import shutil
import textwrap
from typing import TextIO

_COMMAND = re.compile(r"`[^`]*`")
# Stands for a space at which no line ends; no path has it.
_GLUE = "\0"


def wrapped(text: str, width: int) -> str:
    """One paragraph in lines of at most `width` columns, each with its end; a longer word stays whole."""
    whole = _COMMAND.sub(lambda command: command[0].replace(" ", _GLUE), text)
    lines = textwrap.wrap(whole, width, break_long_words=False, break_on_hyphens=False)
    return "".join(f"{line}\n" for line in lines).replace(_GLUE, " ")


def fitted(text: str, out: TextIO) -> str:
    """Lines as `out` shows them: too long ones wrapped at a terminal, as they are in a file or a pipe."""
    width = shutil.get_terminal_size().columns if out.isatty() else 0
    return "".join(wrapped(line, width) if 0 < width < len(line) else f"{line}\n" for line in text.splitlines())
