"""Many read-only commands in one script and one channel: side by side, each with its own deadline and output cap.

A command sees an empty stdin and writes to files of its own. When it has ended, or its time is up, what it wrote is
copied up to the cap, and only those copies are sent, by length. So a command that prints our framing, writes for ever,
or leaves a child behind that goes on writing changes nothing for its neighbours.

Answers are sent as they come: one process alone writes to the channel, and puts all that ended meanwhile into its next
frame. A frame is a line with the nonce and `number:status` of each command, what `wc -c` says of their streams, the
nonce again, and the streams.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from shlex import quote

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.target import shell
from sprocket_tui.target.link import Link
from sprocket_tui.terminal import one_line

CAP = 256 * 1024
# Beyond what any number of commands needs.
_LONGEST_HEAD = 1 << 20
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
    link: Link,
    commands: Sequence[Command],
    *,
    deadline: float,
    path: tuple[str, ...] = (),
    on_answer: Callable[[str, Answer], None] = lambda _key, _answer: None,
) -> dict[str, Answer]:
    """Runs all `commands` in one channel and returns an answer for every key.

    `on_answer` has each of them as soon as it is here, also when the rest never comes. Raises LinkLost like
    `Link.follow` after `deadline` seconds without any, and SprocketError where not all commands could be run.
    """
    if not commands:
        return {}
    answers: dict[str, Answer] = {}

    def keep(number: int, answer: Answer) -> None:
        answers[commands[number].key] = answer
        on_answer(commands[number].key, answer)

    frames = _Frames(shell.nonce(), len(commands), keep)
    try:
        done = shell.follow(link, _script(commands, frames.mark), frames.take, silence=deadline, path=path)
        said = done.stderr.decode(errors="replace")
    except _Garbled:
        said = "it answered with something else"
    if len(answers) < len(commands):
        raise SprocketError(
            f"the checks could not run on {link.identity.host}: {one_line(said)}",
            remedy="the target needs coreutils (timeout, mktemp, head, wc) and room in its temporary directory",
            code=Exit.UNKNOWN,
        )
    return {command.key: answers[command.key] for command in commands}


def _script(commands: Sequence[Command], mark: str) -> str:
    runs = [
        f"( timeout -k 1 {command.timeout:g} sh -c {quote(command.script)} "
        f'</dev/null >"$d/o{number}" 2>"$d/e{number}"; taken {number} $? ) &'
        for number, command in enumerate(commands)
    ]
    return f"""\
LC_ALL=C; export LC_ALL; umask 077
d=$(mktemp -d "${{TMPDIR:-/tmp}}/sprocket-XXXXXXXX") || exit 1
trap 'rm -rf "$d"' EXIT
trap 'exit 1' HUP INT TERM
copy() {{ if [ -s "$1" ]; then head -c {CAP + 1} "$1" >"$2"; else : >"$2"; fi; }}
taken() {{ copy "$d/o$1" "$d/O$1"; copy "$d/e$1" "$d/E$1"; echo "$2" >"$d/s$1"; echo "$1"; }}
tell() {{
    cd "$d" || exit 1
    left="{" ".join(map(str, range(len(commands))))}"
    while read -r ended; do
        case " $left " in *" $ended "*) ;; *) continue ;; esac
        told={mark} files= rest=
        for n in $left; do
            if [ -s "s$n" ]; then
                read -r status <"s$n"
                told="$told $n:$status" files="$files O$n E$n"
            else
                rest="$rest $n"
            fi
        done
        left=$rest
        [ -n "$files" ] || continue
        echo "$told"; wc -c $files; echo {mark}; cat $files
    done
}}
{{
{chr(10).join(runs)}
wait
}} | tell &
wait
"""


class _Garbled(Exception):
    """What came is no frame of ours."""


class _Frames:
    """Takes the stream apart and hands each answer on by its command's number."""

    def __init__(self, mark: str, count: int, on_answer: Callable[[int, Answer], None]) -> None:
        self.mark = mark
        self._left = set(range(count))
        self._on_answer = on_answer
        self._buffer = bytearray()

    def take(self, data: bytes) -> None:
        """The next piece of the stream. Raises _Garbled."""
        self._buffer += data
        while self._frame():
            pass

    def _frame(self) -> bool:
        """Whether a whole frame stood at the beginning, and was taken from there."""
        line = self.mark.encode() + b"\n"
        end = self._buffer.find(line)
        if end < 0:
            if len(self._buffer) > _LONGEST_HEAD:
                raise _Garbled
            return False
        numbers, statuses, sizes = _head(bytes(self._buffer[:end]))
        at = end + len(line)
        if len(self._buffer) < at + sum(sizes):
            return False
        streams: list[bytes] = []
        for size in sizes:
            streams.append(bytes(self._buffer[at : at + size]))
            at += size
        del self._buffer[:at]
        for number, status, out, err in zip(numbers, statuses, streams[::2], streams[1::2], strict=True):
            if number not in self._left:
                raise _Garbled
            self._left.remove(number)
            self._on_answer(number, _answer(status, out, err))
        return True


def _head(text: bytes) -> tuple[list[int], list[int], list[int]]:
    """Numbers of commands, their statuses, and the sizes of their two streams each, as a frame begins."""
    first, *counted = text.decode("ascii", "replace").splitlines() or [""]
    try:
        ended = [[int(part) for part in word.split(":")] for word in first.split()[1:]]
        sizes = [int(each.split()[0]) for each in counted[: 2 * len(ended)]]
        if not ended or len(sizes) != 2 * len(ended) or not all(0 <= size <= CAP + 1 for size in sizes):
            raise _Garbled
        return [number for number, _ in ended], [status for _, status in ended], sizes
    except (ValueError, IndexError):
        raise _Garbled from None


def _answer(status: int, out: bytes, err: bytes) -> Answer:
    return Answer(
        status=None if status in (_TIMED_OUT, _KILLED) else status,
        stdout=out[:CAP],
        stderr=err[:CAP],
        truncated=max(len(out), len(err)) > CAP,
    )
