"""Whatever was written inside a droplet, the program outside reads no more than there can be."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import dns.message
import dns.rcode
import pytest

from sprocket_tui.journal.events import AttemptIntended, RunStarted
from sprocket_tui.journal.file import Journal
from sprocket_tui.practice import kept_runs
from sprocket_tui.practice.faults import announce, faults
from sprocket_tui.practice.keeping import KeptWorld
from sprocket_tui.practice.outside import Names
from sprocket_tui.practice.shape import fits, is_deep
from sprocket_tui.practice.standins.first_day import fresh
from sprocket_tui.practice.world import State, World
from tests.practice.rehearsing import Person

HUGE = 1 << 40


def sparse(path: Path) -> None:
    """A file of any size, which takes no room on the disk."""
    path.unlink(missing_ok=True)
    path.touch()
    os.truncate(path, HUGE)


def pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def changed(key: str, value: object) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))

    return write


def deep(path: Path) -> None:
    path.write_text("[" * 200_000)


def deep_in(path: Path) -> None:
    path.write_text(path.read_text().replace('"stacks": {}', f'"stacks": {{"a": {"[" * 400}{"]" * 400}}}'))


DAMAGES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "a state of any size": ("world/world.json", sparse),
    "a state that is a pipe": ("world/world.json", pipe),
    "lists in lists": ("world/world.json", deep),
    "lists in a state": ("world/world.json", deep_in),
    "faults that are a number": ("world/world.json", changed("faults", 5)),
    "ports that are words": ("world/world.json", changed("ports", {"http": "x", "https": 1, "resolvers": []})),
    "services that are none": ("world/world.json", changed("docker", {"services": [7]})),
    "a speed that is a word": ("world/world.json", changed("speed", "fast")),
    "a pipe of the kernel's": ("world/meminfo", pipe),
    "a certificate of any size": ("world/tls/outside.pem", sparse),
    "directories in directories": ("world/deep", lambda path: (path / "/".join("d" * 900)).mkdir(parents=True)),
}


@pytest.fixture
def person(tmp_path: Path) -> Person:
    made = Person(tmp_path)
    assert made("practice", "serve", "--json").returncode == 0
    return made


@pytest.mark.parametrize("what", DAMAGES)
def test_a_droplet_is_refused_in_one_sentence_for(what: str, person: Person) -> None:
    file, damage = DAMAGES[what]
    damage(person.base / file)
    asked = [("serve", "--json")]
    if file.endswith("world.json"):
        asked += [("faults",), ("mend", "name-missing")]
    for words in asked:
        refused = person("practice", *words)
        assert refused.returncode == 3, refused.stderr
        assert refused.stderr.endswith("do: `sprocket-tui practice reset` throws that droplet away\n")
        assert refused.stderr.count("\n") == 2
    assert person("practice", "reset").returncode == 0
    assert not person.base.exists()


def test_who_holds_the_state_inside_keeps_nobody_waiting_for_ever(person: Person) -> None:
    assert person("practice", "serve", "--json", "--fault", "name-missing").returncode == 0
    with (person.base / "world/world.json.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for words in (("mend", "name-missing"), ("serve", "--json")):
            refused = person("practice", *words)
            assert refused.returncode == 3
            assert "a program inside holds the state" in refused.stderr
            assert refused.stderr.count("\n") == 2
    assert person("practice", "mend", "name-missing").returncode == 0


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """The home of a login with a run in it that was cut off."""
    kept = tmp_path / ".sprocket/runs/0a1b2c3d"
    kept.mkdir(parents=True)
    with closing(Journal.open(kept / "journal.jsonl")) as journal:
        journal.append(RunStarted("0a1b2c3d", "ssh://root@127.0.0.1:1", "", "ann", "guide", "1", "0", {}))
        journal.append(AttemptIntended("layer-1.up", 1, "perform", ["pulumi", "up"], []))
    os.utime(kept / "journal.jsonl", (1, 1))
    return tmp_path


@pytest.mark.parametrize("damage", [sparse, pipe, deep, lambda path: path.mkdir()])
def test_a_run_that_is_none_is_passed_over(damage: Callable[[Path], None], runs: Path) -> None:
    assert kept_runs.cut_off(runs, set()) == "0a1b2c3d"
    other = runs / ".sprocket/runs/ffffffff"
    other.mkdir()
    damage(other / "journal.jsonl")
    assert kept_runs.cut_off(runs, set()) == "0a1b2c3d"


def test_a_journal_with_values_of_other_types_is_passed_over(runs: Path) -> None:
    journal = runs / ".sprocket/runs/0a1b2c3d/journal.jsonl"
    row = {"schema": 1, "seq": 1, "at": 7, "kind": "run-started", "data": [[]], "prev": "0" * 16}
    journal.write_text(json.dumps(row) + "\n" + json.dumps([1]) + "\n")
    assert kept_runs.cut_off(runs, set()) == ""


def test_a_resolver_answers_whatever_is_written_to_the_world(tmp_path: Path) -> None:
    (tmp_path / "world").mkdir()
    world = KeptWorld(tmp_path)
    with closing(Names(world, "a.test", 1, 25353)) as names:
        for state in ({}, {**fresh(1, 1), "names": {"": ["no address"]}}, {**fresh(1, 1), "names": 5}):
            (tmp_path / "world/world.json").write_text(json.dumps(state))
            reply = dns.message.from_wire(names.answer(dns.message.make_query("a.test", "A").to_wire()))
            assert reply.rcode() == dns.rcode.SERVFAIL


def test_every_world_that_a_fault_makes_fits() -> None:
    for fault in faults().values():
        state = fresh(1, 1)
        announce(state, fault)
        assert fits(json.loads(json.dumps(state)), State), fault.id
        assert not is_deep(state)


def test_a_world_that_grows_while_it_is_read_is_read_no_further(tmp_path: Path) -> None:
    sparse(tmp_path / "world.json")
    with pytest.raises(OSError, match="is larger than"):
        World(tmp_path / "world.json").read()
