"""A practice droplet's ports of 127.0.0.1: a run keeps those that it began with, and no other droplet gets them."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.practice.rehearsing import Person


def ports(person: Person) -> dict[str, Any]:
    return json.loads((person.base / "world/world.json").read_text())["ports"]


def taken(port: int) -> socket.socket:
    """Another program's listener there."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """A person who left a walk at its first change."""
    person = Person(tmp_path_factory.mktemp("left"), left_at="swarm.init")
    assert person.walk().status == 7
    return person


@pytest.mark.parametrize("which", ["http", "https", "resolvers"])
def test_a_run_is_not_gone_on_with_on_other_ports_than_it_began_with(which: str, left: Person) -> None:
    before = ports(left)
    wanted = before[which][-1] if which == "resolvers" else before[which]
    with closing(taken(wanted)):
        refused = left.walk()
    assert refused.status == 5
    assert f"port {wanted} of 127.0.0.1 is taken by another program" in refused.err
    assert "`sprocket-tui practice reset`" in refused.err
    assert ports(left) == before
    assert left.walk().status == 7, "once the port is free the run goes on"


def test_a_droplet_without_a_run_moves_to_ports_that_are_free(tmp_path: Path) -> None:
    person = Person(tmp_path)
    assert person("practice", "serve", "--json").returncode == 0
    before = ports(person)
    with closing(taken(before["http"])), closing(taken(before["resolvers"][0])):
        assert person("practice", "serve", "--json").returncode == 0
    after = ports(person)
    assert after["http"] != before["http"]
    assert after["resolvers"][0] != before["resolvers"][0]
    assert after["https"] == before["https"]
    assert len({after["http"], after["https"], *after["resolvers"]}) == 5


def test_web_ports_and_resolvers_of_two_droplets_lie_apart(tmp_path: Path) -> None:
    both = [Person(tmp_path / name) for name in ("one", "other")]
    for person in both:
        assert person("practice", "serve", "--json").returncode == 0
    web = {port for person in both for port in (ports(person)["http"], ports(person)["https"])}
    resolvers = {port for person in both for port in ports(person)["resolvers"]}
    assert max(web) < 9053 <= min(resolvers)
