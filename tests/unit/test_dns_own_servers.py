"""What a zone's own servers say is held against what resolvers still say: an old IPv6 address, a CAA that forbids."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from sprocket_tui.checks import judge
from sprocket_tui.checks.measure import Measurement, Target, measure
from sprocket_tui.checks.observation import Verdict
from sprocket_tui.checks.probes import dns_query
from sprocket_tui.checks.probes.dns_servers import Server
from sprocket_tui.checks.probes.dns_zone import authorities
from sprocket_tui.guide.loader import load_guide
from tests.unit.checks_kit import probe

GUIDE = load_guide()
ZONE = "lab.test"
ALLOWED, FORBIDDEN = '0 issue "letsencrypt.org"', '0 issue "digicert.com"'
OLD, NEW = "2001:db8::1", "2001:db8::dead"

# Records by "name type"; a name that has none of any type does not exist.
Records = Mapping[str, str]
# In place of a record: every question is answered with that code.
FAILING = "code"
Verdicts = Callable[[str, Records | list[Records], list[Records]], Verdict]
EMPTY: Records = {f"api.{ZONE} A": "192.0.2.10", f"{ZONE} A": "192.0.2.10", "test TXT": "-"}


def answered(question: bytes, records: Records) -> bytes:
    query = dns.message.from_wire(question)
    name, type_ = query.question[0].name, dns.rdatatype.to_text(query.question[0].rdtype)
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AA
    asked = name.to_text(omit_final_dot=True)
    if FAILING in records:
        response.set_rcode(dns.rcode.from_text(records[FAILING]))
    elif f"{asked} {type_}" in records:
        response.answer.append(dns.rrset.from_text(name, 840, "IN", type_, records[f"{asked} {type_}"]))
    else:
        response.authority.append(dns.rrset.from_text(f"{ZONE}.", 300, "IN", "SOA", "ns. root. 1 60 60 60 300"))
        if not any(each.startswith(f"{asked} ") for each in records):
            response.set_rcode(dns.rcode.NXDOMAIN)
    return response.to_wire()


@contextmanager
def serving(added: Records) -> Generator[int, None, None]:
    """The port of a name server with these records beside the empty ones."""
    records = {**EMPTY, **added}

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            question, sock = self.request
            sock.sendto(answered(question, records), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Verdicts]:
    """The verdict of a check of the guide on api.lab.test, by what one resolver and the zone's own servers have."""
    with ExitStack() as stack:

        def verdict(id_: str, resolver: Records | list[Records], own: list[Records]) -> Verdict:
            several = resolver if isinstance(resolver, list) else [resolver]
            asked = ",".join(f"127.0.0.1:{stack.enter_context(serving(each))}" for each in several)
            ports = [stack.enter_context(serving(records)) for records in own]
            found = [Server(f"ns{number}", "127.0.0.1", port) for number, port in enumerate(ports)]

            def authorities(*_: object) -> tuple[str, list[Server]]:
                return ZONE, found

            monkeypatch.setattr(dns_query, "authorities", authorities)
            check = GUIDE.checks()[id_]
            words = check.probe.model_dump(exclude={"kind"})
            words |= {"name": f"api.{ZONE}", "resolvers": asked, "timeout": 5}
            wanted = Measurement(probe("dns", **words), "here")
            observation = measure([wanted], target=Target(None), secrets={}, deadline=10)[wanted.key]
            return judge.judge(check, observation, {"hostname": ZONE, "name": "api", "address": "192.0.2.10"})

        yield verdict


def remedy(verdict: Verdict) -> str:
    assert verdict.remedy
    return verdict.remedy.text


AAAA = f"api.{ZONE} AAAA"


@pytest.mark.parametrize("still", [{}, {AAAA: OLD}], ids=["none", "another"])
def test_an_ipv6_address_that_only_the_zones_own_server_has_yet_is_seen(judged: Verdicts, still: Records) -> None:
    found = judged("dns.ipv6-names", still, [{AAAA: NEW}])
    assert found.state == "warn"
    said = OLD if still else "the name has no such record"
    assert found.observed.startswith(f"{AAAA}: {said}; the zone's own servers: {NEW}; right everywhere in about")
    assert remedy(found).startswith(f"Remove the AAAA record at the DNS provider unless {NEW} is")


