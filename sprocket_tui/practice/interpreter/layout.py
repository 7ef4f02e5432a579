"""The droplet's tree as it is found at the beginning: what is kept, and around it a system that is made anew."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sprocket_tui.practice import etc, removal, standins
from sprocket_tui.practice.interpreter.programs import PROGRAMS
from sprocket_tui.practice.interpreter.system import MARK
from sprocket_tui.practice.world import State

_KEPT = ("root", "mnt")
_DIRECTORIES = (
    *("dev/shm", "etc", "proc", "run/practice", "srv", "tmp", "usr/bin", "usr/local/bin"),
    *("var/lib", "var/log", "var/tmp"),
)


def build(root: Path, state: State, sites: Iterable[str]) -> None:
    """Makes it anew. Raises OSError."""
    clear(root)
    for name in _DIRECTORIES:
        (root / name).mkdir(parents=True)
    for name in ("tmp", "dev/shm", "var/tmp"):
        (root / name).chmod(0o1777)
    for name, text in etc.texts(state["node"]["release"], sites).items():
        (root / "etc" / name).write_text(text, encoding="utf-8")
    lacking = set(standins.SOFTWARE) - set(state["software"])
    for path in (root / "run/practice/launcher", *(root / "usr/bin" / name for name in set(PROGRAMS) - lacking)):
        path.write_bytes(MARK)
        path.chmod(0o755)


def clear(root: Path) -> None:
    """Removes everything but home and /mnt."""
    for path in root.iterdir():
        if path.name not in _KEPT:
            if path.is_dir() and not path.is_symlink():
                removal.remove(path)
            else:
                path.unlink()
