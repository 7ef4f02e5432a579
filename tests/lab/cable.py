"""A long cable to a droplet: every packet of it, of whatever protocol, arrives later, as from another continent."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab import droplet
from tests.lab.droplet import Droplet

# A process of its own, so that what it does is no work of the program that is measured.
_CARRY = """
import collections, fcntl, os, select, struct, sys, time
delay, names = float(sys.argv[1]), sys.argv[2:]
ends = []
for name in names:
    ends.append(os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK))
    fcntl.ioctl(ends[-1], 0x400454CA, struct.pack("16sH22x", name.encode(), 0x1001))
print("ready", flush=True)
under_way = collections.deque()
while True:
    wait = max(0.0, under_way[0][0] - time.monotonic()) if under_way else None
    ready = select.select([0, *ends], [], [], wait)[0]
    if 0 in ready:
        break
    for end in ready:
        packet = os.read(end, 65536)
        under_way.append((time.monotonic() + delay, ends[1 - ends.index(end)], packet))
    while under_way and under_way[0][0] <= time.monotonic():
        _, end, packet = under_way.popleft()
        try:
            os.write(end, packet)
        except OSError:
            pass  # that end is not up yet, and a lost packet is sent again
"""


class Cable:
    """A second way to `machine`, `delay` seconds each way: there it is `address`, and this end is `here`.

    What is started inside afterwards listens there too where it listens at every address.
    """

    def __init__(self, machine: Droplet, delay: float) -> None:
        number = random.randrange(64 * 64)
        ours, theirs = f"slac{number}", f"slad{number}"
        self.here, self.address = (f"10.96.{number // 64}.{number % 64 * 4 + host}" for host in (1, 2))
        self._carrier = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _CARRY, str(delay), ours, theirs],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert self._carrier.stdout
            if self._carrier.stdout.readline() != "ready\n":
                raise RuntimeError("the cable could not be laid; are we root, with /dev/net/tun?")
            droplet.ip("link", "set", theirs, "netns", str(machine.pid))
            droplet.ip("addr", "add", self.here, "peer", self.address, "dev", ours)
            droplet.ip("link", "set", ours, "up")
            machine.run(["ip", "addr", "add", self.address, "peer", self.here, "dev", theirs])
            machine.run(["ip", "link", "set", theirs, "up"])
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Takes the cable away, at both ends."""
        assert self._carrier.stdin
        assert self._carrier.stdout
        self._carrier.stdin.close()
        self._carrier.wait()
        self._carrier.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def missing() -> str:
    """Why no cable can be laid here; "" when it can."""
    return droplet.missing() or ("" if Path("/dev/net/tun").exists() else "no /dev/net/tun")