def test_an_ipv6_address_that_one_of_the_zones_own_servers_still_has_is_seen(judged: Verdicts) -> None:
    found = judged("dns.ipv6-names", {}, [{AAAA: NEW}, {}])
    assert found.state == "warn"
    assert f"the zone's own servers: ns0: {NEW}; ns1: the name has no such record" in found.observed


def test_an_ipv6_address_that_only_a_resolver_still_has_is_waited_for(judged: Verdicts) -> None:
    found = judged("dns.ipv6-names", {AAAA: OLD}, [{}])
    assert found.state == "warn"
    assert remedy(found).startswith("Nothing to set: wait")
    assert "right everywhere in about 14 min" in found.observed


def test_no_ipv6_address_anywhere_passes(judged: Verdicts) -> None:
    assert judged("dns.ipv6-names", {}, [{}, {}]).state == "pass"
    assert judged("dns.ipv6-names", {}, []).state == "pass"


A, ELSEWHERE = f"api.{ZONE} A", {f"api.{ZONE} A": "192.0.2.99"}


@pytest.mark.parametrize("code", ["REFUSED", "SERVFAIL"])
def test_what_one_of_the_zones_own_servers_says_counts_where_another_says_nothing(judged: Verdicts, code: str) -> None:
    found = judged("dns.later", {}, [ELSEWHERE, {FAILING: code}])
    assert found.state == "fail"
    assert f"the zone's own servers: ns0: {ELSEWHERE[A]}; ns1: " in found.observed
    assert "right everywhere" not in found.observed
    waited_for = judged("dns.later", ELSEWHERE, [{}, {FAILING: code}])
    assert (waited_for.state, remedy(waited_for)[:22]) == ("warn", "Nothing to set: wait u")
    assert judged("dns.later", {}, [{}, {FAILING: code}]).state == "pass"
    apart = judged("dns.later", {}, [ELSEWHERE, {FAILING: code}, {}])
    assert (apart.state, apart.why[:38]) == ("fail", "The zone's own servers do not agree; o")


# The name that is asked about lies below its zone, as the guide's own does: its SOA is the zone's.
SOA = f"{ZONE} SOA"
FIRST, SECOND = ({SOA: f"ns. root. {serial} 60 60 60 300"} for serial in (1, 2))


@pytest.mark.parametrize(
    ("own", "state", "seen"),
    [
        ([FIRST, FIRST], "pass", f"all answer alike: {FIRST[SOA]}"),
        ([FIRST, SECOND], "warn", f"ns0: {FIRST[SOA]}; ns1: {SECOND[SOA]}"),
        ([FIRST, {FAILING: "REFUSED"}], "warn", f"ns0: {FIRST[SOA]}; ns1: the server refused"),
        ([{FAILING: "SERVFAIL"}, {FAILING: "SERVFAIL"}], "warn", "server failure"),
        ([], "warn", f"the names of the servers of {ZONE} have no address"),
    ],
)
def test_a_server_of_the_zone_that_does_not_answer_or_has_an_older_copy_is_told(
    judged: Verdicts, own: list[Records], state: str, seen: str
) -> None:
    found = judged("dns.servers", FIRST, own)
    assert (found.state, found.observed) == (state, seen)
    # The resolver was asked for the name below, so that its answer is no older copy.
    assert isinstance(found.observation.value, dict)
    assert found.observation.value["stale"] is None


@pytest.mark.parametrize("still", [{}, {f"{ZONE} CAA": ALLOWED}], ids=["none", "allowed"])
@pytest.mark.parametrize("at", [f"api.{ZONE}", ZONE])
def test_a_caa_that_forbids_on_the_zones_own_server_fails_whatever_a_resolver_still_says(
    judged: Verdicts, at: str, still: Records
) -> None:
    found = judged("dns.caa-names", still, [{f"{at} CAA": FORBIDDEN}])
    assert found.state == "fail"
    place = f" (from {ZONE})" if at == ZONE else ""
    said, left = (f"{ALLOWED} (from {ZONE})", 14) if still else ("the name has no such record", 5)
    own = f"{FORBIDDEN}{place}; right everywhere in about {left} min"
    assert found.observed == f"api.{ZONE} CAA: {said}; the zone's own servers: {own}"
    assert remedy(found).startswith(f"Add the CAA record `{ALLOWED}` to {at}.")


