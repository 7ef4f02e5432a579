"""The rules of ufw, read from `ufw show added`, and what they say of a connection: the first that fits decides."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_EVERY = (0, 65535)
_LETS_IN = {"allow", "limit"}
_REFUSES = {"deny", "reject"}
# ufw stores a service by its number; only profiles of applications keep their names, and this one comes with OpenSSH.
_PROFILES = {"OpenSSH": ("22", "tcp")}


@dataclass(frozen=True)
class Rule:
    """One inbound rule. `source` None means from anywhere; `text` is what follows `ufw` on its command line."""

    action: str
    source: Network | None
    ports: tuple[tuple[int, int], ...]
    protocol: str
    text: str

    def covers(self, port: int, protocol: str, source: Network | None) -> bool:
        """Whether every such connection fits this rule; `source` None is anybody."""
        if self.protocol not in {"any", protocol} or not any(low <= port <= high for low, high in self.ports):
            return False
        return self.source is None or (source is not None and _within(source, self.source))

    def hides(self, other: Rule) -> bool:
        """Whether nothing that fits `other` gets past this rule."""
        if self.protocol not in {"any", other.protocol}:
            return False
        if not all(any(a <= low and high <= b for a, b in self.ports) for low, high in other.ports):
            return False
        return self.source is None or (other.source is not None and _within(other.source, self.source))


@dataclass(frozen=True)
class Answer:
    """What becomes of a connection: `word` is allow, limit, deny or reject; `rule` says why, empty for the policy."""

    word: str
    rule: str

    @property
    def refused(self) -> bool:
        return self.word in _REFUSES


def inbound(text: str) -> list[Rule]:
    """The rules of `ufw show added` for what comes in, in their order, but those of one interface or for routing."""
    return [rule for line in text.splitlines() if (rule := _rule(line)) is not None]


def decide(rules: Iterable[Rule], policy: str, port: int, protocol: str, source: Network | None) -> Answer:
    """The first rule that fits, or the policy."""
    for rule in rules:
        if rule.covers(port, protocol, source):
            return Answer(rule.action, rule.text)
    return Answer(policy, "")


def hidden(rules: Sequence[Rule]) -> list[tuple[Rule, Rule]]:
    """Each rule that lets somebody in and is never reached, with the refusal before it."""
    found: list[tuple[Rule, Rule]] = []
    for place, rule in enumerate(rules):
        before = (each for each in rules[:place] if each.action in _REFUSES and each.hides(rule))
        if rule.action in _LETS_IN and (by := next(before, None)):
            found.append((rule, by))
    return found


def network(text: str) -> Network | None:
    """An address or network; None for what is none."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _within(inner: Network, outer: Network) -> bool:
    if isinstance(inner, ipaddress.IPv4Network) and isinstance(outer, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, ipaddress.IPv6Network) and isinstance(outer, ipaddress.IPv6Network):
        return inner.subnet_of(outer)
    return False


def _rule(line: str) -> Rule | None:
    text = re.sub(r" comment '.*'$", "", line.strip()).removeprefix("ufw ")
    words = [word for word in text.split() if word not in {"log", "log-all"}]
    if not line.startswith("ufw ") or len(words) < 2 or words[0] not in _LETS_IN | _REFUSES:
        return None
    action, rest = words[0], words[1:]
    if rest[0] == "in":
        del rest[0]
    if not rest or rest[0] in {"out", "on"}:
        return None
    if rest[0] not in {"from", "to", "proto"}:
        ports, _, protocol = rest[0].partition("/") if len(rest) == 1 else (" ".join(rest), "", "")
        if text.partition(" ")[2] in _PROFILES:
            ports, protocol = _PROFILES[text.partition(" ")[2]]
        spans = _spans(ports)
        return Rule(action, None, spans, protocol or "any", text) if spans else None
    return _long(action, rest, text)


def _long(action: str, words: Sequence[str], text: str) -> Rule | None:
    """from ADDRESS [port PORTS] to ADDRESS [port PORTS] [app NAME] [proto PROTOCOL]."""
    source, ports, protocol, side = "any", "", "any", ""
    pairs = iter(words)
    for word in pairs:
        if word in {"from", "to"}:
            side, address = word, next(pairs, "any")
            source = address if side == "from" else source
        elif word == "port" and side == "to":
            ports = next(pairs, "")
        elif word == "proto":
            protocol = next(pairs, "any")
        elif word == "app" and side == "to":
            ports, protocol = _PROFILES.get(next(pairs, ""), ("unknown", "any"))
        else:
            # A rule for one port of the caller, or of a kind that is not known here, is none for connections as such.
            return None
    net = None if source == "any" else network(source)
    spans = _spans(ports) if ports else (_EVERY,)
    return Rule(action, net, spans, protocol, text) if spans and (net or source == "any") else None


def _spans(ports: str) -> tuple[tuple[int, int], ...]:
    """ "80", "80,443" or "6000:6007" as spans; nothing for what is no port."""
    if not re.fullmatch(r"\d+(:\d+)?(,\d+(:\d+)?)*", ports):
        return ()
    ends = [each.partition(":") for each in ports.split(",")]
    return tuple((int(low), int(high or low)) for low, _, high in ends)
