"""Programs that change the tree: `mkdir`, `rm`, `rmdir`, `mv`, `touch`, `chmod`, `install -d`, `mktemp -d`, `sync`."""

from __future__ import annotations

import os
import random
import re
import stat
import string

from sprocket_tui.practice.interpreter import options
from sprocket_tui.practice.interpreter.system import Run
from sprocket_tui.practice.interpreter.unknown import NotKnown


def mkdir(run: Run) -> int:
    """`mkdir [-p] [-m MODE] DIRECTORY...`."""
    given, paths = options.read(run, "pm:", ["parents", "mode="])
    parents = "p" in given or "parents" in given
    mode = _mode(run, given["m"]) if "m" in given else 0o777 & ~run.process.umask
    status = 0
    for path in _some(run, paths):
        try:
            _make(run, path, mode, parents=parents)
        except OSError as error:
            status = run.complain(f"cannot create directory '{path}': {error.strerror}")
    return status


def _make(run: Run, path: str, mode: int, *, parents: bool) -> None:
    whole = run.files.absolute(path, run.directory)
    found = run.files.exists(whole, "/")
    if parents and found is not None and stat.S_ISDIR(found.st_mode):
        return
    above = os.path.dirname(whole)  # noqa: PTH120 a path of the droplet's
    if parents and run.files.exists(above, "/") is None:
        _make(run, above, 0o777 & ~run.process.umask | 0o300, parents=True)
    run.files.mkdir(whole, "/", mode)


def install(run: Run) -> int:
    """`install -d [-m MODE] DIRECTORY...`."""
    given, paths = options.read(run, "dm:", ["directory", "mode="])
    if "d" not in given and "directory" not in given:
        raise NotKnown(" ".join(run.argv))
    mode = _mode(run, given.get("m") or given.get("mode") or "755")
    status = 0
    for path in _some(run, paths):
        try:
            _make(run, path, mode, parents=True)
            run.files.chmod(path, run.directory, mode)
        except OSError as error:
            status = run.complain(f"cannot create directory '{path}': {error.strerror}")
    return status


def chmod(run: Run) -> int:
    """`chmod OCTAL FILE...`."""
    _, rest = options.read(run)
    if len(rest) < 2:
        raise NotKnown(" ".join(run.argv))
    mode, status = _mode(run, rest[0]), 0
    for path in rest[1:]:
        try:
            run.files.chmod(path, run.directory, mode)
        except OSError as error:
            status = run.complain(f"cannot access '{path}': {error.strerror}")
    return status


def _mode(run: Run, text: str) -> int:
    if not re.fullmatch("[0-7]{3,4}", text):
        raise NotKnown(f"{run.name}: mode {text}")
    return int(text, 8) & 0o1777


def rm(run: Run) -> int:
    """`rm [-rf] PATH...`; the root stays, and what the kernel shows."""
    given, paths = options.read(run, "rRf", ["recursive", "force"])
    deep, force = bool({"r", "R", "recursive"} & set(given)), bool({"f", "force"} & set(given))
    status = 0
    for path in paths if force else _some(run, paths):
        try:
            _remove(run, run.files.absolute(path, run.directory), deep=deep)
        except FileNotFoundError as error:
            status = status if force else run.complain(f"cannot remove '{path}': {error.strerror}")
        except OSError as error:
            status = run.complain(f"cannot remove '{path}': {error.strerror}")
    return status


def _remove(run: Run, whole: str, *, deep: bool) -> None:
    if not stat.S_ISDIR(run.files.stat(whole, "/").st_mode):
        run.files.remove(whole, "/")
        return
    if not deep:
        raise IsADirectoryError(21, os.strerror(21), whole)
    for name in run.files.names(whole, "/"):
        run.process.alive()
        _remove(run, f"{whole.rstrip('/')}/{name}", deep=True)
    run.files.rmdir(whole, "/")


def rmdir(run: Run) -> int:
    """`rmdir DIRECTORY...`."""
    _, paths = options.read(run)
    status = 0
    for path in _some(run, paths):
        try:
            run.files.rmdir(path, run.directory)
        except OSError as error:
            status = run.complain(f"failed to remove '{path}': {error.strerror}")
    return status


def mv(run: Run) -> int:
    """`mv [-f] OLD NEW`; into NEW when that is a directory."""
    _, paths = options.read(run, "f")
    if len(paths) != 2:
        raise NotKnown(" ".join(run.argv))
    old, new = (run.files.absolute(path, run.directory) for path in paths)
    found = run.files.exists(new, "/")
    if found is not None and stat.S_ISDIR(found.st_mode):
        new = f"{new}/{os.path.basename(old)}"  # noqa: PTH119 a path of the droplet's
    try:
        run.files.rename(old, new, "/")
    except OSError as error:
        return run.complain(f"cannot move '{paths[0]}' to '{paths[1]}': {error.strerror}")
    return 0


def touch(run: Run) -> int:
    """`touch [-c] FILE...`."""
    given, paths = options.read(run, "c")
    status = 0
    for path in _some(run, paths):
        try:
            if run.files.exists(path, run.directory) is not None:
                run.files.touch(path, run.directory)
            elif "c" not in given:
                flags = os.O_WRONLY | os.O_CREAT
                run.files.open(path, run.directory, flags, run.process.umask).held().released()
        except OSError as error:
            status = run.complain(f"cannot touch '{path}': {error.strerror}")
    return status


def mktemp(run: Run) -> int:
    """`mktemp -d [TEMPLATE]`."""
    given, rest = options.read(run, "d")
    if "d" not in given or len(rest) > 1:
        raise NotKnown(" ".join(run.argv))
    template = rest[0] if rest else f"{run.process.environ.get('TMPDIR', '/tmp')}/tmp.XXXXXXXXXX"
    marks = len(template) - len(template.rstrip("X"))
    if marks < 3:
        return run.complain(f"too few X's in template '{template}'")
    letters = string.ascii_letters + string.digits
    name = template[:-marks] + "".join(random.SystemRandom().choice(letters) for _ in range(marks))
    try:
        run.files.mkdir(name, run.directory, 0o700)
    except OSError as error:
        return run.complain(f"failed to create directory via template '{template}': {error.strerror}")
    run.out(f"{name}\n")
    return 0


def sync(run: Run) -> int:
    """`sync PATH...`: whether they are there; the rest is for a real disk to promise."""
    _, paths = options.read(run)
    status = 0
    for path in paths:
        if run.files.exists(path, run.directory) is None:
            status = run.complain(f"error opening '{path}': No such file or directory")
    return status


def _some(run: Run, paths: list[str]) -> list[str]:
    if not paths:
        raise NotKnown(run.name)
    return paths
