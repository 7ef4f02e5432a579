"""What runs on the droplet since its machine began, or since somebody started it: units of systemd, by the world."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sprocket_tui.practice.world import State

# By unit: the number and the seconds after the machine's beginning with which it starts, and its command line.
_FIRST = {
    "systemd-timesyncd": (640, 4, "/usr/lib/systemd/systemd-timesyncd"),
    "containerd": (742, 6, "/usr/bin/containerd"),
    "ssh": (812, 7, "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"),
    "docker": (868, 9, "/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock"),
}
_OTHERS_AFTER = 8
# The numbers of those that were started again, one for each.
_AGAIN = 1100


@dataclass(frozen=True)
class Daemon:
    """A process of the droplet. `began` is in seconds since the epoch, by the droplet's own clock."""

    pid: int
    parent: int
    command: str
    began: float

    @property
    def name(self) -> str:
        """Its short name, as the kernel shows it."""
        return self.command.split()[0].rpartition("/")[2].rstrip(":")[:15]


def known(state: State) -> set[str]:
    """The units that there are."""
    held = {each["process"] for each in state["listeners"]}
    return {*_FIRST, *held, *state.get("stopped", [])}


def runs(state: State, unit: str) -> bool:
    """Whether it is active."""
    if unit == "docker":
        return state["docker"]["running"]
    return unit in known(state) and unit not in state.get("stopped", [])


def daemon(state: State, unit: str) -> Daemon:
    """The main process of a unit that runs."""
    listens = next((each["pid"] for each in state["listeners"] if each["process"] == unit), 0)
    pid, after, command = _FIRST.get(unit, (listens, _OTHERS_AFTER, f"/usr/sbin/{unit}"))
    began = state.get("booted", 0.0) + after
    if again := state.get("started", {}).get(unit):
        pid, began = listens or again["pid"], again["at"]
    return Daemon(pid, 1, command, began)


def daemons(state: State) -> list[Daemon]:
    """The main processes of all units that run."""
    return [daemon(state, unit) for unit in sorted(known(state)) if runs(state, unit)]


def begin(state: State, unit: str) -> None:
    """Notes that a unit starts now, as another process than before."""
    started = state.setdefault("started", {})
    pid = max((each["pid"] for each in started.values()), default=_AGAIN) + 1
    started[unit] = {"at": time.time() + state["node"]["clock"], "pid": pid}
