"""What a stand-in is called with, and the errors every one of them has in common."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from sprocket_tui.practice.world import World


class Become(Exception):
    """The process carries out another command line from now on; `missing` is said where there is no such program."""

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str], missing: str) -> None:
        super().__init__(missing)
        self.argv, self.environ, self.missing = argv, environ, missing


@dataclass(frozen=True)
class Call:
    """One invocation. `argv` is without the program's own name; files are reached through `path` alone.

    Where the process is none of the system's, `catch` is given what signals are to be told to, or None to end that.
    """

    program: str
    argv: Sequence[str]
    world: World
    environ: Mapping[str, str]
    directory: str
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    root: Path = Path("/")
    pid: int = field(default_factory=os.getpid)
    catch: Callable[[Callable[[int], None] | None], None] | None = None

    def path(self, name: str) -> Path:
        """A file of the droplet: absolute, or seen from the call's directory; `~` is the login's home."""
        home = self.environ.get("HOME", "/root")
        whole = f"{home}{name[1:]}" if name == "~" or name.startswith("~/") else name
        return self.root / os.path.normpath(f"{self.directory}/{whole}" if not whole.startswith("/") else whole)[1:]

    def look(self, path: str) -> bytes | list[str] | None:
        """What the kernel shows below /proc: the text of a file, the names in a directory; None where nothing is."""
        place = self.root / path[1:]
        try:
            return [each.name for each in place.iterdir()] if place.is_dir() else place.read_bytes()
        except OSError:
            return None

    def kill(self) -> None:
        """Ends this process as it would end in the kernel's hands: in the middle of whatever it does."""
        os.kill(self.pid, signal.SIGKILL)

    def say(self, text: str) -> None:
        """A line on stdout."""
        self.stdout.write(text + "\n")

    def fail(self, text: str, status: int = 1) -> int:
        """A line on stderr, and the exit status to end with."""
        self.stderr.write(text + "\n")
        return status
