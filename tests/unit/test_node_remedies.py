"""What is to be done about a disk and about swap, and which numbers make a waiver of them void."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from sprocket_tui.checks.judge import judge
from sprocket_tui.checks.observation import Observation, State, Verdict
from sprocket_tui.checks.probes.base import step
from sprocket_tui.guide.loader import load_guide
from tests.unit.checks_kit import answered

CHECKS = load_guide().checks()
GIB = 1 << 30


def disk(total: float, free: float) -> Verdict:
    check = CHECKS["node.disk"]
    sizes = f"{int(total * GIB)} 1 {int(free * GIB)} 5%"
    table = f"Filesystem 1-blocks Used Available Capacity Mounted on\n/dev/vda {sizes} /\n"
    return judge(check, answered(check.probe, table), {})


def inodes(total: int, free: int) -> Verdict:
    check = CHECKS["node.inodes"]
    used = 100 - free * 100 // total
    table = f"Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/vda {total} {total - free} {free} {used}% /\n"
    return judge(check, answered(check.probe, table), {})


def room(free: int) -> Verdict:
    connections = {"max": 25, "used": 25 - free, "free": free, "free_from": step(free)}
    return judge(CHECKS["services.database-room"], Observation(value={"connections": {**connections}}), {})


@pytest.mark.parametrize(
    ("total", "free", "state", "resize", "prune"),
    [
        (155, 139, State.PASS, False, False),
        (155, 15, State.WARN, False, True),
        (155, 3, State.FAIL, False, True),
        (48, 40, State.WARN, True, False),
        (48, 12, State.WARN, True, False),
        (48, 3, State.FAIL, True, True),
        (9, 8, State.FAIL, True, False),
    ],
)
def test_a_disk_that_is_too_small_is_resized_and_one_that_is_full_is_cleared(
    total: float, free: float, state: State, resize: bool, prune: bool
) -> None:
    verdict = disk(total, free)
    told = verdict.remedy
    assert verdict.state is state
    assert ("Resize the droplet" in (told.text if told else ""), "prune" in (told.command if told else ())) == (
        resize,
        prune,
    )


@pytest.mark.parametrize(
    ("number", "found"), [(-1, 0), (0, 0), (0.9, 0), (1, 1), (1.9, 1), (9.5, 8), (16, 16), (20411392, 16777216)]
)
def test_a_step_is_the_power_of_two_below(number: float, found: int) -> None:
    assert step(number) == found


@pytest.mark.parametrize(
    ("seen", "moved", "halved"),
    [
        (disk(155, 7.9), disk(154.999, 7.8), disk(155, 3.2)),
        (disk(48, 40), disk(48.01, 39.2), disk(48, 12)),
        # XFS has as many inodes as there is room for.
        (inodes(20643840, 800000), inodes(20643900, 799000), inodes(20643840, 300000)),
        (room(9), room(8), room(2)),
    ],
)
def test_a_waiver_holds_while_numbers_move_and_not_once_what_is_left_has_halved(
    seen: Verdict, moved: Verdict, halved: Verdict
) -> None:
    assert {seen.state, moved.state} == {halved.state}
    assert seen.counted() == moved.counted() != halved.counted()


@pytest.mark.parametrize(
    ("active", "made"),
    [
        ((), "swapfile"),
        (("swapfile",), "swapfile2"),
        (("swapfile", "swapfile2"), "swapfile3"),
        (("other",), "swapfile"),
    ],
)
def test_swap_is_made_beside_a_file_that_is_in_use(active: tuple[str, ...], made: str, tmp_path: Path) -> None:
    """The command of the remedy over files of our own, and programs that refuse an active one as the real do."""
    root = tmp_path / "root"
    (tmp_path / "bin").mkdir()
    root.mkdir()
    swaps = "".join(f"{root}/{each:<20}\t file\t\t524284\t\t0\t\t-2\n" for each in active)
    (tmp_path / "swaps").write_text(f"Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n{swaps}")
    active_one = f'grep -q "^$f[[:space:]]" {tmp_path}/swaps'
    busy = f'for f in "$@"; do :; done; if {active_one}; then echo "Text file busy" >&2; exit 1; fi'
    for name, does in {
        "fallocate": 'echo new >"$f"',
        "mkswap": 'test -s "$f"',
        "swapon": f'echo "$f" >>{root}/on',
    }.items():
        file = tmp_path / "bin" / name
        file.write_text(f"#!/bin/sh\n{busy}\n{does}\n")
        file.chmod(0o755)
    (root / "fstab").touch()
    ours = {"/swapfile": f"{root}/swapfile", "/proc/swaps": f"{tmp_path}/swaps", "/etc/fstab": f"{root}/fstab"}
    command = list(CHECKS["node.swap"].remedy.command)
    for there, here in ours.items():
        command = [word.replace(there, here) for word in command]
    environment = {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
    for _ in range(2):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    assert set((root / "on").read_text().split()) == {f"{root}/{made}"}
    assert (root / "fstab").read_text() == f"{root}/{made} none swap sw 0 0\n"
    assert (root / made).stat().st_mode & 0o777 == 0o600
