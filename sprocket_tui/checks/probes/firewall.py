"""ufw on the droplet, and what Docker publishes around it. Root alone is told; anybody else cannot measure this.

Value {installed, active, incoming, outgoing, ipv6, rules, ssh, closed, unsure, hidden, around, guarded}
  incoming, outgoing  what becomes of what no rule names: allow, deny or reject; null where it is not told
  ipv6      whether its rules hold for IPv6 as well (without, ufw refuses all of IPv6 but loopback); null: not told
  rules     as `ufw show added` lists them, in their order, also while ufw is inactive
  ssh       {port, client, word, rule}: what becomes, or would become, of a new connection like the one that asks;
            `word` is allow, limit, deny or reject, `rule` the one that decides, "" for the policy, `client` "" where it
            is not known; `depends` where a rule for one interface says otherwise and nobody knows by which it comes
  closed    those of the asked ports that nobody outside is let in to, by the interface of the default route
  unsure    [{port, rule}]: those of which a rule for one interface decides, where there is no one default route
  hidden    [{rule, by}]: rules that let somebody in and are never reached, with the refusal before each
  around    [{port, name}]: what Docker publishes to everybody though ufw refuses it: its own chains come before ufw's
  guarded   whether somebody put rules into Docker's own chain for such, DOCKER-USER; null where it cannot be told
Where ufw is not installed, `active` is false and the rest is empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes import ufw_rules
from sprocket_tui.checks.probes.base import Answers, Probe, as_object, as_text, documents, unreadable
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
    docker ps --format '{"name":{{json .Names}},"ports":{{json .Ports}}}' 2>/dev/null
    docker service ls --format '{"name":{{json .Name}},"ports":{{json .Ports}}}' 2>/dev/null
fi
echo '{"chain":'
if ! command -v iptables >/dev/null 2>&1; then echo null
elif iptables -S DOCKER-USER 2>/dev/null | grep -E '^-A' | grep -qvE '^-A DOCKER-USER -j RETURN$'; then echo true
else echo false
fi
echo '}'
"""
_PARTS = re.compile(
    r"(.*)\nadded:\n(.*)\nsettings:\n(.*)\nipv6:\n(.*)\ninterfaces:\n(.*)\nconnection:\n(.*)\nport:\n(.*)", re.DOTALL
)
_WORDS = {"DROP": "deny", "REJECT": "reject", "ACCEPT": "allow"}
_NOBODY: dict[str, JSON] = {
    **dict.fromkeys(("incoming", "outgoing", "ipv6", "ssh", "guarded")),
    **{name: [] for name in ("rules", "closed", "unsure", "hidden", "around")},
}


def commands(words: FirewallProbe) -> tuple[Command, ...]:
    """What ufw says, and what Docker publishes."""
    return (Command("ufw", _UFW, words.timeout), Command("docker", _DOCKER, words.timeout))


def read(words: FirewallProbe, answers: Answers) -> Observation:
    """See the module; raises ProbeError with ufw's own words where it refuses to tell."""
    text = answers.text("ufw")
    if text.strip() == "absent":
        return Observation(value={"installed": False, "active": False, **_NOBODY}, seen="ufw is not installed")
    parts = _PARTS.fullmatch(text)
    status = re.search(r"^Status: (active|inactive)$", parts[1], re.MULTILINE) if parts else None
    if parts is None or status is None:
        raise unreadable(text)
    rules, active = ufw_rules.inbound(parts[2]), status[1] == "active"
    over_ipv6 = ufw_rules.over_ipv6(rules, parts[4])
    incoming, outgoing = _policies(parts[1], parts[3])
    published, guarded = _published(answers)
    told = incoming or "deny"
    listed: list[JSON] = [line.removeprefix("ufw ") for line in parts[2].splitlines() if line.startswith("ufw ")]
    came = _connection(parts[6], parts[7], parts[5])
    answer = ufw_rules.decide(
        over_ipv6 if came.over_ipv6 else rules, told, came.port, "tcp", ufw_rules.network(came.client), came.interface
    )
    outside = _outside(parts[5])
    web = [
        (int(port), ufw_rules.decide(rules, told, int(port), "tcp", None, outside))
        for port in words.ports
        if re.fullmatch(r"\d{1,5}", port)
    ]
    around = [
        (port, protocol, name)
        for port, protocol, name in published
        if active and ufw_rules.decide(rules, told, port, protocol, None, outside).refused
    ]
    value: dict[str, JSON] = {
        "installed": True,
        "active": active,
        "incoming": incoming,
        "outgoing": outgoing,
        "ipv6": _ipv6(parts[1], parts[3]),
        "rules": listed,
        "ssh": {"port": came.port, "client": came.client, "word": answer.word, "rule": answer.rule},
        "closed": [port for port, each in web if each.refused],
        "unsure": [{"port": port, "rule": each.rule} for port, each in web if each.word == ufw_rules.DEPENDS],
        "hidden": [{"rule": rule, "by": by} for rule, by in ufw_rules.never_reached(rules, over_ipv6)],
        "around": [{"port": f"{port}/{protocol}", "name": name} for port, protocol, name in around],
        "guarded": guarded,
    }
    return Observation(value=value, seen=_seen(active, incoming, listed), evidence=text)


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
    """How the connection that asks came: `client` "" and `interface` None where that is not known."""

    port: int
    client: str = ""
    interface: str | None = None

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
    return _Came(int(came[3]), came[1], held[1] if held else None)


def _outside(interfaces: str) -> str | None:
    """The interface by which everybody comes: the one of the default route."""
    found = set(re.findall(r"^default .*?\bdev (\S+)", interfaces, re.MULTILINE))
    return found.pop() if len(found) == 1 else None


def _published(answers: Answers) -> tuple[list[tuple[int, str, str]], JSON]:
    """Each port that Docker publishes to others than this machine, with whose it is; whether its chain has rules."""
    found: dict[tuple[int, str], str] = {}
    guarded: JSON = None
    for document in documents(answers.text("docker")):
        row = as_object(document)
        if "chain" in row:
            guarded = row["chain"]
        for address, first, last, protocol in re.findall(
            r"(\S+?):(\d+)(?:-(\d+))?->[\d-]+/(tcp|udp)", as_text(row.get("ports"))
        ):
            if address.startswith("127.") or address in {"[::1]", "::1"}:
                continue
            for port in range(int(first), min(int(last or first), 65535) + 1):
                found.setdefault((port, protocol), as_text(row.get("name")).partition(".")[0])
    return sorted((port, protocol, name) for (port, protocol), name in found.items()), guarded


PROBE = Probe[FirewallProbe](kind="firewall", commands=commands, read=read)
