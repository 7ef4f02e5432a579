"""Faults are data: each says what shows it and who mends it, changes what there is, and strikes in time."""

from __future__ import annotations

import copy
import json
import random
from contextlib import closing
from pathlib import Path

import pytest

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.journal.events import RunStarted, StepEnded
from sprocket_tui.journal.file import Journal
from sprocket_tui.practice.faults import Fault, announce, chosen, faults, known, latest, some, strike
from sprocket_tui.practice.faults.change import Change, Elsewhere, apply, places, script
from sprocket_tui.practice.faults.present import Present, present
from sprocket_tui.practice.moments import Moments
from sprocket_tui.practice.standins.first_day import fresh
from sprocket_tui.practice.world import State, World

FAULTS = faults()
GUIDE = load_guide()
STEPS = list(GUIDE.steps())
CHECKS = GUIDE.checks()
HINTS = {hint.id: hint for hint in GUIDE.hints}
ALL = pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))


def deployed() -> State:
    """A world in which everything is there that a fault may take away."""
    state = fresh(1, 1)
    config = {"layer_1:discord-fa-client-secret": {"secure": "sealed"}}
    state["stacks"]["layer_1"] = {
        "digest": "", "updated": 0, "config": config, "resources": [], "pending": [], "outputs": {}
    }  # fmt: skip
    state["docker"]["swarm"] = "active"
    return state


@ALL
def test_a_fault_is_shown_or_named_by_the_guide_and_rehearses_its_rows(fault) -> None:
    assert fault.shows or fault.hint or fault.told
    shown = [check for check in CHECKS.values() if fault.shows == check.id or fault.shows.startswith(f"{check.id}.")]
    assert bool(shown) == bool(fault.shows)
    assert not fault.hint or fault.hint in HINTS
    about = [*shown, *([HINTS[fault.hint]] if fault.hint else []), *([GUIDE.steps()[fault.at]] if fault.at else [])]
    rows = {row for each in about for row in each.guide} | ({"G129"} if fault.at == "layer-1.up" else set())
    assert set(fault.rehearses) <= rows
    assert set(fault.beside) <= {*CHECKS, *HINTS}


@ALL
def test_what_mends_a_fault_on_the_droplet_is_a_command_of_the_guide(fault) -> None:
    if fault.mended != "on the droplet":
        return
    base = next((each for each in CHECKS if fault.shows == each or fault.shows.startswith(f"{each}.")), "")
    remedies = [CHECKS[base].remedy, *(each.remedy for each in CHECKS[base].outcomes if each.remedy)] if base else []
    remedies += [HINTS[fault.hint].remedy] if fault.hint else []
    assert any(remedy.command and remedy.where == "droplet" for remedy in remedies)


@ALL
def test_a_fault_changes_the_world_once(fault) -> None:
    state = deployed()
    before = copy.deepcopy(state)
    strike(state, fault)
    assert {**state, "faults": []} != before or script(fault)
    assert state["faults"] == [fault.id]
    # Somebody mends it; the same fault does not come back.
    mended = {**copy.deepcopy(before), "faults": [fault.id]}
    strike(mended, fault)
    assert {**mended, "faults": []} == before


@ALL
def test_who_mends_a_fault_elsewhere_leaves_nothing_of_it(fault) -> None:
    if fault.elsewhere is None or fault.id in ("passphrase-wrong", "node-old"):
        return
    state = deployed()
    before = copy.deepcopy(state)
    strike(state, fault)
    apply(state, fault.elsewhere)
    assert {**state, "faults": []} == before


