"""Reads files that whoever is inside a droplet may have made. Standard library alone: stand-ins read by it too."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def whole(path: Path, most: int) -> bytes:
    """All of a regular file of at most `most` bytes; no link is followed, no pipe waited for. Raises OSError."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "is no regular file", str(path))
        # It may grow meanwhile; its size is not asked for.
        found = file.read(most + 1)
    if len(found) > most:
        raise OSError(errno.EFBIG, f"is larger than {most} bytes", str(path))
    return found
