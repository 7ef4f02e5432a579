"""What the rules of ufw come to, read from its own words."""

from __future__ import annotations

from typing import Any

import pytest

from sprocket_tui.checks.probes.ufw_rules import decide, hidden, inbound, network
from sprocket_tui.target.batch import Answer
from tests.unit.checks_kit import answered, probe

ACTIVE = "Status: active\nLogging: on (low)\nDefault: deny (incoming), allow (outgoing), deny (routed)\n"
SETTINGS = 'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\nDEFAULT_OUTPUT_POLICY="ACCEPT"\n'
CONNECTION = "198.51.100.7 50000 203.0.113.10 2222"
NOTHING = '{"chain":\nfalse\n}'
HEAD = "Added user rules (see 'ufw status' for running firewall):"


def value(
    *rules: str, status: str = ACTIVE, settings: str = SETTINGS, connection: str = "", docker: str = NOTHING
) -> Any:
    added = "\n".join([HEAD, *(f"ufw {rule}" for rule in rules)])
    text = f"{status}\nadded:\n{added}\n\nsettings:\n{settings}\nconnection:\n{connection}\n"
    observation = answered(probe("firewall", ports=["80", "443"]), text, docker)
    assert observation.measured, observation.reason
    return observation.value


@pytest.mark.parametrize(
    ("rules", "word", "rule"),
    [
        ([], "deny", ""),
        (["allow 2222/tcp"], "allow", "allow 2222/tcp"),
        (["allow 2222"], "allow", "allow 2222"),
        (["allow 2222/udp"], "deny", ""),
        (["allow 22/tcp"], "deny", ""),
        (["allow 2000:3000/tcp"], "allow", "allow 2000:3000/tcp"),
        (["allow 22,2222/tcp"], "allow", "allow 22,2222/tcp"),
        (["limit 2222/tcp"], "limit", "limit 2222/tcp"),
        (["deny 2222", "allow 2222/tcp"], "deny", "deny 2222"),
        (["allow 2222/tcp", "deny 2222"], "allow", "allow 2222/tcp"),
        (["deny from 198.51.100.0/24", "allow 2222/tcp"], "deny", "deny from 198.51.100.0/24"),
        (["deny from 192.0.2.0/24", "allow 2222/tcp"], "allow", "allow 2222/tcp"),
        (["allow from 198.51.100.7 to any port 2222 proto tcp"], "allow", "allow from 198.51.100.7 to any port 2222"),
        (["allow from 198.51.100.8 to any port 2222 proto tcp"], "deny", ""),
        (["allow out 2222/tcp"], "deny", ""),
        (["allow in on eth1 to any port 2222"], "deny", ""),
        (["route allow 2222/tcp"], "deny", ""),
        (["allow 2222/tcp comment 'for us'"], "allow", "allow 2222/tcp"),
    ],
)
def test_the_first_rule_that_fits_the_connection_decides(rules: list[str], word: str, rule: str) -> None:
    ssh = value(*rules, connection=CONNECTION)["ssh"]
    assert (ssh["port"], ssh["client"], ssh["word"]) == (2222, "198.51.100.7", word)
    assert ssh["rule"].startswith(rule)
    assert bool(ssh["rule"]) == bool(rule)


def test_without_the_connections_own_address_anybodys_to_the_usual_port_is_judged() -> None:
    ssh = value("allow from 198.51.100.7 to any port 22 proto tcp")["ssh"]
    assert (ssh["port"], ssh["client"], ssh["word"]) == (22, "", "deny")
    assert value("allow OpenSSH")["ssh"]["word"] == "allow"


def test_a_rule_for_ipv4_lets_nobody_in_over_ipv6() -> None:
    rules = inbound("ufw allow from 198.51.100.7 to any port 22 proto tcp")
    assert decide(rules, "deny", 22, "tcp", network("2001:db8::1")).refused


def test_a_rule_that_is_never_reached_is_found_with_what_hides_it() -> None:
    rules = inbound("ufw deny 1:1024/tcp\nufw allow 80/tcp\nufw allow 80\nufw allow 8080/tcp")
    assert [(rule.text, by.text) for rule, by in hidden(rules)] == [("allow 80/tcp", "deny 1:1024/tcp")]


def test_while_ufw_is_off_its_settings_say_what_it_would_do() -> None:
    off = value("allow 80/tcp", status="Status: inactive\n")
    assert (off["active"], off["incoming"], off["closed"], off["around"]) == (False, "deny", [443], [])
    open_ = value(status="Status: inactive\n", settings='IPV6=no\nDEFAULT_INPUT_POLICY="ACCEPT"\n')
    assert (open_["incoming"], open_["ipv6"], open_["closed"], open_["ssh"]["word"]) == ("allow", False, [], "allow")


def test_what_docker_publishes_to_everybody_is_held_against_the_rules() -> None:
    docker = (
        '{"name":"fluent.1.abc","ports":"0.0.0.0:24224->24224/tcp, [::]:24224->24224/tcp"}\n'
        '{"name":"local","ports":"127.0.0.1:5000->5000/tcp"}\n{"name":"web","ports":"*:80->80/tcp, *:53->53/udp"}\n'
    )
    told = value("allow 80/tcp", docker=docker + NOTHING)
    assert told["around"] == [{"port": "53/udp", "name": "web"}, {"port": "24224/tcp", "name": "fluent"}]
    assert told["guarded"] is False


def test_who_is_not_root_cannot_measure_it() -> None:
    refused = Answer(1, b"", b"ERROR: You need to be root to run this script\n")
    observation = answered(probe("firewall"), refused, NOTHING)
    assert observation.reason == "ERROR: You need to be root to run this script"


def test_a_droplet_without_ufw_is_an_answer() -> None:
    observation = answered(probe("firewall"), "absent\n", NOTHING)
    assert isinstance(observation.value, dict)
    assert (observation.value["installed"], observation.value["active"]) == (False, False)
