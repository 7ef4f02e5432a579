"""Facts of a node and its software, read from real answers of this machine and from written ones."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.checks.judge import judge
from sprocket_tui.checks.measure import Measurement, Target, measure
from sprocket_tui.checks.observation import Observation, State, Verdict
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.guide.model import ProbeWords
from sprocket_tui.target.local import LocalLink
from tests.unit.checks_kit import answered, probe


def measured(asked: ProbeWords, path: tuple[str, ...] = ()) -> Observation:
    wanted = Measurement(asked, "droplet")
    target = Target(LocalLink(), path=path)
    return measure([wanted], target=target, secrets={}, deadline=20)[wanted.key]


def value(observation: Observation) -> dict[str, Any]:
    assert isinstance(observation.value, dict), observation.reason
    return observation.value


def test_this_machine_tells_every_fact() -> None:
    assert value(measured(probe("node", fact="cpus")))["count"] == len(os.sched_getaffinity(0))
    memory = value(measured(probe("node", fact="memory")))
    assert 0 < memory["available_mib"] <= memory["total_mib"]
    disk = value(measured(probe("node", fact="disk")))
    assert 0 < disk["free_gib"] <= disk["total_gib"]
    assert 0 <= value(measured(probe("node", fact="inodes")))["used_percent"] <= 100
    assert value(measured(probe("node", fact="system")))["kernel"] == os.uname().release
    assert value(measured(probe("node", fact="clock")))["skew"] == 0
    swap = value(measured(probe("node", fact="swap")))
    assert swap["free_mib"] <= swap["total_mib"]
    shm = value(measured(probe("node", fact="tmpfs")))
    assert (shm["path"], shm["tmpfs"]) == ("/dev/shm", True)


def test_a_path_that_is_not_there_is_unknown_with_what_df_said(tmp_path: Path) -> None:
    observation = measured(probe("node", fact="disk", path=str(tmp_path / "it's absent")))
    assert "No such file or directory" in observation.reason


def test_a_filesystem_without_a_fixed_number_of_inodes_is_never_full() -> None:
    table = "Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/vda 0 0 0 - /\n"
    assert value(answered(probe("node", fact="inodes"), table))["used_percent"] == 0


def test_the_reserve_of_root_counts_as_used() -> None:
    table = (
        "Filesystem 1-blocks Used Available Capacity Mounted on\n/dev/vda 107374182400 1073741824 53687091200 2% /\n"
    )
    assert value(answered(probe("node", fact="disk"), table)) == {
        "path": "/",
        "total_gib": 100.0,
        "total_from": 64,
        "free_gib": 50.0,
        "free_from": 32,
        "used_percent": 2,
    }


@pytest.mark.parametrize(
    ("said", "synchronised"),
    [("yes", True), ("no", False), ("no\nchrony Normal", True), ("chrony Not synchronised", False), ("", None)],
)
def test_the_clock_is_synchronised_when_a_time_service_says_so(said: str, synchronised: bool | None) -> None:
    observation = answered(probe("node", fact="clock"), f"1000\n{said}\n", started=1000, ended=1001)
    assert value(observation)["synchronised"] is synchronised


@pytest.mark.parametrize(
    ("theirs", "offset"),
    [(1000, 0), (999, 0), (1011, 0), (1012, 1), (1070, 59), (900, -99)],
)
def test_the_offset_of_the_clock_leaves_out_the_time_the_question_took(theirs: int, offset: int) -> None:
    found = value(answered(probe("node", fact="clock"), f"{theirs}\n", started=1000, ended=1010))
    assert (found["offset"], found["skew"]) == (offset, abs(offset))


def test_a_clock_that_is_much_further_off_is_another_value_to_who_answered_for_it() -> None:
    check = load_guide().checks()["node.clock"]
    said = [
        judge(check, answered(check.probe, f"{1000 + skew}\nyes\n", started=1000, ended=1000), {})
        for skew in (40, 45, 86400)
    ]
    assert {each.state for each in said} == {State.FAIL}
    assert said[0].counted() == said[1].counted() != said[2].counted()


def test_a_memory_that_is_no_tmpfs_is_told() -> None:
    table = "Filesystem 1-blocks Used Available Capacity Mounted on\n/dev/vda 100 1 99 1% /\n"
    found = value(answered(probe("node", fact="tmpfs"), f"ext2/ext3\n{table}no\n"))
    assert (found["tmpfs"], found["writable"]) == (False, False)


def shm(available: int, total: int = 64 << 20) -> Verdict:
    table = (
        f"Filesystem 1-blocks Used Available Capacity Mounted on\ntmpfs {total} {total - available} {available} 9% /x\n"
    )
    check = load_guide().checks()["node.tmpfs"]
    return judge(check, answered(check.probe, f"tmpfs\n{table}yes\n"), {})


def test_a_memory_file_system_that_is_full_takes_no_secret() -> None:
    assert shm(1 << 20).state is State.PASS
    full = shm(1000)
    assert (full.state, full.why.startswith("It is full")) == (State.FAIL, True)
    assert full.remedy and full.remedy.reads


def test_a_memory_file_system_without_a_limit_is_never_full() -> None:
    assert (shm(0, 0).state, shm(0, 0).observed) == (State.PASS, "/dev/shm is tmpfs, writable, without a limit")


def program(directory: Path, name: str, prints: str) -> Path:
    path = directory / name
    path.write_text(f"#!/bin/sh\necho '{prints}'\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_program_outside_the_shells_path_is_found_by_the_profiles_path(tmp_path: Path) -> None:
    path = program(tmp_path, "pulumi", "v3.190.0")
    found = value(measured(probe("software", name="pulumi", version=["version"]), path=(str(tmp_path),)))
    assert found == {"found": True, "path": str(path), "version": "3.190.0", "major": 3, "minor": 190}


def test_the_newest_node_of_nvm_is_found_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for version in ("v9.1.0", "v20.9.0", "v18.20.1"):
        directory = tmp_path / ".nvm/versions/node" / version / "bin"
        directory.mkdir(parents=True)
        program(directory, "sprocket-node", version)
    found = value(measured(probe("software", name="sprocket-node")))
    assert (found["version"], found["major"]) == ("20.9.0", 20)


def test_a_program_that_is_not_there_is_an_observation() -> None:
    observation = measured(probe("software", name="no-such-program"))
    assert value(observation)["found"] is False
    assert observation.seen == "no-such-program was not found"


def test_a_directory_of_the_name_is_not_the_program(tmp_path: Path) -> None:
    (tmp_path / "pulumi-lab").mkdir()
    assert value(measured(probe("software", name="pulumi-lab"), path=(str(tmp_path),)))["found"] is False


def test_a_program_that_does_not_tell_its_version_has_none(tmp_path: Path) -> None:
    path = program(tmp_path, "quiet-tool", "usage: quiet")
    found = value(measured(probe("software", name=str(path))))
    assert (found["found"], found["version"], found["major"]) == (True, None, None)


def test_a_program_that_hangs_on_its_version_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "hanging"
    path.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    path.chmod(0o755)
    assert "in time" in measured(probe("software", name=str(path), timeout=1)).reason


def test_a_command_gives_its_status_text_lines_or_document() -> None:
    assert value(measured(probe("command", argv=["printf", "a b\n\nc\n"]))) == {
        "status": 0,
        "out": "a b\n\nc",
        "err": "",
    }
    assert value(measured(probe("command", argv=["printf", "a\n\nc\n"], read="lines")))["out"] == ["a", "c"]
    assert value(measured(probe("command", argv=["printf", '{"a": [1]}'], read="json")))["out"] == {"a": [1]}
    assert value(measured(probe("command", argv=["sh", "-c", "echo no >&2; exit 3"]))) == {
        "status": 3,
        "out": "",
        "err": "no",
    }


def test_an_argument_is_one_word_whatever_it_holds() -> None:
    hostile = 'x\'; touch /tmp/never; echo "$(id)" `id`'
    assert value(measured(probe("command", argv=["printf", "%s", hostile])))["out"] == hostile


def test_a_program_that_cannot_be_started_was_not_measured() -> None:
    assert measured(probe("command", argv=["no-such-program"])).reason == "no-such-program was not found"


def test_escape_sequences_of_a_program_are_gone_from_the_value() -> None:
    assert value(measured(probe("command", argv=["printf", "\x1b[31mred\x1b[0m\x07"])))["out"] == "red"
