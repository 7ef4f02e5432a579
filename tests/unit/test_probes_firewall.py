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
    *rules: str,
    status: str = ACTIVE,
    settings: str = SETTINGS,
    connection: str = "",
    docker: str = NOTHING,
    ipv6: str = "",
    interfaces: str = "",
    configured: str = "",
) -> Any:
    added = "\n".join([HEAD, *(f"ufw {rule}" for rule in rules)])
    text = f"{status}\nadded:\n{added}\n\nsettings:\n{settings}\nipv6:\n{ipv6}\ninterfaces:\n{interfaces}\n"
    text += f"connection:\n{connection}\n\nport:\n{configured}\n"
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
        (["route allow 2222/tcp"], "deny", ""),
        (["allow 2222/tcp comment 'for us'"], "allow", "allow 2222/tcp"),
    ],
)
def test_the_first_rule_that_fits_the_connection_decides(rules: list[str], word: str, rule: str) -> None:
    ssh = value(*rules, connection=CONNECTION)["ssh"]
    assert (ssh["port"], ssh["client"], ssh["word"]) == (2222, "198.51.100.7", word)
    assert ssh["rule"].startswith(rule)
    assert bool(ssh["rule"]) == bool(rule)


@pytest.mark.parametrize(
    ("rules", "by_eth0", "not_known"),
    [
        (["allow in on eth1 to any port 2222"], "deny", "depends"),
        (["allow in on eth0 to any port 2222 proto tcp"], "allow", "depends"),
        (["allow in on eth0"], "allow", "depends"),
        (["deny in on eth0 to any port 2222", "allow 2222/tcp"], "deny", "depends"),
        (["deny in on eth1 to any port 2222", "allow 2222/tcp"], "allow", "depends"),
        (["allow 2222/tcp", "deny in on eth0"], "allow", "allow"),
        (["allow in on eth0 to any port 443", "allow 2222/tcp"], "allow", "allow"),
        (["allow in on eth1 to any port 2222", "allow 2222/tcp"], "allow", "allow"),
    ],
)
def test_a_rule_for_one_interface_is_for_connections_by_it_alone(
    rules: list[str], by_eth0: str, not_known: str
) -> None:
    interfaces = "1: lo    inet 127.0.0.1/8 scope host lo\n2: eth0    inet 203.0.113.10/24 scope global eth0"
    assert value(*rules, connection=CONNECTION, interfaces=interfaces)["ssh"]["word"] == by_eth0
    assert value(*rules, connection=CONNECTION)["ssh"]["word"] == not_known


def test_everybody_comes_by_the_interface_of_the_default_route() -> None:
    rules = ("allow in on eth0 to any port 443", "deny in on eth1 to any port 80", "allow 80")
    told = value(*rules, interfaces="default via 203.0.113.1 dev eth0 proto static")
    assert (told["closed"], told["unsure"]) == ([], [])
    told = value(*rules)
    assert [each["port"] for each in told["unsure"]] == [80, 443]
    assert told["closed"] == []


def test_rules_for_ipv6_alone_stand_where_ufw_keeps_them_and_not_where_it_lists_them() -> None:
    rules = ("deny 22/tcp", "allow from 2001:db8::5 to any port 22 proto tcp")
    lone, both = "allow tcp 22 ::/0 any 2001:db8::5 in", "deny tcp 22 ::/0 any ::/0 in"
    first, last = (f"### tuple ### {one}\n\n### tuple ### {two}" for one, two in ((lone, both), (both, lone)))
    connection = "2001:db8::5 50000 2001:db8::1 22"
    assert value(*rules, ipv6=first, connection=connection)["ssh"]["word"] == "allow"
    assert value(*rules, ipv6=first)["hidden"] == []
    assert value(*rules, ipv6=last, connection=connection)["ssh"]["word"] == "deny"
    assert value(*rules, ipv6=last)["hidden"] == [{"rule": rules[1], "by": rules[0]}]


def test_without_the_connection_anybodys_to_the_port_of_sshd_is_judged() -> None:
    ssh = value("allow 2222/tcp", configured="2222\n2200")["ssh"]
    assert (ssh["port"], ssh["client"], ssh["word"]) == (2222, "", "allow")


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
