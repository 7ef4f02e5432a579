"""Facts of a node, from coreutils and /proc alone.

Values, by fact (sizes of memory in MiB, of disks in GiB):
  cpus    {count}
  memory  {total_mib, available_mib}
  swap    {total_mib, free_mib}
  disk    {path, total_gib, total_from, free_gib, free_from, used_percent}; `from` is the power of two below it
  inodes  {path, total, free, free_from, used_percent}; total is 0 where the filesystem has no fixed number
  system  {id, version, name, kernel, arch, ends, days_left}; id and version as in os-release ("debian", "12"); `ends`
          is the day that the words' table gives for them, days_left until then by our clock, negative once it is
          over; both null for a release that is not in the table
  clock   {synchronised, offset, skew, minutes}: true, false or null when no time service tells; offset in seconds,
          positive when the node is ahead of us, skew its size, and that in whole minutes; 0 when it cannot be told
          from the time the question took
  tmpfs   {path, tmpfs, writable, free_mib} of `path`, or of /dev/shm when `path` is "/"; free_mib is null where the
          file system has no limit
  mounts  what `path` lies on, or /mnt when `path` is "/": see `mounts`
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from shlex import quote

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes import mounts
from sprocket_tui.checks.probes.base import Answers, Probe, lasting, step, unreadable
from sprocket_tui.guide.words.probes import NodeProbe
from sprocket_tui.target.batch import Command
from sprocket_tui.values import JSON

_GIB = 1 << 30

# The word a time service uses is asked for by itself: `timedatectl show` is stable, its table is not.
_CLOCK = """\
date +%s
if command -v timedatectl >/dev/null 2>&1; then timedatectl show -p NTPSynchronized --value 2>/dev/null; fi
if command -v chronyc >/dev/null 2>&1; then chronyc -c tracking 2>/dev/null | sed 's/.*,/chrony /'; fi
exit 0
"""
_SYSTEM = "cat /etc/os-release || cat /usr/lib/os-release || exit 1; echo; echo kernel:; uname -r; uname -m"


def commands(words: NodeProbe) -> tuple[Command, ...]:
    """The one command of a fact."""
    path = quote(words.path)
    shm = quote(_tmpfs_path(words))
    script = {
        "cpus": "nproc",
        "memory": "cat /proc/meminfo",
        "swap": "cat /proc/meminfo",
        "disk": f"df -PB1 -- {path}",
        "inodes": f"df -Pi -- {path}",
        "system": _SYSTEM,
        "clock": _CLOCK,
        "tmpfs": f"stat -f -c %T -- {shm} && df -PB1 -- {shm} && if [ -w {shm} ]; then echo yes; else echo no; fi",
        "mounts": mounts.script(_mounts_path(words)),
    }[words.fact]
    return (Command("fact", script, words.timeout),)


def read(words: NodeProbe, answers: Answers) -> Observation:
    """The fact's value; raises ProbeError when the answer does not hold it."""
    text = answers.text("fact")
    return replace(_READERS[words.fact](words, answers, text), evidence=text)


def _cpus(words: NodeProbe, answers: Answers, text: str) -> Observation:
    count = _whole(text.strip(), text)
    if count < 1:
        raise unreadable(text)
    return Observation(value={"count": count}, seen=f"{count} processor{'s' if count != 1 else ''}")


