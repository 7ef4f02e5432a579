"""`ss` and `ufw`: who listens, and what the firewall lets in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.world import State, age

_STARTING = 2.0


def main(call: Call) -> int:
    """Answers for the two programs."""
    return _ufw(call) if call.program == "ufw" else _ss(call)


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


def listening(state: State) -> dict[int, tuple[str, int]]:
    """Every port somebody listens on, with the process and its pid."""
    found = {22: ("sshd", 812)} | {each["port"]: (each["process"], each["pid"]) for each in state["listeners"]}
    for number, ports in enumerate(serving(state).values()):
        found |= dict.fromkeys(ports, ("docker-proxy", 4000 + 10 * number))
    return found


def _ss(call: Call) -> int:
    options = "".join(word[1:] for word in call.argv if word.startswith("-"))
    if options.translate(str.maketrans("", "", "Hltnp46a")):
        return call.fail(f"ss: invalid option -- '{options[-1]}'", 255)
    wanted = re.search(r"sport = :(\d+)", " ".join(call.argv))
    if "H" not in options:
        call.say(f"{'State':<7}{'Recv-Q':<7}{'Send-Q':<8}{'Local Address:Port':>20}  {'Peer Address:Port':<19}Process")
    for port, (process, pid) in sorted(listening(call.world.read()).items()):
        if wanted is None or int(wanted[1]) == port:
            owner = f'users:(("{process}",pid={pid},fd=7))' if "p" in options else ""
            call.say(f"{'LISTEN':<7}{0:<7}{4096:<8}{f'0.0.0.0:{port}':>20}  {'0.0.0.0:*':<19}{owner}".rstrip())
    return 0


def _ufw(call: Call) -> int:
    words: Sequence[str] = [word for word in call.argv if word != "--force"]
    with call.world.change() as state:
        rules = state["firewall"]
        match list(words):
            case ["status", *_]:
                call.say("Status: active\n")
                call.say(f"{'To':<27}{'Action':<12}From\n{'--':<27}{'------':<12}----")
                for rule in rules:
                    call.say(f"{rule:<27}{'ALLOW':<12}Anywhere")
                call.say("")
            case ["allow", rule] if rule in rules:
                call.say("Skipping adding existing rule")
            case ["allow", rule] if re.fullmatch(r"\d+(/(tcp|udp))?|OpenSSH", rule):
                rules.append(rule)
                call.say("Rule added")
            case ["delete", "allow", rule] if rule in rules:
                rules.remove(rule)
                call.say("Rule deleted")
            case _:
                return call.fail("ERROR: Invalid syntax")
    return 0
