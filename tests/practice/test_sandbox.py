"""Nothing that runs in the sandbox reads or changes what lies outside its directory, or reaches a network."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import sprocket_tui
from sprocket_tui.errors import SprocketError
from sprocket_tui.practice.droplet import Droplet, remove
from tests.lab.people import wait_until
from tests.practice.conftest import Shell, made, shell_of

CANARY = "canary-of-the-person-7731"


@pytest.fixture
def person(open_ground: Path) -> Path:
    """A file of the person that everybody on this machine may read and write: only the sandbox keeps it."""
    path = open_ground / "letter"
    path.write_text(CANARY)
    path.chmod(0o666)
    return path


def host_binaries() -> dict[str, tuple[int, float]]:
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime)
        for path in sorted(Path("/usr/bin").iterdir())
        if path.is_file()
    }


def ran(droplet: Droplet, script: str, out: Path) -> int:
    """Runs a script in a droplet of the test's own; what it printed is in `out`."""
    with out.open("w+b") as file:
        process = droplet.sandbox.start(["/bin/bash", "-c", script], {"PATH": "/usr/bin:/bin"}, [file.fileno()] * 3)
        return process.ended.result(60)


HOSTILE = {
    "an absolute path": 'cat "{person}"',
    "a redirect": 'echo x >"{person}"',
    "a symlink": 'ln -s "{person}" /root/link; cat /root/link; echo x >/root/link',
    "the root of another process": 'for p in /proc/[0-9]*; do cat "$p/root{person}"; done',
    "the working directory of another process": 'for p in /proc/[0-9]*; do cat "$p/cwd{person}"; done',
    "descriptors left open, climbing from them": (
        "for f in /proc/*/fd/* /proc/*/cwd /proc/*/root; do up=; for n in 1 2 3 4 5 6 7 8 9 10 11 12; do"
        ' up="$up/.."; cat "$f$up{person}"; echo x >"$f$up{person}"; done; done'
    ),
    "climbing out": 'cd /; cd ../../../..; cat ".{person}"; cat "/root/../../../..{person}"',
    "descriptors left open": 'for f in /proc/*/fd/*; do cat "$f/../../..{person}"; head -c 100 "$f"; done',
    "a remount": 'mount -o remount,rw /usr/lib; mount -o remount,rw /; cat "{person}"',
    "an unmount": 'umount -l /root; umount /usr/bin/cat; umount -l /proc; cat "{person}"',
    "mounting over": 'mount -t tmpfs x /usr/lib; mount --bind / /mnt; cat "/mnt{person}"',
    "mounting in a namespace of its own": "unshare -Urm sh -c 'mount -o remount,rw /usr/lib; cat \"{person}\"'",
    "mounting the disk": 'for d in /dev/vda /dev/vda1 /dev/sda1; do mount "$d" /mnt; done; cat "/mnt{person}"',
    "making a device": "mknod /root/disk b 254 0; head -c 100 /root/disk",
    "nsenter": 'nsenter -t 1 -a cat "{person}"; nsenter --mount=/proc/1/ns/mnt cat "{person}"',
    "chroot": 'mkdir -p /root/a; chroot /root/a; chroot /proc/1/root cat "{person}"',
}


@pytest.mark.parametrize("how", HOSTILE)
def test_the_persons_files_are_neither_read_nor_changed_by(
    how: str, person: Path, open_ground: Path, tmp_path: Path
) -> None:
    with made(open_ground / "droplet") as droplet:
        done = shell_of(droplet, tmp_path)(HOSTILE[how].format(person=person))
    assert CANARY not in done.stdout + done.stderr
    assert person.read_text() == CANARY


@pytest.mark.parametrize(
    "script",
    [
        "echo x >>/usr/bin/cat; cp /bin/sh /usr/bin/cat; rm -f /usr/bin/sed",
        "mount -o remount,rw,bind /usr/bin/cat && echo x >>/usr/bin/cat",
        "for f in /usr/lib/*.so* /usr/share/*; do echo x >>$f; rm -rf $f; done",
        "chmod 000 /usr/bin/*; chown 5:5 /usr/bin/*; touch -d 2001-01-01 /usr/bin/* /usr/lib",
        "rm -rf --no-preserve-root / 2>/dev/null; true",
    ],
)
def test_the_systems_files_stay_as_they_are(script: str, tmp_path: Path) -> None:
    before = host_binaries()
    libraries = sorted(os.listdir("/usr/lib"))
    # A droplet of its own: nothing is left to work with in one of these.
    with Droplet(tmp_path / "droplet", speed=1000) as droplet:
        ran(droplet, script, tmp_path / "out")
    assert host_binaries() == before
    assert sorted(os.listdir("/usr/lib")) == libraries


def test_the_packages_of_the_persons_own_python_are_not_seen(shell: Shell) -> None:
    """Of the interpreter that the stand-ins run by, its standard library is there and nothing else."""
    libraries = "/run/practice/python/lib /usr/local/lib /usr/lib"
    seen = shell(
        f"for each in {libraries}; do ls -d $each/python*/site-packages/* $each/python*/dist-packages/*; done;"
        " ls -d /run/practice/python/lib/python*/json"
    ).stdout.split()
    assert seen == [f"/run/practice/python/lib/python{sys.version_info.major}.{sys.version_info.minor}/json"]


