"""The servers that a zone's records are kept on, found through resolvers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, cast

import dns.exception
import dns.name
import dns.nameserver
import dns.resolver

from sprocket_tui.checks.probes.dns_servers import Server

# More than any provider names; a zone that names hundreds is not ours to ask.
_MOST = 12


def authorities(resolvers: Sequence[Server], name: dns.name.Name, until: float) -> tuple[str, list[Server]]:
    """The zone that holds `name` and its servers, one for each address; both empty where they cannot be found."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [dns.nameserver.Do53Nameserver(each.address, each.port) for each in resolvers]
    resolver.timeout = max(0.2, (until - time.monotonic()) / 3)
    try:
        zone = dns.resolver.zone_for_name(name, resolver=resolver, lifetime=_left(until))
        if zone == dns.name.root:
            return "", []
        hosts = sorted(row.target for row in _rows(resolver.resolve(zone, "NS", search=False, lifetime=_left(until))))
    except (dns.exception.DNSException, OSError):
        return "", []
    found = [server for host in hosts for server in _of_host(resolver, host, until)]
    return zone.to_text(omit_final_dot=True), found[:_MOST]


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