@pytest.mark.parametrize(
    "own", [[{f"{ZONE} CAA": '0 iodef "mailto:a@lab.test"'}], []], ids=["own servers too", "resolvers alone"]
)
def test_a_caa_without_an_issue_tag_keeps_nobody_from_signing(judged: Verdicts, own: list[Records]) -> None:
    found = judged("dns.caa-names", {f"{ZONE} CAA": '0 iodef "mailto:a@lab.test"'}, own)
    assert found.state == "pass"
    assert "iodef" in found.observed


def test_the_nearest_caa_of_the_zones_own_server_governs(judged: Verdicts) -> None:
    both = {f"api.{ZONE} CAA": ALLOWED, f"{ZONE} CAA": FORBIDDEN}
    assert judged("dns.caa-names", both, [both]).state == "pass"
    assert judged("dns.caa-names", {}, [both]).state == "pass"


def test_a_caa_that_only_a_resolver_still_forbids_by_is_waited_for(judged: Verdicts) -> None:
    for own in ({}, {f"api.{ZONE} CAA": ALLOWED}):
        found = judged("dns.caa-names", {f"{ZONE} CAA": FORBIDDEN}, [own])
        assert (found.state, remedy(found)[:22]) == ("warn", "Nothing to set: wait u")
        assert "right everywhere in about 14 min" in found.observed


def test_a_caa_that_the_zones_own_servers_do_not_agree_on_fails(judged: Verdicts) -> None:
    found = judged("dns.caa-names", {f"{ZONE} CAA": ALLOWED}, [{f"{ZONE} CAA": ALLOWED}, {f"{ZONE} CAA": FORBIDDEN}])
    assert found.state == "fail"
    assert f"the zone's own servers: ns0: {ALLOWED}; ns1: {FORBIDDEN}" in found.observed


def test_resolvers_that_do_not_agree_on_a_caa_fail_and_one_that_fails_lets_nothing_pass(judged: Verdicts) -> None:
    allowed, both = {f"{ZONE} CAA": ALLOWED}, {f"{ZONE} CAA": FORBIDDEN, f"api.{ZONE} CAA": ALLOWED}
    apart = judged("dns.caa-names", [both, {f"{ZONE} CAA": FORBIDDEN}], [])
    assert apart.state == "fail"
    assert remedy(apart).startswith("Wait until")
    assert judged("dns.caa-names", [allowed, {FAILING: "SERVFAIL"}], []).state == "unknown"
    with_parameter = {f"{ZONE} CAA": '0 issue "letsencrypt.org; accounturi=https://acme.test/acct/1"'}
    assert judged("dns.caa-names", [with_parameter, {FAILING: "SERVFAIL"}], []).state == "unknown"
    forbidden = judged("dns.caa-names", [{f"{ZONE} CAA": FORBIDDEN}, {FAILING: "SERVFAIL"}], [])
    assert (forbidden.state, remedy(forbidden)) == (
        "fail",
        f"Add the CAA record `{ALLOWED}` to {ZONE}. Layer 1 can be brought up without it.",
    )
    own = judged("dns.caa-names", {}, [{f"{ZONE} CAA": FORBIDDEN}, {FAILING: "REFUSED"}])
    assert (own.state, remedy(own)) == ("fail", f"Add the CAA record `{ALLOWED}` to {ZONE}.")


def test_servers_that_differ_in_whether_there_is_such_a_name_forbid_nothing_without_a_caa(judged: Verdicts) -> None:
    no_name: Records = {FAILING: "NXDOMAIN"}
    empty: Records = {}
    differ = [no_name, empty]
    for resolvers, own in ((differ, []), (differ, [empty]), ([empty], differ), (differ, differ)):
        found = judged("dns.caa-names", resolvers, own)
        assert found.state == "pass", found.observed
        assert "no such name" in found.observed
    assert judged("dns.caa-names", [no_name, {f"{ZONE} CAA": ALLOWED}], []).state == "fail"
    assert judged("dns.caa-names", {}, [no_name, {f"{ZONE} CAA": ALLOWED}]).state == "fail"


