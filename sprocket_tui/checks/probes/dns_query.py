"""Asks name servers directly, each by itself: no search list, no cache of this machine, absolute names only.

Value {answers: {resolver: [..]}, results: {resolver: word}, result, addresses, told, agree, wildcard, found_at}. The
words are those of `dns_servers`; `result` is the one all resolvers share, else "mixed". `addresses` is the sorted union
of what they answered, `told` all of it as text. `agree` (same word, same records) and `wildcard` (a random name beside
it has the same records) are null when a resolver did not answer, because they cannot be told then. CAA is looked for
upwards, as an authority does (RFC 8659): `found_at` is the name that has the records, null where there are none or the
resolvers do not agree.

With `authoritative` the servers of the zone itself are asked beside the resolvers: {zone, authorities: {server: [..]},
authority_results, authority_addresses, authority_told, authority_found_at, authorities_agree, stale, seconds_left}.
`stale`: a resolver still says what the zone no longer does; `seconds_left` is how long the last of them may go on
saying it, null where one does not tell. What some of the zone's servers answer is enough to say no to the one and yes
to the other; the opposite is only said, and else null, when all of them answered. A CAA is looked for on them up to
the zone's own name; what stands above it only the resolvers tell. For SOA they are asked of the zone itself, whatever
name below it was given; `stale` is null where that is another name than the resolvers were asked of.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import dns.name

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Here, Probe, ProbeError
from sprocket_tui.checks.probes.dns_servers import ANSWERED, TOLD, Reply, Server, absolute, ask, ask_upwards, servers
from sprocket_tui.checks.probes.dns_zone import authorities
from sprocket_tui.guide.words.probes import DnsProbe
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

Replies = Mapping[str, Reply]


def measure(words: DnsProbe, here: Here, deadline: float) -> Observation:
    """What each server answers; raises ProbeError when no resolver answered, or a parameter cannot be used."""
    resolvers, name = servers(words.resolvers), absolute(words.name)
    label = here.once.get("dns label", lambda: f"sprocket-{secrets.token_hex(8)}")
    beside = dns.name.from_text(label, name.parent())
    until = time.monotonic() + min(words.timeout, deadline) * 0.9

    def question(server: Server, name: dns.name.Name, record: str, until: float) -> Reply:
        # Names have their parents in common, and the name beside them: nobody is asked the same twice.
        key = (server, name, record, words.timeout)
        return here.once.get(key, lambda: ask(server, name, record, until))

    def reply(server: Server, top: dns.name.Name = dns.name.root) -> Reply:
        if words.record == "CAA":
            return ask_upwards(server, name, words.record, until, top, question)
        # Copies of a zone are told apart by its own SOA; a name below has none, on none of the servers.
        at = top if words.record == "SOA" and top != dns.name.root else name
        return question(server, at, words.record, until)

    # Every task takes at most its deadline, so that the pool ends by itself.
    with ThreadPoolExecutor(max_workers=min(9, 2 * len(resolvers) + 1)) as pool:
        own = partial(authorities, resolvers, name, (time.monotonic() + until) / 2, here.once)
        of_zone = pool.submit(_of_zone, own if words.authoritative else lambda: ("", []), reply)
        asked = [pool.submit(reply, server) for server in resolvers]
        tried = [pool.submit(question, server, beside, words.record, until) for server in resolvers]
        replies = {server.name: task.result() for server, task in zip(resolvers, asked, strict=True)}
        random = {server.name: task.result() for server, task in zip(resolvers, tried, strict=True)}
        zone, kept = of_zone.result()
    if not any(reply.result in ANSWERED for reply in replies.values()):
        raise ProbeError("; ".join(f"{server}: {TOLD[reply.result]}" for server, reply in replies.items()))
    value = _value(replies, random)
    if words.authoritative:
        value |= _authoritative(zone, kept, replies)
        if words.record == "SOA" and zone and absolute(zone) != name:
            value |= {"stale": None, "seconds_left": None}
    return Observation(value=value, seen=_seen(words, replies, kept, value))


def _of_zone(
    authorities: Callable[[], tuple[str, list[Server]]], reply: Callable[[Server, dns.name.Name], Reply]
) -> tuple[str, dict[str, Reply]]:
    """The zone's name, and what each of its servers answers."""
    zone, found = authorities()
    if not found:
        return zone, {}
    with ThreadPoolExecutor(max_workers=len(found)) as pool:
        asked = [pool.submit(reply, server, absolute(zone)) for server in found]
        return zone, {server.name: task.result() for server, task in zip(found, asked, strict=True)}


