"""Asks name servers directly, each by itself: no search list, no cache of this machine, absolute names only.

Value {answers: {resolver: [..]}, results: {resolver: word}, result, addresses, agree, wildcard}. The words are ok,
nxdomain, no-answer, servfail, refused, timeout and unreachable; `result` is the one all resolvers share, else "mixed".
`addresses` is the sorted union of what they answered. `agree` (same word, same records) and `wildcard` (a random name
beside it has the same records) are null when a resolver did not answer, because they cannot be told then.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import cast

import dns.exception
import dns.name
import dns.rdata
import dns.rdatatype
import dns.resolver

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Here, Probe, ProbeError
from sprocket_tui.guide.words.probes import DnsProbe
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

_ANSWERED = {"ok", "nxdomain", "no-answer"}
_TRIES = 3
_TOLD = {
    "nxdomain": "no such name",
    "no-answer": "the name has no such record",
    "servfail": "server failure",
    "refused": "the server refused",
    "timeout": "no answer in time",
    "unreachable": "cannot be reached",
}


@dataclass(frozen=True)
class _Server:
    name: str
    address: str
    port: int


@dataclass(frozen=True)
class _Reply:
    result: str
    records: tuple[str, ...] = ()


def measure(words: DnsProbe, here: Here, deadline: float) -> Observation:
    """What each resolver answers; raises ProbeError when none of them answered, or a parameter cannot be used."""
    servers = [_server(text) for text in re.split(r"[,\s]+", words.resolvers.strip()) if text]
    if not servers:
        raise ProbeError("no resolver is named")
    name = _absolute(words.name)
    beside = dns.name.from_text(f"sprocket-{secrets.token_hex(8)}", name.parent())
    until = time.monotonic() + min(words.timeout, deadline) * 0.9
    # Two questions a resolver, side by side: each takes at most its deadline, so that the pool ends by itself.
    with ThreadPoolExecutor(max_workers=min(8, 2 * len(servers))) as pool:
        asked = [pool.submit(_ask, server, name, words.record, until) for server in servers]
        tried = [pool.submit(_ask, server, beside, words.record, until) for server in servers]
        replies = {server.name: task.result() for server, task in zip(servers, asked, strict=True)}
        random = {server.name: task.result() for server, task in zip(servers, tried, strict=True)}
    if not any(reply.result in _ANSWERED for reply in replies.values()):
        raise ProbeError("; ".join(f"{server}: {_TOLD[reply.result]}" for server, reply in replies.items()))
    return Observation(value=_value(replies, random), seen=_seen(words, replies))


def _value(replies: dict[str, _Reply], random: dict[str, _Reply]) -> dict[str, JSON]:
    results = {reply.result for reply in replies.values()}
    complete = results <= _ANSWERED
    pairs = [(reply, random[server]) for server, reply in replies.items()]
    wild = any(reply.result == other.result == "ok" and reply.records == other.records for reply, other in pairs)
    told = all(other.result in _ANSWERED for _, other in pairs)
    return {
        "answers": {server: list(reply.records) for server, reply in replies.items()},
        "results": {server: reply.result for server, reply in replies.items()},
        "result": results.pop() if len(results) == 1 else "mixed",
        "addresses": [*sorted({record for reply in replies.values() for record in reply.records})],
        "agree": len(set(replies.values())) == 1 if complete else None,
        "wildcard": True if wild else (False if complete and told else None),
    }


def _seen(words: DnsProbe, replies: dict[str, _Reply]) -> str:
    told = {server: " ".join(reply.records) or _TOLD[reply.result] for server, reply in replies.items()}
    if len(set(told.values())) == 1:
        return one_line(f"{words.name} {words.record}: {next(iter(told.values()))}")
    return one_line(f"{words.name} {words.record}: " + "; ".join(f"{server}: {text}" for server, text in told.items()))


def _ask(server: _Server, name: dns.name.Name, record: str, until: float) -> _Reply:
    """One question to one server; a lost packet is asked for again while there is time."""
    left = until - time.monotonic()
    if left <= 0:
        return _Reply("timeout")
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [server.address]
    resolver.port = server.port
    resolver.lifetime, resolver.timeout = left, max(0.2, left / _TRIES)
    try:
        answer = resolver.resolve(name, record, search=False, raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return _Reply("nxdomain")
    except dns.resolver.NoNameservers as error:
        said = str(error)
        return _Reply("servfail" if "SERVFAIL" in said else "refused" if "REFUSED" in said else "unreachable")
    except dns.exception.Timeout as error:
        # dnspython keeps asking until the time is up; the errors it met on the way tell a dead address from silence.
        return _Reply("unreachable" if re.search(r"refused|unreachable", str(error), re.IGNORECASE) else "timeout")
    except (dns.exception.DNSException, OSError):
        return _Reply("unreachable")
    wanted = dns.rdatatype.from_text(record)
    has = answer.rrset is not None and answer.rrset.rdtype == wanted
    rows = cast("Iterable[dns.rdata.Rdata]", answer.rrset) if has else ()
    records = tuple(sorted(row.to_text() for row in rows))
    return _Reply("ok", records) if records else _Reply("no-answer")


def _absolute(text: str) -> dns.name.Name:
    try:
        name = dns.name.from_text(text.strip(), origin=dns.name.root)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise ProbeError(f"{one_line(text)} is not a name: {error}") from error
    if name == dns.name.root:
        raise ProbeError("the name is empty")
    return name


def _server(text: str) -> _Server:
    """ "address", "address:port", "v6 address" or "[v6 address]:port"."""
    match = re.fullmatch(r"\[([^\]]+)\](?::(\d+))?|([^:]+)(?::(\d+))?|([0-9a-fA-F:.]+)", text)
    parts: tuple[str | None, ...] = match.groups() if match else (None,) * 5
    address, port = parts[0] or parts[2] or parts[4] or "", int(parts[1] or parts[3] or 53)
    try:
        return _Server(text, str(ipaddress.ip_address(address)), port)
    except ValueError as error:
        raise ProbeError(f"{one_line(text)} is not the address of a resolver") from error


PROBE = Probe[DnsProbe](kind="dns", measure=measure)