def _meminfo(text: str, *names: str) -> list[int]:
    found = dict(re.findall(r"^(\w+):\s+(\d+) kB$", text, re.MULTILINE))
    missing = [name for name in names if name not in found]
    if missing:
        raise unreadable(text)
    return [int(found[name]) // 1024 for name in names]


def _memory(words: NodeProbe, answers: Answers, text: str) -> Observation:
    total, available = _meminfo(text, "MemTotal", "MemAvailable")
    return Observation(
        value={"total_mib": total, "available_mib": available}, seen=f"{total} MiB of memory, {available} MiB available"
    )


def _swap(words: NodeProbe, answers: Answers, text: str) -> Observation:
    total, free = _meminfo(text, "SwapTotal", "SwapFree")
    seen = f"{total} MiB of swap, {free} MiB free" if total else "no swap"
    return Observation(value={"total_mib": total, "free_mib": free}, seen=seen)


def _df(text: str) -> tuple[int, int, int]:
    """Total, free and used percent of the last row of `df -P`; the root's reserve counts as used."""
    fields = (text.strip().splitlines() or [""])[-1].split()
    numbers = [field for field in fields if re.fullmatch(r"\d+|\d+%|-", field)]
    if len(fields) < 6 or len(numbers) < 4 or not text.lstrip().startswith("Filesystem"):
        raise unreadable(text)
    total, _, free, percent = numbers[-4:]
    return _whole(total, text), _whole(free, text), 0 if percent == "-" else _whole(percent.rstrip("%"), text)


def _disk(words: NodeProbe, answers: Answers, text: str) -> Observation:
    total, free, percent = _df(text)
    value: dict[str, JSON] = {
        "path": words.path,
        "total_gib": round(total / _GIB, 1),
        "total_from": step(total / _GIB),
        "free_gib": round(free / _GIB, 1),
        "free_from": step(free / _GIB),
        "used_percent": percent,
    }
    return Observation(
        value=value, seen=f"{value['free_gib']} GiB free of {value['total_gib']} GiB on {words.path}, {percent}% used"
    )


def _inodes(words: NodeProbe, answers: Answers, text: str) -> Observation:
    total, free, percent = _df(text)
    value: dict[str, JSON] = {"path": words.path, "total": total, "free": free}
    value |= {"free_from": step(free), "used_percent": percent}
    seen = f"{free} of {total} inodes free on {words.path}" if total else f"{words.path} has no fixed number of inodes"
    return Observation(value=value, seen=seen)


def _system(words: NodeProbe, answers: Answers, text: str) -> Observation:
    release, found, tail = text.partition("\nkernel:\n")
    pairs = re.findall(r"""^([A-Z_]+)=["']?(.*?)["']?$""", release, re.MULTILINE)
    names, rest = dict(pairs), tail.split()
    if not found or "ID" not in names or len(rest) != 2:
        raise unreadable(text)
    kernel, arch = rest
    name = names.get("PRETTY_NAME") or names["ID"]
    value: dict[str, JSON] = {
        "id": names["ID"],
        "version": names.get("VERSION_ID", ""),
        "name": name,
        "kernel": kernel,
        "arch": arch,
    }
    seen = f"{name}, Linux {kernel}, {arch}"
    ends = words.ends.get(f"{value['id']} {value['version']}")
    last = lasting(ends, answers.started)
    if isinstance(left := last["days_left"], int):
        seen += f"; security updates {'until' if left >= 0 else 'ended on'} {ends}"
    value |= last
    return Observation(value=value, seen=seen)


def _clock(words: NodeProbe, answers: Answers, text: str) -> Observation:
    lines = text.split("\n")
    theirs = _whole(lines[0], text)
    services = {line.strip() for line in lines[1:]}
    synchronised = None
    if services & {"yes", "chrony Normal"}:
        synchronised = True
    elif services & {"no", "chrony Not synchronised"}:
        synchronised = False
    # date gives whole seconds, so anything within the question's own time plus one second is no difference.
    early, late = answers.started - 1, answers.ended + 1
    offset = round(min(0.0, theirs - early) + max(0.0, theirs - late))
    told = {True: "synchronised", False: "not synchronised", None: "no time service tells whether it is synchronised"}
    apart = f"{abs(offset)} s {'ahead of' if offset > 0 else 'behind'} this machine"
    seen = f"{told[synchronised]}, {apart if offset else 'agrees with this machine'}"
    value: dict[str, JSON] = {"synchronised": synchronised, "offset": offset, "skew": abs(offset)}
    return Observation(value={**value, "minutes": abs(offset) // 60}, seen=seen)


def _tmpfs_path(words: NodeProbe) -> str:
    return "/dev/shm" if words.path == "/" else words.path


def _tmpfs(words: NodeProbe, answers: Answers, text: str) -> Observation:
    kind, _, rest = text.strip().partition("\n")
    table, _, writable = rest.rpartition("\n")
    if not re.fullmatch(r"[\w./-]+", kind) or writable not in {"yes", "no"}:
        raise unreadable(text)
    total, free, _ = _df(table)
    path, is_tmpfs, can_write = _tmpfs_path(words), kind in {"tmpfs", "ramfs"}, writable == "yes"
    # Without a limit the kernel tells no size at all.
    free_mib = free >> 20 if total else None
    value: dict[str, JSON] = {"path": path, "tmpfs": is_tmpfs, "writable": can_write, "free_mib": free_mib}
    seen = f"{path} is {kind}, {'writable' if can_write else 'not writable'}"
    seen += f", {free_mib} MiB free" if total else ", without a limit"
    return Observation(value=value, seen=seen)


def _mounts_path(words: NodeProbe) -> str:
    return "/mnt" if words.path == "/" else words.path


def _mounted(words: NodeProbe, answers: Answers, text: str) -> Observation:
    return mounts.read(_mounts_path(words), answers)


def _whole(text: str, answer: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text):
        raise unreadable(answer)
    return int(text)


_READERS: dict[str, Callable[[NodeProbe, Answers, str], Observation]] = {
    "cpus": _cpus,
    "memory": _memory,
    "swap": _swap,
    "disk": _disk,
    "inodes": _inodes,
    "system": _system,
    "clock": _clock,
    "tmpfs": _tmpfs,
    "mounts": _mounted,
}

PROBE = Probe[NodeProbe](kind="node", commands=commands, read=read)
