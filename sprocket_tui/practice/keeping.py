"""What is kept of a droplet between rehearsals: held by one program at a time, gone on with only when it is sound."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.practice import removal
from sprocket_tui.practice.shape import fits, is_deep
from sprocket_tui.practice.standins.first_day import fresh
from sprocket_tui.practice.world import MOST, State, World

# The world's directory has one other in it.
_DEEPEST = 4
# How many seconds a program inside may hold the state.
_PATIENCE = 4.0


class Damaged(SprocketError, ValueError):
    """What lies in a droplet is none of ours any more."""

    def __init__(self, message: str) -> None:
        super().__init__(message, remedy="`sprocket-tui practice reset` throws that droplet away", code=Exit.FAILED)


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
        # No run is saved yet, and where it is kept is the person's to choose.
        code=Exit.USAGE,
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


def plain(directory: Path) -> None:
    """Raises SprocketError for what is no file and no directory: what lies there is written to from here.

    Who is inside can make a link that leads elsewhere, or a pipe that nobody reads.
    """
    below = [directory]
    try:
        for _ in range(_DEEPEST):
            found = [each for parent in below for each in os.scandir(parent)]
            for each in found:
                if each.is_symlink():
                    raise Damaged(f"{each.path} is a link")
                if not (each.is_file() or each.is_dir()):
                    raise Damaged(f"{each.path} is neither a file nor a directory")
                if each.is_file() and each.stat().st_size > MOST:
                    raise Damaged(f"{each.path} is larger than anything of the practice droplet's")
            below = [Path(each.path) for each in found if each.is_dir()]
    except OSError as error:
        raise Damaged(f"{error.filename}: {error.strerror}") from error
    if below:
        raise Damaged(f"{below[0]} is no directory of the practice droplet's")


class KeptWorld(World):
    """The world as it is read outside, where whoever is inside may have written anything to its file.

    Raises Damaged, a ValueError too, for what cannot be gone on with.
    """

    def __init__(self, base: Path) -> None:
        self.file = base / "world" / "world.json"
        super().__init__(self.file, patience=_PATIENCE)
        self._base = base

    def there(self) -> bool:
        """Whether there is one."""
        try:
            return self.file.exists()
        except OSError as error:
            raise self._unread() from error

    def read(self) -> State:
        try:
            state = super().read()
        except (OSError, ValueError) as error:
            raise self._unread() from error
        whole = fresh(0, 1)
        try:
            current = whole.keys() <= state.keys() and whole["node"].keys() <= state["node"].keys()
        except (TypeError, AttributeError, KeyError) as error:
            raise self._unread() from error
        if not current:
            raise Damaged(f"the practice droplet in {self._base} is of another version")
        if is_deep(state) or not fits(state, State):
            raise self._unread()
        return state

    @contextmanager
    def change(self) -> Generator[State]:
        with ExitStack() as kept:
            try:
                state = kept.enter_context(super().change())
            except TimeoutError as error:
                raise Damaged(f"a program inside holds the state of the practice droplet in {self._base}") from error
            except OSError as error:
                raise self._unread() from error
            yield state

    def _unread(self) -> Damaged:
        return Damaged(f"the state of the practice droplet in {self._base} cannot be read")


def start_over(*directories: Path) -> None:
    """Empties them: of a droplet that was not ready yet nothing is anybody's."""
    for directory in directories:
        removal.empty(directory)
