"""The rules of ufw, and what they say of a connection: the first that fits decides.

They are read from the files that ufw keeps them in, one for each family of addresses, and where these tell nothing from
`ufw show added`, which knows neither the ports of a profile nor that a rule is for one family alone.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from shlex import quote
from urllib.parse import unquote

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_EVERY = (0, 65535)
DEPENDS = "depends"
_LETS_IN = {"allow", "limit"}
_REFUSES = {"deny", "reject"}
_LOGS = frozenset({"log", "log-all"})
# ufw stores a service by its number; only profiles of applications keep their names, and this one comes with OpenSSH.
_PROFILES = {"OpenSSH": ("22", "tcp")}


@dataclass(frozen=True)
class Rule:
    """One inbound rule. `source` and `to` None are anywhere, `interface` "" is any; `text` is what follows `ufw`."""

    action: str
    source: Network | None
    ports: tuple[tuple[int, int], ...]
    protocol: str
    text: str
    interface: str = ""
    to: Network | None = None

    @property
    def versions(self) -> set[int]:
        """The families that it names an address of."""
        return {each.version for each in (self.source, self.to) if each}

    def covers(self, port: int, protocol: str, source: Network | None) -> bool:
        """Whether every such connection fits, if it comes by the rule's interface to its address; None is anybody."""
        if self.protocol not in {"any", protocol} or not any(low <= port <= high for low, high in self.ports):
            return False
        return self.source is None or (source is not None and _within(source, self.source))

    def meets(self, way: Way) -> bool | None:
        """Whether what comes that way comes by its interface and to its address; None where nobody knows."""
        by = not self.interface or (None if way.interface is None else way.interface == self.interface)
        return _and(by, _among(way.to, self.to) if self.to else True)

    def hides(self, other: Rule) -> bool:
        """Whether nothing that fits `other` gets past this rule."""
        if self.interface not in {"", other.interface}:
            return False
        if self.protocol not in {"any", other.protocol}:
            return False
        if not all(any(a <= low and high <= b for a, b in self.ports) for low, high in other.ports):
            return False
        if self.to is not None and (other.to is None or not _within(other.to, self.to)):
            return False
        return self.source is None or (other.source is not None and _within(other.source, self.source))


