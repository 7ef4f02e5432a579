"""The installed program asks a server shaped like DigitalOcean's API what reaches the droplet. The server is a fake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lab.digitalocean_api import ADDRESS, TOKEN, DigitalOcean, firewall, rule
from tests.lab.sshd import Sshd
from tests.lab.web import serving
from tests.real.dry_run import DryRun, Row

CHECK = "cloud.firewall"
RIGHT = (rule("22", "198.51.100.20/32"), rule("80"), rule("443"))


def judged(
    home: Path,
    *firewalls: dict[str, Any],
    token: str = TOKEN,
    address: str = ADDRESS,
    profile: dict[str, Any] | None = None,
    target: tuple[str, ...] = ("--target", "local"),
    **server: Any,
) -> Row:
    held = type("Held", (DigitalOcean,), {"firewalls": [*firewalls], **server})
    with serving(held) as api:
        given = {"digitalocean_api": api, "address": address}
        run = DryRun(home, given, {"digitalocean_token": token} if token else {}, target=target)
        return (run.with_profile(**profile) if profile else run).row(CHECK)


def test_the_three_ports_and_everything_outbound_pass(tmp_path: Path) -> None:
    row = judged(tmp_path, firewall("web", *RIGHT))
    assert row["state"] == "pass"
    assert row["value"] == {
        "state": "ok",
        "droplet": "droplet-7",
        "firewalls": ["web"],
        "ssh": ["198.51.100.20/32"],
        "ssh_inside": False,
        "inbound": {"22": ["198.51.100.20/32"], "80": ["anywhere"], "443": ["anywhere"]},
        "closed": [],
        "outbound": "all",
        "pending": 0,
    }


def test_the_guide_s_own_list_locks_ssh_out(tmp_path: Path) -> None:
    row = judged(tmp_path, firewall("web", rule("80"), rule("443")))
    assert row["state"] == "fail"
    assert row["value"]["inbound"]["22"] == []
    assert "22 from nowhere" in row["observed"]
    assert "port 22" in row["remedy"]["text"]


@pytest.mark.parametrize(
    ("sources", "state"),
    [
        ({"tags": ["bastion"]}, "warn"),
        ({"addresses": ["10.110.0.0/20"]}, "warn"),
        ({"addresses": ["fd00::/8", "192.168.1.7"], "droplet_ids": [8]}, "warn"),
        ({"addresses": ["198.51.100.20"], "tags": ["bastion"]}, "pass"),
        ({"addresses": ["2001:db8::20"]}, "pass"),
    ],
)
def test_ssh_from_other_droplets_and_private_networks_alone_is_not_from_where_somebody_works(
    tmp_path: Path, sources: dict[str, Any], state: str
) -> None:
    row = judged(tmp_path, firewall("web", rule("22") | {"sources": sources}, *RIGHT[1:]))
    assert (row["state"], row["value"]["ssh_inside"]) == (state, state == "warn")
    assert state == "pass" or "who works elsewhere does not get in" in row["why"]


@pytest.mark.parametrize("port", ["80", "443"])
def test_a_port_that_is_closed_to_the_world_fails(tmp_path: Path, port: str) -> None:
    rules = [each for each in RIGHT if each["ports"] != port]
    row = judged(tmp_path, firewall("web", *rules, rule(port, "198.51.100.0/24"), rule(port, protocol="udp")))
    assert row["state"] == "fail"
    assert row["value"]["inbound"][port] == ["198.51.100.0/24"]
    assert row["why"].startswith(f"Port {port} is not open to everybody")


@pytest.mark.parametrize("port", ["80", "443"])
def test_a_port_that_no_rule_opens_fails(tmp_path: Path, port: str) -> None:
    row = judged(tmp_path, firewall("web", *(each for each in RIGHT if each["ports"] != port)))
    assert (row["state"], row["value"]["inbound"][port]) == ("fail", [])


OTHERS = (rule("2222", "198.51.100.20/32"), rule("8080"), rule("8443"))
PROFILE = {"port": 2222, "http_port": 8080, "https_port": 8443}


def test_the_ports_of_the_profile_are_those_that_are_needed(tmp_path: Path) -> None:
    row = judged(tmp_path, firewall("web", *OTHERS), profile=PROFILE)
    assert (row["state"], row["value"]["ssh"]) == ("pass", ["198.51.100.20/32"])
    assert row["expected"] == "8080 and 8443 from anywhere, 2222 from where you work, everything outbound"
    row = judged(tmp_path, firewall("web", *RIGHT), profile=PROFILE)
    assert (row["state"], row["value"]["ssh"]) == ("fail", [])
    assert "port 2222 from where you work, 8080 and 8443 from anywhere" in row["remedy"]["text"]


@pytest.mark.lane("ssh")
def test_the_port_that_an_ssh_configuration_names_is_the_one_that_must_be_let_through(tmp_path: Path) -> None:
    with Sshd(tmp_path / "server") as server:
        target = ("--target", "ssh://lab", "--ssh-config", str(server.ssh_config()))
        row = judged(tmp_path, firewall("web", rule(str(server.port)), rule("80"), rule("443")), target=target)
    assert (row["state"], row["value"]["ssh"]) == ("warn", ["anywhere"])
    assert f"{server.port} from anywhere" in row["observed"]


def test_rules_of_several_firewalls_and_pages_add_up_and_ranges_cover(tmp_path: Path) -> None:
    parts = [firewall(f"part-{number}", each) for number, each in enumerate((RIGHT[0], rule("1-79"), rule("80-443")))]
    row = judged(tmp_path, *parts)
    assert row["value"]["firewalls"] == ["part-0", "part-1", "part-2"]
    assert row["value"]["inbound"] == {"22": ["anywhere"], "80": ["anywhere"], "443": ["anywhere"]}
    assert row["state"] == "warn"
    assert "SSH is open to the whole world" in row["why"]


def test_outbound_that_is_limited_fails(tmp_path: Path) -> None:
    row = judged(tmp_path, firewall("web", *RIGHT, out=False))
    assert (row["state"], row["value"]["outbound"]) == ("fail", "limited")


def test_changes_that_are_not_applied_yet_are_told(tmp_path: Path) -> None:
    row = judged(tmp_path, firewall("web", *RIGHT, pending=1))
    assert (row["state"], row["value"]["pending"]) == ("warn", 1)


def test_no_firewall_and_no_droplet_are_told_apart(tmp_path: Path) -> None:
    none = judged(tmp_path)
    assert (none["state"], none["value"]["state"]) == ("warn", "none")
    absent = judged(tmp_path, address="203.0.113.99")
    assert (absent["state"], absent["value"]["state"]) == ("fail", "no-droplet")
    assert absent["observed"] == "no droplet of this account has the address 203.0.113.99"


def test_a_wrong_token_one_without_the_right_and_too_many_requests_are_told_apart(tmp_path: Path) -> None:
    wrong = judged(tmp_path, token="dop_v1_" + "f" * 64)
    assert (wrong["state"], wrong["value"]["state"]) == ("fail", "refused")
    forbidden = judged(tmp_path, refusal=(403, {}))
    assert (forbidden["state"], forbidden["value"]["state"]) == ("fail", "forbidden")
    busy = judged(tmp_path, refusal=(429, {"Retry-After": "40"}))
    assert busy["state"] == "unknown"
    assert busy["observed"] == "DigitalOcean answers 429, too many requests; ask again in 40 s"


def test_without_a_token_it_says_which_is_missing(tmp_path: Path) -> None:
    row = judged(tmp_path, token="")
    assert (row["state"], row["observed"]) == ("unknown", "digitalocean_token is not given here")
