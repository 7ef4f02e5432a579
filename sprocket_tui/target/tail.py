"""Follows the growing files of a job by byte offset, line by line, until it ends; any number of times.

The remote side sends what is new and a tick at least twice a second, so that who leaves is not kept waiting, and a dead
peer is noticed through jump hosts too.
A line counts as taken in when the caller's `on_line` has returned; following again from those offsets misses nothing
and repeats nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sprocket_tui.target import shell
from sprocket_tui.target.job import Attempt
from sprocket_tui.target.link import Link

# Rounds of the remote loop, 0.2 s each, between two ticks, and between two renewals of the lock.
_TICK, _RENEWAL = 2, 25
SILENCE = 20.0
# A longer line is passed on in pieces: engine events reach 125 kB, and nothing useful is longer than this.
LONGEST_LINE = 8 << 20
_CHUNK = 1 << 18

OnLine = Callable[[str, int, bytes], None]


@dataclass(frozen=True)
class End:
    """How the job ended: its exit status, or None when it vanished without one."""

    status: int | None


@dataclass
class Cursor:
    """Byte offsets that were taken in, by stream ("out", "err" and the launch's own)."""

    offsets: dict[str, int] = field(default_factory=dict[str, int])


def follow(
    link: Link,
    attempt: Attempt,
    streams: tuple[str, ...],
    cursor: Cursor,
    on_line: OnLine,
    *,
    beat: str = "",
    on_tick: Callable[[], None] = lambda: None,
) -> End:
    """Calls `on_line(stream, offset after the line, line without its newline)` for every complete line.

    `beat` is shell text for a file whose time is renewed while the job runs (the lock's heartbeat). The last line of a
    stream counts as complete when the job has ended. Raises LinkLost; call again with the same cursor then.
    """
    frames = _Frames(cursor, on_line, on_tick)
    mark = shell.nonce()
    script = _script(attempt, streams, cursor.offsets, mark, beat)
    link.follow(script, frames.begin_at(mark), silence=SILENCE)
    return frames.end(link)


def _script(attempt: Attempt, streams: tuple[str, ...], offsets: Mapping[str, int], mark: str, beat: str) -> str:
    names = ("out", "err", *streams)
    places = "\n".join(
        f"    {name}) f={attempt.directory if name in ('out', 'err') else attempt.memory}/{name};;" for name in names
    )
    begin = "\n".join(f"at_{n}={offsets.get(name, 0)}" for n, name in enumerate(names))
    send = "\n".join(f'send {n} {name} "$at_{n}" && at_{n}=$new' for n, name in enumerate(names))
    renew = f"touch -c {beat} 2>/dev/null" if beat else ":"
    return f"""
echo {mark}
a={attempt.directory}
{begin}
# Sends what stream $2 has beyond offset $3, at most {_CHUNK} bytes; the new offset is in $new.
send() {{
    case $2 in
{places}
    esac
    new=$3
    [ -f "$f" ] || return 1
    size=$(stat -c %s "$f" 2>/dev/null) || return 1
    [ "$size" -gt "$3" ] || return 1
    length=$((size - $3))
    [ "$length" -le {_CHUNK} ] || length={_CHUNK}
    echo "D $2 $3 $length"
    tail -c "+$(($3 + 1))" "$f" | head -c "$length"
    new=$(($3 + length)) more=1
}}
running() {{
    {{ read -r stat <"/proc/$pid/stat"; }} 2>/dev/null || return 1
    set -- ${{stat##*) }}
    shift 19
    [ "$1" = "$start" ]
}}
tries=0
until [ -f "$a/pid" ]; do tries=$((tries + 1)); [ "$tries" -le 25 ] || exit 1; sleep 0.2; done
read -r pid start boot <"$a/pid"
steps=0
while :; do
    ended=; more=
    if [ -f "$a/exit" ]; then ended=exit; elif ! running && [ ! -f "$a/exit" ]; then ended=gone; fi
{send}
    [ -n "$more" ] && continue
    if [ "$ended" = exit ]; then read -r status <"$a/exit"; echo "X $status"; exit 0; fi
    if [ "$ended" = gone ]; then echo G; exit 0; fi
    steps=$((steps + 1))
    if [ $((steps % {_TICK})) -eq 1 ]; then echo T; fi
    if [ $((steps % {_RENEWAL})) -eq 1 ]; then {renew}; fi
    sleep 0.2
done
"""


class _Frames:
    """Takes the script's output apart: data frames by length, ticks, and the end."""

    def __init__(self, cursor: Cursor, on_line: OnLine, on_tick: Callable[[], None]) -> None:
        self._cursor, self._on_line, self._on_tick = cursor, on_line, on_tick
        self._buffer = bytearray()
        self._partial: dict[str, bytearray] = {}
        self._end: End | None = None
        self._mark = b""

    def begin_at(self, mark: str) -> Callable[[bytes], None]:
        """The consumer; what a login shell printed before `mark` is dropped."""
        self._mark = mark.encode() + b"\n"
        return self._take

    def end(self, link: Link) -> End:
        """The end that was announced; a follower that stopped without one says that the job's files are gone."""
        if self._end is None:
            return End(None)
        for stream, rest in self._partial.items():
            if rest:
                self._line(stream, bytes(rest))
        return self._end

    def _take(self, data: bytes) -> None:
        self._buffer += data
        if self._mark:
            before, found, rest = self._buffer.partition(self._mark)
            if not found:
                del before
                return
            self._buffer, self._mark = bytearray(rest), b""
        while self._frame():
            pass

    def _frame(self) -> bool:
        newline = self._buffer.find(b"\n")
        if newline < 0:
            return False
        kind, *words = self._buffer[:newline].decode("ascii", "replace").split()
        if kind == "D":
            stream, length = words[0], int(words[2])
            if len(self._buffer) < newline + 1 + length:
                return False
            data = bytes(self._buffer[newline + 1 : newline + 1 + length])
            del self._buffer[: newline + 1 + length]
            self._data(stream, data)
            return True
        del self._buffer[: newline + 1]
        if kind == "X":
            self._end = End(int(words[0]))
        elif kind == "G":
            self._end = End(None)
        self._on_tick()
        return True

    def _data(self, stream: str, data: bytes) -> None:
        partial = self._partial.setdefault(stream, bytearray())
        partial += data
        while (newline := partial.find(b"\n")) >= 0:
            line = bytes(partial[: newline + 1])
            del partial[: newline + 1]
            self._line(stream, line)
        if len(partial) > LONGEST_LINE:
            self._line(stream, bytes(partial))
            partial.clear()

    def _line(self, stream: str, raw: bytes) -> None:
        offset = self._cursor.offsets.get(stream, 0) + len(raw)
        self._on_line(stream, offset, raw.removesuffix(b"\n"))
        self._cursor.offsets[stream] = offset