def test_what_lies_over_those_packages_is_not_taken_away(shell: Shell) -> None:
    script = (
        "for each in /run/practice/python/lib/python*/site-packages; do umount -l $each; mount -o remount,rw $each;"
        " mount --bind $each/.. /mnt && ls /mnt/site-packages; unshare -m umount -l $each;"
        " touch $each/x; ls $each; done"
    )
    assert shell(script).stdout == ""


def test_no_process_outside_can_be_seen_or_signalled(tmp_path: Path) -> None:
    outside = subprocess.Popen(["sleep", "60"])
    try:
        with Droplet(tmp_path / "droplet", speed=1000) as droplet:
            # The second kill ends everything that the script may signal, itself aside.
            ran(droplet, f"kill -9 {outside.pid}; kill -9 -1", tmp_path / "out")
        assert outside.poll() is None
        assert "No such process" in (tmp_path / "out").read_text()
    finally:
        outside.kill()
        outside.wait()


def test_no_connection_leaves_the_loopback(shell: Shell) -> None:
    reached = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)

        def accept() -> None:
            try:
                server.accept()
            except OSError:
                return
            reached.set()

        thread = threading.Thread(target=accept)
        thread.start()
        port = server.getsockname()[1]
        done = shell(
            f"bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}' && echo reached;"
            " timeout 2 bash -c 'exec 3<>/dev/tcp/192.0.2.1/80' && echo reached;"
            " grep -c : /proc/net/dev"
        )
        server.close()
        thread.join()
    assert not reached.is_set()
    assert "reached" not in done.stdout
    # The loopback and nothing else.
    assert done.stdout.split()[0] == "1"


def test_the_environment_of_the_person_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("A_TOKEN", CANARY)
    with Droplet(tmp_path / "droplet", speed=1000) as droplet:
        ran(droplet, "cat /proc/*/environ; env", tmp_path / "out")
    printed = (tmp_path / "out").read_text(errors="replace")
    assert "PATH=" in printed
    assert CANARY not in printed


def test_no_process_inside_shows_where_it_was_started_outside(tmp_path: Path) -> None:
    with Droplet(tmp_path / "droplet", speed=1000) as droplet:
        status = ran(droplet, "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ; ps axww -o pid=,args=", tmp_path / "out")
    shown = (tmp_path / "out").read_text(errors="replace")
    assert status == 0
    assert " 1 practice\n" in shown
    package = str(Path(sprocket_tui.__file__).parent.parent)
    for outside in (str(tmp_path), package, sys.executable, str(Path(sys.executable).resolve()), str(Path.home())):
        assert outside == "/root" or outside not in shown


def test_nothing_that_a_process_inside_has_open_lies_outside(open_ground: Path, tmp_path: Path) -> None:
    with made(open_ground / "droplet") as droplet:
        links = "/proc/[0-9]*/fd/* /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe"
        done = shell_of(droplet, tmp_path)(f"for f in {links}; do readlink $f; done")
    seen = set(done.stdout.splitlines())
    assert "/root" in seen
    prefix = str(Path(sys.base_prefix).resolve())
    assert not [each for each in seen if str(open_ground) in each or (prefix not in ("/usr", "/") and prefix in each)]


def test_the_kernel_speaks_of_the_droplet_not_of_the_host(shell: Shell) -> None:
    said = shell(
        "grep -c ^processor /proc/cpuinfo; nproc; uname -r; cut -d' ' -f3 /proc/version; cat /proc/diskstats"
    ).stdout
    cpus, counted, release, version = said.split()
    assert cpus == counted
    assert release == version
    for name in ("cpuinfo", "version", "cmdline", "partitions"):
        assert shell(f"cat /proc/{name}").stdout != Path("/proc", name).read_text()


def test_each_sandbox_is_another_boot(tmp_path: Path) -> None:
    """The record of a job names its process and the boot; numbers of processes come again in every sandbox."""
    boots = set[str]()
    for _ in range(2):
        with Droplet(tmp_path / "droplet", speed=1000) as droplet:
            ran(droplet, "cat /proc/sys/kernel/random/boot_id", tmp_path / "out")
            boots.add((tmp_path / "out").read_text().strip())
    own = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    assert {len(each) for each in boots} == {36}
    assert len({*boots, own}) == 3


def test_who_held_the_droplet_from_elsewhere_holds_it_no_more_when_it_begins_again(tmp_path: Path) -> None:
    lock = tmp_path / "droplet/root/root/.sprocket/lock"
    with Droplet(tmp_path / "droplet", speed=1000) as droplet:
        assert ran(droplet, "mkdir -p /root/.sprocket/lock; echo x >/root/.sprocket/lock/holder", tmp_path / "out") == 0
    assert lock.is_dir()
    with Droplet(tmp_path / "droplet", speed=1000):
        assert not lock.exists()
        assert lock.parent.is_dir()


