"""`timedatectl`: whether a time service keeps the droplet's clock."""

from __future__ import annotations

import time

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.options import Line, Misuse, flags, read
from sprocket_tui.practice.world import Node

TAKES = {
    "timedatectl": {
        "": flags("--no-pager -p,--property= --value"),
        **dict.fromkeys(("status", "show", "set-ntp"), ()),
    }
}
_YES, _NO = ("1", "yes", "y", "true", "t", "on"), ("0", "no", "n", "false", "f", "off")


def main(call: Call) -> int:
    """Answers one command line."""
    try:
        line = read(call.argv, TAKES["timedatectl"][""])
    except Misuse as error:
        return call.fail(f"timedatectl: {error}")
    verb, words = (line.words[0], line.words[1:]) if line.words else ("status", [])
    if verb not in TAKES["timedatectl"]:
        return call.fail(f"Unknown command verb {verb}.")
    with call.world.change() as state:
        node = state["node"]
        match verb, words:
            case "set-ntp", []:
                return call.fail("Too few arguments.")
            case "set-ntp", [word] if word in _YES:
                node["synchronised"], node["clock"] = True, 0
            case "set-ntp", [word] if word in _NO:
                node["synchronised"] = False
            case "set-ntp", [word]:
                return call.fail(f"Failed to parse NTP setting '{word}': Invalid argument")
            case "show", _:
                _show(call, node, line)
            case _:
                _status(call, node)
    return 0


def _show(call: Call, node: Node, line: Line) -> None:
    kept = "yes" if node["synchronised"] else "no"
    shown = {
        "Timezone": "Etc/UTC",
        "LocalRTC": "no",
        "CanNTP": "yes",
        "NTP": kept,
        "NTPSynchronized": kept,
        "TimeUSec": _now(node),
    }
    for name, value in shown.items():
        if line.given.get("-p", name) == name:
            call.say(value if line.has("--value") else f"{name}={value}")


def _status(call: Call, node: Node) -> None:
    kept = node["synchronised"]
    rows = {
        "Local time": _now(node),
        "Universal time": _now(node),
        "RTC time": _now(node).removesuffix(" UTC"),
        "Time zone": "Etc/UTC (UTC, +0000)",
        "System clock synchronized": "yes" if kept else "no",
        "NTP service": "active" if kept else "inactive",
        "RTC in local TZ": "no",
    }
    for name, value in rows.items():
        call.say(f"{name:>25}: {value}")


def _now(node: Node) -> str:
    return time.strftime("%a %Y-%m-%d %H:%M:%S UTC", time.gmtime(time.time() + node["clock"]))
