"""`ufw`: what the firewall of the droplet lets in. A rule stands for both families of addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.options import flags
from sprocket_tui.practice.standins.rehearsed import NotRehearsed

_VERSION = "ufw 0.36.2\nCopyright 2008-2023 Canonical Ltd."
_PROFILES = ("OpenSSH",)
_SERVICES = {"ssh": "22/tcp", "http": "80/tcp", "https": "443"}
_VERBOSE = """\
Status: active
Logging: on (low)
Default: deny (incoming), allow (outgoing), deny (routed)
New profiles: skip
"""
TAKES = {
    "ufw": {
        "status": (),
        "status verbose": (),
        "status numbered": (),
        "show added": (),
        "allow": (),
        "deny": (),
        "delete allow": (),
        "delete deny": (),
        "prepend allow": (),
        "prepend deny": (),
        "": flags("--force --version"),
        "enable": (),
        "reload": (),
        "version": (),
    }
}


class _Wrong(Exception):
    """What follows ERROR: when a rule cannot be read."""


def main(call: Call) -> int:
    """Answers one command line."""
    words = list(call.argv)
    if words[:1] == ["--force"]:
        del words[0]
    if words in (["--version"], ["version"]):
        call.say(_VERSION)
        return 0
    path = next(
        (each for each in sorted(_ANSWERS, key=len, reverse=True) if words[: each.count(" ") + 1] == each.split()), ""
    )
    rest = words[path.count(" ") + 1 :] if path else words
    if rest and (path in _RULES or words[:1] in (["delete"], ["prepend"])) and (len(rest) > 1 or not path):
        raise NotRehearsed(f"ufw {' '.join(words)}")
    if not path or (path in _RULES) != (len(rest) == 1):
        from sprocket_tui.practice.standins.usage import UFW  # noqa: PLC0415 only who errs reads it

        call.say(f"{UFW}\n")
        return call.fail(f"ERROR: {'Invalid syntax' if words else 'not enough args'}")
    try:
        return _ANSWERS[path](call, rest)
    except _Wrong as error:
        return call.fail(f"ERROR: {error}")


def _rules(call: Call) -> list[tuple[str, str]]:
    """What is said of which ports: ALLOW or DENY."""
    rules = [each.rpartition(" ") for each in call.world.read()["firewall"]]
    return [("DENY" if verb == "deny" else "ALLOW", ports) for verb, _, ports in rules]


def _table(call: Call, told: str, lead: Callable[[int], str]) -> None:
    rules = _rules(call)
    shown = [(ports, verb, "Anywhere") for verb, ports in rules]
    shown += [(f"{ports} (v6)", verb, "Anywhere (v6)") for verb, ports in rules]
    if shown:
        blank = " " * len(lead(0))
        call.say(f"{blank}{'To':<27}{'Action':<12}From\n{blank}{'--':<27}{'------':<12}----")
    for number, (ports, verb, source) in enumerate(shown, 1):
        call.say(f"{lead(number)}{ports:<27}{verb + told:<12}{source:<26}")
    if shown:
        call.say("")


def _status(call: Call, words: Sequence[str]) -> int:
    call.say("Status: active\n" if _rules(call) else "Status: active")
    _table(call, "", lambda number: "")
    return 0


def _verbose(call: Call, words: Sequence[str]) -> int:
    call.say(_VERBOSE.rstrip("\n") + ("\n" if _rules(call) else ""))
    _table(call, " IN", lambda number: "")
    return 0


def _numbered(call: Call, words: Sequence[str]) -> int:
    call.say("Status: active\n" if _rules(call) else "Status: active")
    _table(call, " IN", lambda number: f"[{number:>2}] ")
    return 0


def _added(call: Call, words: Sequence[str]) -> int:
    call.say("Added user rules (see 'ufw status' for running firewall):")
    for verb, ports in _rules(call):
        call.say(f"ufw {verb.lower()} {ports}")
    if not _rules(call):
        call.say("(None)")
    return 0


def _add(verb: str) -> Callable[[Call, Sequence[str]], int]:
    def add(call: Call, words: Sequence[str]) -> int:
        ports = _ports(words[0])
        with call.world.change() as state:
            rules, rule = state["firewall"], f"{verb}{ports}"
            same = next((n for n, each in enumerate(rules) if each.rpartition(" ")[2] == ports), None)
            if same is None:
                rules.append(rule)
                said = "Rule added"
            elif rules[same] == rule:
                said = "Skipping adding existing rule"
            else:
                rules[same] = rule
                said = "Rule updated"
        call.say(f"{said}\n{said} (v6)")
        return 0

    return add


def _prepend(verb: str) -> Callable[[Call, Sequence[str]], int]:
    def prepend(call: Call, words: Sequence[str]) -> int:
        ports = _ports(words[0])
        with call.world.change() as state:
            rules = state["firewall"]
            # One that is there stays where it is, whichever of the two it says.
            if any(each.rpartition(" ")[2] == ports for each in rules):
                said = "Skipping inserting existing rule"
            else:
                said = "Rule inserted" if rules else "Rule added"
                rules.insert(0, f"{verb}{ports}")
        call.say(f"{said}\n{said} (v6)")
        return 0

    return prepend


def _delete(verb: str) -> Callable[[Call, Sequence[str]], int]:
    def delete(call: Call, words: Sequence[str]) -> int:
        rule, said = f"{verb}{_ports(words[0])}", "Could not delete non-existent rule"
        with call.world.change() as state:
            if rule in state["firewall"]:
                state["firewall"].remove(rule)
                said = "Rule deleted"
        call.say(f"{said}\n{said} (v6)")
        return 0

    return delete


def _ports(text: str) -> str:
    if text in _PROFILES:
        return text
    if text in _SERVICES:
        return _SERVICES[text]
    number, _, protocol = text.partition("/")
    if not number.isdecimal():
        raise _Wrong(f"Could not find a profile matching '{text}'")
    if not 0 < int(number) < 65536 or (protocol and not re.fullmatch("tcp|udp", protocol)):
        raise _Wrong("Bad port")
    return text


def _enable(call: Call, words: Sequence[str]) -> int:
    call.say("Firewall is active and enabled on system startup")
    return 0


def _reload(call: Call, words: Sequence[str]) -> int:
    call.say("Firewall reloaded")
    return 0


_ANSWERS: dict[str, Callable[[Call, Sequence[str]], int]] = {
    "status": _status,
    "status verbose": _verbose,
    "status numbered": _numbered,
    "show added": _added,
    "allow": _add(""),
    "deny": _add("deny "),
    "delete allow": _delete(""),
    "delete deny": _delete("deny "),
    "prepend allow": _prepend(""),
    "prepend deny": _prepend("deny "),
    "enable": _enable,
    "reload": _reload,
}
_RULES = ("allow", "deny", "delete allow", "delete deny", "prepend allow", "prepend deny")
