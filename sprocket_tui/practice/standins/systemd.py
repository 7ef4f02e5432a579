"""`systemctl` and `timedatectl`, for the units that the guide names."""

from __future__ import annotations

import re

from sprocket_tui.practice.standins.call import Call

_UNITS = ("docker", "ssh", "systemd-timesyncd")


def main(call: Call) -> int:
    """Answers for the two programs."""
    return _timedatectl(call) if call.program == "timedatectl" else _systemctl(call)


def _timedatectl(call: Call) -> int:
    with call.world.change() as state:
        node = state["node"]
        match list(call.argv):
            case ["show", "-p", "NTPSynchronized", "--value"]:
                call.say("yes" if node["synchronised"] else "no")
            case ["set-ntp", ("true" | "yes" | "1")]:
                node["synchronised"], node["clock"] = True, 0
            case ["set-ntp", ("false" | "no" | "0")]:
                node["synchronised"] = False
            case _:
                return call.fail(f"Unknown command verb {call.argv[0] if call.argv else ''}.")
    return 0


def _systemctl(call: Call) -> int:
    words = [word.removesuffix(".service") for word in call.argv if not word.startswith("-")]
    verb, units = (words[0], words[1:]) if words else ("list-units", [])
    now = "--now" in call.argv or verb in ("start", "stop", "restart")
    with call.world.change() as state:
        held = {each["process"] for each in state["listeners"]}
        if unknown := [unit for unit in units if unit not in {*_UNITS, *held}]:
            return call.fail(f"Unit {unknown[0]}.service not found.", 5)
        if verb in ("start", "enable", "restart", "reload") and now and "docker" in units:
            state["docker"]["running"] = True
            state["docker"]["oldest_api"] = _oldest_api(call, state["docker"]["oldest_api"])
        elif verb in ("stop", "disable") and now:
            state["listeners"] = [each for each in state["listeners"] if each["process"] not in units]
            if "docker" in units:
                state["docker"]["running"] = False
        elif verb == "is-active":
            active = [unit != "docker" or state["docker"]["running"] for unit in units]
            for each in active:
                call.say("active" if each else "inactive")
            return 0 if all(active) else 3
        elif verb not in ("start", "enable", "restart", "reload", "stop", "disable", "daemon-reload"):
            return call.fail(f"Unknown command verb {verb}.")
    return 0


def _oldest_api(call: Call, before: str) -> str:
    """What the daemon accepts after a start: a drop-in of its unit may say so."""
    for file in sorted(call.path("/etc/systemd/system/docker.service.d").glob("*.conf")):
        if found := re.search(r"^Environment=DOCKER_MIN_API_VERSION=(1\.\d+)$", file.read_text("utf-8"), re.MULTILINE):
            return found[1]
    return before
