"""What the rules of ufw come to, read from its own words."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.checks.judge import judge
from sprocket_tui.checks.observation import Observation, State
from sprocket_tui.checks.probes import PROBES
from sprocket_tui.checks.probes.docker_chain import Published, refuses
from sprocket_tui.checks.probes.ufw_rules import decide, hidden, inbound, kept, network
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.target.batch import Answer
from tests.unit.checks_kit import answered, probe

ACTIVE = "Status: active\nLogging: on (low)\nDefault: deny (incoming), allow (outgoing), deny (routed)\n"
SETTINGS = 'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\nDEFAULT_OUTPUT_POLICY="ACCEPT"\n'
CONNECTION = "198.51.100.7 50000 203.0.113.10 2222"
NOTHING = '{"chain":[\n""]}'
CHECKS = load_guide().checks()
HEAD = "Added user rules (see 'ufw status' for running firewall):"


def observed(
    *rules: str,
    status: str = ACTIVE,
    settings: str = SETTINGS,
    connection: str = "",
    docker: Answer | str = NOTHING,
    ipv4: str = "",
    ipv6: str = "",
    interfaces: str = "",
    configured: str = "",
) -> Observation:
    added = "\n".join([HEAD, *(f"ufw {rule}" for rule in rules)])
    text = (
        f"{status}\nadded:\n{added}\n\nsettings:\n{settings}\nipv4:\n{ipv4}\nipv6:\n{ipv6}\ninterfaces:\n{interfaces}\n"
    )
    text += f"connection:\n{connection}\n\nport:\n{configured}\n"
    return answered(probe("firewall", ports=["80", "443"]), text, docker)


def value(*rules: str, **told: Any) -> Any:
    observation = observed(*rules, **told)
    assert observation.measured, observation.reason
    return observation.value


def docker_says(directory: Path, docker: str, iptables: str = ":") -> Answer:
    """What our own script makes of a docker and an iptables that are these lines of shell."""
    for name, script in (("docker", docker), ("iptables", iptables)):
        program = directory / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    commands = PROBES["firewall"].commands
    assert commands
    (script,) = (each.script for each in commands(probe("firewall", ports=[])) if each.key == "docker")
    env = {"PATH": f"{directory}:/usr/bin:/bin"}
    done = subprocess.run(["sh", "-s"], input=script.encode(), capture_output=True, check=False, env=env)
    return Answer(done.returncode, done.stdout, done.stderr)


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
    assert (told["guarded"], told["perhaps"]) == ([], [])


def test_the_ports_that_are_meant_to_be_open_are_not_published_around_ufw() -> None:
    docker = '{"name":"traefik-abcdef1.1.x","ports":"0.0.0.0:80->80/tcp, 0.0.0.0:443->443/tcp, 0.0.0.0:443->443/udp"}\n'
    told = value(docker=docker + NOTHING)
    assert told["closed"] == [80, 443]
    assert told["around"] == [{"port": "443/udp", "name": "traefik-abcdef1"}]


FLUENT = Published(24224, "tcp", "fluent", 8200)


@pytest.mark.parametrize(
    ("rules", "answer"),
    [
        (["-i eth0 -p tcp -m conntrack --ctorigdstport 24224 --ctdir ORIGINAL -j DROP"], True),
        (["-i eth0 -p tcp -m conntrack --ctorigdstport 5432 --ctdir ORIGINAL -j DROP"], False),
        (["-i eth1 -p tcp -m conntrack --ctorigdstport 24224 -j DROP"], False),
        (["-i eth+ -m conntrack --ctorigdstport 24000:24999 -j REJECT --reject-with icmp-port-unreachable"], True),
        (["-p udp -m conntrack --ctorigdstport 24224 -j DROP"], False),
        # Behind Docker's translation the port of the packet is the container's.
        (["-p tcp -m tcp --dport 24224 -j DROP"], False),
        (["-p tcp -m multiport --dports 80,8200 -j DROP"], True),
        (["-s 10.0.0.0/8 -j ACCEPT"], False),
        (["-s 10.0.0.0/8 -j ACCEPT", "-i eth0 -j DROP"], True),
        (["! -s 10.0.0.0/8 -i eth0 -j DROP"], True),
        (["-s 203.0.113.9/32 -j DROP"], False),
        (["-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "-j DROP"], True),
        (["-j RETURN", "-j DROP"], False),
        (["-j LOG --log-prefix 'docker: '", "-j DROP"], True),
        (["-m limit --limit 5/sec -j ACCEPT", "-j DROP"], None),
        (["-m set --match-set bad src -j DROP"], None),
        (["-j fail2ban"], None),
        ([], False),
    ],
)
def test_what_dockers_chain_for_others_makes_of_a_port(rules: list[str], answer: bool | None) -> None:
    chain = ["-N DOCKER-USER", *(f"-A DOCKER-USER {rule}" for rule in rules), "-A DOCKER-USER -j RETURN"]
    assert refuses(chain, FLUENT, "eth0") is answer


def test_a_port_that_dockers_chain_refuses_guards_no_other() -> None:
    rule = "-A DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport 5432 --ctdir ORIGINAL -j DROP"
    docker = '{"name":"fluent","ports":"*:24224->24224/tcp"}\n{"name":"pg","ports":"0.0.0.0:5432->5432/tcp"}\n'
    for interfaces in (
        "default via 203.0.113.1 dev eth0",
        "1: lo    inet 127.0.0.1/8\n2: eth0    inet 203.0.113.10/24",
    ):
        told = value(docker=docker + f'{{"chain":[\n"{rule}",\n""]}}', interfaces=interfaces)
        assert told["guarded"] == [{"port": "5432/tcp", "name": "pg"}]
        assert told["around"] == [{"port": "24224/tcp", "name": "fluent"}]
    assert value(docker=docker + f'{{"chain":["{rule}"]}}')["perhaps"] == [{"port": "5432/tcp", "name": "pg"}]


@pytest.mark.parametrize("comment", ['"no logs"', r'"what we call \"logs\""', r'"a \\ b"', "logs&more"])
def test_what_is_said_of_a_rule_in_dockers_chain_changes_nothing_of_it(comment: str, tmp_path: Path) -> None:
    rule = f"-A DOCKER-USER -p tcp -m conntrack --ctorigdstport 24224 -m comment --comment {comment} -j DROP"
    (tmp_path / "rules").write_text(f"-N DOCKER-USER\n{rule}\n-A DOCKER-USER -j RETURN\n")
    row = '{"name":"fluent","ports":"0.0.0.0:24224->24224/tcp"}'
    docker = docker_says(tmp_path, f"[ $1 = service ] || echo '{row}'", f"cat {tmp_path}/rules")
    told = value(docker=docker)
    assert told["guarded"] == [{"port": "24224/tcp", "name": "fluent"}]
    assert (told["around"], told["perhaps"]) == ([], [])


def test_a_docker_that_does_not_answer_leaves_what_ufw_said() -> None:
    told = value("allow 2222/tcp", connection=CONNECTION, docker=Answer(None, b"", b""))
    assert (told["ssh"]["word"], told["closed"]) == ("allow", [80, 443])
    assert told["around"] is told["guarded"] is told["perhaps"] is None


def test_a_docker_that_refuses_to_list_is_no_docker_that_publishes_nothing(tmp_path: Path) -> None:
    refusal = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock."
    off = docker_says(tmp_path, f"echo '{refusal}' >&2; exit 1")
    told = value("allow 2222/tcp", connection=CONNECTION, docker=off)
    assert told["around"] is told["guarded"] is told["perhaps"] is None
    verdict = judge(CHECKS["firewall.docker"], observed("allow 2222/tcp", docker=off), {})
    assert (verdict.state, verdict.observed.endswith(f"what Docker publishes is not told: {refusal}")) == (
        State.UNKNOWN,
        True,
    )


def test_a_worker_that_lists_no_services_tells_what_it_publishes_itself(tmp_path: Path) -> None:
    row = '{"name":"fluent","ports":"0.0.0.0:24224->24224/tcp"}'
    docker = f"[ $1 = ps ] || {{ echo 'This node is not a swarm manager.' >&2; exit 1; }}; echo '{row}'"
    assert value(docker=docker_says(tmp_path, docker))["around"] == [{"port": "24224/tcp", "name": "fluent"}]


# As ufw 0.36.2 keeps and lists them.
KEPT = """\
### RULES ###

