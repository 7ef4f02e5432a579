"""What no namespace divides is not reached from inside: keys, the hypervisor's sockets, other parts of the kernel."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from sprocket_tui.practice import filters
from tests.practice.conftest import Shell

# The system calls that Python has no function for.
_NUMBERS = {
    "x86_64": {"keyctl": 250, "add_key": 248, "clone3": 435, "bpf": 321, "io_uring_setup": 425, "setns": 308},
    "aarch64": {"keyctl": 219, "add_key": 217, "clone3": 435, "bpf": 280, "io_uring_setup": 425, "setns": 268},
}.get(platform.machine(), {})
_SOCKET, _SETRLIMIT, _PRLIMIT = {"x86_64": (41, 160, 302), "aarch64": (198, 164, 261)}.get(
    platform.machine(), (0, 0, 0)
)
_CALL = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    done = libc.syscall(*(ctypes.c_long(each) if isinstance(each, int) else each for each in arguments))
    return errno.errorcode[ctypes.get_errno()] if done < 0 else "done"
"""
# A key of the person's in the session keyring, as a login leaves it; then whatever follows.
_WITH_A_KEY = (
    _CALL
    + """
assert call({keyctl}, 1, None) == "done"
assert call({add_key}, b"user", b"canary", b"secret-7731", 11, -3) == "done"
"""
)


