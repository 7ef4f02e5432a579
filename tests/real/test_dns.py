"""The installed program asks a real BIND for the names of Layer 1: right, missing, stale, silent, forbidden."""

from __future__ import annotations

import json
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

RIGHT = {name: [f"A {HERE}"] for name in ("traefik", "fa", "vault")}
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
    # fa leads to a name that does not exist.
    "dangling.lab.test": {**RIGHT, "@": [*AUTHORITIES, 'CAA 0 issue "letsencrypt.org"'], "fa": ["CNAME gone"]},
    # No label may be that long: the zone is not loaded, and the server fails for every name of it.
    "unloaded.lab.test": {"x" * 64: [f"A {HERE}"]},
    "last.lab.test": RIGHT,
}
STALE: Mapping[str, Zone] = {"sprocket.lab.test": {**RIGHT, "traefik": [f"A {ELSEWHERE}"]}}
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
        config.parent.mkdir(parents=True)
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
    """By id, but for Vault's name: whether the checkout has Vault is not known to a dry run without a checkout."""
    return {id_: row["state"] for id_, row in rows.items() if id_ != "vault"}


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
    assert rows["layer-1.fa"]["observed"] == f"fa.wild.lab.test A: {HERE}"


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
    assert {row["observed"] for id_, row in rows.items() if id_ != "vault"} == {f"{resolver(server)}: server failure"}
