"""The walk where no sandbox can be made, and every command line that the guide and the program may send there."""

from __future__ import annotations

import io
import shlex
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import join
from typing import Any

import pytest

from sprocket_tui.checks.probes import PROBES
from sprocket_tui.checks.vars import in_scope
from sprocket_tui.engine import mirror, upkeep
from sprocket_tui.guide.model import ProbeWords
from sprocket_tui.guide.templates import names_in
from sprocket_tui.guide.words.verbs import CommandVerb
from sprocket_tui.practice import droplet as droplets
from sprocket_tui.practice import telling
from sprocket_tui.practice.droplet import BACKEND, CHECKOUT, DOMAIN, Droplet
from sprocket_tui.practice.interpreter import unknown
from sprocket_tui.practice.interpreter.interpreter import Interpreter
from sprocket_tui.practice.sandbox import NoSandbox
from sprocket_tui.target import job, lock, shell
from sprocket_tui.target.job import Attempt, Launch
from sprocket_tui.target.link import Privilege
from tests.practice import without_sandbox
from tests.practice.interpreting import InsideLink, inside
from tests.practice.rehearsing import GUIDE, Person

__all__ = ["inside"]

# What a practice droplet has not got, in a sandbox neither: the guide names them where somebody is to look for himself.
NOWHERE = {"dmesg", "lsblk", "mount", "fallocate", "ip", "iptables"}
VALUES = {
    "address": "127.0.0.1",
    "backend": BACKEND,
    "checkout": CHECKOUT,
    "domain": DOMAIN,
    "host": "127.0.0.1",
    "http_port": "8080",
    "https_port": "8443",
    "value.pid": "1",
}


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the interpreter did not know."""
    found, line = list[str](), unknown.line

    def noted(what: str) -> bytes:
        found.append(what)
        return line(what)

    monkeypatch.setattr(unknown, "line", noted)
    return found


@pytest.fixture
def no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sandbox can be made."""

    def refused(*_: object) -> None:
        raise NoSandbox("no sandbox can be made here: a test wants none")

    monkeypatch.setattr(droplets, "Sandbox", refused)


@pytest.fixture
def interpreted(no_sandbox: None, tmp_path: Path) -> Iterator[Droplet]:
    """A droplet with its servers, where no sandbox can be made."""
    with Droplet(tmp_path / "droplet", speed=1000) as made:
        yield made


@pytest.mark.skipif(not without_sandbox.can_be_locked(), reason="there is no such filter of system calls here")
@pytest.mark.parametrize("fault", ["", "up-killed"])
def test_the_walk_ends_well_where_the_system_forbids_namespaces(fault: str, tmp_path: Path) -> None:
    person = Person(tmp_path)
    person.before = without_sandbox.lock
    done = person.walk(*(["--fault", fault] if fault else []))
    assert done.complete, done.out + done.err
    assert ("What was left behind:" in done.out) is (fault == "up-killed")
    assert "no sandbox can be made here: Operation not permitted" in done.err
    assert "So this droplet has no shell and starts no program" in done.err


def test_nothing_of_a_whole_walk_is_unknown(interpreted: Droplet, tmp_path: Path, refusals: list[str]) -> None:
    person = Person(tmp_path)
    config = interpreted.write_profile("practice")
    words = ("run", "--plain", "--profile", "practice", "--answers", str(person.answers))
    done = person(*words, XDG_CONFIG_HOME=str(config))
    assert "The walk is complete." in done.stdout, done.stdout + done.stderr
    assert refusals == []


