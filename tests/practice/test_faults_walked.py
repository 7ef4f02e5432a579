"""Every fault, walked: the guide names it and nothing else, what it says mends it, and the walk ends well."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from sprocket_tui.diagnosis.diagnose import diagnose
from sprocket_tui.practice import droplet
from sprocket_tui.practice.faults import Fault, faults, some
from sprocket_tui.practice.world import State
from tests.practice.rehearsing import CANARY, GUIDE, Person, Served

# Half a minute each on a machine that has nothing else to do; most of it is waiting for what stays as it is.
pytestmark = pytest.mark.timeout(900)
FAULTS = faults()
# The step before which walks with faults that only show there are begun: until there they are all the same walk.
HALFWAY = "layer-1.up"
# How many seeds draw two faults each; a person who changed the faults asks for more.
SEEDS = int(os.environ.get("SPROCKET_TEST_SEEDS", "3"))
# What a person exports who works on a stack of an own backend by hand.
PASSPHRASE = f"export PULUMI_CONFIG_PASSPHRASE={CANARY}-pulumi_passphrase"


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A droplet that nobody has walked on yet, with ports that no other worker's droplets have."""
    person = Person(tmp_path_factory.mktemp("begun"))
    with person.at_the_droplet() as served, served.droplet.world.change() as state:
        move_ports(state, 20000 + 10 * (os.getpid() % 1000))
    return person.directory


@pytest.fixture(scope="session")
def halfway(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A walk that was left when Layer 1 was to be brought up."""
    person = Person(copied(begun, tmp_path_factory.mktemp("halfway")), left_at=HALFWAY)
    left = person.walk()
    assert f"no answer to {HALFWAY}/gate" in left.out, left.out + left.err
    return person.directory


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_a_fault_is_named_mended_as_the_guide_says_and_the_walk_ends_well(
    fault: Fault, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    begun: Path = request.getfixturevalue("halfway" if shows_late(fault) else "begun")
    person = Person(copied(begun, tmp_path))
    walked = person.walk("--fault", fault.id)

    said = walked.out + walked.err
    hinted = set(person.hints())
    own = {fault.shows, fault.hint} - {""}
    assert fault.told in walked.out, said
    assert not fault.shows or fault.shows in person.bad_checks(), said
    assert not fault.hint or fault.hint in hinted, said
    assert hinted <= own | set(fault.beside), said
    assert person.bad_checks() <= own | set(fault.beside), said

    if fault.mended != "by the walk":
        mend(fault, person)
    if not walked.complete:
        walked = person.walk()
        assert walked.complete, walked.out + walked.err
        assert not fault.elsewhere or not fault.shows or person.judged(fault.shows)["state"] == "pass"
    elif fault.shows:
        with person.at_the_droplet() as served:
            assert served.report(fault.shows)["state"] == "pass"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_faults_are_mended_one_after_the_other_and_the_walk_ends_well(
    seed: int, begun: Path, tmp_path: Path
) -> None:
    left = some(seed, 2)
    person = Person(copied(begun, tmp_path))
    walked = person.walk(*(word for fault in left for word in ("--fault", fault.id)))
    for _ in (1, 2):
        if walked.complete:
            break
        named = person.bad_checks() | set(person.hints())
        shown = [fault for fault in left if {fault.shows, fault.hint} & named]
        assert shown, walked.out + walked.err
        for fault in shown:
            mend(fault, person)
            left.remove(fault)
        walked = person.walk()
    assert walked.complete, walked.out + walked.err
    assert all(fault.mended == "by the walk" or fault.shows in person.bad_checks() for fault in left)


def mend(fault: Fault, person: Person) -> None:
    """Does what the report says and proves that it helped, or what the hint says; or lets somebody do it elsewhere."""
    if fault.elsewhere:
        assert not fault.shows or person.judged(fault.shows)["remedy"]["text"]
        assert droplet.mend(person.base, fault) == fault.elsewhere.says
        if fault.id == "passphrase-wrong":
            person.given("pulumi_passphrase").write_text(fault.elsewhere.says.rpartition(": ")[2])
        return
    with person.at_the_droplet() as served:
        if not fault.shows:
            do(person.hints()[fault.hint], served)
            return
        row = served.report(fault.shows)
        assert row["state"] in ("fail", "warn")
        do(row["remedy"]["command"], served)
        assert served.report(fault.shows)["state"] == "pass"


def do(command: str, served: Served) -> None:
    """Runs a remedy in a fresh shell; where that fails, first what the hint for its output says."""
    done = served.shell(f"{PASSPHRASE}; {command}", "given")
    if done.returncode:
        findings = diagnose(done.stdout + done.stderr, GUIDE.hints)
        assert findings, done.stdout + done.stderr
        do(shlex.join(findings[0].hint.remedy.command), served)
        done = served.shell(f"{PASSPHRASE}; {command}", "given")
    assert done.returncode == 0, done.stdout + done.stderr


def shows_late(fault: Fault) -> bool:
    """Whether the walk is the same as without the fault until Layer 1 is brought up."""
    return fault.at == HALFWAY or (not fault.at and (not fault.shows or fault.shows.startswith("layer-1.")))


def copied(directory: Path, to: Path) -> Path:
    """The droplet and its runs once more, with everything's owner."""
    subprocess.run(["cp", "-a", f"{directory}/.", str(to)], check=True)
    return to


def move_ports(state: State, first: int) -> None:
    """Gives a droplet ports of its own, before anything is published on the old ones."""
    old = state["ports"]
    state["ports"] = {"http": first, "https": first + 1, "resolvers": [first + 2, first + 3, first + 4]}
    state["firewall"] = [
        rule.replace(str(old["http"]), str(first)).replace(str(old["https"]), str(first + 1))
        for rule in state["firewall"]
    ]
