"""ufw on the droplet, and what Docker publishes around it. Root alone is told; anybody else cannot measure this.

Value {installed, active, incoming, outgoing, ipv6, rules, ssh, closed, closed_ipv6, unsure, hidden, around, guarded,
perhaps}
  incoming, outgoing  what becomes of what no rule names: allow, deny or reject; null where it is not told
  ipv6      whether its rules hold for IPv6 as well (without, ufw refuses all of IPv6 but loopback); null: not told
  rules     as `ufw show added` lists them, in their order, also while ufw is inactive
  ssh       {port, client, word, rule}: what becomes, or would become, of a new connection like the one that asks;
            `word` is allow, limit, deny or reject, `rule` the one that decides, "" for the policy, `client` "" where it
            is not known; `depends` where a rule for one interface or address says otherwise and nobody knows by which
            and to which it comes
  closed    those of the asked ports that nobody outside is let in to, by the interface of the default route; those
            that are closed over IPv6 alone are in `closed_ipv6`, where its rules hold for that
  unsure    [{port, rule}]: those of which a rule for one interface or address decides, where that cannot be told
  hidden    [{rule, by}]: rules that let somebody in and are never reached, with the refusal before each
  around    [{port, name}]: what Docker publishes to everybody though ufw refuses it (its own chains come before ufw's),
            but for the asked ports, which are meant to be open; what Docker's own chain for rules of others,
            DOCKER-USER, refuses is in `guarded`, and in `perhaps` where its rules do not tell
All three are null where Docker did not tell what it publishes.
Where ufw is not installed, `active` is false and the rest is empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes import docker_chain, ufw_rules
from sprocket_tui.checks.probes.base import (
    AS_ROOT,
    Answers,
    Probe,
    ProbeError,
    as_object,
    as_text,
    documents,
    unreadable,
)
from sprocket_tui.checks.probes.docker_chain import Published
from sprocket_tui.checks.probes.ufw_rules import Network, Rule, Way
from sprocket_tui.guide.words.probes import FirewallProbe
from sprocket_tui.target.batch import Command
from sprocket_tui.values import JSON

_SSH = 22
_UFW = """\
PATH=$PATH:/usr/sbin:/sbin; export PATH
if ! command -v ufw >/dev/null 2>&1; then echo absent; exit 0; fi
ufw status verbose || exit 1
echo; echo added:
ufw show added || exit 1
echo; echo settings:
cat /etc/default/ufw 2>/dev/null
echo; echo ipv4:
cat /etc/ufw/user.rules /lib/ufw/user.rules 2>/dev/null
echo; echo ipv6:
cat /etc/ufw/user6.rules /lib/ufw/user6.rules 2>/dev/null
echo; echo interfaces:
command -v ip >/dev/null 2>&1 && { ip -o address show; ip route show default; } 2>/dev/null
echo; echo connection:
# sudo drops it, and the processes above, the login's own, still have it.
connection=${SSH_CONNECTION:-} at=$PPID
while [ -z "$connection" ] && [ "${at:-0}" -gt 1 ]; do
    connection=$(tr '\\0' '\\n' 2>/dev/null <"/proc/$at/environ" | sed -n 's/^SSH_CONNECTION=//p')
    at=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$at/status" 2>/dev/null)
done
echo "$connection"
echo; echo port:
command -v sshd >/dev/null 2>&1 && sshd -T 2>/dev/null | sed -n 's/^port //p'
exit 0
"""
_DOCKER = """\
PATH=$PATH:/usr/sbin:/sbin; export PATH
if command -v docker >/dev/null 2>&1; then
    docker ps --format '{"name":{{json .Names}},"ports":{{json .Ports}}}' || exit 1
    # Only a manager tells this; another droplet has no services of its own.
    docker service ls --format '{"name":{{json .Name}},"ports":{{json .Ports}}}' 2>/dev/null
fi
echo '{"chain":['
if command -v iptables >/dev/null 2>&1; then
    iptables -S DOCKER-USER 2>/dev/null | sed 's/[\\"]/\\\\&/g; s/.*/"&",/'
