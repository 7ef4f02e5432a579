"""What `df` tells is the droplet's own: what was written there counts, and nothing of the machine beneath is seen."""

from __future__ import annotations

import pytest

from sprocket_tui.practice.interpreter.interpreter import Interpreter
from tests.practice.conftest import Shell
from tests.practice.interpreting import InsideLink, inside

__all__ = ["inside"]

_MIB = 1 << 20


def used(said: str) -> int:
    """Bytes, of the last line of `df -B1`."""
    return int(said.splitlines()[-1].split()[2])


@pytest.mark.parametrize("place", ["/root", "/mnt"])
def test_what_is_written_to_the_disk_is_used_of_it_until_it_is_removed(place: str, shell: Shell) -> None:
    before = shell("df -B1 /").stdout
    during = shell(f"head -c {8 * _MIB} /dev/zero > {place}/dump; df -B1 /").stdout
    assert 8 * _MIB <= used(during) - used(before) < 9 * _MIB
    inodes = [int(shell(f"{first} df -i / | tail -n 1").stdout.split()[2]) for first in ("", f"rm {place}/dump;")]
    assert inodes[0] - inodes[1] == 1
    assert used(shell("df -B1 /").stdout) == used(before)


def test_without_a_sandbox_the_memory_filesystems_are_the_droplets_own(inside: Interpreter) -> None:
    link = InsideLink(inside)

    def df(path: str, first: str = "true") -> str:
        return link.run(f"{first}; df -B1 {path}", deadline=20).stdout.decode()

    before = df("/dev/shm")
    assert before.splitlines()[-1].split() == ["tmpfs", str(64 * _MIB), "0", str(64 * _MIB), "0%", "/dev/shm"]
    assert used(df("/dev/shm", "echo hello > /dev/shm/note")) > 0
    assert used(df("/", "echo hello > /root/note")) > used(df("/", "rm /root/note"))
