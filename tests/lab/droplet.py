"""A machine of the lab: mount, process and network namespaces of its own, gone without trace at the end.

Its first process ends when its standard input does, so the kernel takes everything inside down with the test process.
"""

import contextlib
import fcntl
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.lab.tools import missing_programs, tool_cache

_FIRST_PROCESS = """
import os, signal, subprocess, sys
base, cache, login_name = sys.argv[1:]
def run(*argv): subprocess.run(argv, check=True)
run("mount", "--make-rprivate", "/")
run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
for directory in ("sshd", "lock", "lab"):
    os.makedirs("/run/" + directory)
if os.path.isdir(cache):
    run("mount", "--bind", cache, "/run/lab")
    run("mount", "-o", "remount,bind,ro", "/run/lab")
run("mount", "--bind", base + "/root", "/root")
run("ip", "link", "set", "lo", "up")
run("hostname", login_name)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel then reaps what is orphaned in here
print("ready", flush=True)
sys.stdin.read()
"""


class Droplet:
    """Namespaces with a private /run and /root (0700), an own network with loopback up, and one address seen from here.

    The tool cache appears inside as /run/lab, read-only. `enter` prefixes an argv: what it starts lives inside and dies
    with the process that started it, unless it detaches. There is no route from inside to the outside world.
    """

    def __init__(self, name: str = "droplet") -> None:
        self.base = Path(tempfile.mkdtemp(prefix="droplet-", dir="/tmp"))
        self.base.chmod(0o755)
        (self.base / "root").mkdir(mode=0o700)
        self._holder = subprocess.Popen(
            [
                *["unshare", "-m", "-n", "-p", "-u", "--fork", "--mount-proc", "--kill-child=KILL"],
                *[sys.executable, "-I", "-S", "-c", _FIRST_PROCESS, str(self.base), str(tool_cache()), name],
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if _pipe(self._holder.stdout).readline() != "ready\n":
            self.close()
            raise RuntimeError("the droplet's first process did not start; are we root, with namespaces?")
        self.pid = only_child(self._holder.pid)
        self.enter = [
            *["nsenter", "-t", str(self.pid), "-m", "-n", "-p", "-u", "--"],
            *["setpriv", "--pdeathsig", "KILL", "--"],
        ]
        self.gateway, self.address = self._link()

    @property
    def home(self) -> Path:
        """What /root is inside, as a path outside."""
        return self.base / "root"

    def path(self, inside: str | Path) -> Path:
        """The path outside of a file inside, through the kernel's own view of the droplet."""
        return Path(f"/proc/{self.pid}/root") / str(inside).lstrip("/")

    def spawn(
        self, argv: Sequence[str], env: Mapping[str, str] | None = None, log: IO[bytes] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program inside; it ends with the droplet at the latest."""
        output = log or subprocess.DEVNULL
        return subprocess.Popen(
            [*self.enter, *argv], env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/"
        )

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
        check: bool = True,
        timeout: float = 120,
        cwd: str | Path = "/",
    ) -> subprocess.CompletedProcess[str]:
        """Run a program inside to its end; what it printed is in the error when it fails."""
        # nsenter changes its root and would leave a directory of ours, so the directory is entered inside.
        done = subprocess.run(
            [*self.enter, "sh", "-c", 'cd "$0" && exec "$@"', str(cwd), *argv],
            env=env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode:
            raise RuntimeError(f"{list(argv)} ended {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def processes(self) -> dict[int, str]:
        """Every process inside, containers' apart: its number as seen from here, and its short name."""
        ours = os.readlink(f"/proc/{self.pid}/ns/pid")
        found: dict[int, str] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):  # it ended while we looked
                    if os.readlink(entry / "ns/pid") == ours:
                        found[int(entry.name)] = (entry / "comm").read_text().strip()
        return found

    def kill_all(self, besides: Collection[str] = ()) -> None:
        """Kill every process inside but the first, and those of these short names."""
        for pid, name in self.processes().items():
            if pid != self.pid and name not in besides:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def empty_home(self) -> None:
        """Remove everything in the droplet's /root."""
        for entry in self.home.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def close(self) -> None:
        """Kill everything inside and remove what it left on the disk."""
        _pipe(self._holder.stdin).close()
        # The kernel lets the first process go only after everything else inside is dead.
        self._holder.wait()
        _pipe(self._holder.stdout).close()
        shutil.rmtree(self.base)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _link(self) -> tuple[str, str]:
        """A cable to the droplet in a subnet of its own: the address of this end, and of the droplet."""
        with Path("/tmp/sprocket-lab.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            number = _free_subnet()
            here, there = (f"10.99.{number // 64}.{number % 64 * 4 + host}" for host in (1, 2))
            ours = f"slab{number}"
            ip("link", "add", ours, "type", "veth", "peer", "name", "eth0", "netns", str(self.pid))
            ip("addr", "add", f"{here}/30", "dev", ours)
            ip("link", "set", ours, "up")
        self.run(["ip", "addr", "add", f"{there}/30", "dev", "eth0"])
        self.run(["ip", "link", "set", "eth0", "up"])
        return here, there


def _free_subnet() -> int:
    taken = {entry.name for entry in Path("/sys/class/net").iterdir()}
    while f"slab{(number := random.randrange(64 * 64))}" in taken:
        pass
    return number


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def only_child(pid: int) -> int:
    """The one process that a process has started. Raises RuntimeError when there is none."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue  # it ended while we looked
            if int(stat.rpartition(")")[2].split()[1]) == pid:
                return int(entry.name)
    raise RuntimeError(f"process {pid} has no child")


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise RuntimeError("the stream was not made a pipe")
    return stream


def missing() -> str:
    """Why no droplet can be made here; "" when it can."""
    if os.geteuid() != 0:
        return "needs root"
    return missing_programs("unshare", "nsenter", "setpriv", "ip") or _refused()


def _refused() -> str:
    tried = subprocess.run(["unshare", "-m", "-n", "-p", "-u", "--fork", "true"], check=False, capture_output=True)
    return "" if tried.returncode == 0 else "namespaces are refused"
