"""The program at a terminal of its own, answered as a person would: read what it asks, then type."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self


class Terminal:
    """One command on a pty; `text` is everything it has printed."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        # In a session of its own there is no /dev/tty, so that passwords too are read from this terminal.
        self.process = subprocess.Popen(
            argv, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, close_fds=True
        )
        os.close(slave)
        self.text = ""

    def answer(self, question: str, said: str, within: float = 120) -> None:
        """Waits for `question`, and types `said`."""
        self.wait_for(question, within)
        os.write(self._master, f"{said}\n".encode())
        self.text += "\n"

    def wait_for(self, question: str, within: float = 120) -> None:
        """Returns once `question` stands on the last line."""
        self._read_until(lambda: question in self.text.rpartition("\n")[2], f"the question {question!r}", within)

    def end(self, within: float = 120) -> int:
        """The exit code, once the program has ended and everything it printed was read."""
        self._read_until(lambda: False, "the end", within)
        return self.process.wait(timeout=within)

    def _read_until(self, seen: Callable[[], bool], what: str, within: float) -> None:
        end = time.monotonic() + within
        while not seen():
            left = end - time.monotonic()
            assert left > 0, f"{what} did not come: {self.text}"
            if select.select([self._master], [], [], min(left, 1))[0] and not self._take():
                assert what == "the end", f"{what} did not come: {self.text}"
                return

    def _take(self) -> bool:
        """Reads once; False at the end, which a terminal tells by an error."""
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.text += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)
