"""What stands between us and a sandbox in a locked container, and a link to what there is instead."""

from __future__ import annotations

import ctypes
import os
import platform
import select
import struct
import threading
import time
from collections.abc import Callable

from sprocket_tui.errors import LinkLost
from sprocket_tui.practice.inside import Inside
from sprocket_tui.practice.server import ENVIRONMENT
from sprocket_tui.target.link import Completed, Identity

_UNSHARE = {"x86_64": 272, "aarch64": 97}
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _FILTER = 22, 38, 2
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _NOT_PERMITTED = 0x7FFF0000, 0x00050001


def can_be_locked() -> bool:
    """Whether this machine has the filter that `lock` puts up."""
    return platform.system() == "Linux" and platform.machine() in _UNSHARE


def lock() -> None:
    """Forbids this process and its children to make namespaces, as Docker's own filter does."""
    steps = ((_LOAD, 0, 0, 0), (_IF_EQUAL, 0, 1, _UNSHARE[platform.machine()]))
    ends = ((_RETURN, 0, 0, _NOT_PERMITTED), (_RETURN, 0, 0, _ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in (*steps, *ends)))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    for option, *values in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _FILTER, program, 0, 0)):
        if libc.prctl(option, *values):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


class InsideLink:
    """A `Link` to the inside of a droplet, without the way over SSH."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside

    @property
    def identity(self) -> Identity:
        return Identity(url="inside", user="root", host="droplet")

    def run(self, script: str, *, deadline: float, limit: int = 8 << 20) -> Completed:
        out, err = bytearray(), bytearray()
        status = self._feed(script, out.extend, err.extend, deadline)
        return Completed(status, bytes(out[:limit]), bytes(err[:limit]))

    def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
        err = bytearray()
        return Completed(self._feed(script, on_output, err.extend, 60), b"", bytes(err))

    def close(self) -> None:
        """Nothing is held open."""

    def _feed(
        self, script: str, on_out: Callable[[bytes], None], on_err: Callable[[bytes], None], deadline: float
    ) -> int:
        ends = [os.pipe() for _ in range(3)]
        (in_read, in_write), (out_read, out_write), (err_read, err_write) = ends
        process = self._inside.start(["/bin/sh", "-s"], ENVIRONMENT, [in_read, out_write, err_write])
        for each in (in_read, out_write, err_write):
            os.close(each)
        aside = threading.Thread(target=_taken, args=(err_read, on_err), daemon=True)
        aside.start()
        with os.fdopen(in_write, "wb") as stdin:
            stdin.write(script.encode(errors="surrogateescape"))
        end = time.monotonic() + deadline
        with os.fdopen(out_read, "rb", buffering=0) as out:
            while True:
                if not select.select([out], [], [], max(0.0, end - time.monotonic()))[0]:
                    raise LinkLost("the droplet did not answer in time")
                if not (data := out.read(65536)):
                    break
                on_out(data)
        aside.join()
        status = process.ended.result(20)
        return status if status >= 0 else 128 - status


def _taken(pipe: int, on_data: Callable[[bytes], None]) -> None:
    with os.fdopen(pipe, "rb", buffering=0) as file:
        while data := file.read(65536):
            on_data(data)