def test_a_caa_above_the_zone_is_what_resolvers_tell_and_makes_no_answer_old(judged: Verdicts) -> None:
    forbidden = judged("dns.caa-names", {"test CAA": FORBIDDEN}, [{}])
    assert (forbidden.state, forbidden.observed) == ("fail", f"api.{ZONE} CAA: {FORBIDDEN} (from test)")
    assert remedy(forbidden).startswith(f"Add the CAA record `{ALLOWED}` to test.")
    assert judged("dns.caa-names", {"test CAA": ALLOWED}, [{}]).state == "pass"


def test_the_addresses_of_the_zones_own_servers_are_asked_for_at_once() -> None:
    """Each is only told once all of them were asked for."""
    hosts, address = 4, "192.0.2.53"
    all_asked = threading.Barrier(hosts)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            question, sock = self.request
            query = dns.message.from_wire(question)
            name, type_ = query.question[0].name, dns.rdatatype.to_text(query.question[0].rdtype)
            records = {"SOA": ["ns0. root. 1 60 60 60 300"], "NS": [f"ns{each}.test." for each in range(hosts)]}
            if type_ == "A":
                all_asked.wait(5)
            response = dns.message.make_response(query)
            response.answer.append(dns.rrset.from_text_list(name, 300, "IN", type_, records.get(type_, [address])))
            sock.sendto(response.to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        resolver = Server("here", "127.0.0.1", server.server_address[1])
        found = authorities([resolver], dns.name.from_text(ZONE), time.monotonic() + 20)
        server.shutdown()
    assert found == (ZONE, [Server(f"ns{each}.test {address}", address) for each in range(hosts)])


def test_no_question_is_put_twice_to_a_server_for_names_that_are_measured_together() -> None:
    """The parents that a CAA is looked for at, and the name beside, are the same for all of them."""
    put: list[str] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            question, sock = self.request
            put.append(dns.message.from_wire(question).question[0].to_text())
            sock.sendto(answered(question, EMPTY), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        fields = {"record": "CAA", "resolvers": f"127.0.0.1:{server.server_address[1]}", "timeout": 9}
        names = [f"{label}.{ZONE}" for label in ("api", "fa", "vault")]
        wanted = [Measurement(probe("dns", name=name, **fields), "here") for name in names]
        found = measure(wanted, target=Target(None), secrets={}, deadline=20)
        server.shutdown()
    assert all(found[each.key].measured for each in wanted)
    assert sum(text.startswith(f"{ZONE}. ") for text in put) == 1
    assert sum(text.startswith("sprocket-") for text in put) == 1
    assert len(put) == len(set(put))


@pytest.mark.parametrize("everywhere", [True, False], ids=["everywhere", "resolver"])
@pytest.mark.parametrize(
    ("record", "state"),
    [
        ('0 issue "letsencrypt.org"', "pass"),
        ('128 issue "letsencrypt.org"', "pass"),
        ('0 issue "letsencrypt.org; validationmethods=dns-01,tls-alpn-01"', "pass"),
        ('0 issue "letsencrypt.org; validationmethods=http-01"', "fail"),
        ('0 issue "letsencrypt.org; accounturi=https://acme.test/acct/1"', "warn"),
        ('0 issue "letsencrypt.org; accounturi=https://acme.test/acct/1; validationmethods=http-01"', "fail"),
        ('0 issue "letsencrypt.org.evil.example"', "fail"),
        ('0 issue "notletsencrypt.org"', "fail"),
        ('0 issue ";"', "fail"),
        ('0 Issue "evil.example"', "fail"),
        ('128 ISSUE "LetsEncrypt.org"', "pass"),
        ('128 tbs "unknown"', "fail"),
        # Let's Encrypt takes a flag of 1 for that of 128, and knows no other kinds than these and issuemail.
        ('1 tbs "unknown"', "fail"),
        ('128 issuevmc "letsencrypt.org"', "fail"),
        ('128 issuemail "letsencrypt.org"', "pass"),
        ('0 tbs "unknown"', "pass"),
        ('2 tbs "unknown"', "pass"),
        ('0 iodef "mailto:admin@lab.test"', "pass"),
    ],
)
def test_a_caa_record_is_read_with_its_flag_and_parameters(
    judged: Verdicts, record: str, state: str, everywhere: bool
) -> None:
    records = {f"api.{ZONE} CAA": record}
    found = judged("dns.caa-names", records, [records] if everywhere else [])
    assert found.state == state, found.observed
