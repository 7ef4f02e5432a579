"""`df` and `free`: how full the machine is, from the world's node."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.options import Line, Misuse, flags, read
from sprocket_tui.practice.world import Node

_GIB = 1 << 30
# What stat(2) counts in.
_BLOCK = 512
_MEMORY = ("/dev/shm", "/run", "/tmp")
# What those hold where they are directories only, because there is no sandbox; as large as the sandbox's own.
_MEMORY_SIZE, _MEMORY_INODES = 64 << 20, 1 << 16
# Whose contents count as written to the disk, and how many files are looked at for that.
_WRITTEN = ("/root", "/mnt")
_MOST = 20_000
_SUFFIXES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
TAKES = {
    "df": {
        "": flags(
            "-P,--portability -B,--block-size= -i,--inodes -h,--human-readable -k -m -T,--print-type "
            "-a,--all -l,--local"
        )
    },
    "free": {"": flags("-b,--bytes -k,--kibi -m,--mebi -g,--gibi -h,--human -t,--total -w,--wide")},
}


def main(call: Call) -> int:
    """Answers for the two programs."""
    node = call.world.read()["node"]
    try:
        line = read(call.argv, TAKES[call.program][""])
        return _df(call, node, line) if call.program == "df" else _free(call, node, line)
    except _BadSize as error:
        return call.fail(f"df: {error}")
    except Misuse as error:
        if call.program == "df":
            return call.fail(f"df: {error}\nTry 'df --help' for more information.")
        from sprocket_tui.practice.standins.usage import FREE  # noqa: PLC0415 only who errs reads it

        return call.fail(f"free: {error}\n{FREE}" if str(error) else FREE)


class _BadSize(Exception):
    """A size that cannot be read: no case for the help."""


@dataclass(frozen=True)
class _Filesystem:
    """Bytes or inodes of what is mounted at a place."""

    device: str
    kind: str
    total: int
    free: int
    mounted: str

    @property
    def percent(self) -> str:
        """What is used of it, rounded up."""
        return f"{-(-(self.total - self.free) * 100 // self.total) if self.total else 0}%"


def _df(call: Call, node: Node, line: Line) -> int:
    unit = _unit(line)
    inodes, status = line.has("-i"), 0
    rows = list[_Filesystem]()
    for path in line.words or ["/", "/dev/shm"]:
        if call.path(path).exists():
            rows.append(_filesystem(call, node, path, inodes))
        elif line.words:
            status = call.fail(f"df: {path}: No such file or directory")
    if not rows:
        return status
    used = ("IUsed", "IFree", "IUse%") if inodes else ("Used", "Avail" if unit == 0 else "Available", "Use%")
    if line.has("-P") and not inodes:
        used = (*used[:2], "Capacity")
    table = [("Filesystem", "Type", "Inodes" if inodes else _heading(line, unit), *used, "Mounted on")]
    for row in rows:
        sizes = (_shown(each, unit, inodes) for each in (row.total, row.total - row.free, row.free))
        table.append((row.device, row.kind, *sizes, row.percent, row.mounted))
    # A column is as wide as its widest cell, and at least as these.
    least = (14, 4, 5, 5, 5, 4)
    widths = [max(size, *(len(row[column]) for row in table)) for column, size in enumerate(least)]
    for row in table:
        cells = [row[0].ljust(widths[0])]
        if line.has("-T"):
            cells.append(row[1].ljust(widths[1]))
        cells += [cell.rjust(width) for cell, width in zip(row[2:6], widths[2:], strict=True)]
        call.say(" ".join([*cells, row[6]]))
    return status


def _unit(line: Line) -> int:
    """Bytes in a block; 0 where sizes are shown for people. Raises _BadSize."""
    if line.has("-h"):
        return 0
    if line.has("-m"):
        return 1 << 20
    size = line.given.get("-B", "1K")
    number = size.rstrip("KMG")
    if (number and not number.isdecimal()) or size.removeprefix(number) not in _SUFFIXES:
        raise _BadSize(f"invalid suffix in -B argument '{size}'")
    return int(number or 1) * _SUFFIXES[size.removeprefix(number)]


def _heading(line: Line, unit: int) -> str:
    if unit == 0:
        return "Size"
    if line.has("-P"):
        return f"{unit}-blocks"
    suffix = next(each for each in reversed(_SUFFIXES) if unit % _SUFFIXES[each] == 0)
    return f"{unit // _SUFFIXES[suffix]}{suffix or 'B'}-blocks" if unit > 1 else "1B-blocks"


def _shown(count: int, unit: int, inodes: bool) -> str:
    if unit and inodes:
        return str(count)
    return str(-(-count // unit)) if unit else _for_people(count)


def _for_people(count: int) -> str:
    """At most three digits and a letter, rounded up."""
    size, letters = float(count), " KMGT"
    while size >= 1024 and len(letters) > 1:
        size, letters = size / 1024, letters[1:]
    if letters[0] == " ":
        return str(count)
    tenths = -(-size * 10 // 1)
    return f"{tenths / 10:.1f}{letters[0]}" if tenths < 100 else f"{int(-(-size // 1))}{letters[0]}"


def _filesystem(call: Call, node: Node, path: str, inodes: bool) -> _Filesystem:
    memory = next((name for name in _MEMORY if path == name or path.startswith(f"{name}/")), "")
    if memory and call.root == Path("/"):
        # The memory filesystems of the sandbox are real, so the real numbers are shown.
        seen = os.statvfs(memory)
        total, free = seen.f_blocks * seen.f_frsize, seen.f_bavail * seen.f_frsize
        return _Filesystem("tmpfs", "tmpfs", *((seen.f_files, seen.f_ffree) if inodes else (total, free)), memory)
    size, files = _held(call, [memory] if memory else _WRITTEN)
    if memory:
        total, used = (_MEMORY_INODES, files) if inodes else (_MEMORY_SIZE, size)
        return _Filesystem("tmpfs", "tmpfs", total, max(total - used, 0), memory)
    if inodes:
        return _Filesystem("/dev/vda1", "ext4", node["inodes"], max(node["free_inodes"] - files, 0), "/")
    free = max(int(node["free_gib"] * _GIB) - size, 0)
    return _Filesystem("/dev/vda1", "ext4", int(node["disk_gib"] * _GIB), free, "/")


def _held(call: Call, directories: Iterable[str]) -> tuple[int, int]:
    """How many bytes and files lie below them; no more files are looked at than a person would wait for."""
    size = files = 0
    for path in islice(_below(map(call.path, directories)), _MOST):
        # It may have gone while we looked.
        with suppress(OSError):
            size += path.lstat().st_blocks * _BLOCK
            files += 1
    return size, files


def _below(directories: Iterable[Path]) -> Iterator[Path]:
    for directory in directories:
        for parent, inner, outer in os.walk(directory):
            yield from (Path(parent, each) for each in (*inner, *outer))


def _free(call: Call, node: Node, line: Line) -> int:
    if line.words:
        raise Misuse
    total, available, swap = (node[name] << 20 for name in ("memory_mib", "available_mib", "swap_mib"))
    free = available // 2
    cached = [available - free]
    names = ["total", "used", "free", "shared", "buff/cache", "available"]
    if line.has("-w"):
        names[4:5] = ["buffers", "cache"]
        cached = [cached[0] // 8, cached[0] - cached[0] // 8]
    call.say("".join([f"{'':8}", *(f"{name:>12}" for name in names)]))
    rows = {
        "Mem:": [total, total - available, free, 0, *cached, available],
        "Swap:": [swap, 0, swap],
    }
    if line.has("-t"):
        rows["Total:"] = [total + swap, total - available, free + swap]
    for name, sizes in rows.items():
        call.say("".join([f"{name:<8}", *(f"{_memory(size, line):>12}" for size in sizes)]))
    return 0


def _memory(size: int, line: Line) -> str:
    if not line.has("-h"):
        shift = 0 if line.has("-b") else 20 if line.has("-m") else 30 if line.has("-g") else 10
        return str(size >> shift)
    scaled, letters = float(size), " KMGT"
    while scaled >= 1024 and len(letters) > 1:
        scaled, letters = scaled / 1024, letters[1:]
    if letters[0] == " ":
        return f"{size}B"
    return f"{scaled:.1f}{letters[0]}i" if scaled < 10 else f"{int(scaled)}{letters[0]}i"
