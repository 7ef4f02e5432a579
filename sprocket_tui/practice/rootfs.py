"""The root directory that a practice session sees: the system's programs read-only, and places of its own to write to.

Nothing of the person's is in it. Programs are shown one by one, so that a tool that we stand in for is nowhere, not
under its absolute path either.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui.practice import etc
from sprocket_tui.practice.namespaces import Mount, bind, mount

# Programs of the system that do no more than a script needs; whatever is missing here is missing there.
_PROGRAMS = """
[ awk base64 basename bash cat chgrp chmod chown cmp comm cp curl cut dash diff dirname du egrep env expr false
fgrep find flock fold getent grep groups gunzip gzip head hostname id install jq kill less ln ls md5sum mkdir
mkfifo mktemp more mount mv nc nl nohup od openssl paste pgrep pkill printenv printf pwd readlink realpath rm
rmdir sed seq setsid sh sha256sum sleep sort stat stty sync tail tar tee test timeout top touch tr true tty umount
unshare uniq uptime vi wc which whoami xargs yes
"""
_LIBRARIES = ("lib", "lib32", "lib64", "libx32", "libexec", "share")
_LINKED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "nsswitch.conf", "protocols")
# Python looks for its library beside its program, and else where it was installed.
_PYTHON = "run/practice/python/bin/python3"
_PYTHON_LIBRARY = "run/practice/python/lib"
# What somebody installed for a Python of theirs, below its library: no stand-in needs any of it.
_PACKAGES = ("python*/site-packages", "python*/dist-packages")
_NOTHING = "run/practice/nothing"
_START = (
    "import sys; sys.path.insert(0, '/run/practice/lib'); "
    "from sprocket_tui.practice.standins import launch; launch.run()"
)


@dataclass(frozen=True)
class Plan:
    """What the root is made of: open descriptors of what lies outside, and the user who is root inside."""

    home: int
    mnt: int
    world: int
    library: int
    python: int
    python_library: int
    release: str
    sites: str
    owner: int


def build(root: str, plan: Plan, standins: tuple[str, ...]) -> None:
    """Mounts everything below `root`, in a mount namespace of its own. Raises OSError where the kernel forbids it."""
    mount("", "/", flags=Mount.RECURSIVE | Mount.PRIVATE)
    owner = f",uid={plan.owner},gid={plan.owner}" if plan.owner else ""
    mount("practice", root, "tmpfs", Mount.NO_SUID | Mount.NO_DEV, f"mode=755,size=256m{owner}")
    _system(root)
    _own(root, plan)
    _hide_packages(root)
    _programs(root, standins)
    _devices(root)
    _settings(root, plan)
    for name in ("etc", "srv", "usr", "usr/bin", "usr/local", "usr/local/bin", "var", "var/lib", "var/log", "var/tmp"):
        os.chown(Path(root, name), plan.owner, plan.owner)


def _system(root: str) -> None:
    Path(root, "usr").mkdir()
    for name in _LIBRARIES:
        source = f"/usr/{name}"
        if Path(source).is_dir() and not Path(source).is_symlink():
            _shown(source, f"{root}/usr/{name}")
        elif Path(source).is_symlink():
            Path(root, "usr", name).symlink_to(Path(source).readlink())
    for name in _LINKED:
        if Path("/", name).is_symlink():
            Path(root, name).symlink_to(Path("/", name).readlink())
        elif name in ("bin", "sbin"):
            Path(root, name).symlink_to("usr/bin")
        elif Path("/", name).is_dir():
            _shown(f"/{name}", f"{root}/{name}")
    for name in ("bin", "sbin", "local/bin", "local/sbin"):
        Path(root, "usr", name).mkdir(parents=True)
    # A Python of /usr/local finds its shared library there.
    _shown("/usr/local/lib", f"{root}/usr/local/lib")


def _own(root: str, plan: Plan) -> None:
    for name, source in (("root", plan.home), ("mnt", plan.mnt), ("run/practice/world", plan.world)):
        Path(root, name).mkdir(parents=True)
        bind(f"/proc/self/fd/{source}", f"{root}/{name}", read_only=False)
    for name, source in (("run/practice/lib", plan.library), (_PYTHON_LIBRARY, plan.python_library)):
        Path(root, name).mkdir(parents=True)
        bind(f"/proc/self/fd/{source}", f"{root}/{name}")
    Path(root, "run/practice/python/bin").mkdir()
    Path(root, _PYTHON).touch()
    bind(f"/proc/self/fd/{plan.python}", f"{root}/{_PYTHON}")
    for name in ("tmp", "var/tmp", "var/log", "var/lib", "srv", "proc", "sys"):
        Path(root, name).mkdir(parents=True)
    Path(root, "tmp").chmod(0o1777)


def _hide_packages(root: str) -> None:
    nothing = Path(root, _NOTHING)
    nothing.mkdir()
    for library in (_PYTHON_LIBRARY, "usr/local/lib", "usr/lib", "usr/lib64"):
        inside = Path(root, library)
        # Through a link the same one can be found twice, or one that is nowhere inside.
        found = {each.resolve() for kind in _PACKAGES for each in inside.glob(kind) if each.is_dir()}
        for each in sorted(found):
            if each.is_relative_to(inside):
                bind(str(nothing), str(each))


def _programs(root: str, standins: tuple[str, ...]) -> None:
    launcher = f"{root}/run/practice/launcher"
    # A Python outside the system's directories may have its shared library beside it, and nowhere else.
    Path(launcher).write_text(
        f'#!/bin/sh\nLD_LIBRARY_PATH=/{_PYTHON_LIBRARY} exec /{_PYTHON} -ISB -c "{_START}" "$0" "$@"\n',
        encoding="utf-8",
    )
    Path(launcher).chmod(0o755)
    Path(root, "run/practice/real").mkdir()
    for name in _PROGRAMS.split():
        _program(name, f"{root}/usr/bin/{name}")
    _program("date", f"{root}/run/practice/real/date")
    for name in standins:
        # A copy, because the kernel names a process after the file that was started.
        shutil.copy(launcher, f"{root}/usr/bin/{name}")


def _program(name: str, target: str) -> None:
    found = shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin")
    if found:
        Path(target).touch()
        bind(str(Path(found).resolve()), target)


def _devices(root: str) -> None:
    Path(root, "dev").mkdir()
    for name in _DEVICES:
        if Path("/dev", name).exists():
            Path(root, "dev", name).touch()
            mount(f"/dev/{name}", f"{root}/dev/{name}", flags=Mount.BIND)
    for name, to in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        Path(root, "dev", name).symlink_to(to)
    Path(root, "dev/shm").mkdir()
    mount("shm", f"{root}/dev/shm", "tmpfs", Mount.NO_SUID | Mount.NO_DEV, "mode=1777,size=64m")


def _settings(root: str, plan: Plan) -> None:
    target = Path(root, "etc")
    target.mkdir()
    for name in _SETTINGS:
        source = Path("/etc", name)
        if source.is_dir():
            _shown(str(source), str(target / name))
        elif source.is_file():
            (target / name).touch()
            bind(str(source.resolve()), str(target / name))
    for file, text in etc.texts(plan.release, plan.sites.split()).items():
        (target / file).write_text(text, encoding="utf-8")
    # The only authority that is trusted here is the one that signed the sites of the rehearsal.
    (target / "ssl/certs").mkdir(parents=True)
    (target / "ssl/certs/ca-certificates.crt").symlink_to("/run/practice/world/tls/authority.pem")


def _shown(source: str, target: str) -> None:
    Path(target).mkdir(parents=True)
    bind(source, target)
