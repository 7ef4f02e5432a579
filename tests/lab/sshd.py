"""A real OpenSSH server with logins of its own, in a mount namespace of its own or in a droplet of the lab.

Logins (password is PASSWORD everywhere): `root`; `deploy`, a sudo user who is asked for the password; `operator`,
a sudo user who is not (NOPASSWD); `guest` without sudo. Their homes lie below the given directory; in a droplet root's
is the droplet's /root. The machine's own accounts, /run and homes are not touched. Needs root.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Self

from tests.lab.droplet import Droplet

PASSWORD = "lab-Passw0rd-7"
LOGINS = {"root": 0, "deploy": 2001, "operator": 2002, "guest": 2003}
_KINDS = ("ed25519", "rsa", "ecdsa")
_SUDOERS = "root ALL=(ALL) ALL\ndeploy ALL=(ALL) ALL\noperator ALL=(ALL) NOPASSWD: ALL\n"


def missing() -> str:
    """Why no server can be started here; "" when it can."""
    if os.geteuid() != 0:
        return "the SSH lab needs root"
    for tool in ("/usr/sbin/sshd", "ssh-keygen", "ssh-agent", "openssl", "unshare", "nsenter", "sudo"):
        if shutil.which(tool) is None:
            return f"the SSH lab needs {tool}"
    probe = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    return "" if probe.returncode == 0 else "the SSH lab needs mount namespaces"


def wait_until(condition: Callable[[], object], what: str, seconds: float = 20) -> None:
    """Returns when `condition` holds; AssertionError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        asked = time.monotonic()
        if condition():
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s for {what}")
        # A question that starts a program each time would else take the processor from what is waited for.
        time.sleep(min(max(0.01, 2 * (time.monotonic() - asked)), 0.25))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def make_key(file: Path, kind: str = "ed25519", passphrase: str = "", comment: str = "lab") -> Path:
    """A fresh key pair at `file` and `file`.pub."""
    size = ["-b", "2048"] if kind == "rsa" else []
    argv = ["ssh-keygen", "-q", "-t", kind, *size, "-N", passphrase, "-C", comment, "-f", str(file)]
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    return file


@cache
def _spare_rsa_key() -> tuple[bytes, bytes]:
    """One RSA host key, and its public half, for all servers of this process."""
    with tempfile.TemporaryDirectory() as directory:
        key = make_key(Path(directory) / "host", "rsa", comment="lab-host")
        return key.read_bytes(), key.with_suffix(".pub").read_bytes()


def fingerprint(public: Path) -> str:
    """`SHA256:...` as ssh-keygen prints it."""
    answer = subprocess.run(["ssh-keygen", "-lf", str(public)], check=True, capture_output=True, text=True)
    return answer.stdout.split()[1]


