"""`ss`: who listens on the droplet."""

from __future__ import annotations

import re

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.daemons import daemon, runs
from sprocket_tui.practice.standins.options import Line, Misuse, flags, read
from sprocket_tui.practice.standins.rehearsed import NotRehearsed
from sprocket_tui.practice.world import State, age

_STARTING = 2.0
# The numbers of processes that hold ports for services, and the last of any process of the world.
_PROXIES, LAST_PID = 4000, 5000
_ANY = "0.0.0.0"  # noqa: S104 a text
_SERVICES = {22: "ssh", 80: "http", 443: "https", 8080: "http-alt"}
_LISTENING, _EVERY = "listening", "all"
# The other states that a filter of the real one names, and the other words that one begins with.
_STATES = (
    *("established", "syn-sent", "syn-recv", "syn-rcv", "fin-wait-1", "fin-wait-2", "time-wait", "unconnected"),
    *("close", "closed", "close-wait", "last-ack", "closing", "connected", "synchronized", "bucket", "big"),
)
_EXPRESSIONS = ("exclude", "state", "dport", "src", "dst", "not", "dev", "fwmark", "cgroup", "autobound")
TAKES = {
    "ss": {
        "": flags(
            "-H,--no-header -l,--listening -t,--tcp -u,--udp -n,--numeric -p,--processes -a,--all -4,--ipv4 -6,--ipv6"
        )
    }
}


def main(call: Call) -> int:
    """Answers one command line; a filter may name who listens or everybody, and a port of this side."""
    try:
        line = read(call.argv, TAKES["ss"][""])
        state, words = _state(line.words)
        if words and words[0] in _EXPRESSIONS:
            raise NotRehearsed(f"ss {words[0]}")
        wanted = re.fullmatch(r"\(? *sport = :(\d+) *\)?", " ".join(words)) if words else None
        if words and wanted is None:
            raise Misuse
    except _Wrong as error:
        return call.fail(str(error), 255)
    except Misuse as error:
        from sprocket_tui.practice.standins.usage import SS  # noqa: PLC0415 only who errs reads it

        bad = f"ss: {error}" if str(error) else 'ss: bison bellows (while parsing filter): "syntax error!" Sorry.'
        return call.fail(f"{bad}\n{SS}", 255)
    _show(call, line, state, int(wanted[1]) if wanted else None)
    return 0


class _Wrong(Exception):
    """What is said of a filter of states that is none."""


def _state(words: list[str]) -> tuple[str, list[str]]:
    """The state that is asked for, "" for none, and the words behind it."""
    if words[:1] != ["state"]:
        return "", words
    if not words[1:]:
        raise _Wrong('Command line is not complete. Try option "help"')
    name = words[1].lower()
    if name in _STATES:
        raise NotRehearsed(f"ss state {words[1]}")
    if name not in (_LISTENING, _EVERY):
        raise _Wrong(f"ss: wrong state name: {words[1]}")
    return name, words[2:]


def serving(state: State) -> dict[str, list[int]]:
    """The Swarm services whose tasks run, with the ports that they publish."""
    docker = state["docker"]
    if not docker["running"] or docker["swarm"] != "active":
        return {}
    return {
        service["name"]: service["ports"]
        for service in docker["services"]
        if service["fate"] == "runs" and service["replicas"] and age(state, service["updated"]) > _STARTING
    }


def proxies(state: State) -> dict[int, int]:
    """The ports that Docker holds for services, with the process that does so for each."""
    ports = [
        (number, place, port) for number, held in enumerate(serving(state).values()) for place, port in enumerate(held)
    ]
    return {port: _PROXIES + 10 * number + place for number, place, port in ports}


def listening(state: State) -> dict[int, tuple[str, int]]:
    """Every port somebody listens on, with the process and its pid."""
    ssh = daemon(state, "ssh")
    found = {22: (ssh.name, ssh.pid)} if runs(state, "ssh") else {}
    found |= {each["port"]: (each["process"], each["pid"]) for each in state["listeners"]}
    return found | {port: ("docker-proxy", pid) for port, pid in proxies(state).items()}


def _show(call: Call, line: Line, state: str, wanted: int | None) -> None:
    # Everybody listens by TCP and IPv4, and the connections of the moment are not told.
    tcp = line.has("-t") or not line.has("-u")
    shown = tcp and (state or line.has("-l") or line.has("-a")) and (line.has("-4") or not line.has("-6"))
    kind = "" if line.has("-t") != line.has("-u") else f"{'tcp':<6}"
    # Of one state that was asked for the column says nothing.
    said = "" if state == _LISTENING else f"{'LISTEN':<7}"
    if not line.has("-H"):
        head = f"{'Recv-Q':<7}{'Send-Q':<7}{'Local Address:Port':>20} {'Peer Address:Port':<18}Process"
        call.say(f"{kind and 'Netid '}{said and 'State  '}{head}")
    for port, (process, pid) in sorted(listening(call.world.read()).items()):
        if shown and wanted in (None, port):
            owner = f'users:(("{process}",pid={pid},fd=7))' if line.has("-p") else ""
            name = str(port) if line.has("-n") else _SERVICES.get(port, str(port))
            local = f"{_ANY:>13}:{name:<6}"
            call.say(f"{kind}{said}{0:<7}{4096:<7}{local} {_ANY:>11}:*    {owner}")