@ALL
def test_a_fault_is_in_the_droplet_from_when_it_strikes_until_it_is_mended(fault, tmp_path: Path) -> None:
    state = deployed()
    for name in fault.delete:
        place(tmp_path, name).mkdir(parents=True)
    before = copy.deepcopy(state)
    assert present(state, tmp_path) == {}
    strike(state, fault)
    for name in fault.write:
        place(tmp_path, name).parent.mkdir(parents=True)
        place(tmp_path, name).touch()
    for name in fault.delete:
        place(tmp_path, name).rmdir()
    assert present(state, tmp_path) == {fault.id: Present(fault.id, "", drawn=False)}
    # Whoever mends it brings back what was; the walk of a colleague is no file of the droplet any more.
    mended = {**before, "faults": [fault.id]}
    for name in fault.write:
        place(tmp_path, name).unlink()
    for name in fault.delete:
        place(tmp_path, name).mkdir()
    assert present(mended, tmp_path) == {}
    if fault.elsewhere and fault.elsewhere != Elsewhere(says=fault.elsewhere.says):
        apply(state, fault.elsewhere)
        assert present(state, tmp_path) == {}


def place(home: Path, name: str) -> Path:
    return home / Path(name).relative_to("/root")


def test_a_full_disk_on_which_images_come_and_go_stays_a_full_disk(tmp_path: Path) -> None:
    state = deployed()
    strike(state, known("disk-full"))
    state["node"]["free_gib"] -= 0.4
    assert list(present(state, tmp_path)) == ["disk-full"]


def test_a_fault_that_waits_is_in_the_droplet_with_its_step(tmp_path: Path) -> None:
    state = deployed()
    announce(state, known("up-killed"))
    state["drawn"] = ["up-killed"]
    assert present(state, tmp_path) == {"up-killed": Present("up-killed", "layer-1.up", drawn=True)}
    announce(state, chosen(["port-taken@swarm.init"], load_guide)[0])
    announce(state, known("port-taken"))
    assert present(state, tmp_path)["port-taken"].at == ""
    assert state["coming"] == {"up-killed": "layer-1.up"}


def test_no_file_outside_of_the_droplet_is_looked_at_for_a_fault(tmp_path: Path) -> None:
    lock = place(tmp_path / "home", next(iter(known("stack-locked").write)))
    other = tmp_path / "other"
    (other / lock.name).mkdir(parents=True)
    lock.parent.parent.mkdir(parents=True)
    lock.parent.symlink_to(other)
    state = deployed()
    strike(state, known("stack-locked"))
    assert lock.exists()
    assert present(state, tmp_path / "home") == {}


def test_faults_combine() -> None:
    state = deployed()
    for fault in FAULTS.values():
        announce(state, fault)
    assert {*state["faults"], *state["coming"]} == set(FAULTS)


def test_an_unknown_fault_is_one_clear_error_with_the_nearest() -> None:
    with pytest.raises(SprocketError, match="did you mean clock-wrong") as raised:
        chosen(["clock-wrnog"], load_guide)
    assert raised.value.code == Exit.USAGE


def test_a_fault_strikes_at_the_step_that_is_named_or_at_its_own() -> None:
    assert [each.at for each in chosen(["port-taken@layer-1.up", "port-taken", "up-killed"], load_guide)] == [
        "layer-1.up", "", "layer-1.up"
    ]  # fmt: skip


@ALL
def test_a_fault_is_come_upon_at_its_own_moment_or_later(fault: Fault) -> None:
    assert not fault.at or STEPS.index(fault.at) <= STEPS.index(latest(fault, GUIDE))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("port-taken@layer-1.op", "did you mean layer-1.up"),
        ("up-killed@swarm.init", "earliest"),
        ("port-closed@layer-1.done", "at layer-1.verify at the latest: no step after it notices"),
        ("node-old@checkout.npm-layer-1", "at node.software at the latest"),
        ("random@layer-1.up", "has its own moment"),
    ],
)
def test_a_moment_that_cannot_be_is_one_clear_error(word: str, said: str) -> None:
    with pytest.raises(SprocketError, match=said) as raised:
        chosen([word], load_guide)
    assert raised.value.code == Exit.USAGE


def test_the_same_seed_gives_the_same_world_and_the_same_faults() -> None:
    assert json.dumps(fresh(7, 1)) == json.dumps(fresh(7, 1))
    assert some(7, 2) == some(7, 2)
    assert len({tuple(each.id for each in some(seed, 2)) for seed in range(10)}) == 10


