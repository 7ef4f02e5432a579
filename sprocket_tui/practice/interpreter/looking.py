"""Programs that tell what is there: `ls`, `stat`, `du`, `id`, `hostname`, `date`, `jq --version`."""

from __future__ import annotations

import math
import stat as modes
import time
from collections.abc import Callable
from os import stat_result

from sprocket_tui.practice.interpreter import options
from sprocket_tui.practice.interpreter.system import Run
from sprocket_tui.practice.interpreter.unknown import NotKnown

_MEMORY = ("/dev/shm", "/run", "/tmp")


def ls(run: Run) -> int:
    """`ls [-1adt] [PATH]...`: names, one a line."""
    given, paths = options.read(run, "1Aadtr")
    names, directories, status = list[str](), list[str](), 0
    for path in paths or ["."]:
        try:
            found = run.files.stat(path, run.directory)
        except OSError as error:
            status = run.complain(f"cannot access '{path}': {error.strerror}", 2)
            continue
        (directories if modes.S_ISDIR(found.st_mode) and "d" not in given else names).append(path)
    lines = _ordered(run, given, names, run.directory)
    for path in directories:
        where = run.files.absolute(path, run.directory)
        shown = [
            each for each in run.files.names(path, run.directory) if not each.startswith(".") or {"a", "A"} & set(given)
        ]
        if "a" in given:
            shown = [".", "..", *shown]
        if len(paths) > 1:
            lines.extend(["", f"{path}:"] if lines else [f"{path}:"])
        lines.extend(_ordered(run, given, shown, where))
    run.out("".join(f"{line}\n" for line in lines))
    return status


def _ordered(run: Run, given: dict[str, str], names: list[str], directory: str) -> list[str]:
    def newest(name: str) -> int:
        found = run.files.exists(name, directory)
        return -found.st_mtime_ns if found else 0

    found = sorted(names, key=newest) if "t" in given else sorted(names)
    return found[::-1] if "r" in given else found


def stat(run: Run) -> int:
    """`stat [-f] -c FORMAT PATH...`, with %s %Y %a %u %g %n %F; of a file system its type, %T."""
    given, paths = options.read(run, "fc:")
    template = given.get("c", "")
    if not paths or not template:
        raise NotKnown(" ".join(run.argv))
    status = 0
    for path in paths:
        try:
            found = run.files.stat(path, run.directory)
        except OSError as error:
            status = run.complain(f"cannot stat '{path}': {error.strerror}")
            continue
        run.out(_filled(run, template, path, found, of_filesystem="f" in given) + "\n")
    return status


def _filled(run: Run, template: str, path: str, found: stat_result, *, of_filesystem: bool) -> str:
    def kind() -> str:
        whole = run.files.absolute(path, run.directory)
        memory = any(whole == each or whole.startswith(f"{each}/") for each in _MEMORY)
        return "tmpfs" if memory else "proc" if whole.startswith("/proc") else "ext2/ext3"

    file: dict[str, Callable[[], str]] = {
        "s": lambda: str(found.st_size),
        "Y": lambda: str(int(found.st_mtime)),
        "a": lambda: f"{modes.S_IMODE(found.st_mode):o}",
        "u": lambda: "0",
        "g": lambda: "0",
        "U": lambda: "root",
        "G": lambda: "root",
        "n": lambda: path,
        "F": lambda: "directory" if modes.S_ISDIR(found.st_mode) else "regular file",
    }
    known = {"T": kind, "n": lambda: path} if of_filesystem else file
    pieces, at = list[str](), 0
    while at < len(template):
        char = template[at]
        if char != "%":
            pieces.append(char)
            at += 1
            continue
        if template[at + 1 : at + 2] not in known:
            raise NotKnown(f"{run.name}: {template}")
        pieces.append(known[template[at + 1]]())
        at += 2
    return "".join(pieces)


def du(run: Run) -> int:
    """`du [-s] [-h|-k] [-x] [--inodes] [PATH]...`: blocks of 1024 bytes, or names."""
    given, paths = options.read(run, "shkx", ["inodes"])
    status = 0
    for path in paths or ["."]:
        if run.files.exists(path, run.directory) is None:
            status = run.complain(f"cannot access '{path}': No such file or directory")
            continue
        rows = list[tuple[int, str]]()
        total = _size(run, path, rows, count="inodes" in given)
        for size, name in [(total, path)] if "s" in given else rows:
            shown = str(size) if "inodes" in given else _human(size) if "h" in given else str(-(-size // 1024))
            run.out(f"{shown}\t{name}\n")
    return status


def _size(run: Run, path: str, rows: list[tuple[int, str]], *, count: bool) -> int:
    run.process.alive()
    found = run.files.exists(path, run.directory)
    if found is None or run.files.absolute(path, run.directory) == "/proc":
        return 0
    size = 1 if count else found.st_blocks * 512
    if modes.S_ISDIR(found.st_mode):
        for name in run.files.names(path, run.directory):
            size += _size(run, f"{path.rstrip('/')}/{name}", rows, count=count)
        rows.append((size, path))
    return size


def _human(size: int) -> str:
    """As `du -h` rounds: up, with one digit after the point below ten."""
    if size < 1024:
        return str(size)
    power = min(3, (size.bit_length() - 1) // 10)
    number = size / (1 << 10 * power)
    unit = " KMG"[power]
    return f"{math.ceil(number * 10) / 10:.1f}{unit}" if number < 10 else f"{math.ceil(number)}{unit}"


def identity(run: Run) -> int:
    """`id [-u|-un|-g]`: everybody is root here."""
    answers: dict[tuple[str, ...], str] = {
        (): "uid=0(root) gid=0(root) groups=0(root)",
        ("-u",): "0",
        ("-g",): "0",
        ("-un",): "root",
    }
    if tuple(run.words) not in answers:
        raise NotKnown(" ".join(run.argv))
    run.out(answers[tuple(run.words)] + "\n")
    return 0


def hostname(run: Run) -> int:
    """The droplet's."""
    if run.words:
        raise NotKnown(" ".join(run.argv))
    run.out(run.system.world.read()["node"]["hostname"] + "\n")
    return 0


def date(run: Run) -> int:
    """`date [-u] [+FORMAT]`, by the droplet's clock, in UTC."""
    given, rest = options.read(run, "u")
    del given
    template = rest[0] if rest else "+%a %b %e %H:%M:%S UTC %Y"
    if len(rest) > 1 or not template.startswith("+"):
        raise NotKnown(" ".join(run.argv))
    now = time.time() + run.system.world.read()["node"]["clock"]
    # Not everywhere does the C library know these two.
    template = template[1:].replace("%N", f"{now % 1:.9f}"[2:]).replace("%s", str(int(now)))
    run.out(time.strftime(template, time.gmtime(now)) + "\n")
    return 0


def jq(run: Run) -> int:
    """`jq --version`."""
    if run.words != ["--version"]:
        raise NotKnown(" ".join(run.argv))
    run.out("jq-1.7\n")
    return 0
