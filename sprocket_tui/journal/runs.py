"""The runs kept on this machine: `$XDG_STATE_HOME/sprocket-tui/runs/<run>/`, one directory a run, 0700.

In it: `journal.jsonl`, `guide/` (a copy of the guide it walks), `attempts/<step>/<number>/` (what jobs printed,
redacted).
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui.errors import SprocketError

_ID = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True)
class RunDirectory:
    """Where a run keeps its files."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def journal(self) -> Path:
        return self.path / "journal.jsonl"

    def attempt(self, step: str, number: int) -> Path:
        """The directory of what one attempt printed."""
        return self.path / "attempts" / step / str(number)

    @property
    def guide(self) -> Path:
        """The copy of the guide that the run walks; it loads as a guide directory."""
        return self.path / "guide"

    def save_guide(self, files: Mapping[str, bytes]) -> None:
        """Keeps the guide's files, by relative name."""
        for name in files:
            if Path(name).is_absolute() or ".." in Path(name).parts:
                raise SprocketError(f"a guide file may not be called {name}")
        try:
            with _room():
                for name, content in files.items():
                    file = self.guide / name
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(content)
        except SprocketError:
            # Half a guide is no run that could be resumed.
            shutil.rmtree(self.path, ignore_errors=True)
            raise

    def guide_files(self) -> dict[str, str]:
        """The kept files by relative name, as text."""
        files = sorted(each for each in self.guide.rglob("*") if each.is_file())
        return {each.relative_to(self.guide).as_posix(): each.read_text(encoding="utf-8") for each in files}


def home() -> Path:
    """The directory of all runs (XDG base directories)."""
    base = os.environ.get("XDG_STATE_HOME") or ""
    state = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
    return state / "sprocket-tui" / "runs"


def machine() -> str:
    """A random name of this machine's store, made once; it tells our own stale lock from another laptop's."""
    path = home().parent / "machine"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"machine.{secrets.token_hex(4)}")
    try:
        with _room():
            fresh.write_text(secrets.token_hex(6), encoding="ascii")
            with contextlib.suppress(FileExistsError):
                os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()


def create(run: str = "") -> RunDirectory:
    """A new, empty run directory."""
    directory = RunDirectory(home() / (run or secrets.token_hex(4)))
    with _room():
        directory.path.mkdir(parents=True, mode=0o700)
    return directory


@contextlib.contextmanager
def _room() -> Generator[None]:
    """Turns what the disk says no with into a sentence that names the directory of the runs."""
    try:
        yield
    except OSError as error:
        raise SprocketError(
            f"the run cannot be kept in {home()}: {error.strerror}",
            remedy="make room there or make it writable, or set XDG_STATE_HOME to a directory that has both",
        ) from error


def adopt(run: str, guide: Mapping[str, bytes], journal: bytes) -> RunDirectory:
    """Keeps a run that was fetched, whole or not at all. A journal that was here before stays beside it, set aside."""
    final = RunDirectory(home() / run)
    home().mkdir(parents=True, exist_ok=True, mode=0o700)
    whole = RunDirectory(Path(tempfile.mkdtemp(prefix=".fetched-", dir=home())))
    whole.save_guide(guide)
    whole.journal.write_bytes(journal)
    if final.path.exists():
        aside = final.path.with_name(f".{run}-{secrets.token_hex(4)}")
        final.path.rename(aside)
        aside.rename(whole.path / "before")
    whole.path.rename(final.path)
    return final


def every() -> tuple[RunDirectory, ...]:
    """All runs, the newest journal first."""
    try:
        found = [
            RunDirectory(path)
            for path in home().iterdir()
            if _ID.fullmatch(path.name) and (path / "journal.jsonl").is_file()
        ]
    except FileNotFoundError:
        return ()
    return tuple(sorted(found, key=lambda run: run.journal.stat().st_mtime, reverse=True))


def find(run: str) -> RunDirectory:
    """The run whose id begins with `run` (the newest when empty). Raises SprocketError when none or several do."""
    if run and not re.fullmatch(r"[0-9a-f]{1,8}", run):
        raise SprocketError(f"{run!r} is no run id", remedy="`sprocket-tui runs` lists them")
    fits = [each for each in every() if each.id.startswith(run)]
    if not fits:
        raise SprocketError(
            f"there is no run {run}" if run else "there is no run on this machine",
            remedy="`sprocket-tui runs` lists them; `resume RUN --target ...` fetches one from a target",
        )
    if run and len(fits) > 1:
        raise SprocketError(f"{run} fits several runs: {', '.join(each.id for each in fits)}")
    return fits[0]


def remove(run: RunDirectory) -> None:
    """Forgets a run on this machine."""
    shutil.rmtree(run.path)
