"""One question to one name server, and what its answer means.

The words of a reply are ok, nxdomain, no-answer, servfail, refused, timeout, unreachable, garbled (what came is no
answer of a name server), loop (names that stand for each other), and alias: the server only knows that the name stands
for another one, which it does not answer for.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import dns.exception
import dns.message
import dns.name
import dns.nameserver
import dns.query
import dns.rdata
import dns.rdatatype
import dns.resolver

from sprocket_tui.checks.probes.base import ProbeError
from sprocket_tui.terminal import one_line

ANSWERED = frozenset({"ok", "nxdomain", "no-answer"})
TOLD = {
    "nxdomain": "no such name",
    "no-answer": "the name has no such record",
    "servfail": "server failure",
    "refused": "the server refused",
    "timeout": "no answer in time",
    "unreachable": "cannot be reached",
    "garbled": "its answer is none of a name server",
    "loop": "the name stands for others in a circle",
    "alias": "the name stands for another one",
}
_TRIES = 3


@dataclass(frozen=True)
class Server:
    """A name server: what it is called in the value, and where it is asked."""

    name: str
    address: str
    port: int = 53


@dataclass(frozen=True)
class Reply:
    """What a server answered. `ttl`: for how many seconds it goes on saying so, when it tells; `at`: the name that the
    records of a search upwards were found at.
    """

    result: str
    records: tuple[str, ...] = ()
    ttl: int | None = field(default=None, compare=False)
    at: str = ""

    @property
    def told(self) -> str:
        return " ".join(self.records) or TOLD[self.result]


class _Heard(dns.nameserver.Do53Nameserver):
    """One that remembers whether something came that was no answer, which the resolver passes over in silence."""

    garbled = False

    def query(
        self,
        request: dns.message.QueryMessage,
        timeout: float,
        source: str | None,
        source_port: int,
        max_size: bool = False,
        one_rr_per_rrset: bool = False,
        ignore_trailing: bool = False,
    ) -> dns.message.Message:
        if max_size:
            return super().query(request, timeout, source, source_port, max_size, one_rr_per_rrset, ignore_trailing)
        try:
            return dns.query.udp(
                request, self.address, timeout, self.port, ignore_unexpected=True, raise_on_truncation=True
            )
        except (dns.exception.FormError, dns.message.Truncated) as error:
            if isinstance(error, dns.message.Truncated) and request.is_response(
                cast("dns.message.Message", error.message())
            ):
                raise
            self.garbled = True
            # As for a lost packet: the true answer may come to the next question.
            raise dns.exception.Timeout from error


Question = Callable[[Server, dns.name.Name, str, float], Reply]


def ask(server: Server, name: dns.name.Name, record: str, until: float) -> Reply:
    """One question; a lost packet is asked for again while there is time (`until`, monotonic)."""
    left = until - time.monotonic()
    if left <= 0:
        return Reply("timeout")
    resolver = dns.resolver.Resolver(configure=False)
    heard = _Heard(server.address, server.port)
    resolver.nameservers = [heard]
    resolver.lifetime, resolver.timeout = left, max(0.2, left / _TRIES)
    try:
        answer = resolver.resolve(name, record, search=False, raise_on_no_answer=False)
    except (dns.exception.DNSException, OSError) as error:
        failed = _failed(error, name)
        return Reply("garbled") if heard.garbled and failed.result == "timeout" else failed
    wanted = dns.rdatatype.from_text(record)
    has = answer.rrset is not None and answer.rrset.rdtype == wanted
    rows = cast("Iterable[dns.rdata.Rdata]", answer.rrset) if has else ()
    records = tuple(sorted(row.to_text() for row in rows))
    if records:
        return Reply("ok", records, _ttl(answer.response))
    is_alias = answer.canonical_name != answer.qname and not answer.response.authority
    return Reply("alias" if is_alias else "no-answer", ttl=_ttl(answer.response))


def _failed(error: Exception, name: dns.name.Name) -> Reply:
    said = str(error)
    if isinstance(error, dns.resolver.NXDOMAIN):
        return Reply("nxdomain", ttl=_ttl(cast("dns.message.Message", cast("Any", error).response(name))))
    if isinstance(error, dns.resolver.NoNameservers) and re.search("SERVFAIL|REFUSED", said):
        return Reply("servfail" if "SERVFAIL" in said else "refused")
    if isinstance(error, dns.resolver.NoNameservers) and str(dns.message.ChainTooLong()) in said:
        return Reply("loop")
    # dnspython keeps asking until the time is up; the errors it met on the way tell a dead address from silence.
    late = isinstance(error, dns.exception.Timeout) and not re.search(r"refused|unreachable", said, re.IGNORECASE)
    return Reply("timeout" if late else "unreachable")


def ask_upwards(
    server: Server,
    name: dns.name.Name,
    record: str,
    until: float,
    top: dns.name.Name = dns.name.root,
    question: Question = ask,
) -> Reply:
    """The records of the nearest name that has any (RFC 8659, section 3), from `name` up to `top`, never the root.

    A name that cannot be asked ends the search: an authority may not sign then either. Its time is that of the step
    that is kept longest, because a change at any of them can change what is found.
    """
    first: Reply | None = None
    times: list[int | None] = []
    while name != dns.name.root and name.is_subdomain(top):
        reply = question(server, name, record, until)
        first = first or reply
        times.append(reply.ttl)
        if reply.records:
            return Reply("ok", reply.records, _longest(times), name.to_text(omit_final_dot=True))
        if reply.result not in ANSWERED:
            return reply
        name = name.parent()
    return Reply(first.result if first else "no-answer", ttl=_longest(times))


def _longest(times: Sequence[int | None]) -> int | None:
    known = [each for each in times if each is not None]
    return max(known) if known and len(known) == len(times) else None


def _ttl(response: dns.message.Message) -> int | None:
    """For how long the answer, or that there is none, may be kept; None where the server does not tell."""
    try:
        found = cast("dns.message.QueryMessage", response).resolve_chaining()
    except dns.exception.DNSException:
        return None
    # An answer without a record and without the zone's SOA has no time of its own.
    if found.answer is None and not response.authority:
        return None
    return int(found.minimum_ttl)


def absolute(text: str) -> dns.name.Name:
    """The name, never completed by a search list; raises ProbeError when it is none."""
    try:
        name = dns.name.from_text(text.strip(), origin=dns.name.root)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise ProbeError(f"{one_line(text)} is not a name: {error}") from error
    if name == dns.name.root:
        raise ProbeError("the name is empty")
    return name


def servers(text: str) -> list[Server]:
    """Those named in `text`, between commas or spaces; raises ProbeError on none, and on what is no address."""
    found = [_server(each) for each in re.split(r"[,\s]+", text.strip()) if each]
    if not found:
        raise ProbeError("no resolver is named")
    return found


def _server(text: str) -> Server:
    """ "address", "address:port", "v6 address" or "[v6 address]:port"."""
    match = re.fullmatch(r"\[([^\]]+)\](?::(\d+))?|([^:]+)(?::(\d+))?|([0-9a-fA-F:.]+)", text)
    parts: tuple[str | None, ...] = match.groups() if match else (None,) * 5
    address, port = parts[0] or parts[2] or parts[4] or "", int(parts[1] or parts[3] or 53)
    try:
        return Server(text, str(ipaddress.ip_address(address)), port)
    except ValueError as error:
        raise ProbeError(f"{one_line(text)} is not the address of a resolver") from error
