"""Process 1 of the sandbox: makes it, then starts what it is asked to start, and says how that ended.

    python -m sprocket_tui.practice.warden SOCKET HOME MNT WORLD LIBRARY RELEASE HOSTNAME SITES UP STANDIN...

SOCKET is a descriptor of a packet socket, UP the seconds since the machine began. A request is JSON, with the
descriptors for standard input, output and error; {"argv", "env", "tty"} starts a program and is answered {"pid"} and
later {"pid", "status"}; {"port"} is answered with a connection to that port of the sandbox's loopback; {"kill": pid,
"signal"} signals a session. Its end is ours.
"""

from __future__ import annotations

import array
import fcntl
import json
import os
import selectors
import signal
import socket
import struct
import sys
import termios
import uuid
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from sprocket_tui.practice import filters, namespaces, rootfs
from sprocket_tui.practice.namespaces import Mount, New
from sprocket_tui.practice.standins import kernel
from sprocket_tui.practice.standins.network import LAST_PID

_NOBODY = 65534
# Any directory that everybody may enter; what lies in it is out of sight for us alone.
_ROOT = "/tmp"
_ALL = New.MOUNT | New.PID | New.NET | New.UTS | New.IPC
_NAME = "practice"
# They tell of the keys of everybody who is the same user outside.
_KEYS = ("keys", "key-users")
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1


def main(arguments: list[str]) -> NoReturn:
    """Makes the sandbox and serves it; ends with status 77 when it cannot be made here."""
    channel = socket.socket(fileno=int(arguments[0]))
    namespaces.die_with_parent(signal.SIGKILL)
    try:
        filters.leave_session_keyring()
        namespaces.dump_no_core()
        _enter()
        namespaces.be_up_for(float(arguments[8]))
        plan = _plan(arguments[1:5], arguments[5], arguments[7])
        child = os.fork()
        if child:
            namespaces.die_with_parent(signal.SIGKILL)
            channel.close()
            _, status = os.waitpid(child, 0)
            os._exit(os.waitstatus_to_exitcode(status) & 0x7F)
        namespaces.die_with_parent(signal.SIGKILL)
        # Whoever is inside sees us, and has no business with where we were started and with what.
        namespaces.forget_start(_NAME)
        rootfs.build(_ROOT, plan, tuple(arguments[9:]))
        _let_go({0, 1, 2, channel.fileno()})
        _settle(_ROOT, arguments[6])
    except OSError as error:
        channel.send(json.dumps({"refused": f"{error.strerror} ({error.filename or 'namespaces'})"}).encode())
        os._exit(77)
    channel.send(b'{"ready": true}')
    _Warden(channel).serve()


def _plan(directories: list[str], release: str, sites: str) -> rootfs.Plan:
    """Opens everything in our own mount namespace, before the new root hides some of it."""
    home, mnt, world, library = (os.open(each, os.O_PATH | os.O_DIRECTORY) for each in directories)
    python = os.open(Path(sys.executable).resolve(), os.O_PATH)
    python_library = os.open(Path(sys.base_prefix, "lib"), os.O_PATH | os.O_DIRECTORY)
    owner = _NOBODY if _becomes_nobody() else 0
    return rootfs.Plan(home, mnt, world, library, python, python_library, release, sites, owner)


def _let_go(kept: set[int]) -> None:
    """Closes every descriptor but those: one that was opened outside is a way out, by /proc/1/fd and .. from there."""
    for number in {int(each.name) for each in Path("/proc/self/fd").iterdir()} - kept:
        # The one of the listing itself is closed by now.
        with suppress(OSError):
            os.close(number)


def _enter() -> None:
    """Leaves the namespaces of the system; who is not its root becomes root of a user namespace for that."""
    if _becomes_nobody():
        namespaces.unshare(_ALL)
        return
    uid, gid = os.getuid(), os.getgid()
    namespaces.unshare(_ALL | New.USER)
    namespaces.become_root_of_our_own(uid, gid)


