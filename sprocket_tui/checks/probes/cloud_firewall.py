"""What DigitalOcean's cloud firewalls let through to a droplet, by the API; they stand before it, and ufw behind.

Value {state, droplet, firewalls, ssh, ssh_inside, inbound, closed, outbound, pending}: `droplet` is its name;
`firewalls` the names of those that cover it; `inbound` maps each port asked for to where it is open from (["anywhere"],
addresses, or [] when closed), "anywhere" only when all of IPv4 may; `ssh` is where SSH's is open from, `ssh_inside`
whether that is nobody but other droplets and private networks, `closed` the others that are not open from anywhere;
`outbound` is "all" or "limited"; `pending` how many changes of these firewalls are not applied yet.
With no firewall everything passes, and inbound and outbound say so. `state` is one of
  ok   none (no firewall covers it)   no-droplet (no droplet of the account has the address)
  refused (the token is not known)    forbidden (the token lacks droplet:read or firewall:read)
In the last three the rest is null. Facts: https://docs.digitalocean.com/reference/api/reference/firewalls/.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_network

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.api import Api, Reply
from sprocket_tui.checks.probes.base import Here, Probe, ProbeError, as_object, as_text
from sprocket_tui.guide.words.probes import CloudFirewallProbe
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

_PAGE = "200"
_ALL_IPV4 = "0.0.0.0/0"
_REFUSED = {401: "refused", 403: "forbidden"}
_NULL = ("droplet", "firewalls", "ssh", "ssh_inside", "inbound", "closed", "outbound", "pending")
# Whom a rule may name, besides addresses.
_OTHERS = ("droplet_ids", "tags", "load_balancer_uids", "kubernetes_ids")


# Where nobody works, but through a machine or a network that is in there already.
_INSIDE = tuple(
    ip_network(each)
    for each in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("fc00::/7", "fe80::/10"),
    )
)


class _Refused(Exception):
    """An answer of 401 or 403."""


def measure(words: CloudFirewallProbe, here: Here, deadline: float) -> Observation:
    """The rules of every firewall that covers the droplet, together; raises ProbeError where the API did not say."""
    ssh, ports = _port(words.ssh), [_port(port) for port in words.ports]
    api = Api("DigitalOcean", words.api, "Bearer", here.secret(words.token), deadline)
    try:
        droplet = _droplet(api, words.address)
        if droplet is None:
            said = f"no droplet of this account has the address {words.address}"
            return Observation({"state": "no-droplet", **dict.fromkeys(_NULL)}, said)
        number = droplet.get("id")
        if not isinstance(number, int):
            raise ProbeError("the answer of DigitalOcean lists a droplet without a number")
        firewalls = _listed(api, f"/v2/droplets/{number}/firewalls", {}, "firewalls")
    except _Refused as refusal:
        state, said = refusal.args
        return Observation({"state": state, **dict.fromkeys(_NULL)}, said)
    return _observed(one_line(as_text(droplet.get("name"))), firewalls, ssh, ports)


def _observed(droplet: str, firewalls: Sequence[Mapping[str, JSON]], ssh: int, web: Sequence[int]) -> Observation:
    ports = dict.fromkeys((ssh, *web))
    sources = {port: ["anywhere"] for port in ports}
    outbound, pending = "all", 0
    if firewalls:
        rules = [rule for each in firewalls for rule in _rows(each, "inbound_rules")]
        sources = {port: _sources(rules, port) for port in ports}
        outbound = (
            "all" if _all_out([rule for each in firewalls for rule in _rows(each, "outbound_rules")]) else "limited"
        )
        pending = sum(len(_rows(each, "pending_changes")) for each in firewalls)
    inbound: dict[str, JSON] = {str(port): [*found] for port, found in sources.items()}
    names = [one_line(as_text(each.get("name"))) for each in firewalls]
    value: dict[str, JSON] = {
        "state": "ok" if firewalls else "none",
        "droplet": droplet,
        "firewalls": [*names],
        "ssh": inbound[str(ssh)],
        "ssh_inside": bool(sources[ssh]) and all(map(_is_inside, sources[ssh])),
        "inbound": inbound,
        "closed": [port for port in dict.fromkeys(web) if inbound[str(port)] != ["anywhere"]],
        "outbound": outbound,
        "pending": pending,
    }
    if not firewalls:
        return Observation(value, f"no cloud firewall covers {droplet}: everything passes")
    told = ", ".join(f"{port} from {_shown(inbound[str(port)])}" for port in ports)
    later = f", {pending} changes not applied yet" if pending else ""
    return Observation(value, f"{', '.join(names)} for {droplet}: {told}; outbound {outbound}{later}")


def _shown(sources: JSON) -> str:
    return ", ".join(map(str, sources)) if isinstance(sources, list) and sources else "nowhere"


def _droplet(api: Api, address: str) -> Mapping[str, JSON] | None:
    """The droplet with that address among its own; None when the account has none."""
    for each in _listed(api, "/v2/droplets", {}, "droplets"):
        networks = as_object(each.get("networks"))
        held = [row for version in ("v4", "v6") for row in _rows(networks, version)]
        if any(row.get("ip_address") == address for row in held):
            return each
    return None


def _listed(api: Api, path: str, query: Mapping[str, str], name: str) -> list[Mapping[str, JSON]]:
    """Every item of every page."""
    found: list[Mapping[str, JSON]] = []
    for reply in api.pages(path, {**query, "per_page": _PAGE}, name):
        _usable(reply)
        items = reply.document.get(name)
        if not isinstance(items, list):
            raise ProbeError(f"the answer of DigitalOcean lists no {name}")
        found += [item for item in items if isinstance(item, dict)]
    return found


def _usable(reply: Reply) -> None:
    if reply.status in _REFUSED:
        raise _Refused(_REFUSED[reply.status], f"DigitalOcean answers {reply.status}: {reply.message}")
    if not reply.ok:
        raise ProbeError(f"DigitalOcean answers {reply.status}: {reply.message}")


def _rows(document: Mapping[str, JSON], name: str) -> list[dict[str, JSON]]:
    """The objects of a list, which the API gives as null where it is empty."""
    rows = document.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _sources(rules: Sequence[Mapping[str, JSON]], port: int) -> list[str]:
    """Where a TCP port is open from: rules of several firewalls add up."""
    found: list[str] = []
    for rule in rules:
        if rule.get("protocol") == "tcp" and _covers(as_text(rule.get("ports")), port):
            found += _parties(as_object(rule.get("sources")))
    return ["anywhere"] if _ALL_IPV4 in found else list(dict.fromkeys(found))


def _is_inside(party: str) -> bool:
    """Whether a party of `_sources` is another droplet, a load balancer, or a network that is not public."""
    try:
        network = ip_network(party, strict=False)
    except ValueError:
        return party.partition(":")[0] in _OTHERS
    # Networks of another version cannot be compared.
    return any(
        network.network_address in each and network.prefixlen >= each.prefixlen
        for each in _INSIDE
        if each.version == network.version
    )


def _parties(named: Mapping[str, JSON]) -> list[str]:
    addresses = named.get("addresses")
    found = [one_line(str(each)) for each in addresses] if isinstance(addresses, list) else []
    for kind in _OTHERS:
        others = named.get(kind)
        found += [f"{kind}:{one_line(str(each))}" for each in others] if isinstance(others, list) else []
    return found


def _covers(ports: str, port: int) -> bool:
    """A port, a range, or "0" and "all" for every port."""
    if ports in {"0", "all"}:
        return True
    match = re.fullmatch(r"(\d+)(?:-(\d+))?", ports)
    return bool(match) and int(match[1]) <= port <= int(match[2] or match[1])


def _all_out(rules: Sequence[Mapping[str, JSON]]) -> bool:
    """Whether TCP and UDP may go to every port of every IPv4 address."""
    return all(
        any(
            rule.get("protocol") == protocol
            and as_text(rule.get("ports")) in {"0", "all", "1-65535"}
            and _ALL_IPV4 in _parties(as_object(rule.get("destinations")))
            for rule in rules
        )
        for protocol in ("tcp", "udp")
    )


def _port(port: str) -> int:
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise ProbeError(f"{one_line(port)} is no port")
    return int(port)


PROBE = Probe[CloudFirewallProbe](kind="cloud-firewall", measure=measure, needs_place=False)