### tuple ### allow tcp 80,443 0.0.0.0/0 any 0.0.0.0/0 Nginx%20Full - in
### tuple ### allow tcp 22 0.0.0.0/0 any 10.0.0.0/8 Mix - in
### tuple ### allow udp 53 0.0.0.0/0 any 10.0.0.0/8 Mix - in
### tuple ### allow tcp 2222 10.9.9.9 any 0.0.0.0/0 in
### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in_eth0
### tuple ### limit tcp 2200 0.0.0.0/0 any 0.0.0.0/0 in comment=6d792078
### tuple ### deny_log any 99 0.0.0.0/0 any 0.0.0.0/0 in
### tuple ### route:allow tcp 80 10.0.0.1 any 0.0.0.0/0 in_eth0!out_eth1
### tuple ### allow any 25 0.0.0.0/0 any 0.0.0.0/0 out
### tuple ### reject any any 0.0.0.0/0 99 0.0.0.0/0 in
### tuple ### allow tcp 80,443 10.9.9.9 any 10.0.0.1 Nginx%20Full - in
### tuple ### allow any any 0.0.0.0/0 any 0.0.0.0/0 in_eth0
### tuple ### allow gre any 0.0.0.0/0 any 1.2.3.4 in
### tuple ### allow_log tcp 22 0.0.0.0/0 any 0.0.0.0/0 in_eth0
### tuple ### limit_log-all any any 0.0.0.0/0 any 10.0.0.0/8 in_eth0
### tuple ### deny_log any any 0.0.0.0/0 any 0.0.0.0/0 in_eth0
### tuple ### deny_log any any 0.0.0.0/0 any 10.0.0.0/8 in
"""


def test_the_files_of_ufw_are_read_as_ufw_itself_lists_them() -> None:
    assert [rule.text for rule in kept(KEPT) or ()] == [
        "allow 'Nginx Full'",
        "allow from 10.0.0.0/8 to any app Mix",
        "allow from 10.0.0.0/8 to any app Mix",
        "allow to 10.9.9.9 port 2222 proto tcp",
        "allow in on eth0 to any port 22 proto tcp",
        "limit 2200/tcp",
        "deny log 99",
        "allow from 10.0.0.1 to 10.9.9.9 app 'Nginx Full'",
        "allow in on eth0",
        "allow from 1.2.3.4 proto gre",
        "allow in on eth0 log to any port 22 proto tcp",
        "limit in on eth0 log-all from 10.0.0.0/8",
        "deny in on eth0 log",
        "deny log from 10.0.0.0/8",
    ]
    assert kept("") is None
    assert kept("*filter\n### RULES ###\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "allow tcp$(reboot) 22 0.0.0.0/0 any 0.0.0.0/0 in",
        "allow_$(reboot) tcp 22 0.0.0.0/0 any 0.0.0.0/0 in",
        "allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in_eth0;reboot",
    ],
)
def test_what_a_shell_would_take_for_a_command_is_no_rule(line: str) -> None:
    assert kept(f"### RULES ###\n### tuple ### {line}\n") == []
    for listed in ("ufw allow 22/tcp$(reboot)", "ufw allow in on eth0;reboot to any port 22"):
        assert inbound(listed) == []


def test_the_ports_of_a_profile_are_those_that_ufw_keeps() -> None:
    assert value("allow 'Nginx Full'", ipv4=KEPT)["closed"] == []
    ssh = value(
        "deny 'My SSH'", ipv4="### tuple ### deny tcp 2222 0.0.0.0/0 any 0.0.0.0/0 My%20SSH - in", connection=CONNECTION
    )["ssh"]
    assert (ssh["word"], ssh["rule"]) == ("deny", "deny 'My SSH'")


@pytest.mark.parametrize("own", [True, False], ids=["files", "list"])
@pytest.mark.parametrize(
    ("action", "to", "word"),
    [("allow", "203.0.113.10", "allow"), ("allow", "10.9.9.9", "deny"), ("deny", "10.9.9.9", "allow")],
)
def test_a_rule_for_one_address_of_the_droplet_is_for_connections_to_it_alone(
    action: str, to: str, word: str, own: bool
) -> None:
    lines = [
        f"{action} tcp 2222 {to} any 0.0.0.0/0 in",
        *(["allow tcp 2222 0.0.0.0/0 any 0.0.0.0/0 in"] if action == "deny" else []),
    ]
    rules = [f"{action} to {to} port 2222 proto tcp", *(["allow 2222/tcp"] if action == "deny" else [])]
    ipv4 = "\n".join(f"### tuple ### {line}" for line in lines) if own else ""
    told = value(*rules, ipv4=ipv4, connection=CONNECTION)
    assert told["ssh"]["word"] == word
    assert told["hidden"] == []


def test_the_web_must_be_let_in_to_the_address_that_others_reach() -> None:
    interfaces = "2: eth0    inet 203.0.113.10/24\n2: eth0    inet 10.17.0.5/16\ndefault via 203.0.113.1 dev eth0"
    rules = ("allow 80/tcp", "allow to 10.17.0.5 port 443 proto tcp")
    told = value(*rules, interfaces=interfaces.replace("203.0.113.", "8.8.8."))
    assert (told["closed"], told["unsure"]) == ([443], [])
    # Nobody knows which of the two addresses is the public one.
    assert [each["port"] for each in value(*rules, interfaces=interfaces)["unsure"]] == [443]
    assert [each["port"] for each in value(*rules)["unsure"]] == [443]


def test_a_rule_for_ipv4_alone_lets_nobody_in_over_ipv6_however_it_is_listed() -> None:
    came = "2001:db8::9 50000 2001:db8::1 22"
    files = {"ipv4": "### tuple ### allow any 22 0.0.0.0/0 any 0.0.0.0/0 in", "ipv6": "### RULES ###\n"}
    assert value("allow 22", connection=came, **files)["ssh"]["word"] == "deny"
    assert value("allow 22", connection="198.51.100.7 1 203.0.113.10 22", **files)["ssh"]["word"] == "allow"


def test_without_ipv6_nobody_is_let_in_over_it() -> None:
    off = SETTINGS.replace("IPV6=yes", "IPV6=no")
    came = "2001:db8::9 50000 2001:db8::1 22"
    assert value("allow 22/tcp", connection=came, settings=off)["ssh"]["word"] == "deny"


def test_ports_that_are_closed_over_ipv6_alone_are_told() -> None:
    ipv4 = "### tuple ### allow tcp 80,443 0.0.0.0/0 any 0.0.0.0/0 in"
    ipv6 = "### tuple ### deny tcp 443 ::/0 any ::/0 in\n### tuple ### allow tcp 80,443 ::/0 any ::/0 in"
    told = value("allow 80,443/tcp", "deny 443/tcp", ipv4=ipv4, ipv6=ipv6)
    assert (told["closed"], told["closed_ipv6"]) == ([], [443])


def test_a_profile_is_hidden_once_all_of_its_ports_are() -> None:
    kept = ("allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 Mix - in", "allow udp 53 0.0.0.0/0 any 0.0.0.0/0 Mix - in")
    mixed = "\n".join(f"### tuple ### {line}" for line in kept)
    deny = "### tuple ### deny tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n"
    assert value("deny 22/tcp", "allow Mix", ipv4=deny + mixed)["hidden"] == []
    every = "### tuple ### deny any any 0.0.0.0/0 any 0.0.0.0/0 in\n"
    assert value("deny from any", "allow Mix", ipv4=every + mixed)["hidden"] == [
        {"rule": "allow Mix", "by": "deny from any"}
    ]


def test_who_is_not_root_cannot_measure_it() -> None:
    refused = Answer(1, b"", b"ERROR: You need to be root to run this script\n")
    observation = answered(probe("firewall"), refused, NOTHING)
    assert observation.reason == "ERROR: You need to be root to run this script"
    assert observation.to_do == "Log in as root, or set sudo to yes in the profile."


def test_what_else_ufw_refuses_is_no_matter_of_the_login() -> None:
    observation = answered(probe("firewall"), Answer(1, b"", b"ERROR: problem running iptables\n"), NOTHING)
    assert (observation.reason, observation.to_do) == ("ERROR: problem running iptables", "")


def test_a_droplet_without_ufw_is_an_answer() -> None:
    observation = answered(probe("firewall"), "absent\n", NOTHING)
    assert isinstance(observation.value, dict)
    assert (observation.value["installed"], observation.value["active"]) == (False, False)
