"""The few system calls of Linux that the sandbox is made of, which Python 3.11 does not have."""

from __future__ import annotations

import ctypes
import os
import resource
import time
from contextlib import suppress
from enum import IntFlag
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217}
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_MNT_DETACH = 2
_LIMITS = Path("/proc/sys/user")
# The kernel's own sign for a process whose dump goes to no program; it is also too little for a file.
_NO_DUMP = 1


class New(IntFlag):
    """Namespaces to leave (clone(2))."""

    MOUNT = 0x00020000
    UTS = 0x04000000
    IPC = 0x08000000
    USER = 0x10000000
    PID = 0x20000000
    NET = 0x40000000
    TIME = 0x00000080


class Mount(IntFlag):
    """Flags of mount(2)."""

    NONE = 0
    READ_ONLY = 1
    NO_SUID = 2
    NO_DEV = 4
    NO_EXEC = 8
    REMOUNT = 32
    BIND = 4096
    RECURSIVE = 16384
    PRIVATE = 1 << 18


def unshare(flags: New) -> None:
    """Moves this process (its children, for PID) into new namespaces. Raises OSError where that is not allowed."""
    _checked(_libc.unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str, target: str, kind: str = "", flags: Mount = Mount.NONE, options: str = "") -> None:
    """mount(2). Raises OSError that names the target."""
    done = _libc.mount(
        source.encode(), target.encode(), kind.encode() or None, ctypes.c_ulong(flags), options.encode() or None
    )
    _checked(done, target)


def bind(source: str, target: str, *, read_only: bool = True) -> None:
    """Shows `source` at `target`, without devices and set-user-id, and by default read-only."""
    mount(source, target, flags=Mount.BIND)
    if read_only:
        # A bind keeps the flags of its source that others have locked, so those are asked for again.
        kept = os.statvfs(target).f_flag & (Mount.NO_SUID | Mount.NO_DEV | Mount.NO_EXEC)
        flags = Mount.BIND | Mount.REMOUNT | Mount.READ_ONLY | Mount.NO_SUID | Mount(kept)
        mount("", target, flags=flags)


def pivot_root(new: str) -> None:
    """Makes `new`, a mount point, the root of this mount namespace; what was the root before is gone."""
    number = _SYS_PIVOT_ROOT[os.uname().machine]
    os.chdir(new)
    _checked(_libc.syscall(ctypes.c_long(number), b".", b"."), "pivot_root")
    _checked(_libc.umount2(b".", _MNT_DETACH), "umount of the old root")
    os.chdir("/")


def become_root_of_our_own(uid: int, gid: int) -> None:
    """Maps `uid` and `gid` to root in the user namespace that was just made; nobody else exists there."""
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"0 {uid} 1")
    _write("/proc/self/gid_map", f"0 {gid} 1")


def exists(number: int) -> bool:
    """Whether a user and a group of that number exist in this user namespace."""
    for name in ("uid_map", "gid_map"):
        rows = Path("/proc/self", name).read_text(encoding="utf-8").splitlines()
        ranges = [(int(first), int(count)) for first, _, count in map(str.split, rows)]
        if not any(first <= number < first + count for first, count in ranges):
            return False
    return True


def allow_one_user_namespace() -> None:
    """From here on one user namespace can be made below this one, and no other namespace but of mounts.

    What is made below can change limits of its own alone; to these it is subject all the same.
    """
    _write(str(_LIMITS / "max_user_namespaces"), "1")
    for kind in ("cgroup", "ipc", "net", "pid", "time", "uts"):
        # A kernel without such namespaces has no limit of them.
        if (_LIMITS / f"max_{kind}_namespaces").exists():
            _write(str(_LIMITS / f"max_{kind}_namespaces"), "0")


def stay_dumpable() -> None:
    """After a change of uid: lets this process write its own maps again."""
    _checked(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl")


def be_up_for(seconds: float) -> None:
    """Lets the kernel tell the processes that we start that it began so long ago; an old one tells the truth."""
    with suppress(OSError):
        unshare(New.TIME)
        ahead = int(seconds - time.clock_gettime(time.CLOCK_BOOTTIME))
        _write("/proc/self/timens_offsets", f"boottime {ahead} 0")


def hide() -> None:
    """Shows nobody in here what this process has open, where it stands, or its memory; what it starts is as any."""
    _checked(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl")


def die_with_parent(signal: int) -> None:
    """Sends us `signal` when the process that made us ends."""
    _checked(_libc.prctl(_PR_SET_PDEATHSIG, signal, 0, 0, 0), "prctl")


def no_new_privileges() -> None:
    """No program that we start gains rights by its file's mode."""
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")


def dump_no_core() -> None:
    """No crash of what we start is written to a file, or handed to the system's own handler, which runs outside.

    A person whose limit is lower already keeps it: nobody but the system's root can raise it to that sign.
    """
    with suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (_NO_DUMP, _NO_DUMP))


def forget_start(name: str) -> None:
    """Shows `name` as this process's command line, and no environment; what was read of both stays known to it."""
    words = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    # Fields 48 to 51 of proc(5), counted from the third: where arguments and environment begin and end.
    arguments, arguments_end, environment, environment_end = map(int, words[45:49])
    ctypes.memset(environment, 0, environment_end - environment)
    ctypes.memset(arguments, 0, arguments_end - arguments)
    ctypes.memmove(arguments, name.encode(), min(len(name.encode()), arguments_end - arguments - 1))


def set_hostname(name: str) -> None:
    """The name of the machine in this UTS namespace."""
    _checked(_libc.sethostname(name.encode(), len(name.encode())), "sethostname")


def _write(path: str, text: str) -> None:
    Path(path).write_text(text, encoding="utf-8")


def _checked(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
