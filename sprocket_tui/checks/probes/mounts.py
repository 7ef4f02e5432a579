"""What is mounted below a directory, and whether it is there again after the next boot.

Value {path, exists, on, device, type, size_gib, free_gib, options, kept, mounts}. `on` is the mount point that `path`
lies on, and device, type and options are that mount's; `kept` says what mounts it at every boot: "fstab", "unit" (a
.mount unit of systemd, as Digital Ocean's panel writes), "root" for the system's own, or "" for nothing. `mounts` are
all mounts at or below /mnt: {path, device, type, kept}. Sizes in GiB; null where `path` does not exist.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from shlex import quote

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Answers, unreadable
from sprocket_tui.values import JSON

_GIB = 1 << 30
_BELOW = PurePosixPath("/mnt")
# The kernel's own list; what mounts again is written by people (fstab) and by panels (units).
_SCRIPT = """\
cat /proc/mounts || exit 1
echo; echo fstab:
cat /etc/fstab 2>/dev/null
echo; echo units:
cat /etc/systemd/system/*.mount 2>/dev/null
echo; echo space:
if [ -d {path} ]; then df -PB1 -- {path} || exit 1; else echo absent; fi
"""
_PARTS = re.compile(r"(.*)\nfstab:\n(.*)\nunits:\n(.*)\nspace:\n(.*)", re.DOTALL)


@dataclass(frozen=True)
class Mount:
    """One row of the kernel's list of mounts."""

    path: PurePosixPath
    device: str
    type: str
    options: str


def script(path: str) -> str:
    """The one command."""
    return _SCRIPT.format(path=quote(path))


def read(path: str, answers: Answers) -> Observation:
    """See the module; raises ProbeError when the kernel's list could not be read."""
    text = answers.text("fact")
    parts = _PARTS.fullmatch(text)
    mounts = _mounts(parts[1]) if parts else []
    if parts is None or not mounts:
        raise unreadable(text)
    kept = {"/": "root"} | dict.fromkeys(_of_fstab(parts[2]), "fstab") | dict.fromkeys(_of_units(parts[3]), "unit")
    below: list[JSON] = [
        {"path": str(each.path), "device": each.device, "type": each.type, "kept": kept.get(str(each.path), "")}
        for each in mounts
        if each.path.is_relative_to(_BELOW)
    ]
    value: dict[str, JSON] = {"path": path, "exists": False, "on": None, "device": None, "type": None}
    value |= {"size_gib": None, "free_gib": None, "options": None, "kept": "", "mounts": below}
    if parts[4].strip() == "absent":
        return Observation(value=value, seen=f"{path} does not exist{_others(below)}")
    total, free, on = _space(parts[4])
    # Of several mounts at one place the last one is seen.
    mount = next((each for each in reversed(mounts) if str(each.path) == on), None)
    if mount is None:
        raise unreadable(parts[4])
    value |= {"exists": True, "on": on, "device": mount.device, "type": mount.type, "options": mount.options}
    value |= {"size_gib": round(total / _GIB, 1), "free_gib": round(free / _GIB, 1), "kept": kept.get(on, "")}
    place = "a directory on the system's own disk" if on == "/" else f"{mount.device} ({mount.type}), mounted on {on}"
    told = "" if value["kept"] else ", until the next boot only"
    seen = f"{path} is {place}{told}; {value['free_gib']} GiB free of {value['size_gib']} GiB"
    return Observation(value=value, seen=seen)


def _mounts(table: str) -> list[Mount]:
    rows = [line.split() for line in table.splitlines()]
    return [Mount(PurePosixPath(_plain(row[1])), _plain(row[0]), row[2], row[3]) for row in rows if len(row) == 6]


def _plain(text: str) -> str:
    """A field of fstab or of the kernel, in which blanks are written as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def _of_fstab(text: str) -> list[str]:
    rows = [line.split() for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [_plain(row[1]).rstrip("/") or "/" for row in rows if len(row) >= 4 and "noauto" not in row[3].split(",")]


def _of_units(text: str) -> list[str]:
    return re.findall(r"^Where\s*=\s*(/\S*?)/?\s*$", text, re.MULTILINE)


def _space(table: str) -> tuple[int, int, str]:
    """Total and free bytes, and the mount point, of the one row of `df -PB1`."""
    row = re.search(r"\s(\d{1,18})\s+\d+\s+(-?\d{1,18})\s+\S+%\s+(/.*?)\s*$", table)
    if not row:
        raise unreadable(table)
    return int(row[1]), int(row[2]), row[3]


def _others(below: list[JSON]) -> str:
    paths = [str(each["path"]) for each in below if isinstance(each, dict) and each["path"] != str(_BELOW)]
    return f"; mounted below {_BELOW}: {', '.join(paths)}" if paths else ""