def _settle(root: str, hostname: str) -> None:
    """Inside: processes of our own, the new root, a loopback, and no way to undo any of it."""
    namespaces.mount("proc", f"{root}/proc", "proc", Mount.NO_SUID | Mount.NO_DEV)
    for name in kernel.FILES:
        namespaces.bind(f"{root}/run/practice/world/{name}", f"{root}/proc/{name}")
    for name in _KEYS:
        if Path(root, "proc", name).exists():
            namespaces.bind(f"{root}/dev/null", f"{root}/proc/{name}")
    # No process survives its sandbox: to what asks whether one still runs, the next sandbox is another boot.
    boot = Path(root, "run/practice/boot_id")
    boot.write_text(f"{uuid.uuid4()}\n", encoding="utf-8")
    namespaces.bind(str(boot), f"{root}/proc/sys/kernel/random/boot_id")
    namespaces.pivot_root(root)
    namespaces.set_hostname(hostname)
    # Root of the inner namespace may not take a port below 1024 otherwise.
    Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0", encoding="utf-8")
    # Those before are the numbers of what the world says is running; a kernel without this gives some of them twice.
    with suppress(OSError):
        Path("/proc/sys/kernel/ns_last_pid").write_text(str(LAST_PID), encoding="utf-8")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        fcntl.ioctl(plain, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _IFF_UP))
    _lock_in()
    # Forgotten when the user was changed.
    namespaces.die_with_parent(signal.SIGKILL)
    namespaces.no_new_privileges()
    # Here, in process 1: everything inside is started by it, at any time.
    filters.put_up()
    namespaces.hide()
    os.umask(0o022)


def _lock_in() -> None:
    """Becomes root of a user namespace made after the mounts: it owns none of them, and can undo or change none."""
    if _becomes_nobody():
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
        namespaces.stay_dumpable()
        # One in between, because the limits of the system's own are not ours to change.
        namespaces.unshare(New.USER)
        namespaces.become_root_of_our_own(_NOBODY, _NOBODY)
    namespaces.allow_one_user_namespace()
    namespaces.unshare(New.USER | New.MOUNT)
    namespaces.become_root_of_our_own(0, 0)


def _becomes_nobody() -> bool:
    """Whether we are a root who can become somebody else: in a user namespace of others that one may not exist."""
    return os.getuid() == 0 and namespaces.exists(_NOBODY)


class _Warden:
    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._wake, wake = socket.socketpair()
        for end in (self._wake, wake):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, _noted)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        self._kept = wake

    def serve(self) -> NoReturn:
        with selectors.DefaultSelector() as selector:
            selector.register(self._channel, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._wake:
                        self._wake.recv(4096)
                        self._reap()
                    else:
                        self._answer()

    def _answer(self) -> None:
        message, files = _received(self._channel)
        if not message:
            # Process 1 ends, and with it everything in here.
            os._exit(0)
        asked: dict[str, Any] = json.loads(message)
        if "argv" in asked:
            self._send({"id": asked["id"], "pid": _started(asked, files)})
        elif "port" in asked:
            self._connect(asked)
        else:
            with suppress(ProcessLookupError):
                os.killpg(asked["kill"], asked["signal"])
        for each in files:
            os.close(each)

    def _connect(self, asked: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"id": asked["id"]}
        with socket.socket() as inner:
            try:
                inner.connect(("127.0.0.1", asked["port"]))
            except OSError:
                self._send({**answer, "refused": True})
                return
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [inner.fileno()]))
            self._channel.sendmsg([json.dumps(answer).encode()], [rights])

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            self._send({"pid": pid, "status": os.waitstatus_to_exitcode(status)})

    def _send(self, answer: dict[str, Any]) -> None:
        with suppress(OSError):
            self._channel.send(json.dumps(answer).encode())


def _noted(_number: int, _frame: FrameType | None) -> None:
    """A child ended: the wake-up descriptor tells the loop."""


def _received(channel: socket.socket) -> tuple[bytes, list[int]]:
    message, files, _, _ = socket.recv_fds(channel, 1 << 20, 3)
    return message, list(files)


def _started(asked: dict[str, Any], files: list[int]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for target, source in enumerate(files):
            os.dup2(source, target)
        os.closerange(3, 4096)
        if asked["tty"]:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        os.chdir("/root")
        os.execvpe(asked["argv"][0], asked["argv"], asked["env"])  # noqa: S606 the sandbox's own program
    finally:
        os._exit(127)


if __name__ == "__main__":
    main(sys.argv[1:])
