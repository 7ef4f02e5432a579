"""One channel for several that run scripts at the same time, each as if the link were its own.

A script waits until everybody who is there has one to run; then all of them are run side by side in one. What each of
them prints comes in pieces as lines of base64 with its number, short enough that the kernel keeps a line whole whoever
else writes.
"""

from __future__ import annotations

import base64
import binascii
import queue
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from shlex import quote

from sprocket_tui.errors import LinkLost, SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.target import shell
from sprocket_tui.target.link import Completed, Identity, Link

# With its number and as base64 a line of less than the 4096 bytes that a pipe takes whole.
_PIECE = 2400
_Heard = tuple[str, bytes] | int | BaseException

# `one` runs a script and sends its two streams; its status comes after both, when they have been read to their end.
_SCRIPT = """\
for tool in base64 dd; do command -v $tool >/dev/null || {{ echo "$tool was not found" >&2; exit 1; }}; done
send() {{
    while piece=$(dd bs={piece} count=1 2>/dev/null | base64 -w 0); [ -n "$piece" ]; do
        printf '%s\\n' "$1 $piece" >&5
    done
}}
one() {{
    status=$({{ {{ {{
        printf '%s' "$2" | sh -s 3>&- 4>&- 5>&-
        echo "$?" >&4
    }} 2>&1 >&3 | send "$1 err"; }} 3>&1 | send "$1 out"; }} 4>&1)
    printf '%s\\n' "$1 status $status" >&5
}}
{{
exec 5>&1
{runs}
wait
}} | cat
"""


@dataclass(eq=False)
class _Asked:
    """A script that somebody waits for, at most `patience` seconds without a word; `heard` holds what came of it."""

    script: str
    patience: float
    heard: queue.SimpleQueue[_Heard] = field(default_factory=queue.SimpleQueue[_Heard])
    taken: bool = False


class Together:
    """Lends `link` to several threads at once; see the module."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._changed = threading.Condition()
        self._present, self._busy = 0, False
        self._waiting: list[_Asked] = []

    @contextmanager
    def joined(self, begins: threading.Event) -> Generator[Link, None, None]:
        """A link for one thread, from when `begins` is set; who came before that is waited for by the others."""
        with self._changed:
            self._present += 1
        try:
            begins.wait()
            yield _Member(self._link, self)
        finally:
            with self._changed:
                self._present -= 1
                self._changed.notify_all()

    def _turn(self, asked: _Asked) -> list[_Asked]:
        """Waits until it is run: those that are run with it, for who has to see to that, and none for the others."""
        with self._changed:
            self._waiting.append(asked)
            self._changed.notify_all()
            self._changed.wait_for(lambda: asked.taken or (not self._busy and len(self._waiting) == self._present))
            if asked.taken:
                return []
            found, self._waiting, self._busy = self._waiting, [], True
            for each in found:
                each.taken = True
            return found

    def _over(self) -> None:
        with self._changed:
            self._busy = False
            self._changed.notify_all()

    def run(self, asked: _Asked, alone: Callable[[], Completed], take: Callable[[str, bytes], None]) -> int | Completed:
        """The status of a script that was run beside others, or what `alone` gave where there were none."""
        found = self._turn(asked)
        if len(found) == 1:
            try:
                return alone()
            finally:
                self._over()
        if found:
            threading.Thread(target=self._pump, args=(found,), name="sprocket-together", daemon=True).start()
        while True:
            try:
                heard = asked.heard.get(timeout=asked.patience)
            except queue.Empty:
                where = self._link.identity.host
                raise LinkLost(f"no answer from {where} for {asked.patience:g} s") from None
            if isinstance(heard, int):
                return heard
            if isinstance(heard, BaseException):
                raise heard
            take(*heard)

    def _pump(self, found: Sequence[_Asked]) -> None:
        """Runs all of them and hands on what comes."""
        runs = "\n".join(f"one {number} {quote(each.script)} &" for number, each in enumerate(found))
        script = _SCRIPT.format(piece=_PIECE, runs=runs)
        lines, patience = _Lines(found), max(each.patience for each in found)
        try:
            done = shell.follow(self._link, script, lines.take, silence=patience)
            said = done.stderr.decode(errors="replace").strip() or f"status {done.status}"
            late: BaseException = SprocketError(
                f"the scripts could not run side by side on {self._link.identity.host}: {said}",
                remedy="the target needs coreutils (base64, dd)",
                code=Exit.UNKNOWN,
            )
        except BaseException as error:
            late = error
        finally:
            self._over()
        for each in found:
            # Who has its status already does not hear this.
            each.heard.put(late)


class _Lines:
    """Takes the stream apart, and hands each piece to the script that it is of."""

    def __init__(self, found: Sequence[_Asked]) -> None:
        self._found = found
        self._buffer = bytearray()

    def take(self, data: bytes) -> None:
        """The next piece of the stream. Raises SprocketError for what is none of ours."""
        *lines, rest = (bytes(self._buffer) + data).split(b"\n")
        self._buffer = bytearray(rest)
        for line in lines:
            try:
                number, what, piece = line.decode("ascii").split(" ")
                heard = int(piece) if what == "status" else (what, base64.b64decode(piece, validate=True))
                self._found[int(number)].heard.put(heard)
            except (ValueError, IndexError, binascii.Error):
                raise SprocketError("it answered with something else", code=Exit.UNKNOWN) from None


class _Member:
    """The link as one of them has it."""

    def __init__(self, link: Link, together: Together) -> None:
        self._link, self._together = link, together

    @property
    def identity(self) -> Identity:
        return self._link.identity

    def run(self, script: str, *, deadline: float, limit: int = 8 << 20) -> Completed:
        """See `Link.run`."""
        streams, end = {"out": bytearray(), "err": bytearray()}, time.monotonic() + deadline

        def take(stream: str, piece: bytes) -> None:
            if time.monotonic() > end:
                raise LinkLost(f"no answer from {self.identity.host} for {deadline:g} s")
            streams[stream] += piece[: max(0, limit - len(streams[stream]))]

        status = self._together.run(
            _Asked(script, deadline), lambda: self._link.run(script, deadline=deadline, limit=limit), take
        )
        return status if isinstance(status, Completed) else _completed(status, streams)

    def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
        """See `Link.follow`; the script of one whose `on_output` raised goes on, and nobody hears it."""
        streams = {"err": bytearray()}

        def take(stream: str, piece: bytes) -> None:
            if stream == "out":
                on_output(piece)
            else:
                streams["err"] += piece

        status = self._together.run(
            _Asked(script, silence), lambda: self._link.follow(script, on_output, silence=silence), take
        )
        return status if isinstance(status, Completed) else _completed(status, streams)

    def close(self) -> None:
        self._link.close()


def _completed(status: int, streams: dict[str, bytearray]) -> Completed:
    return Completed(status, bytes(streams.get("out", b"")), bytes(streams["err"]))