class Sshd:
    """One server; use it as a context manager. `config` adds or replaces lines of sshd_config.

    `shell` is every login's shell; `host_keys` the types of key it shows; `binds` maps files or directories to the
    place where the logins see them, below the private /run too ({"/tmp/x/docker.sock": "/run/docker.sock"});
    `environment` is what sessions find set. `client_key` opens every login. With `droplet`, the server runs in there
    and listens at `address`, the droplet's; without, it has a namespace of its own and listens at 127.0.0.1.
    """

    def __init__(
        self,
        directory: Path,
        *,
        config: Mapping[str, str] | None = None,
        shell: str = "/bin/sh",
        host_keys: Sequence[str] = ("ed25519", "rsa"),
        binds: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        droplet: Droplet | None = None,
    ) -> None:
        self.directory = directory / f"sshd-{free_port()}"
        self.directory.mkdir(parents=True)
        self.address = droplet.address if droplet else "127.0.0.1"
        self._droplet = droplet
        self.port = free_port()
        self.host_keys = tuple(host_keys)
        self.client_key = make_key(self.directory / "client_key", comment="lab-client")
        self._shell = shell
        self._binds = dict(binds or {})
        self._config = {
            "Port": str(self.port),
            "ListenAddress": self.address,
            "PidFile": "none",
            "AuthorizedKeysFile": str(self.directory / "authorized_keys"),
            "StrictModes": "no",
            "UsePAM": "yes",
            "UseDNS": "no",
            "LogLevel": "DEBUG1",
            "PermitRootLogin": "yes",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PrintMotd": "no",
            "PrintLastLog": "no",
            "MaxStartups": "100",
        } | dict(config or {})
        if environment:
            self._config["SetEnv"] = " ".join(f"{name}={value}" for name, value in environment.items())
        self._holder: subprocess.Popen[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self.authorize(self.client_key.with_suffix(".pub"))
        for kind in self.host_keys:
            file = self.directory / f"host_{kind}"
            if kind == "rsa" and len(self.host_keys) > 1:
                # Beside another key it is there to be passed over; to find primes for every server takes minutes.
                key, public = _spare_rsa_key()
                file.touch(0o600)
                file.write_bytes(key)
                file.with_suffix(".pub").write_bytes(public)
            else:
                make_key(file, kind, comment="lab-host")

    def __enter__(self) -> Self:
        self._write_accounts()
        self._prepare()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        # In a droplet the rest is not ours, and ends with the droplet.
        for process in self.processes() if self._droplet is None else self._servers():
            _signal(process, signal.SIGCONT)
            _signal(process, signal.SIGKILL)
        for child in (self._server, self._holder):
            if child is not None:
                child.wait()
        for stream in (self._holder.stdin, self._holder.stdout) if self._holder else ():
            if stream is not None:
                stream.close()

    # -- files ---------------------------------------------------------------------------------------------------

    def configure(self, **lines: str) -> None:
        """Adds or replaces lines of sshd_config, from the next start on."""
        self._config |= lines

    def home(self, login: str = "root") -> Path:
        """The login's home, as a path outside."""
        if self._droplet is not None and login == "root":
            return self._droplet.home
        return self.directory / "home" / login

    def host_public_key(self, kind: str = "ed25519") -> Path:
        return self.directory / f"host_{kind}.pub"

    def authorize(self, *public_keys: Path) -> None:
        """Lets these keys in, besides those before."""
        with (self.directory / "authorized_keys").open("a") as file:
            file.writelines(key.read_text() for key in public_keys)

    def forget_keys(self) -> None:
        """Lets no key in any more."""
        (self.directory / "authorized_keys").write_text("")

    def known_hosts(self, file: Path | None = None, *, port: int = 0) -> Path:
        """A known_hosts file with this server's keys, for `port` (of a proxy) or its own."""
        file = file or self.directory / "known_hosts"
        # A proxy to this server listens on this machine.
        name = f"[127.0.0.1]:{port}" if port else f"[{self.address}]:{self.port}"
        keys = [" ".join(self.host_public_key(kind).read_text().split()[:2]) for kind in self.host_keys]
        file.write_text("".join(f"{name} {key}\n" for key in keys))
        return file

    def ssh_config(self, name: str = "lab", *, user: str = "root", port: int = 0, extra: str = "") -> Path:
        """An SSH configuration in which `name` is this server, known and with the client's key. Says its path."""
        known = self.known_hosts(self.directory / f"known_hosts_{name}", port=port)
        file = self.directory / f"ssh_config_{name}"
        file.write_text(self.stanza(name, user=user, port=port, known_hosts=known, extra=extra))
        return file

    def stanza(self, name: str, *, user: str = "root", port: int = 0, known_hosts: Path, extra: str = "") -> str:
        """The Host block of `ssh_config`; `extra` comes first, so that it wins."""
        lines = [f"Host {name}", *extra.splitlines(), f"HostName {'127.0.0.1' if port else self.address}"]
        lines += [f"Port {port or self.port}", f"User {user}"]
        lines += [f"IdentityFile {self.client_key}", "IdentitiesOnly yes", "IdentityAgent none"]
        lines += [f"UserKnownHostsFile {known_hosts}", "GlobalKnownHostsFile /dev/null"]
        return "\n  ".join(lines) + "\n"

    # -- what it saw ---------------------------------------------------------------------------------------------

    def log(self) -> str:
        """Everything the server logged since it was made."""
        file = self.directory / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def sessions(self) -> int:
        """How many commands, shells and subsystems were started: one for each session channel that was used."""
        return len(re.findall(r"^Starting session:", self.log(), re.MULTILINE))

    def connections(self) -> int:
        return len(re.findall(r"^Connection from ", self.log(), re.MULTILINE))

    # -- life and death ------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._starts += 1
        config = "".join(f"{key} {value}\n" for key, value in self._config.items())
        config += "".join(f"HostKey {self.directory / f'host_{kind}'}\n" for kind in self.host_keys)
        file = self.directory / "sshd_config"
        file.write_text(config)
        argv = [*self._enter(), "/usr/sbin/sshd", "-D", "-f", str(file), "-E", str(self.directory / "log")]
        # The lab's own environment must not reach the sessions.
        self._server = subprocess.Popen(argv, stdin=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]})
        wait_until(lambda: self._listening() or self._gave_up(), "sshd to listen")

    def kill(self) -> None:
        """Kills the listener and every session's sshd at once, as an OOM kill or a crash would; commands go on."""
        for process in self._servers():
            _signal(process, signal.SIGKILL)
        if self._server is not None:
            self._server.wait()

    def kill_sessions(self) -> None:
        """Kills the sshd of every session; the listener stays."""
        servers = self._servers()
        for process in servers:
            if _parent(process) in servers:
                _signal(process, signal.SIGKILL)

    def restart(self) -> None:
        self.kill()
        self.start()

    def freeze(self) -> None:
        """Stops every process of the server, as a host that hangs does (its kernel still acknowledges packets)."""
        for process in self._servers():
            _signal(process, signal.SIGSTOP)

    def thaw(self) -> None:
        for process in self._servers():
            _signal(process, signal.SIGCONT)

    def processes(self) -> list[int]:
        """Every process in the server's namespace: sshd, sessions and whatever they left running."""
        ours = _namespace(self._anchor())
        return [process for process in _all_processes() if ours and _namespace(process) == ours]

    def _servers(self) -> list[int]:
        return [process for process in self.processes() if _name(process) == "sshd"]

    def _anchor(self) -> int:
        """A process that is in the namespace as long as it exists."""
        if self._droplet is not None:
            return self._droplet.pid
        return self._holder.pid if self._holder is not None else 0

    def _enter(self) -> list[str]:
        """What runs a program in the namespace."""
        return self._droplet.enter if self._droplet is not None else ["nsenter", "-m", "-t", str(self._anchor())]

    # -- making --------------------------------------------------------------------------------------------------

    def _write_accounts(self) -> None:
        accounts = self.directory / "accounts"
        accounts.mkdir()
        answer = subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"], input=PASSWORD, check=True, capture_output=True, text=True
        )
        scrambled = answer.stdout.strip()
        for name in ("passwd", "shadow", "group"):
            system = Path("/etc", name).read_text().splitlines()
            others = [line for line in system if line.partition(":")[0] not in LOGINS]
            ours = [self._account(name, login, scrambled) for login in LOGINS]
            file = accounts / name
            file.write_text("\n".join([*ours, *others]) + "\n")
            file.chmod(0o640 if name == "shadow" else 0o644)
        (accounts / "sudoers").write_text(_SUDOERS)
        (accounts / "sudoers").chmod(0o440)
        for parent in (self.directory, *self.directory.parents):
            if parent.owner() == "root" and parent != Path("/"):
                # Logins that are not root must reach their homes below the test's directory.
                parent.chmod(parent.stat().st_mode | 0o011)
        for login, number in LOGINS.items():
            self.home(login).mkdir(parents=True, mode=0o700, exist_ok=True)
            os.chown(self.home(login), number, number)
        (self.directory / "home").chmod(0o755)

    def _account(self, file: str, login: str, scrambled: str) -> str:
        number = LOGINS[login]
        if file == "passwd":
            home = "/root" if self._droplet is not None and login == "root" else self.home(login)
            return f"{login}:x:{number}:{number}:{login}:{home}:{self._shell}"
        if file == "shadow":
            return f"{login}:{scrambled}:19700:0:99999:7:::"
        return f"{login}:x:{number}:"

    def _prepare(self) -> None:
        """Puts the accounts and binds in place; a namespace of our own is kept by a process until we end."""
        accounts = self.directory / "accounts"
        lines = ["set -e"]
        if self._droplet is None:
            # What lies below /run is out of sight once /run is private: binds take it from here.
            outer = self.directory / "outer-run"
            outer.mkdir()
            lines += ["mount --make-rprivate /", f"mount --rbind /run {shlex.quote(str(outer))}"]
            lines += ["mount -t tmpfs -o mode=755 tmpfs /run", "mkdir -p /run/sshd /run/sudo /run/lock"]
        for name in ("passwd", "shadow", "group", "sudoers"):
            lines.append(f"mount --bind {shlex.quote(str(accounts / name))} /etc/{name}")
        for source, place in self._binds.items():
            seen = re.sub(r"^(/var)?/run/", f"{self.directory}/outer-run/", source)
            made = "mkdir -p" if Path(source).is_dir() else "touch"
            lines += [f"mkdir -p {shlex.quote(str(Path(place).parent))}", f"{made} {shlex.quote(place)}"]
            lines.append(f"mount --bind {shlex.quote(seen)} {shlex.quote(place)}")
        if self._droplet is not None:
            self._droplet.run(["sh", "-c", "\n".join(lines)])
            return
        lines += ["echo ready", "exec cat"]
        self._holder = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", "\n".join(lines)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        if self._holder.stdout is None or self._holder.stdout.readline() != b"ready\n":
            raise RuntimeError("the namespace of the SSH lab could not be made")

    def _listening(self) -> bool:
        return self.log().count("Server listening on") >= self._starts

    def _gave_up(self) -> bool:
        if self._server is not None and self._server.poll() is not None:
            raise RuntimeError(f"sshd ended at once: {self.log()[-2000:]}")
        return False


def _all_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _namespace(process: int) -> str:
    with contextlib.suppress(OSError):
        return str(Path(f"/proc/{process}/ns/mnt").readlink())
    return ""


def _parent(process: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _name(process: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/comm").read_text().strip()
    return ""


def _signal(process: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)