def _value(replies: Replies, random: Replies) -> dict[str, JSON]:
    results = {reply.result for reply in replies.values()}
    complete = results <= ANSWERED
    pairs = [(reply, random[server]) for server, reply in replies.items()]
    wild = any(reply.result == other.result == "ok" and reply.records == other.records for reply, other in pairs)
    told = all(other.result in ANSWERED for _, other in pairs)
    return {
        "answers": {server: list(reply.records) for server, reply in replies.items()},
        "results": {server: reply.result for server, reply in replies.items()},
        "result": results.pop() if len(results) == 1 else "mixed",
        "addresses": [*_union(replies)],
        "told": _side_by_side(replies),
        "agree": len(set(replies.values())) == 1 if complete else None,
        "wildcard": True if wild else (False if complete and told else None),
        "found_at": _place(replies),
    }


def _authoritative(zone: str, kept: Replies, replies: Replies) -> dict[str, JSON]:
    said = {reply for reply in kept.values() if reply.result in ANSWERED}
    complete = bool(kept) and said == set(kept.values())
    value: dict[str, JSON] = {
        "zone": zone or None,
        "authorities": {server: list(reply.records) for server, reply in kept.items()},
        "authority_results": {server: reply.result for server, reply in kept.items()},
        "authority_addresses": [*_union(kept)],
        "authority_told": _side_by_side(kept) if kept else None,
        "authority_found_at": _place(kept),
        "authorities_agree": False if len(said) > 1 else (True if complete else None),
        "stale": None,
        "seconds_left": None,
    }
    if len(said) == 1:
        true = said.pop()
        behind = [
            reply for reply in replies.values() if reply.result in ANSWERED and _of_its_own(reply, true, zone) != true
        ]
        told = complete and all(reply.result in ANSWERED for reply in replies.values())
        value["stale"] = True if behind else (False if told else None)
        left = [reply.ttl for reply in behind if reply.ttl is not None]
        value["seconds_left"] = max(left) if left and len(left) == len(behind) else None
    return value


def _of_its_own(reply: Reply, true: Reply, zone: str) -> Reply:
    """What a resolver says of the zone itself: records found above it are not the zone's to tell."""
    above = bool(reply.at) and not absolute(reply.at).is_subdomain(absolute(zone))
    return Reply(true.result) if above and not true.records else reply


def _place(replies: Replies) -> str | None:
    """The name that all who answered found the records at."""
    places = {reply.at for reply in replies.values() if reply.result in ANSWERED}
    return places.pop() or None if len(places) == 1 else None


def _union(replies: Replies) -> list[str]:
    return sorted({record for reply in replies.values() for record in reply.records})


def _seen(words: DnsProbe, replies: Replies, kept: Replies, value: Mapping[str, JSON]) -> str:
    parts = [_side_by_side(replies) + _from(words, value["found_at"])]
    if value["wildcard"]:
        parts[0] += " (by a wildcard)"
    if kept and (value.get("stale") is not False or value.get("authorities_agree") is not True):
        parts.append(f"the zone's own servers: {_side_by_side(kept)}{_from(words, value['authority_found_at'])}")
    if value.get("stale") and value.get("authorities_agree"):
        left = value.get("seconds_left")
        when = f"in {about(left)}" if isinstance(left, int) else "once the old answer has run out"
        parts.append(f"right everywhere {when}")
    return one_line(f"{words.name} {words.record}: {'; '.join(parts)}")


def _from(words: DnsProbe, place: JSON) -> str:
    return f" (from {place})" if place and absolute(str(place)) != absolute(words.name) else ""


def _side_by_side(replies: Replies) -> str:
    told = {server: reply.told for server, reply in replies.items()}
    if len(set(told.values())) == 1:
        return next(iter(told.values()))
    return "; ".join(f"{server}: {text}" for server, text in told.items())


def about(seconds: int) -> str:
    """A duration for a person who waits: seconds, minutes from a minute and a half on, hours from so many minutes."""
    if seconds < 90:
        return f"about {seconds} s"
    return f"about {round(seconds / 60)} min" if seconds < 5400 else f"about {round(seconds / 3600)} h"


PROBE = Probe[DnsProbe](kind="dns", measure=measure)
