"""`systemctl`, for the services that the guide names and for whoever listens on the droplet."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence

from sprocket_tui.practice.standins import daemons
from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.options import Line, Misuse, flags, read
from sprocket_tui.practice.standins.rehearsed import NotRehearsed
from sprocket_tui.practice.world import State

_SERVICES = {
    "containerd": "containerd container runtime",
    "docker": "Docker Application Container Engine",
    "ssh": "OpenBSD Secure Shell server",
    "systemd-timesyncd": "Network Time Synchronization",
    "nginx": "A high performance web server and a reverse proxy server",
}
# The other name that ssh goes by.
_ALIASES = {"sshd": "ssh"}
_WAY_IN = "ssh"
_WANTS = "/etc/systemd/system/multi-user.target.wants"
_UNITS = "/usr/lib/systemd/system"
_DAY = 86400
_MONTH = 2629800
# Of a long time two units are told.
_LONG = (("year", 31557600, "month", _MONTH), ("month", _MONTH, "day", _DAY), ("week", 7 * _DAY, "day", _DAY))
# Options of the whole program stand before every command, and are taken by all.
TAKES = {
    "systemctl": {
        "": flags("--no-pager -l,--full -q,--quiet -n,--lines= --now"),
        **dict.fromkeys(("status", "is-active", "is-failed", "is-enabled"), ()),
        **dict.fromkeys(("start", "stop", "restart", "reload", "enable", "disable", "daemon-reload"), ()),
    }
}


def main(call: Call) -> int:
    """Answers one command line."""
    try:
        line = read(call.argv, TAKES["systemctl"][""])
    except Misuse as error:
        return call.fail(f"systemctl: {error}")
    verb, units = (line.words[0], line.words[1:]) if line.words else ("", [])
    if not verb or [verb, *units] == ["status"]:
        raise NotRehearsed(f"{' '.join(['systemctl', *line.words])} without a unit")
    if verb not in TAKES["systemctl"]:
        return call.fail(f"Unknown command verb {verb}.")
    if verb == "daemon-reload":
        return 0
    if not units:
        return call.fail("Too few arguments.")
    named = [unit.removesuffix(".service") for unit in units]
    named = [_ALIASES.get(unit, unit) for unit in named]
    if _WAY_IN in named and (verb == "stop" or (verb == "disable" and line.has("--now"))):
        raise NotRehearsed(" ".join(["systemctl", *line.words]), "whose way in cannot be shut")
    with call.world.change() as state:
        return _ANSWERS[verb](call, state, line, named)


def _status(call: Call, state: State, line: Line, units: Sequence[str]) -> int:
    worst, shown = 0, False
    for unit in units:
        if unit not in daemons.known(state):
            worst = call.fail(f"Unit {unit}.service could not be found.", 4)
            continue
        if shown:
            call.say("")
        shown = True
        runs = daemons.runs(state, unit)
        state_ = "disabled" if unit in state.get("disabled", []) else "enabled"
        call.say(f"{'●' if runs else '○'} {unit}.service - {_SERVICES.get(unit, unit)}")
        call.say(f"     Loaded: loaded ({_UNITS}/{unit}.service; {state_}; preset: enabled)")
        if runs:
            _running(call, state, unit)
        else:
            call.say("     Active: inactive (dead)")
            worst = worst or 3
    return worst


def _running(call: Call, state: State, unit: str) -> None:
    main = daemons.daemon(state, unit)
    since = time.strftime("%a %Y-%m-%d %H:%M:%S UTC", time.gmtime(main.began))
    call.say(f"     Active: active (running) since {since}; {ago(time.time() + state['node']['clock'] - main.began)}")
    call.say(f"   Main PID: {main.pid} ({main.name})")
    call.say("      Tasks: 1 (limit: 9477)\n     Memory: 12.4M")
    call.say(f"     CGroup: /system.slice/{unit}.service\n             └─{main.pid} {main.command}")


def ago(seconds: float) -> str:
    """How long that is, as systemd says it: the rougher the longer; after the clock was set back, how long until."""
    return f"{_span(abs(seconds))} {'ago' if seconds >= 0 else 'left'}"


def _span(seconds: float) -> str:
    for whole, size, part, part_size in _LONG:
        if seconds >= size:
            return f"{_counted(seconds // size, whole)} {_counted(seconds % size // part_size, part)}"
    minutes, hours = int(seconds // 60), int(seconds // 3600)
    if hours >= 25:
        return f"{hours // 24} days" if hours >= 48 else f"1 day {hours - 24}h"
    if hours:
        return f"{hours}h" if hours >= 6 else f"{hours}h {minutes % 60}min"
    if minutes:
        return f"{minutes}min" if minutes >= 5 else f"{minutes}min {int(seconds) % 60}s"
    return f"{int(seconds)}s" if seconds >= 1 else f"{int(seconds * 1000)}ms"


def _counted(number: float, what: str) -> str:
    return f"{int(number)} {what}{'' if int(number) == 1 else 's'}"


def _is_active(call: Call, state: State, line: Line, units: Sequence[str]) -> int:
    active = [daemons.runs(state, unit) for unit in units]
    for each in active:
        if not line.has("-q"):
            call.say("active" if each else "inactive")
    return 0 if any(active) else 3


def _is_failed(call: Call, state: State, line: Line, units: Sequence[str]) -> int:
    _is_active(call, state, line, units)
    return 1


def _is_enabled(call: Call, state: State, line: Line, units: Sequence[str]) -> int:
    enabled = list[bool]()
    for unit in units:
        if unit not in daemons.known(state):
            return call.fail(f"Failed to get unit file state for {unit}.service: No such file or directory")
        enabled.append(unit not in state.get("disabled", []))
        if not line.has("-q"):
            call.say("enabled" if enabled[-1] else "disabled")
    return 0 if any(enabled) else 1


def _switch(verb: str) -> Callable[[Call, State, Line, Sequence[str]], int]:
    def switch(call: Call, state: State, line: Line, units: Sequence[str]) -> int:
        why = "not loaded" if verb == "stop" else "not found"
        missing = [unit for unit in units if unit not in daemons.known(state)]
        for unit in missing:
            call.fail(f"Failed to {verb} {unit}.service: Unit {unit}.service {why}.")
        for unit in units:
            if unit in daemons.known(state) and verb != "reload":
                _set(call, state, unit, runs=verb != "stop", anew=verb == "restart")
        return 5 if missing else 0

    return switch


def _set(call: Call, state: State, unit: str, *, runs: bool, anew: bool = False) -> None:
    if runs and (anew or not daemons.runs(state, unit)):
        daemons.begin(state, unit)
    if unit == "docker":
        docker = state["docker"]
        docker["running"] = runs
        docker["oldest_api"] = _oldest_api(call, docker["oldest_api"]) if runs else docker["oldest_api"]
        return
    stopped = {*state.get("stopped", [])} - {unit}
    state["stopped"] = sorted(stopped if runs else stopped | {unit})
    if not runs:
        state["listeners"] = [each for each in state["listeners"] if each["process"] != unit]


def _enable(verb: str) -> Callable[[Call, State, Line, Sequence[str]], int]:
    def enable(call: Call, state: State, line: Line, units: Sequence[str]) -> int:
        if missing := [unit for unit in units if unit not in daemons.known(state)]:
            return call.fail(f"Failed to {verb} unit: Unit file {missing[0]}.service does not exist.")
        for unit in units:
            disabled = {*state.get("disabled", [])}
            changed = (unit in disabled) == (verb == "enable")
            state["disabled"] = sorted(disabled ^ ({unit} if changed else set()))
            link = f"{_WANTS}/{unit}.service"
            if changed and not line.has("-q"):
                made = f"Created symlink {link} → {_UNITS}/{unit}.service."
                call.fail(made if verb == "enable" else f'Removed "{link}".')
            if line.has("--now"):
                _set(call, state, unit, runs=verb == "enable")
        return 0

    return enable


_ANSWERS: dict[str, Callable[[Call, State, Line, Sequence[str]], int]] = {
    "status": _status,
    "is-active": _is_active,
    "is-failed": _is_failed,
    "is-enabled": _is_enabled,
    **{verb: _switch(verb) for verb in ("start", "stop", "restart", "reload")},
    **{verb: _enable(verb) for verb in ("enable", "disable")},
}


def _oldest_api(call: Call, before: str) -> str:
    """What the daemon accepts after a start: a drop-in of its unit may say so."""
    for file in sorted(call.path("/etc/systemd/system/docker.service.d").glob("*.conf")):
        if found := re.search(r"^Environment=DOCKER_MIN_API_VERSION=(1\.\d+)$", file.read_text("utf-8"), re.MULTILINE):
            return found[1]
    return before