@dataclass(frozen=True)
class Way:
    """How a connection comes: `interface` None and `to` empty where it is not known; `to` has all that it may be to."""

    interface: str | None = None
    to: tuple[Network, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What becomes of a connection: `word` is allow, limit, deny or reject; `rule` says why, empty for the policy.

    `depends` where it is not known by which interface or to which address it comes, and `rule`, which is for one alone,
    says otherwise than the rest.
    """

    word: str
    rule: str

    @property
    def refused(self) -> bool:
        return self.word in _REFUSES


def inbound(text: str) -> list[Rule]:
    """The rules of `ufw show added` for what comes in, in their order, but those for routing."""
    return [rule for line in text.splitlines() if (rule := _rule(line)) is not None]


def kept(text: str) -> list[Rule] | None:
    """The rules of user.rules or user6.rules for what comes in, in their order; None where that is no such file."""
    if not re.search("^### (?:tuple|RULES) ###", text, re.MULTILINE):
        return None
    return [rule for line in text.splitlines() if (rule := _tuple(line)) is not None]


def decide(
    rules: Iterable[Rule], policy: str, port: int, protocol: str, source: Network | None, way: Way | None = None
) -> Answer:
    """The first rule that fits, or the policy, for what comes that way."""
    perhaps: list[Rule] = []
    answer, way = Answer(policy, ""), way or Way()
    for rule in rules:
        if not rule.covers(port, protocol, source):
            continue
        fits = rule.meets(way)
        if fits is None:
            perhaps.append(rule)
        elif fits:
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


def never_reached(over_ipv4: Sequence[Rule], over_ipv6: Sequence[Rule]) -> list[tuple[str, str]]:
    """The texts of what is hidden, for each family of addresses by its own order.

    A rule by a profile's name is kept as several; it is hidden once all of them are.
    """
    found: dict[tuple[str, str], None] = {}
    for rules in (over_ipv4, over_ipv6):
        behind = hidden(rules)
        reached = {rule.text for rule in rules if all(rule is not each for each, _ in behind)}
        found |= dict.fromkeys((rule.text, by.text) for rule, by in behind if rule.text not in reached)
    return list(found)


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
    words = [word for word in text.split() if word not in _LOGS]
    # A remedy gives the text to a shell, so that what no rule is made of makes none.
    if not re.fullmatch(r"[\w ./:,@+'-]+", text):
        return None
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


def _tuple(line: str) -> Rule | None:
    """### tuple ### ACTION[_LOG] PROTOCOL PORTS TO PORTS FROM [PROFILE PROFILE] in[_INTERFACE]."""
    words = [word for word in line.split() if not word.startswith("comment=")]
    if words[:3] != ["###", "tuple", "###"] or len(words) not in {10, 12}:
        return None
    (action, _, log), protocol, ports, to, theirs, source = (words[3].partition("_"), *words[4:9])
    way = re.fullmatch(r"in(?:_([\w.:@+-]+))?", words[-1])
    spans = (_EVERY,) if ports == "any" else _spans(ports)
    # A rule for one port of the caller is none for connections as such.
    if not way or action not in _LETS_IN | _REFUSES or theirs != "any" or not spans:
        return None
    if log not in {"", *_LOGS} or not re.fullmatch(r"[a-z\d-]+", protocol):
        return None
    nets = [None if each in {"0.0.0.0/0", "::/0"} else network(each) for each in (source, to)]
    profile = unquote(words[9]) if len(words) == 12 and words[9] != "-" else ""
    text = _written(action, log, way[1] or "", nets, profile, ports, protocol)
    return Rule(action, nets[0], spans, protocol, text, way[1] or "", nets[1])


def _written(
    action: str,
    log: str,
    interface: str,
    nets: Sequence[Network | None],
    profile: str,
    ports: str,
    protocol: str,
) -> str:
    """The rule as ufw takes it, and as `ufw show added` prints it."""
    source, to = (_plain(each) if each else "any" for each in nets)
    named = f"app {quote(profile)}" if profile else ("" if ports == "any" else f"port {ports}")
    logs = [log] if log else []
    if (source, to, interface) == ("any", "any", "") and named and protocol in {"any", "tcp", "udp"}:
        end = "" if profile or protocol == "any" else f"/{protocol}"
        return " ".join([action, *logs, named.partition(" ")[2] + end])
    # ufw takes the word for its log only behind the interface.
    lead = [action, *(["in", "on", interface] if interface else []), *logs]
    lead += ["from", source] if source != "any" else []
    lead += ["to", to] if to != "any" or named else []
    lead += [named] if named else []
    # Without a word of whom it is for, ufw takes no rule.
    lead += ["from", "any"] if len(lead) == 1 + len(logs) else []
    return " ".join([*lead, *([] if profile or protocol == "any" else ["proto", protocol])])


def _plain(net: Network) -> str:
    return str(net.network_address) if net.prefixlen == net.max_prefixlen else str(net)


def _and(one: bool | None, other: bool | None) -> bool | None:
    return False if False in (one, other) else (None if None in (one, other) else True)


def _among(addresses: Sequence[Network], wanted: Network) -> bool | None:
    """Whether all of them lie in it, or none; None where some do, or nothing is known of that family."""
    answers = {_within(each, wanted) for each in addresses if each.version == wanted.version}
    return answers.pop() if len(answers) == 1 else None


def _long(action: str, words: Sequence[str], text: str, interface: str = "") -> Rule | None:
    """from ADDRESS [port PORTS] to ADDRESS [port PORTS] [app NAME] [proto PROTOCOL]."""
    source, to, ports, protocol, side = "any", "any", "", "any", ""
    pairs = iter(words)
    for word in pairs:
        if word in {"from", "to"}:
            side, address = word, next(pairs, "any")
            source, to = (address, to) if side == "from" else (source, address)
        elif word == "port" and side == "to":
            ports = next(pairs, "")
        elif word == "proto":
            protocol = next(pairs, "any")
        elif word == "app" and side == "to":
            ports, protocol = _PROFILES.get(next(pairs, ""), ("unknown", "any"))
        else:
            # A rule for one port of the caller, or of a kind that is not known here, is none for connections as such.
            return None
    nets = [None if each == "any" else network(each) for each in (source, to)]
    spans = _spans(ports) if ports else (_EVERY,)
    known = all(net or each == "any" for net, each in zip(nets, (source, to), strict=True))
    return Rule(action, nets[0], spans, protocol, text, interface, nets[1]) if spans and known else None


def _spans(ports: str) -> tuple[tuple[int, int], ...]:
    """ "80", "80,443" or "6000:6007" as spans; nothing for what is no port."""
    if not re.fullmatch(r"\d+(:\d+)?(,\d+(:\d+)?)*", ports):
        return ()
    ends = [each.partition(":") for each in ports.split(",")]
    return tuple((int(low), int(high or low)) for low, _, high in ends)
