"""The interpreter starts nothing, opens nothing outside of its directory, connects to nothing, whatever it is told."""

from __future__ import annotations

import importlib
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.errors import SprocketError
from sprocket_tui.practice import standins
from sprocket_tui.practice.droplet import SITES
from sprocket_tui.practice.interpreter.interpreter import Interpreter
from sprocket_tui.practice.sandbox import places
from sprocket_tui.practice.world import World
from tests.lab.people import wait_until
from tests.practice.interpreting import InsideLink, inside
from tests.practice.test_sandbox import CANARY, HOSTILE, person

__all__ = ["inside", "person"]

_PROGRAM = Path(__file__).parents[2]
_LIBRARIES = (sys.prefix, sys.base_prefix, str(_PROGRAM / "sprocket_tui"))
_STARTS = ("os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "pty.spawn", "subprocess.")
_CONNECTS = ("socket.bind", "socket.connect", "socket.getaddrinfo", "socket.gethostby", "socket.sendto", "urllib.")
_LINKS = ("os.link", "os.symlink", "os.chdir", "os.putenv", "os.kill", "os.chroot", "ctypes.", "signal.pthread_kill")
_CHANGES = ("os.chmod", "os.chown", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate", "os.utime")


class Watch:
    """What the interpreter's threads did that they must not, told by Python itself."""

    def __init__(self) -> None:
        self.bases: tuple[str, ...] = ()
        self.seen = list[str]()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.bases and threading.current_thread().name.startswith("practice-") and self._wrong(event, arguments):
            self.seen.append(f"{event} {arguments}")

    def _wrong(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event.startswith((*_STARTS, *_CONNECTS, *_LINKS)):
            return True
        if event.startswith(_CHANGES):
            return not all(self._below(each) for each in arguments[: 2 if event == "os.rename" else 1])
        if event == "open":
            path, _, flags = arguments
            writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
            return not self._below(path) and (bool(writes) or not str(path).startswith(_LIBRARIES))
        return event in ("os.listdir", "os.scandir") and not self._below(arguments[0])

    def _below(self, path: Any) -> bool:
        return isinstance(path, int) or f"{os.path.realpath(os.fsdecode(path))}/".startswith(self.bases)


WATCH = Watch()
# It cannot be taken away again; it does nothing where nothing is watched.
sys.addaudithook(WATCH)


@pytest.fixture
def watched(inside: Interpreter, tmp_path: Path) -> Iterator[InsideLink]:
    """A link to an interpreter that is watched; at the end nothing wrong was seen."""
    link = InsideLink(inside)
    # Every module of the stand-ins is loaded before: importing one reads our own directories.
    for module in pkgutil.walk_packages(standins.__path__, f"{standins.__name__}."):
        importlib.import_module(module.name)
    link.run("docker info", deadline=30)
    there = places(tmp_path / "droplet")
    WATCH.bases, WATCH.seen = tuple(f"{os.path.realpath(each)}/" for each in (there.root, there.world)), []
    yield link
    WATCH.bases = ()
    assert WATCH.seen == []


MORE = {
    "a plain read": "cat {person}; head -c 99 {person}; grep -r canary {person}; sed -n 1p {person}; wc -c {person}",
    "a plain write": "echo x >>{person}; tee {person} <f; touch {person}; rm -rf {person} /var/tmp; mv {person} x",
    "names above": "ls /root/../.. ../../../; du -sh /..; echo /../../../var/tmp/* ../../../*/; cd ../../..; ls; pwd",
    "a stand-in that reads": "docker config create x {person}; pulumi --cwd {person} version; git -C /../.. status",
    "a stand-in that writes": "git clone https://x/SprocketBot/sprocket-infra.git {person}.d; npm ci --prefix /",
    "a state outside": "PULUMI_BACKEND_URL=file://{person}.d pulumi stack ls; pulumi login file:///var/tmp; cat */*",
    "a secret from outside": "PULUMI_CONFIG_PASSPHRASE_FILE={person} pulumi config --stack x; HOME=/.. pulumi whoami",
    "programs of the system": "/usr/bin/python3 -c 1; /bin/busybox id; sh -c 'exec /usr/bin/perl'; env perl; xargs id",
    "a way around": "command cat {person}; eval 'cat {person}'; exec 5<{person}; . {person}; read x <{person}",
    "a script": "sh {person}; setsid sh {person}; sh -s {person} <{person}",
    "the kernel's files": "cat /proc/1/environ /proc/self/root{person} /dev/mem; echo b >/proc/sysrq-trigger",
    "the network": "curl -sS http://192.0.2.1/; curl -sS https://example.com/; bash -c 'exec 3<>/dev/tcp/192.0.2.1/80'",
    "other processes": "kill -9 1 {pid} -1; kill -9 -{pid}; kill -s KILL {pid}",
    "everything removed": "rm -rf /; rm -rf /* /proc/*; docker info; date; hostname; cat /proc/meminfo; curl -sS http://localhost/",
}


@pytest.mark.parametrize("how", [*HOSTILE, *MORE])
def test_nothing_outside_is_read_changed_started_or_reached_by(how: str, person: Path, watched: InsideLink) -> None:
    script = {**HOSTILE, **MORE}[how].format(person=person, pid=os.getpid())
    done = watched.run(script, deadline=60)
    assert CANARY not in (done.stdout + done.stderr).decode(errors="replace")
    assert person.read_text() == CANARY
    assert [each.name for each in person.parent.iterdir()] == ["letter"]


def test_nothing_is_started_where_starting_would_fail(watched: InsideLink, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        pytest.fail("a process was started")

    for name in ("fork", "forkpty", "posix_spawn", "posix_spawnp", "execv", "execve", "system", "popen"):
        monkeypatch.setattr(os, name, fails)
    monkeypatch.setattr(subprocess, "Popen", fails)
    script = (
        "cat /etc/os-release | grep -c Ubuntu; date +%s >f & wait; docker --version; timeout 5 sh -c 'setsid id -u'"
    )
    done = watched.run(script, deadline=30)
    assert done.stdout.decode().splitlines()[0] == "2"
    assert done.stdout.endswith(b"\n0\n")


def test_no_process_outside_is_signalled(watched: InsideLink) -> None:
    outside = subprocess.Popen(["sleep", "60"])
    try:
        done = watched.run(f"kill -9 {outside.pid}; kill {os.getpid()}; kill -9 -1; echo alive", deadline=30)
        assert outside.poll() is None
        assert done.stderr.count(b"No such process") == 3
        assert done.stdout == b"alive\n"
    finally:
        outside.send_signal(signal.SIGKILL)
        outside.wait()


def test_a_port_of_this_machine_is_not_one_of_the_droplet(watched: InsideLink) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(1)
        port = server.getsockname()[1]
        asked = f"bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}'", f"curl -sS http://localhost:{port}/"
        for each in asked:
            assert watched.run(f"{each} || echo refused", deadline=30).stdout == b"refused\n"
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_link_that_lies_there_is_neither_followed_nor_begun_with(
    person: Path, tmp_path: Path, inside: Interpreter
) -> None:
    there = places(tmp_path / "droplet")
    (there.home / "link").symlink_to(person)
    (there.home / "way").symlink_to(person.parent)
    script = "cat link; echo x >link; ls way; cat way/letter; rm -rf way/; mv link other; docker config create x link"
    done = InsideLink(inside).run(f"{script}; ls -d *", deadline=30)
    assert CANARY not in (done.stdout + done.stderr).decode()
    assert person.read_text() == CANARY
    inside.close()
    state = World(there.world / "world.json").read()
    with pytest.raises(SprocketError, match="without a sandbox only files and directories are opened"):
        Interpreter(tmp_path / "droplet", state, SITES)


def test_the_environment_of_the_person_is_not_there(inside: Interpreter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", CANARY)
    done = InsideLink(inside).run("env; cat /proc/*/environ; echo $A_TOKEN", deadline=30)
    assert b"PATH=" in done.stdout
    assert CANARY.encode() not in done.stdout


@pytest.mark.parametrize(
    ("what", "script"),
    [
        ("waits", "sleep 600"),
        ("waits for others", "sleep 600 & wait"),
        ("turns in circles", "while :; do :; done"),
        ("reads what never comes", "while :; do sleep 1; done | cat"),
        ("ignores signals", "trap '' TERM INT HUP; while :; do sleep 1; done"),
        ("sits in a stand-in", "apt-get update"),
    ],
)
def test_everything_ends_when_the_droplet_is_closed(what: str, script: str, inside: Interpreter) -> None:
    with Path(os.devnull).open("r+b") as nothing:
        process = inside.start(["/bin/sh", "-c", script], {"PATH": "/usr/bin"}, [nothing.fileno()] * 3)
    inside.close()
    assert process.ended.result(10) == -signal.SIGKILL
    threads = {f"practice-{number}" for number in range(process.pid, process.pid + 20)}
    wait_until(lambda: threads.isdisjoint(each.name for each in threading.enumerate()), f"what {what} to end", 10)


def test_what_is_written_below_root_and_mnt_stays_and_the_rest_goes(inside: Interpreter, tmp_path: Path) -> None:
    InsideLink(inside).run("for d in /root /mnt /etc /tmp /dev/shm; do echo a >$d/kept; done", deadline=30)
    inside.close()
    root = places(tmp_path / "droplet").root
    assert sorted(str(path.relative_to(root)) for path in root.rglob("kept")) == ["mnt/kept", "root/kept"]