def of_python(shell: Shell, script: str) -> str:
    """What a script of Python prints inside."""
    done = shell(
        f"LD_LIBRARY_PATH=/run/practice/python/lib /run/practice/python/bin/python3 -IS - <<'END'\n{script}\nEND"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_session_keyring_that_is_left_holds_none_of_the_persons_keys() -> None:
    script = (
        _WITH_A_KEY.format(**_NUMBERS)
        + "from sprocket_tui.practice import filters\n"
        + f"find = lambda: call({_NUMBERS['keyctl']}, 10, -3, b'user', b'canary', 0)\n"
        + "before = find(); filters.leave_session_keyring(); print(before, find())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    if "AssertionError" in done.stderr:
        pytest.skip("this kernel keeps no keys, or a container keeps us from them")
    assert done.stdout.split() == ["done", "ENOKEY"], done.stderr


def test_the_persons_keys_are_neither_read_nor_listed_inside(tmp_path: Path) -> None:
    script = _WITH_A_KEY.format(**_NUMBERS) + (
        "import os, sys; os.execv(sys.executable, [sys.executable, '-m', 'tests.practice.ordinary', sys.argv[1]])"
    )
    find = (
        f"{_CALL}\nfor keyring in range(-8, 0): print(call({_NUMBERS['keyctl']}, 10, keyring, b'user', b'canary', 0))"
    )
    python = "LD_LIBRARY_PATH=/run/practice/python/lib /run/practice/python/bin/python3 -IS"
    asked = {"found": f"{python} - <<'END'\n{find}\nEND", "listed": "cat /proc/keys /proc/key-users"}
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "droplet")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    if "AssertionError" in done.stderr:
        pytest.skip("this kernel keeps no keys, or a container keeps us from them")
    said = json.loads(done.stdout)
    if said["refused"]:
        assert os.environ.get("CI") != "true", said["refused"]
        pytest.skip(said["refused"])
    assert said["printed"]["found"].split() == ["ENOSYS"] * 8
    assert said["printed"]["listed"] == ""


def test_a_socket_has_a_family_that_a_rehearsal_needs_or_is_refused(shell: Shell) -> None:
    script = """
import errno, socket
for family in range(1, 46):
    for make in (socket.socket, socket.socketpair):
        try:
            make(family, socket.SOCK_STREAM)
        except OSError as error:
            if error.errno == errno.EAFNOSUPPORT:
                continue
        print(family)
"""
    assert {int(each) for each in of_python(shell, script).split()} == {1, 2, 10, 16}


def test_netlink_tells_of_the_network_inside_and_of_nothing_else_of_the_kernel(shell: Shell) -> None:
    script = """
import errno, socket
for protocol in range(32):
    for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC):
        try:
            socket.socket(socket.AF_NETLINK, kind, protocol)
        except OSError as error:
            if error.errno == errno.EPROTONOSUPPORT:
                continue
        print(protocol)
"""
    assert {int(each) for each in of_python(shell, script).split()} == {0}


def test_no_event_of_a_device_outside_is_heard(shell: Shell) -> None:
    script = f"""{_CALL}
# AF_NETLINK and NETLINK_KOBJECT_UEVENT, the upper half of an argument set: the kernel looks at the lower one alone.
print(call({_SOCKET}, 16, 3, 15), call({_SOCKET}, 16 + (1 << 32), 3, 15 + (1 << 32)))
"""
    assert of_python(shell, script) == "EPROTONOSUPPORT EPROTONOSUPPORT"


def test_a_crash_inside_is_handed_to_no_program_outside(shell: Shell) -> None:
    """1 is the kernel's sign that no handler is started; with 0 it starts one all the same."""
    limits = "grep '^Max core' /proc/self/limits /proc/1/limits"
    lower = "ulimit -c 0; ulimit -S -c 0; ulimit -c unlimited"
    rows = [row.rpartition("size")[2].split() for row in shell(f"{limits}; {lower}; {limits}").stdout.splitlines()]
    assert rows == [["1", "1", "bytes"]] * 4


def test_the_limit_of_dumps_is_set_by_no_way_that_the_kernel_has(shell: Shell) -> None:
    script = f"""{_CALL}
import resource
pair = ctypes.create_string_buffer(16)
print(call({_SETRLIMIT}, 4, pair), call({_PRLIMIT}, 0, 4, pair, None), call({_PRLIMIT}, 0, 4 + (1 << 32), pair, None))
print(resource.getrlimit(resource.RLIMIT_CORE))
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
print(resource.getrlimit(resource.RLIMIT_NOFILE))
"""
    assert of_python(shell, script).splitlines() == ["done done done", "(1, 1)", "(64, 64)"]


def test_what_is_of_no_use_inside_is_refused_whoever_asks(shell: Shell) -> None:
    said = of_python(shell, f"{_CALL}\nfor each in {_NUMBERS!r}.items(): print(each[0], call(each[1], 0, 0, 0, 0, 0))")
    assert dict(row.split() for row in said.splitlines()) == {
        **dict.fromkeys(("keyctl", "add_key", "clone3", "io_uring_setup"), "ENOSYS"),
        **dict.fromkeys(("bpf", "setns"), "EPERM"),
    }


@pytest.mark.skipif(platform.machine() != "x86_64", reason="x32 is an ABI of x86_64")
def test_the_same_system_calls_under_other_numbers_are_refused(shell: Shell) -> None:
    # socket(AF_VSOCK, SOCK_STREAM, 0) as x32 and getpid() besides.
    assert of_python(shell, f"{_CALL}\nprint(call(0x40000029, 40, 1, 0), call(0x40000027))") == "ENOSYS ENOSYS"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the calls of i386 are there beside those of x86_64")
def test_the_system_calls_of_an_older_machine_are_refused(shell: Shell) -> None:
    script = """
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
# getpid() of i386: mov eax, 20; int 0x80; ret.
page.write(bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]))
print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))())
"""
    # A kernel that has none of them ends who tries.
    said = shell(f"LD_LIBRARY_PATH=/run/practice/python/lib /run/practice/python/bin/python3 -IS -c '{script}'")
    assert said.stdout.strip() == "-38" or said.returncode == 139


def test_the_filter_holds_for_programs_that_start_others(shell: Shell) -> None:
    done = shell(
        "grep -c '^Seccomp:.*2$' /proc/1/status /proc/self/status; (setsid sh -c 'grep Seccomp: /proc/self/status')"
    )
    assert [row.split()[-1].rpartition(":")[2] for row in done.stdout.splitlines()] == ["1", "1", "2"]


def test_an_unknown_machine_gets_no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "vax")
    with pytest.raises(OSError, match="the system calls of vax are not known"):
        filters.put_up()


NAMESPACES = {"user": "-U", "cgroup": "-C", "net": "-n", "ipc": "-i", "pid": "-p", "uts": "-u", "time": "-T"}


@pytest.mark.parametrize("kind", NAMESPACES)
def test_no_namespace_can_be_made_inside_of(kind: str, shell: Shell) -> None:
    assert shell(f"echo 99 >/proc/sys/user/max_{kind}_namespaces; unshare {NAMESPACES[kind]} echo made").stdout == ""


def test_the_limits_hold_without_the_filter(shell: Shell) -> None:
    """Those of namespaces that the filter lets pass are refused by a limit, which root inside cannot change."""
    for _, option in list(NAMESPACES.items())[2:]:
        assert "No space left" in shell(f"unshare {option} true").stderr


def test_no_group_of_processes_outside_is_seen(shell: Shell) -> None:
    mount = "mkdir -p /tmp/c; mount -t cgroup2 none /tmp/c && ls /tmp/c"
    assert shell(f"{mount}; unshare -UrCm sh -c '{mount}'; unshare -Cm sh -c '{mount}'").stdout == ""
