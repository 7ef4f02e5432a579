"""What is kept of a droplet between rehearsals: held by one program at a time, gone on with only when it is sound."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.practice import removal
from sprocket_tui.practice.standins.first_day import fresh
from sprocket_tui.practice.world import State, World


@contextmanager
def room(base: Path) -> Generator[None]:
    """Turns what the disk says no with into a sentence that names the place. Raises SprocketError."""
    try:
        yield
    except shutil.Error as error:
        # Of a tree that is copied, each file's refusal is told as a text.
        (_, target, why), *_ = error.args[0]
        raise _refused(base, target, re.sub(r"^\[Errno \d+\] ([^:]*).*", r"\1", str(why), flags=re.DOTALL)) from error
    except OSError as error:
        raise _refused(base, error.filename, error.strerror) from error


def _refused(base: Path, file: object, why: str | None) -> SprocketError:
    at = f" ({file})" if file else ""
    return SprocketError(
        f"the practice droplet cannot be kept in {base}: {why or 'nothing can be written'}{at}",
        remedy="make room there or make it writable, or set XDG_STATE_HOME to a directory that has both",
        code=Exit.INTERNAL,
    )


def hold(base: Path) -> int:
    """Holds the droplet for this process until the descriptor is closed. Raises SprocketError (LOCKED)."""
    held = os.open(base / "in-use", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        by = os.read(held, 20).decode(errors="replace").strip()
        os.close(held)
        raise SprocketError(
            f"the practice droplet in {base} is in use (pid {by})", remedy="leave that one first", code=Exit.LOCKED
        ) from error
    os.ftruncate(held, 0)
    os.write(held, f"{os.getpid()}\n".encode())
    return held


def without_links(directory: Path) -> None:
    """Raises SprocketError for a link: who is inside can make one, and what lies there is written to from here."""
    for parent, directories, files in os.walk(directory):
        for path in (Path(parent, name) for name in (*directories, *files)):
            if path.is_symlink():
                raise _damaged(f"{path} is a link")


def kept(world: World, base: Path) -> State:
    """The state of a droplet that was here before. Raises SprocketError where it is none that we can go on with."""
    whole = fresh(0, 1)
    try:
        state = world.read()
        current = whole.keys() <= state.keys() and whole["node"].keys() <= state["node"].keys()
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise _damaged(f"the state of the practice droplet in {base} cannot be read") from error
    if not current:
        raise _damaged(f"the practice droplet in {base} is of another version")
    return state


def start_over(*directories: Path) -> None:
    """Empties them: of a droplet that was not ready yet nothing is anybody's."""
    for directory in directories:
        removal.empty(directory)


def _damaged(what: str) -> SprocketError:
    return SprocketError(what, remedy="`sprocket-tui practice reset` throws that droplet away", code=Exit.FAILED)
