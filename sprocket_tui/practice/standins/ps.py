"""`ps`: the processes of the droplet, those that the world says are there among them."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.options import Line, Misuse, flags, read
from sprocket_tui.practice.standins.process_list import Process, own_terminal, processes
from sprocket_tui.practice.standins.rehearsed import NotRehearsed

TAKES = {"ps": {"": flags("-e,-A -f -w -o,--format= -p,--pid= -C= --sort= --no-headers")}}
# Letters in the manner of BSD that are told without a dash: all processes, and how.
_BSD = re.compile(r"(?=\w*x)(?:a|x|u|w)+")
_BSD_LETTERS = set("acefghjklmnoprstuvwxHLNOSTUVXZ")
_DEFAULT, _FULL = "pid,tname,time,ucmd", "user=UID,pid,ppid,c,stime,tname,time,cmd"
_OF_ALL, _FOR_USERS = "pid,tname,stat,bsdtime,args", "user,pid,%cpu,%mem,vsz,rss,tname,stat,bsdstart,bsdtime,args"
_BAD_NUMBER = "process ID list syntax error"
_LISTS = {
    **dict.fromkeys(("-p", "--pid"), "list of process IDs"),
    "-C": "list of command names",
    **dict.fromkeys(("-o", "--format"), "format specification"),
    "--sort": "long sort specification",
}


@dataclass(frozen=True)
class _Seen:
    """What a column is told from: a process, and the machine at that moment by its own clock."""

    process: Process
    now: float
    memory: int

    @property
    def lasted(self) -> int:
        """Seconds."""
        return max(0, int(self.now - self.process.began))

    @property
    def share(self) -> float:
        """Of one processor, in hundredths."""
        return 100 * self.process.worked / max(1, self.lasted)


@dataclass(frozen=True)
class _Column:
    """A heading, how wide it is (negative: to the left), what stands there, and by what it is sorted."""

    heading: str
    width: int
    tell: Callable[[_Seen], str]
    key: Callable[[_Seen], float | str]


def main(call: Call) -> int:
    """Answers one command line; with status 1 where there is none of the processes that it asks for."""
    try:
        line = _line(call.argv)
        bsd = "".join(line.words)
        columns = _columns(line.given.get("-o") or _usual(line, bsd))
        order = _order(line.given.get("--sort", "+pid"))
        state = call.world.read()
        wanted = _wanted(call, line, everything=bool(bsd))
    except Misuse as error:
        from sprocket_tui.practice.standins.usage import PS  # noqa: PLC0415 only who errs reads it

        return call.fail(f"error: {error}\n{PS}")
    now = time.time() + state["node"]["clock"]
    seen = [_Seen(each, now, state["node"]["memory_mib"] * 1024) for each in processes(call, state) if wanted(each)]
    for key, falling in reversed(order):
        seen.sort(key=key, reverse=falling)
    _show(call, line, columns, seen, wide="w" in bsd or line.has("-w"))
    return 0 if seen else 1


def _line(argv: Sequence[str]) -> Line:
    """The options. Raises Misuse in the words of ps, and NotRehearsed."""
    try:
        line = read(argv, TAKES["ps"][""])
    except Misuse as error:
        asked = argv[-1].partition("=")[0]
        name = asked if asked.startswith("--") else f"-{asked[-1:]}"
        if "requires an argument" in str(error):
            raise Misuse(f"{_LISTS[name]} must follow {name}") from error
        kind = "unknown gnu long option" if str(error).startswith("unrecognized") else "unsupported SysV option"
        raise Misuse(kind) from error
    for word in line.words:
        if _BSD.fullmatch(word):
            continue
        if word.isdecimal() or set(word) <= _BSD_LETTERS:
            raise NotRehearsed(f"ps {word}")
        raise Misuse(_BAD_NUMBER if word[0].isdecimal() else "unsupported option (BSD syntax)")
    if sum(word.startswith(("-o", "-eo", "--format")) for word in argv) > 1:
        raise NotRehearsed("ps with -o twice")
    return line


def _usual(line: Line, bsd: str) -> str:
    """The columns where nobody names any."""
    if line.has("-f"):
        return _FULL
    if not bsd:
        return _DEFAULT
    return _FOR_USERS if "u" in bsd else _OF_ALL


def _columns(text: str) -> list[tuple[str, _Column]]:
    """Columns with their headings, which may be named behind a "=". Raises Misuse."""
    found = list[tuple[str, _Column]]()
    for each in re.split(r"[, ]+", text.strip()):
        name, own, heading = each.partition("=")
        if name not in _COLUMNS:
            raise Misuse(f'unknown user-defined format specifier "{name}"')
        found.append((heading if own else _COLUMNS[name].heading, _COLUMNS[name]))
    return found


def _order(text: str) -> list[tuple[Callable[[_Seen], float | str], bool]]:
    """By what they are sorted, and whether the greatest comes first. Raises Misuse."""
    found = list[tuple[Callable[[_Seen], float | str], bool]]()
    for each in text.split(","):
        name = each.lstrip("+-")
        if name not in _COLUMNS:
            raise Misuse("unknown sort specifier")
        found.append((_COLUMNS[name].key, each.startswith("-")))
    return found


def _wanted(call: Call, line: Line, *, everything: bool) -> Callable[[Process], bool]:
    """Which processes are told. Raises Misuse."""
    numbers, names = (set(re.split(r"[, ]+", line.given.get(each, ""))) - {""} for each in ("-p", "-C"))
    if not all(each.isdecimal() for each in numbers):
        raise Misuse(_BAD_NUMBER)
    if everything or line.has("-e"):
        return lambda process: True
    if numbers or names:
        return lambda process: str(process.pid) in numbers or process.name in names
    terminal = own_terminal(call)
    return lambda process: process.terminal == terminal


def _show(call: Call, line: Line, columns: Sequence[tuple[str, _Column]], seen: Sequence[_Seen], *, wide: bool) -> None:
    rows = [[column.tell(each) for _, column in columns] for each in seen]
    widths = [max(abs(column.width), len(heading)) for heading, column in columns]
    if any(heading for heading, _ in columns) and not line.has("--no-headers"):
        rows.insert(0, [heading for heading, _ in columns])
    most = os.get_terminal_size(call.stdout.fileno()).columns if call.stdout.isatty() and not wide else None
    for row in rows:
        cells = [
            cell.ljust(width) if column.width < 0 else cell.rjust(width)
            for cell, width, (_, column) in zip(row, widths, columns, strict=True)
        ]
        # What stands last in a row is as long as it is.
        if columns[-1][1].width < 0:
            cells[-1] = row[-1]
        call.say(" ".join(cells)[:most])


def _clock(seen: _Seen, form: str) -> str:
    return time.strftime(form, time.gmtime(seen.process.began))


def _same(seen: _Seen, form: str) -> bool:
    return _clock(seen, form) == time.strftime(form, time.gmtime(seen.now))


def _day_or_time(seen: _Seen) -> str:
    if not _same(seen, "%Y"):
        return _clock(seen, "%Y")
    return _clock(seen, "%H:%M" if _same(seen, "%j") else "%b%d")


def _elapsed(seconds: float) -> str:
    days, rest = divmod(int(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    short = f"{rest // 60:02}:{rest % 60:02}"
    return f"{days}-{hours:02}:{short}" if days else f"{hours:02}:{short}" if hours else short


def _worked(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def _text(heading: str, width: int, tell: Callable[[_Seen], str]) -> _Column:
    return _Column(heading, -width, tell, tell)


def _number(heading: str, width: int, value: Callable[[_Seen], float], form: str = "{:.0f}") -> _Column:
    return _Column(heading, width, lambda seen: form.format(value(seen)), value)


def _moment(heading: str, width: int, tell: Callable[[_Seen], str]) -> _Column:
    return _Column(heading, width, tell, lambda seen: seen.process.began)


_PLAIN = {
    "pid": _number("PID", 7, lambda seen: seen.process.pid),
    "ppid": _number("PPID", 7, lambda seen: seen.process.parent),
    "pgid": _number("PGID", 7, lambda seen: seen.process.group),
    "sid": _number("SID", 7, lambda seen: seen.process.session),
    "user": _text("USER", 8, lambda seen: "root"),
    "euser": _text("EUSER", 8, lambda seen: "root"),
    "uid": _number("UID", 5, lambda seen: 0),
    "tname": _text("TTY", 8, lambda seen: seen.process.terminal),
    "tty": _text("TT", 8, lambda seen: seen.process.terminal),
    "stat": _text("STAT", 4, lambda seen: seen.process.state),
    "s": _text("S", 1, lambda seen: seen.process.state[0]),
    "ni": _number("NI", 3, lambda seen: seen.process.nice),
    "nlwp": _number("NLWP", 4, lambda seen: seen.process.threads),
    "c": _number("C", 2, lambda seen: int(seen.share)),
    "%cpu": _number("%CPU", 4, lambda seen: seen.share, "{:.1f}"),
    "%mem": _number("%MEM", 4, lambda seen: 100 * seen.process.resident / seen.memory, "{:.1f}"),
    "vsz": _number("VSZ", 6, lambda seen: seen.process.mapped),
    "rss": _number("RSS", 5, lambda seen: seen.process.resident),
    "lstart": _moment("STARTED", 24, lambda seen: _clock(seen, "%a %b %e %H:%M:%S %Y")),
    "start": _moment("STARTED", 8, lambda seen: _clock(seen, "%H:%M:%S" if seen.lasted < 86400 else "  %b %d")),
    "stime": _moment("STIME", 5, _day_or_time),
    "bsdstart": _moment("START", 5, lambda seen: _clock(seen, "%H:%M" if seen.lasted < 86400 else "%b%d")),
    "etime": _Column("ELAPSED", 11, lambda seen: _elapsed(seen.lasted), lambda seen: seen.lasted),
    "etimes": _number("ELAPSED", 7, lambda seen: seen.lasted),
    "time": _Column("TIME", 8, lambda seen: _worked(seen.process.worked), lambda seen: seen.process.worked),
    "bsdtime": _Column(
        "TIME",
        6,
        lambda seen: f"{int(seen.process.worked) // 60}:{int(seen.process.worked) % 60:02}",
        lambda seen: seen.process.worked,
    ),
    "comm": _text("COMMAND", 15, lambda seen: seen.process.name),
    "ucmd": _text("CMD", 15, lambda seen: seen.process.name),
    "args": _text("COMMAND", 27, lambda seen: seen.process.command),
    "cmd": _text("CMD", 27, lambda seen: seen.process.command),
}
# Other names of the same.
_COLUMNS = _PLAIN | {
    also: _PLAIN[name]
    for name, others in {
        "%cpu": "pcpu",
        "%mem": "pmem",
        "vsz": "vsize",
        "rss": "rssize rsz",
        "tty": "tt",
        "s": "state",
        "comm": "ucomm",
        "args": "command",
        "ni": "nice",
        "pgid": "pgrp",
        "sid": "sess session",
        "time": "cputime",
        "user": "uname",
        "nlwp": "thcount",
    }.items()
    for also in others.split()
}
