"""The rules of ufw, read from `ufw show added`, and what they say of a connection: the first that fits decides."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_EVERY = (0, 65535)
DEPENDS = "depends"
_LETS_IN = {"allow", "limit"}
_REFUSES = {"deny", "reject"}
# ufw stores a service by its number; only profiles of applications keep their names, and this one comes with OpenSSH.
_PROFILES = {"OpenSSH": ("22", "tcp")}


@dataclass(frozen=True)
class Rule:
    """One inbound rule. `source` None is anywhere, `interface` "" is any; `text` is what follows `ufw` on its line."""

    action: str
    source: Network | None
    ports: tuple[tuple[int, int], ...]
    protocol: str
    text: str
    interface: str = ""

    @property
    def key(self) -> object:
        """What makes two rules the same to ufw."""
        return self.action, self.source, self.ports, self.protocol, self.interface

    def covers(self, port: int, protocol: str, source: Network | None) -> bool:
        """Whether every such connection fits this rule, if it comes by its interface; `source` None is anybody."""
        if self.protocol not in {"any", protocol} or not any(low <= port <= high for low, high in self.ports):
            return False
        return self.source is None or (source is not None and _within(source, self.source))

    def hides(self, other: Rule) -> bool:
        """Whether nothing that fits `other` gets past this rule."""
        if self.interface not in {"", other.interface}:
            return False
        if self.protocol not in {"any", other.protocol}:
            return False
        if not all(any(a <= low and high <= b for a, b in self.ports) for low, high in other.ports):
            return False
        return self.source is None or (other.source is not None and _within(other.source, self.source))


@dataclass(frozen=True)
class Answer:
    """What becomes of a connection: `word` is allow, limit, deny or reject; `rule` says why, empty for the policy.

    `depends` where the interface is not known, and `rule`, which is for one alone, says otherwise than the rest.
    """

    word: str
    rule: str

    @property
    def refused(self) -> bool:
        return self.word in _REFUSES


def inbound(text: str) -> list[Rule]:
    """The rules of `ufw show added` for what comes in, in their order, but those for routing."""
    return [rule for line in text.splitlines() if (rule := _rule(line)) is not None]


def over_ipv6(rules: Sequence[Rule], kept: str) -> list[Rule]:
    """`rules` that hold for IPv6, in the order of user6.rules, which is `kept`; as they are where that tells nothing.

    `ufw show added` lists those for IPv6 alone behind all others, wherever they stand.
    """
    known = {rule.key: rule for rule in rules}
    return [known[key] for line in kept.splitlines() if (key := _kept(line)) in known] or [*rules]


def decide(
    rules: Iterable[Rule], policy: str, port: int, protocol: str, source: Network | None, interface: str | None = None
) -> Answer:
    """The first rule that fits, or the policy; `interface` None where nobody knows by which it comes."""
    perhaps: list[Rule] = []
    answer = Answer(policy, "")
    for rule in rules:
        if not rule.covers(port, protocol, source):
            continue
        if rule.interface and interface is None:
            perhaps.append(rule)
        elif rule.interface in {"", interface}:
            answer = Answer(rule.action, rule.text)
            break
    other = next((rule for rule in perhaps if (rule.action in _REFUSES) != answer.refused), None)
    return Answer(DEPENDS, other.text) if other else answer


def hidden(rules: Sequence[Rule]) -> list[tuple[Rule, Rule]]:
    """Each rule that lets somebody in and is never reached, with the refusal before it."""
    found: list[tuple[Rule, Rule]] = []
    for place, rule in enumerate(rules):
        before = (each for each in rules[:place] if each.action in _REFUSES and each.hides(rule))
        if rule.action in _LETS_IN and (by := next(before, None)):
            found.append((rule, by))
    return found


def never_reached(rules: Sequence[Rule], over_ipv6: Sequence[Rule]) -> list[tuple[str, str]]:
    """The texts of what is hidden, for each family of addresses by its own order."""
    over_ipv4 = [rule for rule in rules if not isinstance(rule.source, ipaddress.IPv6Network)]
    return list(dict.fromkeys((rule.text, by.text) for each in (over_ipv4, over_ipv6) for rule, by in hidden(each)))


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
    if not rest or rest[0] == "out":
        return None
    if rest[0] == "on":
        return _long(action, rest[2:], text, rest[1]) if len(rest) > 1 else None
    if rest[0] not in {"from", "to", "proto"}:
        ports, _, protocol = rest[0].partition("/") if len(rest) == 1 else (" ".join(rest), "", "")
        if text.partition(" ")[2] in _PROFILES:
            ports, protocol = _PROFILES[text.partition(" ")[2]]
        spans = _spans(ports)
        return Rule(action, None, spans, protocol or "any", text) if spans else None
    return _long(action, rest, text)


def _kept(line: str) -> object:
    """The key of a line of user6.rules: ### tuple ### ACTION PROTOCOL PORTS TO PORTS FROM [APP APP] in[_INTERFACE]."""
    words = [word for word in line.split() if not word.startswith("comment=")]
    if words[:3] != ["###", "tuple", "###"] or len(words) < 10 or not (way := re.fullmatch("in(?:_(.+))?", words[-1])):
        return None
    action, protocol, ports, source = words[3].partition("_")[0], words[4], words[5], words[8]
    net = None if source == "::/0" else network(source)
    return action, net, (_EVERY,) if ports == "any" else _spans(ports), protocol, way[1] or ""


def _long(action: str, words: Sequence[str], text: str, interface: str = "") -> Rule | None:
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
    return Rule(action, net, spans, protocol, text, interface) if spans and (net or source == "any") else None


def _spans(ports: str) -> tuple[tuple[int, int], ...]:
    """ "80", "80,443" or "6000:6007" as spans; nothing for what is no port."""
    if not re.fullmatch(r"\d+(:\d+)?(,\d+(:\d+)?)*", ports):
        return ()
    ends = [each.partition(":") for each in ports.split(",")]
    return tuple((int(low), int(high or low)) for low, _, high in ends)
