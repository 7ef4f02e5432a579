"""Many read-only commands in one script and one channel: side by side, each with its own deadline and output cap."""

from __future__ import annotations

from dataclasses import dataclass

from sprocket_tui.target.link import Link

CAP = 256 * 1024


@dataclass(frozen=True)
class Command:
    """One shell script of a batch; `key` is unique within it, `timeout` in seconds."""

    key: str
    script: str
    timeout: float = 10


@dataclass(frozen=True)
class Answer:
    """What a command answered. `status` is None when it ran out of time; `truncated` when a stream passed CAP."""

    status: int | None
    stdout: bytes
    stderr: bytes
    truncated: bool = False

    @property
    def timed_out(self) -> bool:
        return self.status is None


def run_batch(link: Link, commands: list[Command], *, deadline: float, path: tuple[str, ...] = ()) -> dict[str, Answer]:
    """Runs all `commands` in one channel and returns an answer for every key. Raises LinkLost like `Link.run`."""
    raise NotImplementedError
