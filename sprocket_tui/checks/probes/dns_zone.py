"""The servers that a zone's records are kept on, found through resolvers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import dns.exception
import dns.name
import dns.nameserver
import dns.resolver

from sprocket_tui.checks.once import Once
from sprocket_tui.checks.probes.dns_servers import Server

# More than any provider names; a zone that names hundreds is not ours to ask.
_MOST = 12


def authorities(
    resolvers: Sequence[Server], name: dns.name.Name, until: float, once: Once[Any] | None = None
) -> tuple[str, list[Server]]:
    """The zone that holds `name` and its servers, one for each address; both empty where they cannot be found.

    With `once` a name's zone, and a zone's servers, are looked for by the first who wants to know.
    """
    once, asked = once or Once[Any](), tuple(resolvers)
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [dns.nameserver.Do53Nameserver(each.address, each.port) for each in resolvers]
    resolver.timeout = max(0.2, (until - time.monotonic()) / 3)
    zone: dns.name.Name | None = once.get(("zone", asked, name), lambda: _zone(resolver, name, until))
    if zone is None:
        return "", []
    found: list[Server] | None = once.get(("servers", asked, zone), lambda: _servers(resolver, zone, until))
    return ("", []) if found is None else (zone.to_text(omit_final_dot=True), found)


def _zone(resolver: dns.resolver.Resolver, name: dns.name.Name, until: float) -> dns.name.Name | None:
    try:
        zone = dns.resolver.zone_for_name(name, resolver=resolver, lifetime=_left(until))
    except (dns.exception.DNSException, OSError):
        return None
    return None if zone == dns.name.root else zone


def _servers(resolver: dns.resolver.Resolver, zone: dns.name.Name, until: float) -> list[Server] | None:
    try:
        rows = _rows(resolver.resolve(zone, "NS", search=False, lifetime=_left(until)))
    except (dns.exception.DNSException, OSError):
        return None
    hosts: list[dns.name.Name] = sorted(row.target for row in rows)
    # At once: from far away each question takes as long as all of them.
    with ThreadPoolExecutor(max_workers=_MOST) as pool:
        asked = [pool.submit(_of_host, resolver, host, until) for host in hosts[:_MOST]]
        return [server for task in asked for server in task.result()][:_MOST]


def _of_host(resolver: dns.resolver.Resolver, host: dns.name.Name, until: float) -> list[Server]:
    """Every IPv4 address of a server, or else its IPv6 addresses."""
    for record in ("A", "AAAA"):
        try:
            answer = resolver.resolve(host, record, search=False, lifetime=_left(until))
        except (dns.exception.DNSException, OSError):
            continue
        addresses = sorted(row.to_text() for row in _rows(answer))
        return [Server(f"{host.to_text(omit_final_dot=True)} {address}", address) for address in addresses]
    return []


def _rows(answer: dns.resolver.Answer) -> Iterable[Any]:
    return cast("Iterable[Any]", answer.rrset or ())


def _left(until: float) -> float:
    return max(0.1, until - time.monotonic())
