"""Many read-only commands in one script and one channel: side by side, each with its own deadline and output cap.

A command sees an empty stdin and writes to files of its own. When it has ended, or its time is up, what it wrote is
copied up to the cap, and only those copies are sent, by length. So a command that prints our framing, writes for ever,
or leaves a child behind that goes on writing changes nothing for its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from shlex import quote

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.target import shell
from sprocket_tui.target.link import Link
from sprocket_tui.terminal import one_line

CAP = 256 * 1024
_TIMED_OUT = 124
_KILLED = 137


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


def run_batch(
    link: Link, commands: Sequence[Command], *, deadline: float, path: tuple[str, ...] = ()
) -> dict[str, Answer]:
    """Runs all `commands` in one channel and returns an answer for every key. Raises LinkLost like `Link.run`."""
    if not commands:
        return {}
    end = shell.nonce()
    script = _script(commands, end)
    done = shell.run(link, script, deadline=deadline, path=path, limit=len(commands) * 2 * (CAP + 64) + 65536)
    head, found, body = done.stdout.partition(end.encode() + b"\n")
    if not found:
        raise SprocketError(
            f"the checks could not run on {link.identity.host}: {one_line(done.stderr.decode(errors='replace'))}",
            remedy="the target needs coreutils (timeout, mktemp, head, wc) and room in its temporary directory",
            code=Exit.UNKNOWN,
        )
    lines = head.split(b"\n")
    statuses = [int(line) for line in lines[: len(commands)]]
    sizes = [int(line.split()[0]) for line in lines[len(commands) : len(commands) * 3]]
    streams = _cut(body, sizes)
    return {
        command.key: _answer(status, next(streams), next(streams))
        for command, status in zip(commands, statuses, strict=True)
    }


def _script(commands: Sequence[Command], end: str) -> str:
    numbers = range(len(commands))
    runs = [
        f"( timeout -k 1 {command.timeout:g} sh -c {quote(command.script)} "
        f'</dev/null >"$d/o{n}" 2>"$d/e{n}"; taken {n} $? ) &'
        for n, command in zip(numbers, commands, strict=True)
    ]
    copies = " ".join(f"O{n} E{n}" for n in numbers)
    return "\n".join(
        [
            "LC_ALL=C; export LC_ALL; umask 077",
            'd=$(mktemp -d "${TMPDIR:-/tmp}/sprocket-XXXXXXXX") || exit 1',
            "trap 'rm -rf \"$d\"' EXIT",
            "trap 'exit 1' HUP INT TERM",
            f'copy() {{ if [ -s "$1" ]; then head -c {CAP + 1} "$1" >"$2"; else : >"$2"; fi; }}',
            'taken() { copy "$d/o$1" "$d/O$1"; copy "$d/e$1" "$d/E$1"; echo "$2" >"$d/s$1"; }',
            *runs,
            "wait",
            'cd "$d" || exit 1',
            f"cat {' '.join(f's{n}' for n in numbers)}",
            f"wc -c {copies}",
            f"echo {end}",
            f"cat {copies}",
        ]
    )


def _cut(body: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield body[at : at + size]
        at += size


def _answer(status: int, out: bytes, err: bytes) -> Answer:
    return Answer(
        status=None if status in (_TIMED_OUT, _KILLED) else status,
        stdout=out[:CAP],
        stderr=err[:CAP],
        truncated=max(len(out), len(err)) > CAP,
    )
