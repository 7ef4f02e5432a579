"""`nproc`, `uname` and `date`: what the machine is, from the world's node."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from sprocket_tui.practice.standins import kernel
from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.options import Line, Misuse, flags, quoted, read
from sprocket_tui.practice.world import Node

_REAL_DATE = "/run/practice/real/date"
TAKES = {
    "nproc": {"": flags("--all --ignore=")},
    "uname": {
        "": flags(
            "-a,--all -s,--kernel-name -n,--nodename -r,--kernel-release -v,--kernel-version -m,--machine "
            "-p,--processor -i,--hardware-platform -o,--operating-system"
        )
    },
    # It is the real program that answers.
    "date": {"": flags("-u,--utc -d,--date= -I -R,--rfc-email")},
}


def main(call: Call) -> int:
    """Answers for the three programs."""
    node = call.world.read()["node"]
    if call.program == "date":
        return _date(call, node)
    try:
        return _PROGRAMS[call.program](call, node, read(call.argv, TAKES[call.program][""], most=0))
    except Misuse as error:
        return call.fail(f"{call.program}: {error}\nTry '{call.program} --help' for more information.")


def _nproc(call: Call, node: Node, line: Line) -> int:
    ignored = line.given.get("--ignore", "0")
    if not ignored.isdecimal():
        return call.fail(f"nproc: invalid number: {quoted(ignored)}")
    call.say(str(max(1, node["cpus"] - int(ignored))))
    return 0


def _uname(call: Call, node: Node, line: Line) -> int:
    parts = {
        "-s": "Linux",
        "-n": node["hostname"],
        "-r": node["kernel"],
        "-v": kernel.BUILD,
        "-m": node["arch"],
        "-p": node["arch"],
        "-i": node["arch"],
        "-o": "GNU/Linux",
    }
    asked = set(parts) if line.has("-a") else set(line.given) or {"-s"}
    call.say(" ".join(part for name, part in parts.items() if name in asked))
    return 0


def _date(call: Call, node: Node) -> int:
    """The real `date`, told another now; it answers for its own words and errors."""
    # Of a word that is no format it says so only where it is told no moment.
    asks = any(word.startswith(("-d", "--date")) or word[:1] not in "-+" for word in call.argv)
    told = [] if asks else ["-d", f"@{time.time() + node['clock']:.9f}"]
    for stream in (call.stdout, call.stderr):
        stream.flush()
    streams = [(os.POSIX_SPAWN_DUP2, each.fileno(), to) for to, each in ((1, call.stdout), (2, call.stderr))]
    pid = os.posix_spawn(call.path(_REAL_DATE), ["date", *told, *call.argv], dict(call.environ), file_actions=streams)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


_PROGRAMS: dict[str, Callable[[Call, Node, Line], int]] = {"nproc": _nproc, "uname": _uname}