def test_a_tool_that_is_stood_in_for_is_nowhere_else(shell: Shell) -> None:
    done = shell("find / -xdev -name docker -type f 2>/dev/null; find / -name dockerd 2>/dev/null; ls /run/docker.sock")
    assert done.stdout.split() == ["/usr/bin/docker"]


def test_what_is_written_below_root_and_mnt_stays_and_the_rest_goes(tmp_path: Path) -> None:
    for script in ("echo a >/root/kept; echo a >/mnt/kept; echo a >/etc/gone", "cat /root/kept /mnt/kept /etc/gone"):
        with Droplet(tmp_path / "droplet", speed=1000) as droplet:
            ran(droplet, script, tmp_path / "out")
    assert (tmp_path / "out").read_text().startswith("a\na\ncat: /etc/gone: No such file")


def test_everything_inside_ends_when_the_droplet_is_closed(tmp_path: Path) -> None:
    mark = f"sleep-{os.getpid()}-7731"
    with Droplet(tmp_path / "droplet", speed=1000) as droplet:
        ran(droplet, f"(setsid bash -c 'exec -a {mark} sleep 600' >/dev/null &)", tmp_path / "out")
        wait_until(lambda: _running(mark), "the program to run", 10)
    wait_until(lambda: not _running(mark), "the program to end", 10)


def _running(mark: str) -> bool:
    return any(mark.encode() in _argv(path) for path in Path("/proc").glob("[0-9]*/cmdline"))


def _argv(path: Path) -> bytes:
    try:
        return path.read_bytes().split(b"\0")[0]
    except OSError:
        return b""


def test_a_stand_in_ends_with_whoever_asked_for_it(droplet: Droplet, shell: Shell) -> None:
    with droplet.world.change() as state:
        state["speed"] = 0.1
    asked = shell("timeout 1 apt-get update; echo $?; sleep 0.3; pgrep -x apt-get; echo $?")
    assert asked.stdout == "124\n1\n", asked.stderr


def test_a_stand_in_has_the_directory_and_the_streams_of_its_caller(shell: Shell) -> None:
    done = shell(
        "cd /root/sprocket-infra/layer_1 && npm ci --no-audit >/dev/null && ls -d node_modules; npm bogus; echo $?"
    )
    assert done.stdout.splitlines()[0] == "node_modules"
    assert done.stdout.splitlines()[-1] == "1"
    assert shell("docker service ls 2>&1 >/dev/null").stdout.startswith("Error response from daemon: This node is not")


@pytest.fixture
def private() -> Iterator[Path]:
    """A file that only the one who runs the practice droplet may read and write."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        path = Path(directory, "key")
        path.write_text(CANARY)
        path.chmod(0o600)
        yield path


PLANTED = {
    "the state": "ln -sf {file} world.json",
    "the lock of the state": "rm -f world.json.lock; ln -s {file} world.json.lock",
    "a file of the kernel": "rm -f loadavg; ln -s {file} loadavg",
    "a directory": "rm -rf tls; ln -s {file.parent} tls",
    "anything": "ln -s {file} evil",
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_link_that_is_left_in_place_of(what: str, private: Path, tmp_path: Path) -> None:
    """Neither while the droplet is up nor when it is taken up again does the program outside follow it."""
    before = private.stat()
    with Droplet(tmp_path / "droplet", speed=1000) as droplet:
        ran(droplet, f"cd /run/practice/world; {PLANTED[what].format(file=private)}", tmp_path / "out")
        with suppress(OSError, ValueError), droplet.world.change() as state:
            state["node"]["clock"] = 7
    with pytest.raises(SprocketError, match="is a link") as refused:
        Droplet(tmp_path / "droplet", speed=1000)
    assert "practice reset" in refused.value.remedy
    after = private.stat()
    assert private.read_text() == CANARY
    assert (after.st_uid, after.st_mode, after.st_mtime_ns) == (before.st_uid, before.st_mode, before.st_mtime_ns)
    assert [each.name for each in private.parent.iterdir()] == ["key"]


def test_a_droplet_is_used_by_one_program_at_a_time(tmp_path: Path) -> None:
    with Droplet(tmp_path / "droplet", speed=1000):
        with pytest.raises(SprocketError, match="in use") as refused:
            Droplet(tmp_path / "droplet")
        assert refused.value.code == 8
        with pytest.raises(SprocketError, match="in use"):
            remove(tmp_path / "droplet")
    assert remove(tmp_path / "droplet")


@pytest.mark.parametrize("state", ["{", "{}", "[]", ""])
def test_a_state_that_is_none_is_said_to_be_damaged(state: str, tmp_path: Path) -> None:
    with Droplet(tmp_path / "droplet", speed=1000):
        pass
    (tmp_path / "droplet" / "world" / "world.json").write_text(state)
    with pytest.raises(SprocketError) as refused:
        Droplet(tmp_path / "droplet")
    assert "practice reset" in refused.value.remedy
