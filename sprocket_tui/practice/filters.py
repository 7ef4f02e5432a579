"""What the kernel is not asked for inside: a filter of system calls for a process and all that it starts (seccomp).

A root of a user namespace reaches parts of the kernel that no namespace divides: keys, the hypervisor's sockets, the
groups of processes. What a rehearsal has no use for is refused, so that it need not be sound.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_SECCOMP, _FILTER = 22, 2
_JOIN_SESSION_KEYRING = 1
# Instructions of the classic packet filter, and where seccomp keeps what it shows them.
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ABI, _FIRST_ARGUMENT, _SECOND_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 24, 32
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
# x32 shares its ABI with x86_64, and has this bit in its numbers.
_X32 = 0x40000000
_NEW_CGROUP, _NEW_USER = 0x02000000, 0x10000000
# AF_UNIX, AF_INET, AF_INET6.
_FAMILIES = (1, 2, 10)
# Of AF_NETLINK what a network namespace divides and looking up a name asks; by others the kernel tells of its devices.
_NETLINK, _NETLINK_ROUTE = 16, 0
_LIMIT_CORE = 4


@dataclass(frozen=True)
class _Machine:
    """An ABI by its audit number, and its system calls by name."""

    abi: int
    calls: dict[str, int]


_SAME = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "clone3": 435,
}
_MACHINES = {
    "x86_64": _Machine(
        0xC000003E,
        {
            **_SAME,
            **{"add_key": 248, "request_key": 249, "keyctl": 250, "socket": 41, "socketpair": 53, "clone": 56},
            **{"unshare": 272, "setns": 308, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323},
            **{"kexec_load": 246, "kexec_file_load": 320, "init_module": 175, "finit_module": 313},
            **{"delete_module": 176, "open_by_handle_at": 304, "fanotify_init": 300, "quotactl": 179},
            **{"setrlimit": 160, "prlimit64": 302},
        },
    ),
    "aarch64": _Machine(
        0xC00000B7,
        {
            **_SAME,
            **{"add_key": 217, "request_key": 218, "keyctl": 219, "socket": 198, "socketpair": 199, "clone": 220},
            **{"unshare": 97, "setns": 268, "bpf": 280, "perf_event_open": 241, "userfaultfd": 282},
            **{"kexec_load": 104, "kexec_file_load": 294, "init_module": 105, "finit_module": 273},
            **{"delete_module": 106, "open_by_handle_at": 265, "fanotify_init": 262, "quotactl": 60},
            **{"setrlimit": 164, "prlimit64": 261},
        },
    ),
}
# As a kernel without them says; who asks for clone3 takes clone then, whose flags can be looked at.
_MISSING = ("clone3", "io_uring_setup", "io_uring_enter", "io_uring_register", "add_key", "request_key", "keyctl")
_FORBIDDEN = (
    *("setns", "bpf", "perf_event_open", "userfaultfd", "kexec_load", "kexec_file_load", "init_module"),
    *("finit_module", "delete_module", "open_by_handle_at", "fanotify_init", "quotactl"),
)


def leave_session_keyring() -> None:
    """Joins an empty session keyring: keys are divided by no namespace. Raises OSError."""
    keyctl = _here().calls["keyctl"]
    if _libc.syscall(ctypes.c_long(keyctl), ctypes.c_long(_JOIN_SESSION_KEYRING), None) < 0:
        number = ctypes.get_errno()
        # A kernel without keys, or a container whose own filter keeps everybody from them.
        if number not in (errno.ENOSYS, errno.EPERM):
            raise OSError(number, os.strerror(number), "session keyring")


def put_up() -> None:
    """Puts the filter up, for good; no new privileges may be had then. Raises OSError."""
    steps = _program(_here())
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
    if _libc.prctl(_PR_SET_SECCOMP, _FILTER, program, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), "seccomp")


def _here() -> _Machine:
    found = _MACHINES.get(platform.machine())
    if found is None:
        raise OSError(errno.ENOSYS, f"the system calls of {platform.machine()} are not known", "seccomp")
    return found


def _program(machine: _Machine) -> list[tuple[int, int, int, int]]:
    """Every check ends in a verdict or falls through to the next one."""
    calls, steps = machine.calls, list[tuple[int, int, int, int]]()
    steps += [(_LOAD, 0, 0, _ABI), (_IF_EQUAL, 1, 0, machine.abi), _refused(errno.ENOSYS)]
    steps += [(_LOAD, 0, 0, _NUMBER), (_IF_AT_LEAST, 0, 1, _X32), _refused(errno.ENOSYS)]
    for names, number in ((_MISSING, errno.ENOSYS), (_FORBIDDEN, errno.EPERM)):
        for name in names:
            steps += [(_IF_EQUAL, 0, 1, calls[name]), _refused(number)]
    new = [(_IF_ANY, 0, 1, _NEW_CGROUP | _NEW_USER), _refused(errno.EPERM)]
    netlink = [
        *((_IF_EQUAL, 1, 0, _NETLINK), _refused(errno.EAFNOSUPPORT)),
        *((_LOAD, 0, 0, _THIRD_ARGUMENT), (_IF_EQUAL, 1, 0, _NETLINK_ROUTE), _refused(errno.EPROTONOSUPPORT)),
    ]
    last = len(_FAMILIES) + len(netlink) - 1
    known = [(_IF_EQUAL, last - at, 0, family) for at, family in enumerate(_FAMILIES)]
    core = [(_IF_EQUAL, 0, 1, _LIMIT_CORE), _TAKEN]
    # Who only asks for a limit gives no new one: both halves of that address are 0.
    asked = [
        *((_IF_EQUAL, 1, 0, _LIMIT_CORE), _ALLOWED, (_LOAD, 0, 0, _THIRD_ARGUMENT), (_IF_EQUAL, 0, 2, 0)),
        *((_LOAD, 0, 0, _THIRD_ARGUMENT + 4), (_IF_EQUAL, 1, 0, 0), _TAKEN),
    ]
    for name, argument, checks in (
        *((name, _FIRST_ARGUMENT, new) for name in ("unshare", "clone")),
        *((name, _FIRST_ARGUMENT, [*known, *netlink]) for name in ("socket", "socketpair")),
        *(("setrlimit", _FIRST_ARGUMENT, core), ("prlimit64", _SECOND_ARGUMENT, asked)),
    ):
        body = [(_LOAD, 0, 0, argument), *checks, _ALLOWED]
        steps += [(_IF_EQUAL, 0, len(body), calls[name]), *body]
    return [*steps, _ALLOWED]


_ALLOWED = (_RETURN, 0, 0, _ALLOW)
# Answered as if done, and nothing done: a program that wants no dumps gets none, and must not fail over it.
_TAKEN = (_RETURN, 0, 0, _ERRNO)


def _refused(number: int) -> tuple[int, int, int, int]:
    return (_RETURN, 0, 0, _ERRNO | number)
