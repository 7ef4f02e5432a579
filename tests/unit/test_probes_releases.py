"""Versions against what the checkout asks for, the end of a release, and what is mounted for the data."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sprocket_tui.checks.judge import judge
from sprocket_tui.checks.measure import Measurement, Target, measure
from sprocket_tui.checks.observation import Observation, State, Verdict
from sprocket_tui.checks.probes.base import lasting
from sprocket_tui.checks.probes.ranges import satisfies
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.target.local import LocalLink
from sprocket_tui.values import JSON
from tests.unit.checks_kit import answered, probe

CHECKS = load_guide().checks()
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC).timestamp()
JAMMY = 'PRETTY_NAME="Ubuntu 22.04.5 LTS"\nVERSION_ID="22.04"\nID=ubuntu\n\nkernel:\n5.15.0-1\nx86_64\n'
ENDS = {"ubuntu 22.04": "2027-06-01"}
MOUNTS = """\
/dev/vda1 / ext4 rw,relatime 0 0
/dev/sda /mnt/sprocketbot\\040data ext4 rw,discard 0 0
"""
SPACE = "Filesystem 1-blocks Used Available Capacity Mounted on\n{} 53687091200 0 42949672960 1% {}\n"


@pytest.mark.parametrize(
    ("version", "text", "within"),
    [
        ((20, 1, 0), ">=20", True),
        ((18, 20, 4), ">=20", False),
        ((18, 5, 0), "^18.12 || >=20", False),
        ((18, 12, 0), "^18.12 || >=20", True),
        ((19, 0, 0), "^18.12 || >=20", False),
        ((16, 9, 9), "14 - 16", True),
        ((17, 0, 0), "14 - 16", False),
        ((22, 9, 0), ">=10.0.0 <=22", True),
        ((12, 22, 0), ">= 12.22.0 < 13", True),
        ((0, 3, 0), "^0.2.3", False),
        ((1, 2, 9), "~1.2.3", True),
        ((1, 3, 0), "~1.2.3", False),
        ((20, 9, 0), "20.x", True),
        ((20, 9, 0), "*", True),
        ((20, 9, 0), "lts/iron", None),
    ],
)
def test_a_range_of_npm_holds_as_npm_reads_it(version: tuple[int, int, int], text: str, within: bool | None) -> None:
    assert satisfies(version, text) is within


def engines(directory: Path) -> dict[str, JSON]:
    asked = Measurement(probe("software", name="sh", version=["-c", "echo 18.2.1"], engines=str(directory)), "droplet")
    observation = measure([asked], target=Target(LocalLink()), secrets={}, deadline=20)[asked.key]
    assert isinstance(observation.value, dict), observation.reason
    return observation.value


def test_a_version_is_held_against_what_the_packages_and_their_lock_file_ask_for(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "x", "engines": {"sh": ">=16"}}')
    assert engines(tmp_path)["fits"] is True
    locked = '"node_modules/a": {\n  "engines": {\n    "sh": ">=20"\n  }\n},\n"node_modules/sh": {"version": "1"}\n'
    (tmp_path / "package-lock.json").write_text(locked)
    value = engines(tmp_path)
    assert (value["asks"], value["unmet"], value["fits"]) == ([">=16", ">=20"], [">=20"], False)


def test_without_a_checkout_nothing_is_said_of_what_it_asks_for(tmp_path: Path) -> None:
    value = engines(tmp_path / "it's not there")
    assert (value["found"], value["asks"], value["fits"]) == (True, [], None)


@pytest.mark.parametrize(("day", "left"), [("2026-11-26", 187), ("2027-06-01", 0), ("2027-06-02", -1)])
def test_a_release_says_how_many_days_its_updates_last_from_the_day_it_is_asked(day: str, left: int) -> None:
    started = datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()
    observation = answered(probe("node", fact="system", ends=ENDS), JAMMY, started=started)
    assert isinstance(observation.value, dict)
    assert (observation.value["ends"], observation.value["days_left"]) == ("2027-06-01", left)


def test_of_a_release_that_no_table_names_no_end_is_told() -> None:
    observation = answered(probe("node", fact="system"), JAMMY, started=NOON)
    assert isinstance(observation.value, dict)
    assert (observation.value["ends"], observation.value["days_left"]) == (None, None)


def mounted(fstab: str = "", units: str = "", device: str = "/dev/sda", on: str = "/mnt/sprocketbot data") -> JSON:
    text = f"{MOUNTS}\nfstab:\n{fstab}\nunits:\n{units}\nspace:\n{SPACE.format(device, on)}"
    observation = answered(probe("node", fact="mounts", path="/mnt/sprocketbot data"), text)
    assert isinstance(observation.value, dict), observation.reason
    return observation.value


@pytest.mark.parametrize(
    ("fstab", "units", "kept"),
    [
        ("", "", ""),
        ("/dev/sda /mnt/sprocketbot\\040data ext4 defaults,nofail 0 2\n", "", "fstab"),
        ("/dev/sda /mnt/sprocketbot\\040data ext4 noauto 0 2\n", "", ""),
        ("# /dev/sda /mnt/sprocketbot\\040data ext4 defaults 0 2\n", "", ""),
    ],
)
def test_a_mount_tells_what_mounts_it_at_the_next_boot(fstab: str, units: str, kept: str) -> None:
    value = mounted(fstab, units)
    assert isinstance(value, dict)
    assert (value["on"], value["device"], value["kept"]) == ("/mnt/sprocketbot data", "/dev/sda", kept)
    assert (value["size_gib"], value["free_gib"], value["options"]) == (50.0, 40.0, "rw,discard")


def test_a_volume_that_a_unit_of_systemd_mounts_is_kept() -> None:
    text = f"/dev/sda /mnt/data ext4 rw 0 0\n\nfstab:\n\nunits:\n[Mount]\nWhere=/mnt/data\n\nspace:\n{SPACE}"
    observation = answered(probe("node", fact="mounts"), text.format("/dev/sda", "/mnt/data"))
    assert isinstance(observation.value, dict)
    assert observation.value["kept"] == "unit"


def test_a_directory_on_the_systems_own_disk_is_told_apart_from_a_volume() -> None:
    value = mounted(device="/dev/vda1", on="/")
    assert isinstance(value, dict)
    assert (value["on"], value["kept"]) == ("/", "root")


def test_a_directory_that_is_not_there_is_an_answer(tmp_path: Path) -> None:
    asked = Measurement(probe("node", fact="mounts", path=str(tmp_path / "none")), "droplet")
    observation = measure([asked], target=Target(LocalLink()), secrets={}, deadline=20)[asked.key]
    assert isinstance(observation.value, dict), observation.reason
    assert observation.value["exists"] is False


def database(major: int, day: str) -> Verdict:
    """What the guide says of a login to a server of that major version on that day."""
    check = CHECKS["services.database"]
    ends = check.probe.model_dump()["ends"].get(str(major))
    started = datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()
    version: dict[str, JSON] = {"text": f"{major}.1", "major": major, **lasting(ends, started)}
    return judge(check, Observation(value={"state": "ok", "version": version}), {})


@pytest.mark.parametrize(
    ("major", "day", "state", "why"),
    [
        (18, "2026-11-27", State.PASS, ""),
        (15, "2026-11-27", State.PASS, ""),
        (15, "2027-09-01", State.WARN, "gets corrections for 71 days more"),
        (14, "2026-11-12", State.WARN, "gets corrections for 0 days more"),
        (14, "2026-11-13", State.WARN, "no more corrections from the community, since 2026-11-12"),
        (13, "2026-11-27", State.WARN, "no more corrections from the community, since 2025-11-13"),
        (23, "2026-11-27", State.WARN, "It is not told here until when"),
    ],
)
def test_a_database_is_judged_by_how_long_its_version_gets_corrections(
    major: int, day: str, state: State, why: str
) -> None:
    verdict = database(major, day)
    assert (verdict.state, why in verdict.why) == (state, True)


def test_a_day_that_passes_makes_no_other_version_of_it() -> None:
    assert database(14, "2026-11-27").counted() == database(14, "2026-11-28").counted()


def test_the_version_that_a_person_read_is_held_against_the_same_days() -> None:
    tables = [CHECKS[name].probe.model_dump()["ends"] for name in ("services.database", "consoles.database-version")]
    assert tables[0] == tables[1]
    assert len(tables[0]) > 5
