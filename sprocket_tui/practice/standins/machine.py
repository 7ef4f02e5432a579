"""`nproc`, `uname`, `df`, `free` and `date`: what the machine is, from the world's node."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.world import Node

_REAL_DATE = "/run/practice/real/date"
_GIB = 1 << 30
# The memory filesystems of the sandbox are real, so the real numbers are shown.
_MEMORY = ("/dev/shm", "/run", "/tmp")


def main(call: Call) -> int:
    """Answers for the five programs."""
    return _PROGRAMS[call.program](call, call.world.read()["node"])


def _nproc(call: Call, node: Node) -> int:
    if list(call.argv) not in ([], ["--all"]):
        return call.fail(f"nproc: unrecognized option '{call.argv[0]}'")
    call.say(str(node["cpus"]))
    return 0


def _uname(call: Call, node: Node) -> int:
    parts = {"s": "Linux", "n": node["hostname"], "r": node["kernel"], "v": "#71-Ubuntu SMP", "m": node["arch"]}
    parts["o"] = "GNU/Linux"
    letters = "".join(word.removeprefix("-") for word in call.argv) or "s"
    if "a" in letters:
        letters = "snrvmo"
    if unknown := set(letters) - set(parts):
        return call.fail(f"uname: invalid option -- '{min(unknown)}'")
    call.say(" ".join(parts[letter] for letter in parts if letter in letters))
    return 0


def _df(call: Call, node: Node) -> int:
    options = "".join(word[1:] for word in call.argv if word.startswith("-") and word != "--")
    paths = [word for word in call.argv if not word.startswith("-")] or ["/"]
    inodes, bytes_ = "i" in options, "B1" in options
    if options.translate(str.maketrans("", "", "PBihkT1")):
        return call.fail(f"df: invalid option -- '{options[-1]}'")
    unit = "Inodes" if inodes else "1-blocks" if bytes_ else "1024-blocks"
    names = ("IUsed", "IFree", "IUse%") if inodes else ("Used", "Available", "Capacity")
    rows = [("Filesystem", unit, *names, "Mounted on")]
    status = 0
    for path in paths:
        if not call.path(path).exists():
            status = call.fail(f"df: {path}: No such file or directory")
        else:
            rows.append(_filesystem(call, node, path, inodes, 1 if bytes_ else 1024))
    if len(rows) > 1:
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        for row in rows:
            cells = [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:5], widths[1:], strict=True)),
            ]
            call.say(" ".join([*cells, row[5]]))
    return status


def _filesystem(call: Call, node: Node, path: str, inodes: bool, unit: int) -> tuple[str, str, str, str, str, str]:
    device, mounted = "/dev/vda1", "/"
    if inodes:
        total, free = node["inodes"], node["free_inodes"]
    else:
        total, free = int(node["disk_gib"] * _GIB / unit), int(node["free_gib"] * _GIB / unit)
    memory = next((name for name in _MEMORY if path == name or path.startswith(f"{name}/")), "")
    if memory:
        seen = os.statvfs(call.path(memory))
        device, mounted = "tmpfs", memory
        total, free = (seen.f_files, seen.f_ffree) if inodes else (seen.f_blocks, seen.f_bavail)
        if not inodes:
            total, free = total * seen.f_frsize // unit, free * seen.f_frsize // unit
    used = total - free
    percent = f"{-(-used * 100 // total) if total else 0}%"
    return device, str(total), str(used), str(free), percent, mounted


def _free(call: Call, node: Node) -> int:
    unit = 1 if "-m" in call.argv else 1024
    shown = [word for word in call.argv if word not in ("-m", "-k", "--mebi")]
    if shown:
        return call.fail(f"free: invalid option -- '{shown[0].lstrip('-')}'")
    total, available, swap = (
        node[name] * (1024 if unit == 1024 else 1) for name in ("memory_mib", "available_mib", "swap_mib")
    )
    call.say(f"{'':15}{'total':>11}{'used':>12}{'free':>12}{'shared':>12}{'buff/cache':>12}{'available':>12}")
    half = available // 2
    call.say(f"{'Mem:':<9}{total:>17}{total - available:>12}{half:>12}{0:>12}{available - half:>12}{available:>12}")
    call.say(f"{'Swap:':<9}{swap:>17}{0:>12}{swap:>12}")
    return 0


def _date(call: Call, node: Node) -> int:
    """The real `date`, told another now; it answers for its own words and errors."""
    told = (
        []
        if any(word.startswith(("-d", "--date")) for word in call.argv)
        else ["-d", f"@{time.time() + node['clock']:.9f}"]
    )
    call.stdout.flush()
    argv = ["date", *told, *call.argv]
    pid = os.posix_spawn(_REAL_DATE, argv, dict(call.environ))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


_PROGRAMS: dict[str, Callable[[Call, Node], int]] = {
    "nproc": _nproc,
    "uname": _uname,
    "df": _df,
    "free": _free,
    "date": _date,
}
