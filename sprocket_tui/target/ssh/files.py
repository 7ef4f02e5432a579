"""The files of the SSH configuration as one text, with their Includes spliced in."""

from __future__ import annotations

import errno
import shlex
from pathlib import Path

from sprocket_tui.errors import SprocketError
from sprocket_tui.files import whole

MAX_INCLUDES = 16
# A file that is too large, a pipe without a writer, one whose writer says nothing.
_ENDLESS = (errno.EFBIG, errno.EPIPE, errno.ETIMEDOUT)


def included(patterns: str, base: Path) -> list[Path]:
    """The files that an Include line names; relative ones lie under `base`, `~` is $HOME."""
    found: list[Path] = []
    for pattern in shlex.split(patterns):
        path = (base / Path(pattern).expanduser()).absolute()
        found += sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    return found


def read(path: Path) -> bytes | None:
    """The file, or None where there is none to be read. Raises SprocketError (usage) for what has no end."""
    try:
        return whole(path)
    except OSError as error:
        if error.errno in _ENDLESS:
            raise SprocketError(
                f"{path} cannot be read: {error.strerror}", remedy="look at what the SSH configuration includes"
            ) from error
        return None


def spliced(path: Path, base: Path, depth: int = 0) -> str:
    """The file with its Includes; the block around an Include goes on after it. Empty where it cannot be read.

    Raises SprocketError (usage) for files that include each other in a circle, and as `read`.
    """
    raw = read(path)
    if raw is None:
        return ""
    lines = raw.decode("utf-8", "replace").splitlines()
    if depth > MAX_INCLUDES:
        raise SprocketError(f"{path} is included in a circle", remedy="look at the Include lines")
    block = "Host *"
    result: list[str] = []
    for line in lines:
        word, _, rest = line.strip().replace("=", " ", 1).partition(" ")
        if word.lower() in {"host", "match"}:
            block = line
        if word.lower() != "include":
            result.append(line)
            continue
        result += [spliced(found, base, depth + 1) for found in included(rest, base)]
        result.append(block)
    return "\n".join(result)