fi
echo '""]}'
"""
_PARTS = re.compile(
    r"(.*)\nadded:\n(.*)\nsettings:\n(.*)\nipv4:\n(.*)\nipv6:\n(.*)\ninterfaces:\n(.*)\nconnection:\n(.*)\nport:\n(.*)",
    re.DOTALL,
)
_WORDS = {"DROP": "deny", "REJECT": "reject", "ACCEPT": "allow"}
_NOBODY: dict[str, JSON] = {
    **dict.fromkeys(("incoming", "outgoing", "ipv6", "ssh")),
    **{name: [] for name in ("rules", "closed", "closed_ipv6", "unsure", "hidden", "around", "guarded", "perhaps")},
}


def commands(words: FirewallProbe) -> tuple[Command, ...]:
    """What ufw says, and what Docker publishes."""
    return (Command("ufw", _UFW, words.timeout), Command("docker", _DOCKER, words.timeout))


def read(words: FirewallProbe, answers: Answers) -> Observation:
    """See the module; raises ProbeError with ufw's own words where it refuses to tell."""
    text = _said(answers)
    if text.strip() == "absent":
        return Observation(value={"installed": False, "active": False, **_NOBODY}, seen="ufw is not installed")
    parts = _PARTS.fullmatch(text)
    status = re.search(r"^Status: (active|inactive)$", parts[1], re.MULTILINE) if parts else None
    if parts is None or status is None:
        raise unreadable(text)
    active = status[1] == "active"
    over_ipv4, over_ipv6 = _rules(parts[2], parts[4], parts[5])
    incoming, outgoing = _policies(parts[1], parts[3])
    ipv6 = _ipv6(parts[1], parts[3])
    told = incoming or "deny"
    listed: list[JSON] = [line.removeprefix("ufw ") for line in parts[2].splitlines() if line.startswith("ufw ")]
    came = _connection(parts[7], parts[8], parts[6])
    answer = ufw_rules.decide(
        over_ipv6 if came.over_ipv6 else over_ipv4, told, came.port, "tcp", ufw_rules.network(came.client), came.way
    )
    if came.over_ipv6 and ipv6 is False:
        answer = ufw_rules.Answer("deny", "")
    outside, outside_ipv6 = _outside(parts[6], 4), _outside(parts[6], 6)
    web = [
        (int(port), ufw_rules.decide(over_ipv4, told, int(port), "tcp", None, outside))
        for port in words.ports
        if re.fullmatch(r"\d{1,5}", port)
    ]
    closed = [port for port, each in web if each.refused]
    closed_ipv6 = [
        port
        for port, each in web
        if ipv6 and not each.refused and ufw_rules.decide(over_ipv6, told, port, "tcp", None, outside_ipv6).refused
    ]
    value: dict[str, JSON] = {
        "installed": True,
        "active": active,
        "incoming": incoming,
        "outgoing": outgoing,
        "ipv6": ipv6,
        "rules": listed,
        "ssh": {"port": came.port, "client": came.client, "word": answer.word, "rule": answer.rule},
        "closed": [*closed],
        "closed_ipv6": [*closed_ipv6],
        "unsure": [{"port": port, "rule": each.rule} for port, each in web if each.word == ufw_rules.DEPENDS],
        "hidden": [{"rule": rule, "by": by} for rule, by in ufw_rules.never_reached(over_ipv4, over_ipv6)],
    }
    seen = _seen(active, incoming, listed)
    try:
        published, chain = _published(answers)
    except ProbeError as error:
        # What ufw said is true all the same.
        value |= dict.fromkeys(("around", "guarded", "perhaps"))
        return Observation(value=value, seen=f"{seen}; what Docker publishes is not told: {error}", evidence=text)
    refused = [
        each
        for each in published
        if active
        and (each.protocol, each.port) not in {("tcp", port) for port, _ in web}
        and ufw_rules.decide(over_ipv4, told, each.port, each.protocol, None, outside).refused
    ]
    for name, wanted in (("around", False), ("guarded", True), ("perhaps", None)):
        value[name] = [
            {"port": f"{each.port}/{each.protocol}", "name": each.name}
            for each in refused
            if docker_chain.refuses(chain, each, outside.interface or _only(parts[6])) is wanted
        ]
    return Observation(value=value, seen=seen, evidence=text)


def _said(answers: Answers) -> str:
    try:
        return answers.text("ufw")
    except ProbeError as error:
        if "need to be root" in str(error):
            raise ProbeError(str(error), to_do=AS_ROOT) from error
        raise


def _rules(added: str, kept: str, kept_ipv6: str) -> tuple[list[Rule], list[Rule]]:
    """What holds for IPv4, and for IPv6, each in its order; by what is listed where the files tell nothing."""
    listed = ufw_rules.inbound(added)
    over_ipv4, over_ipv6 = ufw_rules.kept(kept), ufw_rules.kept(kept_ipv6)
    if listed and not over_ipv4 and not over_ipv6:
        over_ipv4 = over_ipv6 = None
    if over_ipv4 is None:
        over_ipv4 = [rule for rule in listed if 6 not in rule.versions]
    if over_ipv6 is None:
        over_ipv6 = [rule for rule in listed if 4 not in rule.versions]
    return over_ipv4, over_ipv6


