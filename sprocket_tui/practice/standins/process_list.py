"""Every process that one sees on the droplet: those that the kernel tells of, and those of the world."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.daemons import daemon, daemons
from sprocket_tui.practice.standins.network import proxies
from sprocket_tui.practice.world import State

_TICKS = 100
_PAGE_KIB = 4
# How systemd tells the memory of a unit; and what a program has mapped besides.
_RESIDENT_KIB, _MAPPED_KIB = 12698, 74212
_LAUNCHER = "/run/practice/launcher"
_PROXY = "/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port {0} -container-ip 172.18.0.3 -container-port {0}"


@dataclass(frozen=True)
class Process:
    """One of them. `began` is in seconds since the epoch by the droplet's own clock, `worked` in seconds; sizes in KiB.

    `terminal` is "?" where there is none.
    """

    pid: int
    parent: int
    group: int
    session: int
    terminal: str
    state: str
    nice: int
    threads: int
    mapped: int
    resident: int
    began: float
    worked: float
    name: str
    command: str


def processes(call: Call, state: State) -> list[Process]:
    """All of them by their numbers; without those that answer for another process, which is there itself."""
    now = time.time() + state["node"]["clock"]
    return sorted([*_of_the_kernel(call, now), *_of_the_world(state)], key=lambda each: each.pid)


def own_terminal(call: Call) -> str:
    """The terminal of whoever asks."""
    return next((each.terminal for each in _of_the_kernel(call, 0.0) if each.pid == call.pid), "?")


def _of_the_world(state: State) -> Iterator[Process]:
    every = [(each.pid, each.parent, each.began, each.name, each.command) for each in daemons(state)]
    if held := proxies(state):
        docker = daemon(state, "docker")
        every += [(pid, docker.pid, docker.began, "docker-proxy", _PROXY.format(port)) for port, pid in held.items()]
    for pid, parent, began, name, command in every:
        group = parent if parent > 1 else pid
        yield Process(
            *(pid, parent, group, group, "?", "Ssl" if group == pid else "Sl", 0, 8),
            *(_MAPPED_KIB, _RESIDENT_KIB, began, 0.0, name, command),
        )


def _of_the_kernel(call: Call, now: float) -> Iterator[Process]:
    up = call.look("/proc/uptime")
    names = call.look("/proc") or []
    if not isinstance(up, bytes) or isinstance(names, bytes):
        return
    began = now - float(up.split()[0])
    for name in names:
        stat, words = (call.look(f"/proc/{name}/{file}") if name.isdecimal() else None for file in ("stat", "cmdline"))
        # It may have ended while we looked.
        if isinstance(stat, bytes) and isinstance(words, bytes):
            found = _read(stat.decode(errors="replace"), words.decode(errors="replace"), began)
            if found is not None:
                yield found


def _read(stat: str, words: str, booted: float) -> Process | None:
    """A process as proc(5) tells it; None for one that answers for another."""
    begin, _, rest = stat.rpartition(")")
    number, _, name = begin.partition(" (")
    # The third field of proc(5) is the first one here.
    fields = rest.split()
    parent, group, session, terminal, foreground = map(int, fields[1:6])
    argv = words.rstrip("\0").split("\0")
    if "-ISB" in argv[:2]:
        # Of a stand-in one sees what it stands for.
        argv = argv[4:]
        if argv[:1] == [_LAUNCHER] and name != "launcher":
            return None
        argv[:1] = [each.removeprefix("/usr/bin/") for each in argv[:1]]
    pid, nice, threads = int(number), int(fields[16]), int(fields[17])
    flags = "<" * (nice < 0) + "N" * (nice > 0) + "s" * (session == pid) + "l" * (threads > 1)
    return Process(
        *(pid, parent, group, session, _terminal(terminal)),
        fields[0] + flags + "+" * (foreground == group),
        *(nice, threads, int(fields[20]) // 1024, int(fields[21]) * _PAGE_KIB),
        booted + int(fields[19]) / _TICKS,
        sum(map(int, fields[11:13])) / _TICKS,
        name,
        " ".join(argv) or f"[{name}]",
    )


def _terminal(device: int) -> str:
    return f"pts/{os.minor(device)}" if 136 <= os.major(device) <= 143 else "?"