def test_chance_is_asked_no_oftener_than_there_are_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it says the same each time: none is drawn in vain until another one happens to come."""
    asked = list[int]()

    class Same(random.Random):
        def getrandbits(self, k: int, /) -> int:
            asked.append(k)
            assert len(asked) <= len(FAULTS)
            return 0

    monkeypatch.setattr(random, "Random", Same)
    assert len({each.id for each in some(7, 3)}) == 3


def test_what_a_seed_draws_can_be_there_together_and_beside_what_is_there() -> None:
    for seed in range(300):
        one, other = some(seed, 2)
        assert not places(one) & places(other)
    third = some(7, 1, [each.id for each in some(7, 2)])
    assert [*some(7, 2), *third] == some(7, 3)
    with pytest.raises(SprocketError, match="no other fault") as raised:
        some(7, len(FAULTS))
    assert raised.value.code == Exit.USAGE


class TestMoments:
    """What goes over the line is watched, and the copy of the journal says which step is next."""

    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        (tmp_path / "home/.sprocket/runs/1").mkdir(parents=True)
        return tmp_path / "home"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        world = World(tmp_path / "world.json")
        world.make(deployed())
        return world

    def walked(self, home: Path, upto: str) -> None:
        """The journal of a run that has ended every step before that one."""
        path = home / ".sprocket/runs/1/journal.jsonl"
        path.unlink(missing_ok=True)
        with closing(Journal.open(path)) as journal:
            journal.append(RunStarted("1", "ssh://root@127.0.0.1", "", "me", "guide", "1", "0", {}))
            for step in STEPS[: STEPS.index(upto)]:
                journal.append(StepEnded(step, "done"))

    def test_a_fault_waits_until_its_step_is_about_to_begin(self, home: Path, world: World) -> None:
        with world.change() as state:
            announce(state, known("packages-missing"))
            announce(state, chosen(["port-taken@swarm.init"], load_guide)[0])
        touched: list[Change] = []
        moments = Moments(world, home, lambda: None, touched.append)
        moments.look()
        self.walked(home, "network.egress")
        moments.look()
        assert world.read()["faults"] == []
        self.walked(home, "swarm.init")
        moments.look()
        assert world.read()["faults"] == ["port-taken"]
        assert [each["process"] for each in world.read()["listeners"]] == ["nginx"]
        self.walked(home, "layer-1.up")
        moments.look()
        assert world.read()["faults"] == ["port-taken", "packages-missing"]
        assert [script(each) for each in touched][-1] == "rm -rf -- /root/sprocket-infra/layer_1/node_modules"

    def test_a_line_is_cut_once_when_the_world_says_so(self, home: Path, world: World) -> None:
        with world.change() as state:
            strike(state, known("line-cut"))
        cuts: list[str] = []
        moments = Moments(world, home, lambda: cuts.append("cut"), lambda change: None)
        moments.look()
        assert cuts == []
        with world.change() as state:
            state["midway"], state["line"] = {}, "cut"
        moments.look()
        moments.look()
        assert cuts == ["cut"]
        assert world.read()["line"] == "up"

    @pytest.mark.parametrize("kind", ["link", "pipe", "rubbish"])
    def test_a_journal_that_is_none_lets_nothing_strike(self, kind: str, home: Path, world: World) -> None:
        with world.change() as state:
            announce(state, known("up-killed"))
        self.walked(home, "layer-1.up")
        path = home / ".sprocket/runs/1/journal.jsonl"
        other = path.rename(home / "elsewhere")
        if kind == "link":
            path.symlink_to(other)
        elif kind == "pipe":
            import os

            os.mkfifo(path)
        else:
            path.write_bytes(b"\xff\x00 not json\n")
        Moments(world, home, lambda: None, lambda change: None).look()
        assert world.read()["faults"] == []