def _seen(active: bool, incoming: str | None, rules: list[JSON]) -> str:
    count = f"{len(rules)} rule{'' if len(rules) == 1 else 's'}"
    if not active:
        return f"ufw is inactive; {count} would hold" if rules else "ufw is inactive and has no rules"
    return f"ufw is active, {count}; what no rule names: {incoming or 'not told'}"


def _policies(status: str, settings: str) -> tuple[str | None, str | None]:
    """What ufw says it does; while it is inactive, what its settings say it would do."""
    if said := re.search(r"^Default: (\w+) \(incoming\), (\w+) \(outgoing\)", status, re.MULTILINE):
        return said[1], said[2]
    kept = dict(re.findall(r'^DEFAULT_(INPUT|OUTPUT)_POLICY="?(\w+)"?\s*$', settings, re.MULTILINE))
    return _WORDS.get(kept.get("INPUT", "")), _WORDS.get(kept.get("OUTPUT", ""))


def _ipv6(status: str, settings: str) -> bool | None:
    if said := re.search(r'^IPV6="?(\w+)"?\s*$', settings, re.MULTILINE):
        return said[1].lower() == "yes"
    return True if "(v6)" in status else None


@dataclass(frozen=True)
class _Came:
    """How the connection that asks came: `client` "" where that is not known."""

    port: int
    client: str = ""
    way: Way = field(default_factory=Way)

    @property
    def over_ipv6(self) -> bool:
        return ":" in self.client


def _connection(connection: str, configured: str, interfaces: str) -> _Came:
    """Of this connection; without one, of anybody's to the port that sshd is configured for, or to SSH's usual one."""
    came = re.fullmatch(r"\s*([0-9a-fA-F.:]+)(?:%\w+)? \d+ ([0-9a-fA-F.:]+)(?:%\w+)? (\d{1,5})\s*", connection)
    if came is None:
        port = re.search(r"^(\d{1,5})$", configured, re.MULTILINE)
        return _Came(int(port[1]) if port else _SSH)
    held = re.search(rf"^\d+: (\S+)\s+inet6? {re.escape(came[2])}[/ ]", interfaces, re.MULTILINE)
    to = ufw_rules.network(came[2])
    return _Came(int(came[3]), came[1], Way(held[1] if held else None, (to,) if to else ()))


def _outside(interfaces: str, version: int) -> Way:
    """How everybody comes: by the interface of the default route, to an address of it that others can reach."""
    found = set(re.findall(r"^default .*?\bdev (\S+)", interfaces, re.MULTILINE))
    if len(found) != 1:
        return Way()
    name = found.pop()
    held = re.findall(rf"^\d+: {re.escape(name)}\s+inet6? ([0-9a-fA-F.:]+)", interfaces, re.MULTILINE)
    nets = [net for each in held if (net := ufw_rules.network(each)) and net.version == version]
    return Way(name, tuple(net for net in nets if _public(net)) or tuple(nets))


def _only(interfaces: str) -> str | None:
    """The one interface that is neither this machine's own nor Docker's, where no default route tells."""
    found = set(re.findall(r"^\d+: (\S+)\s+inet ", interfaces, re.MULTILINE))
    found = {each for each in found if not re.match("lo$|docker|br-|veth", each)}
    return found.pop() if len(found) == 1 else None


def _public(net: Network) -> bool:
    return not (net.is_private or net.is_link_local)


def _published(answers: Answers) -> tuple[list[Published], list[str]]:
    """Each port that Docker publishes to others than this machine, and the rules of its chain."""
    found: dict[tuple[int, str], Published] = {}
    chain: list[str] = []
    for document in documents(answers.text("docker")):
        row = as_object(document)
        rules = row.get("chain")
        chain += [as_text(each) for each in rules] if isinstance(rules, list) else []
        for address, first, last, inner, protocol in re.findall(
            r"(\S+?):(\d+)(?:-(\d+))?->(\d+)(?:-\d+)?/(tcp|udp)", as_text(row.get("ports"))
        ):
            if address.startswith("127.") or address in {"[::1]", "::1"}:
                continue
            name = as_text(row.get("name")).partition(".")[0]
            for port in range(int(first), min(int(last or first), 65535) + 1):
                # Behind the Swarm's own routing the chain sees other ports.
                own = Published(port, protocol, name, 0 if address == "*" else int(inner) + port - int(first))
                found.setdefault((port, protocol), own)
    return [found[key] for key in sorted(found)], chain


PROBE = Probe[FirewallProbe](kind="firewall", commands=commands, read=read)