def test_who_wants_a_login_shell_is_told_that_single_command_lines_work(interpreted: Droplet) -> None:
    told = io.StringIO()
    telling.way_in(interpreted, told)
    ssh = shlex.split(told.getvalue().splitlines()[0])
    assert ssh[-1] == "docker service ls"
    # What is printed works there: Docker itself answers that there is no Swarm yet.
    shown = subprocess.run(ssh, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert "This node is not a swarm manager" in shown.stderr
    session = subprocess.run(ssh[:-1], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert session.returncode == 126
    assert session.stderr.endswith("Give it one command line at a time, as in: ssh ... 'docker service ls'\n")
    assert "does not know" not in session.stderr


def test_who_held_it_from_elsewhere_holds_it_no_more_when_it_begins_again(no_sandbox: None, tmp_path: Path) -> None:
    lock = tmp_path / "droplet/root/root/.sprocket/lock"
    with Droplet(tmp_path / "droplet", speed=1000):
        lock.mkdir(parents=True)
    with Droplet(tmp_path / "droplet", speed=1000) as droplet:
        assert droplet.refused
        assert not lock.exists()


def test_a_terminal_is_offered_no_shell(interpreted: Droplet) -> None:
    address = interpreted.address
    ssh = ["ssh", "-tt", "-p", str(address.port), "-i", address.key, "-o", f"UserKnownHostsFile={address.known_hosts}"]
    done = subprocess.run([*ssh, f"{address.user}@{address.host}"], capture_output=True, input=b"id\n", check=False)
    assert done.returncode == 126
    assert b"an interpreter without a sandbox" in done.stdout
    assert b"uid=" not in done.stdout


def guide_lines() -> dict[str, str]:
    """The command lines of steps, remedies and hints, by where they stand."""
    found = dict[str, tuple[str, ...]]()
    for name, step in GUIDE.steps().items():
        if isinstance(step.verb, CommandVerb):
            found[f"step {name}"] = step.verb.argv
    for name, check in GUIDE.checks().items():
        remedies = [check.remedy, *(outcome.remedy for outcome in check.outcomes)]
        found |= {
            f"check {name} {n}": each.command for n, each in enumerate(remedies) if each and each.where == "droplet"
        }
    found |= {f"hint {hint.id}": hint.remedy.command for hint in GUIDE.hints if hint.remedy.where == "droplet"}
    return {place: join(filled(word) for word in argv) for place, argv in found.items() if argv}


def filled(text: str) -> str:
    for name in names_in(text):
        text = text.replace(f"${{{name}}}", VALUES.get(name, "name"))
    return text.replace("$$", "$")


def test_every_command_line_of_the_guide_is_known(inside: Interpreter, refusals: list[str]) -> None:
    link = InsideLink(inside)
    lines = guide_lines()
    assert len(lines) > 60
    unknown_ones = dict[str, list[str]]()
    for place, line in lines.items():
        link.run(line, deadline=60)
        if refusals:
            unknown_ones[place] = list(refusals)
            refusals.clear()
    assert {what.split()[0] for each in unknown_ones.values() for what in each} == NOWHERE, unknown_ones


def test_every_question_of_a_check_is_known(inside: Interpreter, refusals: list[str]) -> None:
    link = InsideLink(inside)
    asked = 0
    for check in GUIDE.checks().values():
        # What belongs to somebody else is not asked on a practice droplet.
        rehearsed = check.when is None or check.when.holds(in_scope({"practice": True}, {})) is not False
        # Nor is what this machine measures by itself.
        probe = PROBES[check.probe.kind]
        there = check.where == "droplet" or probe.measure is None
        commands = probe.commands if rehearsed and there else None
        for command in commands(expanded(check.probe)) if commands else ():
            link.run(command.script, deadline=60)
            assert refusals == [], check.id
            asked += 1
    assert asked > 30


def expanded(words: ProbeWords) -> ProbeWords:
    """The probe's parameters with every name filled in."""

    def put(value: Any) -> Any:
        if isinstance(value, str):
            return filled(value)
        if isinstance(value, Mapping):
            return {key: put(each) for key, each in value.items()}
        return [put(each) for each in value] if isinstance(value, list | tuple) else value

    return type(words).model_validate(put(words.model_dump()))


def test_what_the_program_asks_beside_a_walk_is_known(inside: Interpreter, refusals: list[str]) -> None:
    link, attempt = InsideLink(inside), Attempt("0a1b2c3d", "a.step", 1)
    script = 'echo "$$" >"$SPROCKET_ATTEMPT/child"; while :; do sleep 1; done'
    assert job.start(link, attempt, Launch(script, "~", streams=("events",)))
    job.look(link, attempt)
    job.stop(link, attempt, Privilege())
    job.left_over(link, attempt)
    job.end_left_over(link, attempt, Privilege(), "KILL")
    job.finish(link, attempt)
    assert shell.run(link, job.tidy_script(["another"]), deadline=30).status == 0
    assert lock.acquire(link, "0a1b2c3d", "ann", "a.1") is None
    assert "last heard" in upkeep.unlock(link, "0a1b2c3d")
    assert mirror.runs_on(link) == ()
    assert [each.partition("\t")[2] for each in upkeep.leftovers(link)] == ["/root/.sprocket"]
    # It was asked to stop, and a busy machine takes a while over that.
    while job.under_way(link):
        time.sleep(0.05)
    upkeep.clean(link)
    assert upkeep.leftovers(link) == ()
    assert refusals == []
