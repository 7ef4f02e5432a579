"""The installed program asks a real BIND for the names of Layer 1: right, missing, stale, silent, forbidden."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.query
import pytest
import yaml

from tests.lab.dns import ELSEWHERE, HERE, ZONES, DnsLab, Zone
from tests.walk.program import Program

pytestmark = pytest.mark.lane("dns")

LAYER_1 = ("layer-1.traefik", "layer-1.fa", "ipv6", "caa")
LATER = ("api", "image-generation", "grafana", "influx", "status", "rabbitMq", "management.rabbitMq", "redis")
RIGHT = {name: [f"A {HERE}"] for name in ("@", "traefik", "fa", "vault", *LATER, "dgraph.prod")}
# More authorities than a datagram of 512 bytes holds: the server truncates, and must be asked again over TCP.
AUTHORITIES = [f'CAA 0 issue "authority-{number:02}.example.org"' for number in range(20)]
SERVED: Mapping[str, Zone] = {
    **ZONES,
    # fa leads to the right name, a second address stands beside the right one, an old IPv6 address was forgotten, and
    # only a wildcard certificate could come from Let's Encrypt, which Traefik does not ask for.
    "wrong.lab.test": {
        "@": ['CAA 0 issue "digicert.com"', 'CAA 0 issuewild "letsencrypt.org"'],
        "traefik": [f"A {HERE}", f"A {ELSEWHERE}", "AAAA 2001:db8::dead"],
        "fa": ["CNAME vault"],
        "vault": [f"A {HERE}"],
    },
    "whole.lab.test": {**RIGHT, "grafana": [f"A {HERE}", "AAAA 2001:db8::dead"], "influx": [f"A {ELSEWHERE}"]},
    # Nothing by itself forbids Let's Encrypt; what stands above it does.
    "below.wrong.lab.test": RIGHT,
    # fa leads to a name that does not exist.
    "dangling.lab.test": {**RIGHT, "@": [*AUTHORITIES, 'CAA 0 issue "letsencrypt.org"'], "fa": ["CNAME gone"]},
    # No label may be that long: the zone is not loaded, and the server fails for every name of it.
    "unloaded.lab.test": {"x" * 64: [f"A {HERE}"]},
    "last.lab.test": RIGHT,
}
STALE: Mapping[str, Zone] = {"sprocket.lab.test": {**RIGHT, "traefik": [f"A {ELSEWHERE}"]}, "test": {}}
Row = dict[str, Any]
Report = Callable[..., dict[str, Row]]


@pytest.fixture(scope="module")
def server() -> Iterator[DnsLab]:
    with DnsLab(SERVED) as lab:
        yield lab


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """The rows of `check dns` by id, for a production of that domain whose names are asked of these servers."""

    def measured(domain: str, *servers: DnsLab, code: int) -> dict[str, Row]:
        config = tmp_path / ".config" / "sprocket-tui" / "profiles.yaml"
        config.parent.mkdir(parents=True, exist_ok=True)
        asked = [resolver(each) for each in servers]
        fields = {"environment": "production", "domain": domain, "address": HERE, "resolvers": asked}
        config.write_text(yaml.safe_dump({"lab": fields}))
        done = Program(tmp_path, None)("check", "dns", "--profile", "lab", "--format", "json")
        assert done.returncode == code, done.stdout + done.stderr
        return {row["id"].removeprefix("dns."): row for row in json.loads(done.stdout)["checks"]}

    return measured


def resolver(server: DnsLab) -> str:
    return f"{server.address}:{server.port}"


def states(rows: dict[str, Row]) -> dict[str, str]:
    """By id, what Layer 1 needs."""
    return {id_: row["state"] for id_, row in rows.items() if id_ in LAYER_1}


def test_names_that_are_right_pass_and_a_check_that_cannot_apply_yet_names_what_it_lacks(
    report: Report, server: DnsLab
) -> None:
    rows = report("sprocket.lab.test", server, code=4)
    assert states(rows) == {"layer-1.traefik": "pass", "layer-1.fa": "pass", "ipv6": "pass", "caa": "pass"}
    assert rows["layer-1.traefik"]["observed"] == f"traefik.sprocket.lab.test A: {HERE}"
    assert rows["caa"]["observed"] == "sprocket.lab.test CAA: the name has no such record"
    assert rows["vault"]["state"] == "unknown"
    assert rows["vault"]["observed"] == "whether it applies depends on the version of the checkout, which is not known"


def test_a_wildcard_answers_for_every_name(report: Report, server: DnsLab) -> None:
    rows = report("wild.lab.test", server, code=4)
    assert set(states(rows).values()) == {"pass"}
    assert rows["layer-1.fa"]["observed"] == f"fa.wild.lab.test A: {HERE} (by a wildcard)"
    # But not for the domain itself.
    assert rows["apex"]["state"] == "fail"
    assert rows["apex"]["observed"] == "wild.lab.test A: the name has no such record"
    assert "often written @" in rows["apex"]["remedy"]["text"]


def test_each_wrong_record_is_named_with_what_to_set(report: Report, server: DnsLab) -> None:
    rows = report("wrong.lab.test", server, code=3)
    assert states(rows) == {"layer-1.traefik": "fail", "layer-1.fa": "pass", "ipv6": "warn", "caa": "fail"}
    two = rows["layer-1.traefik"]
    assert two["observed"] == f"traefik.wrong.lab.test A: {HERE} {ELSEWHERE}"
    assert two["expected"] == f"one A record, {HERE}, from every resolver"
    assert two["remedy"]["text"].startswith(f"Set the A record of traefik.wrong.lab.test to {HERE} at the DNS provider")
    assert rows["layer-1.fa"]["observed"] == f"fa.wrong.lab.test A: {HERE}"
    assert "2001:db8::dead" in rows["ipv6"]["remedy"]["text"]
    assert rows["caa"]["observed"].endswith('0 issue "digicert.com" 0 issuewild "letsencrypt.org"')
    assert rows["caa"]["remedy"]["text"] == 'Add the CAA record `0 issue "letsencrypt.org"` to wrong.lab.test.'


def test_a_name_that_does_not_exist_fails_and_a_truncated_answer_is_read_whole(report: Report, server: DnsLab) -> None:
    question = dns.message.make_query("dangling.lab.test", "CAA")
    assert dns.query.udp(question, server.address, port=server.port, timeout=5).flags & dns.flags.TC
    rows = report("dangling.lab.test", server, code=3)
    assert states(rows) == {"layer-1.traefik": "pass", "layer-1.fa": "fail", "ipv6": "pass", "caa": "pass"}
    assert rows["layer-1.fa"]["observed"] == "fa.dangling.lab.test A: no such name"
    assert rows["layer-1.fa"]["why"] == "The name does not exist."
    assert rows["caa"]["observed"].count("0 issue") == len(AUTHORITIES) + 1


def test_one_resolver_with_an_old_address_fails_and_both_answers_are_told(report: Report, server: DnsLab) -> None:
    with DnsLab(STALE) as stale:
        rows = report("sprocket.lab.test", server, stale, code=3)
        assert states(rows) == {"layer-1.traefik": "fail", "layer-1.fa": "pass", "ipv6": "pass", "caa": "pass"}
        told = f"{resolver(server)}: {HERE}; {resolver(stale)}: {ELSEWHERE}"
        assert rows["layer-1.traefik"]["observed"] == f"traefik.sprocket.lab.test A: {told}"
        assert rows["layer-1.traefik"]["why"].startswith("The resolvers do not agree")


def test_a_resolver_that_is_silent_or_refuses_makes_a_name_unknown_beside_one_that_answers_rightly(
    report: Report, server: DnsLab
) -> None:
    with DnsLab(STALE) as silent, DnsLab({"elsewhere.lab.test": RIGHT}) as refusing:
        silent.pause()
        rows = report("sprocket.lab.test", server, silent, refusing, code=5)
        assert set(states(rows).values()) == {"unknown"}
        untold = f"{resolver(silent)}: no answer in time; {resolver(refusing)}: the server refused"
        told = f"traefik.sprocket.lab.test A: {resolver(server)}: {HERE}; {untold}"
        assert told in rows["layer-1.traefik"]["observed"]
        assert rows["layer-1.traefik"]["remedy"]["text"].startswith("Mend what stopped the measurement")


def test_a_wrong_address_fails_also_when_another_resolver_does_not_tell(report: Report, server: DnsLab) -> None:
    with DnsLab({"elsewhere.lab.test": RIGHT}) as refusing:
        rows = report("broken.lab.test", server, refusing, code=3)
        assert states(rows) == {"layer-1.traefik": "fail", "layer-1.fa": "unknown", "ipv6": "unknown", "caa": "unknown"}
        assert ELSEWHERE in rows["layer-1.traefik"]["observed"]


def test_a_server_that_fails_makes_everything_unknown(report: Report, server: DnsLab) -> None:
    rows = report("unloaded.lab.test", server, code=5)
    assert set(states(rows).values()) == {"unknown"}
    assert {rows[id_]["observed"] for id_ in LAYER_1} == {f"{resolver(server)}: server failure"}


def test_names_of_later_layers_are_told_and_block_nothing(report: Report, server: DnsLab) -> None:
    rows = report("whole.lab.test", server, code=4)
    assert set(states(rows).values()) == {"pass"}
    assert rows["apex"]["state"] == "pass"
    wrong = {id_: row["state"] for id_, row in rows.items() if row["state"] in {"fail", "warn"}}
    assert wrong == {"later.influx": "fail", "ipv6-names.grafana": "warn", "servers": "warn"}
    assert rows["servers"]["observed"] == "the names of the servers of whole.lab.test have no address"
    assert rows["later.influx"]["observed"] == f"influx.whole.lab.test A: {ELSEWHERE}"
    assert rows["ipv6-names.grafana"]["observed"] == "grafana.whole.lab.test AAAA: 2001:db8::dead"
    assert rows["ipv6-names.grafana"]["remedy"]["text"].startswith("Remove the AAAA record of grafana.whole.lab.test")
    # Upper case in a name makes no difference.
    assert rows["later.management-rabbitmq"]["state"] == "pass"


def test_what_a_domain_above_forbids_is_forbidden_below_and_the_record_is_named(report: Report, server: DnsLab) -> None:
    rows = report("below.wrong.lab.test", server, code=3)
    assert rows["caa"]["state"] == "fail"
    assert rows["caa"]["observed"].endswith("(from wrong.lab.test)")
    assert rows["caa"]["remedy"]["text"] == 'Add the CAA record `0 issue "letsencrypt.org"` to wrong.lab.test.'


AUTHORITY = "127.0.0.1"
KEPT = {**RIGHT, "@": [f"A {HERE}", "NS ns.kept.lab.test."], "ns": [f"A {AUTHORITY}"]}


def test_a_wrong_record_fails_and_once_it_is_set_as_the_remedy_says_its_time_left_is_told_until_it_passes(
    report: Report,
) -> None:
    wrong = {**KEPT, "traefik": [f"840 A {ELSEWHERE}"]}
    with (
        DnsLab({"kept.lab.test": wrong, "test": {}}, found_by_name=True) as kept,
        DnsLab({}, forwards_to=AUTHORITY) as remembering,
    ):
        rows = report("kept.lab.test", remembering, code=3)
        assert rows["servers"]["observed"].startswith("all answer alike: ns.lab.test. root.lab.test. ")
        before = rows["layer-1.traefik"]
        assert (before["state"], before["observed"]) == ("fail", f"traefik.kept.lab.test A: {ELSEWHERE}")
        assert before["remedy"]["text"].startswith(f"Set the A record of traefik.kept.lab.test to {HERE}")
        kept.change("kept.lab.test", KEPT)
        rows = report("kept.lab.test", remembering, code=4)
        assert rows["layer-1.traefik"]["state"] == "warn"
        assert (
            f"the zone's own servers: {HERE}; right everywhere in about 14 min" in rows["layer-1.traefik"]["observed"]
        )
        assert rows["layer-1.traefik"]["remedy"]["text"].startswith("Nothing to set: wait")
        # A resolver that has never asked knows nothing old.
        with DnsLab({}, forwards_to=AUTHORITY) as fresh:
            assert report("kept.lab.test", fresh, code=4)["layer-1.traefik"]["state"] == "pass"


def test_what_one_server_of_the_zone_says_counts_while_another_does_not_answer(report: Report) -> None:
    lame = {**KEPT, "@": [*KEPT["@"], "NS lame.kept.lab.test."], "lame": ["A 127.0.0.3"]}
    old = {**lame, "traefik": [f"840 A {HERE}"]}
    with (
        DnsLab({"kept.lab.test": old, "test": {}}, found_by_name=True) as kept,
        DnsLab({}, forwards_to=AUTHORITY) as remembering,
    ):
        question = dns.message.make_query("traefik.kept.lab.test", "A")
        assert dns.query.udp(question, remembering.address, port=remembering.port, timeout=5).answer
        kept.change("kept.lab.test", {**lame, "traefik": [f"A {ELSEWHERE}"]})
        rows = report("kept.lab.test", remembering, code=3)
    told = "the zone's own servers: lame.kept.lab.test 127.0.0.3: no answer in time; ns.kept.lab.test 127.0.0.1: "
    assert rows["layer-1.traefik"]["state"] == "fail"
    assert rows["layer-1.traefik"]["observed"] == f"traefik.kept.lab.test A: {HERE}; {told}{ELSEWHERE}"
    assert rows["layer-1.fa"]["state"] == "pass"
    assert rows["servers"]["state"] == "warn"
    assert rows["servers"]["observed"].startswith("lame.kept.lab.test 127.0.0.3: no answer in time; ns.kept.lab.test")


def test_what_the_zones_own_server_has_already_is_seen_beside_what_a_resolver_still_says(report: Report) -> None:
    allowed, forbidden = '0 issue "letsencrypt.org"', '0 issue "digicert.com"'
    here = f"A {HERE}"
    before = {
        **KEPT,
        "fa": [here, "840 AAAA 2001:db8::dead"],
        "traefik": [here, f"840 CAA {allowed}"],
        "grafana": [here, "840 AAAA 2001:db8::10"],
    }
    after = {**KEPT, "traefik": [here, f"CAA {forbidden}"], "grafana": [here, "AAAA 2001:db8::dead"]}
    with (
        DnsLab({"kept.lab.test": before, "test": {}}, found_by_name=True) as kept,
        DnsLab({}, forwards_to=AUTHORITY) as remembering,
    ):
        rows = report("kept.lab.test", remembering, code=4)
        assert {rows[id_]["state"] for id_ in ("caa", "caa-layer-1.traefik", "caa-names.grafana")} == {"pass"}
        assert rows["ipv6-names.fa"]["observed"] == "fa.kept.lab.test AAAA: 2001:db8::dead"
        assert "2001:db8::dead" in rows["ipv6-names.fa"]["remedy"]["text"]
        kept.change("kept.lab.test", after)
        rows = report("kept.lab.test", remembering, code=3)
    assert {id_ for id_, row in rows.items() if row["state"] == "fail"} == {"caa-layer-1.traefik"}
    told = f"{allowed}; the zone's own servers: {forbidden}; right everywhere in about "
    assert rows["caa-layer-1.traefik"]["observed"].startswith(f"traefik.kept.lab.test CAA: {told}")
    assert rows["caa-layer-1.traefik"]["remedy"]["text"] == f"Add the CAA record `{allowed}` to traefik.kept.lab.test."
    told = "2001:db8::10; the zone's own servers: 2001:db8::dead; right everywhere in about "
    assert rows["ipv6-names.grafana"]["observed"].startswith(f"grafana.kept.lab.test AAAA: {told}")
    assert "2001:db8::dead" in rows["ipv6-names.grafana"]["remedy"]["text"]
    assert rows["ipv6-names.fa"]["remedy"]["text"].startswith("Nothing to set: wait")


def test_a_resolver_that_answers_late_is_waited_for(report: Report, server: DnsLab) -> None:
    with DnsLab(SERVED) as late:
        late.pause()
        threading.Timer(2, late.resume).start()
        assert set(states(report("sprocket.lab.test", server, late, code=4)).values()) == {"pass"}
