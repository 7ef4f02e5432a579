"""What a target is to everything above it: a place that runs one shell script at a time and answers.

`LocalLink` and `SshLink` implement this; batch, job, lock and files are written against it alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sprocket_tui.secret import Secret


@dataclass(frozen=True)
class Completed:
    """A script that ran to its end: exit status 0-255 (128 + n for signal n) and what it printed, as bytes."""

    status: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True)
class Identity:
    """Who and where the link is: `url` names the target ("local", "ssh://root@host:22"); `via` lists jump hosts.

    `greeting` is all that the host tells everybody who logs in, in lines.
    """

    url: str
    user: str
    host: str
    port: int = 0
    via: tuple[str, ...] = ()
    host_key: str = ""
    greeting: str = ""

    @property
    def practice(self) -> bool:
        """Whether the host itself says that it is there for rehearsals: its greeting begins with PRACTICE."""
        return self.greeting.startswith("PRACTICE")


@dataclass(frozen=True)
class Privilege:
    """How root is reached: "login" is root itself or not needed, "sudo" goes through sudo (password or none)."""

    kind: str = "login"
    password: Secret | None = field(default=None, repr=False)


class Link(Protocol):
    """One connection. Not thread-safe beyond `close`; its owner is the engine thread."""

    @property
    def identity(self) -> Identity: ...

    def run(self, script: str, *, deadline: float, limit: int = 8 << 20) -> Completed:
        """Feeds `script` to `sh -s` on the target (nothing of it is in any argv) and collects its output.

        `deadline` is seconds from now. Raises LinkLost when the connection ends, or stays silent past the deadline,
        before an exit status came. Output beyond `limit` bytes a stream is dropped.
        """
        ...

    def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
        """Like `run` for a long script: stdout goes to `on_output` as it comes, and is not collected.

        Raises LinkLost after `silence` seconds without a byte. An exception in `on_output` ends the script's channel
        and passes through.
        """
        ...

    def close(self) -> None: ...
