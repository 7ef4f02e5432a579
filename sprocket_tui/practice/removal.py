"""Throws away what was written inside a droplet, whatever was made of it there: shut, deep beyond any path, or moving.

No link is followed, and every name is one of a directory that is open. A directory that lies deeper is moved up and
emptied there, so that nothing has to go down after it.
"""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# What is said of a directory by who is to remove a file.
_IS_ONE = (errno.EISDIR, errno.EPERM)
_MOVED = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR, errno.ELOOP, errno.ENOENT)
# How often everything may come back before we can remove it.
_PATIENCE = 1000


def remove(path: Path) -> None:
    """Removes a directory with all that is in it. Raises OSError."""
    empty(path)
    path.rmdir()


def empty(path: Path) -> None:
    """Removes all that is in a directory. Raises OSError."""
    above = os.open(path.parent, _DIRECTORY)
    try:
        top = _opened(path.name, above)
    finally:
        os.close(above)
    try:
        patience = _PATIENCE
        while names := os.listdir(top):  # noqa: PTH208 a descriptor, not a path
            # Counted in any() would stop at the first.
            patience -= not sum([_away(name, top) for name in names])
            if not patience:
                raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), str(path))
    finally:
        os.close(top)


def _away(name: str, top: int) -> bool:
    """Removes what has that name, or moves up what a directory holds; whether it is gone."""
    try:
        return _unlinked(name, top) or _unpacked(name, top)
    except OSError as error:
        # Somebody was there in between; what is there now is seen to the next time.
        if error.errno not in _MOVED:
            raise
        return False


def _unlinked(name: str, directory: int) -> bool:
    """Removes a file; False for a directory."""
    try:
        os.unlink(name, dir_fd=directory)
    except OSError as error:
        if error.errno not in _IS_ONE:
            raise
        return False
    return True


def _unpacked(name: str, top: int) -> bool:
    inner = _opened(name, top)
    try:
        for each in os.listdir(inner):  # noqa: PTH208 a descriptor, not a path
            if not _unlinked(each, inner):
                # It cannot be moved by who may not write to it.
                os.close(_opened(each, inner))
                os.rename(each, secrets.token_hex(16), src_dir_fd=inner, dst_dir_fd=top)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=top)
    return True


def _opened(name: str, directory: int) -> int:
    """Opens a directory, to which its owner may do anything from now on."""
    if hasattr(os, "O_PATH"):
        place = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
        try:
            os.chmod(f"/proc/self/fd/{place}", 0o700)  # noqa: PTH101 what the descriptor is of
        finally:
            os.close(place)
    else:
        os.chmod(name, 0o700, dir_fd=directory, follow_symlinks=False)
    return os.open(name, _DIRECTORY, dir_fd=directory)
