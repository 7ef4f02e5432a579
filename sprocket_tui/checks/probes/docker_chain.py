"""What DOCKER-USER, Docker's own chain for rules of others, makes of a new connection of anybody to a published port.

Its rules are those of `iptables -S DOCKER-USER` in their order; what is not known of one is never taken for a refusal.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# They match or not by what is known here; other options may say anything.
_MODULES = {"conntrack", "state", "tcp", "udp", "multiport", "comment"}
_GOES_ON = {"LOG", "NFLOG", "MARK", "CONNMARK"}


@dataclass(frozen=True)
class Published:
    """A port that Docker publishes; `inner` is the container's, 0 where it is not known."""

    port: int
    protocol: str
    name: str
    inner: int = 0


def refuses(rules: Sequence[str], published: Published, interface: str | None) -> bool | None:
    """Whether the chain drops or rejects it; None where that cannot be told. `interface` is how everybody comes."""
    perhaps = False
    for rule in rules:
        words = _words(rule)
        if words[:2] != ["-A", "DOCKER-USER"]:
            continue
        target, fits = _fits(words[2:], published, interface)
        if fits is False or target in _GOES_ON:
            continue
        if fits and target in {"DROP", "REJECT"}:
            return None if perhaps else True
        if fits and target in {"ACCEPT", "RETURN"}:
            return None if perhaps else False
        perhaps = True
    return None if perhaps else False


def _words(rule: str) -> list[str]:
    try:
        return shlex.split(rule)
    except ValueError:
        return rule.split()


def _fits(words: Sequence[str], published: Published, interface: str | None) -> tuple[str, bool | None]:
    """The rule's target, and whether it is for such a connection."""
    target = ""
    answers: list[bool | None] = []
    for option, value, turned in _options(words):
        if option == "-j":
            target = value
            continue
        answer = _holds(option, value, published, interface)
        answers.append(answer if answer is None or not turned else not answer)
    return target, False if False in answers else (None if None in answers else True)


def _options(words: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Each option with its value, and whether it is turned round."""
    rest, turned = list(words), False
    while rest:
        word = rest.pop(0)
        if word == "!":
            turned = True
            continue
        yield word, rest.pop(0) if rest and not rest[0].startswith("-") and rest[0] != "!" else "", turned
        turned = False


def _holds(option: str, value: str, published: Published, interface: str | None) -> bool | None:
    if option in {"--ctorigdstport", "--dport", "--dports"}:
        port = published.port if option == "--ctorigdstport" else published.inner
        return _lists(value, port) if port else None
    known = {
        "-i": None if interface is None else _is_named(value, interface),
        "-p": value in {"all", published.protocol},
        # Anybody is not among a few, and is among all the others.
        "-s": value == "0.0.0.0/0",
        "--ctdir": value == "ORIGINAL",
        "--ctstate": "NEW" in value.split(","),
        "--state": "NEW" in value.split(","),
        "--comment": True,
        "--reject-with": True,
        "-m": True if value in _MODULES else None,
    }
    return known.get(option)


def _is_named(pattern: str, interface: str) -> bool:
    return interface.startswith(pattern[:-1]) if pattern.endswith("+") else pattern == interface


def _lists(ports: str, port: int) -> bool | None:
    """Whether "80", "80,443" or "6000:6007" holds it; None for what is no port."""
    if not re.fullmatch(r"\d+(:\d+)?(,\d+(:\d+)?)*", ports):
        return None
    ends = [each.partition(":") for each in ports.split(",")]
    return any(int(low) <= port <= int(high or low) for low, _, high in ends)
