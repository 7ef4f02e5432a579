"""Clocks that jump, a disk that is full, a second laptop, and what forty checks cost."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.lab.sshd import Sshd, wait_until
from tests.lab.swarm import SwarmLab
from tests.real.services import Services
from tests.walk.program import Program

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("swarm")]


@pytest.fixture
def services(swarm: SwarmLab, droplet_sshd: Sshd, tmp_path: Path) -> Services:
    return Services(swarm, droplet_sshd, tmp_path)


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_our_clock_may_jump(services: Services, seconds: int) -> None:
    died = services.run(SPROCKET_TEST_DEATH="event:12")
    assert died.returncode
    for _ in range(3):
        done = services.resume(SPROCKET_TEST_DEATH="", SPROCKET_TEST_CLOCK=str(seconds))
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stdout + done.stderr
    services.settled()


@pytest.mark.parametrize("jump", ["+1 hour", "-1 hour"])
def test_the_clock_of_the_target_may_jump(services: Services, jump: str) -> None:
    bin_ = services.swarm.droplet.home / "bin"
    bin_.mkdir()
    date = bin_ / "date"
    date.write_text(f'#!/bin/sh\n[ -e "$HOME/jump" ] && exec /bin/date -d "{jump}" "$@"\nexec /bin/date "$@"\n')
    date.chmod(0o755)
    config = services.program.home / ".config" / "sprocket-tui" / "profiles.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(yaml.safe_dump({"lab": {"host": "lab", "ssh_config": str(services.config), "path": ["~/bin"]}}))
    words = [*services.program.trusted(), *services.program.answered()]
    died = services.program("run", "--plain", "--profile", "lab", *words, SPROCKET_TEST_DEATH="event:12")
    assert died.returncode
    (services.swarm.droplet.home / "jump").touch()
    for _ in range(3):
        done = services.program.resume("--profile", "lab")
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stdout + done.stderr
    services.settled()


def test_a_full_disk_under_the_journal_stops_the_run_in_one_sentence_and_loses_nothing(
    services: Services, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    program = services.program
    walk = [*program.argv("run", "--plain", "--target", "ssh://lab", "--ssh-config", str(services.config))]
    walk += [*program.trusted(), *program.answered()]
    script = (
        f"mount -t tmpfs -o size=128k tmpfs {state} && "
        f'(head -c 102400 /dev/zero >{state}/filler); "$@"; echo "code $?"; rm {state}/filler; '
        f"shift {len(walk)}; exec sh -c 'cp -r {state} {tmp_path}/kept'"
    )
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", *walk],
        env=program.env(XDG_STATE_HOME=str(state)),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    said = done.stdout + done.stderr
    assert "No space left on device" in said, said
    assert "Traceback" not in said
    assert "code 1" in said
    later = Program(program.home, services.program.guide, {"XDG_STATE_HOME": str(tmp_path / "kept")}, program.answers)
    for _ in range(3):
        resumed = later("resume", "--ssh-config", str(services.config), *later.answered())
        if resumed.returncode == 0:
            break
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert sorted(services.swarm.created_events(since=services.began)) == ["one", "two"]


def test_a_second_laptop_is_told_who_drives(services: Services, tmp_path: Path) -> None:
    words = ["run", "--plain", "--target", "ssh://lab", "--ssh-config", str(services.config)]
    words += [*services.program.trusted(), *services.program.answered()]
    first = subprocess.Popen(
        services.program.argv(*words), env=services.program.env(), stdout=subprocess.PIPE, text=True
    )
    holder = services.swarm.droplet.home / ".sprocket" / "lock" / "holder"
    wait_until(holder.exists, "the lock", 30)
    second = services.program(*words, XDG_STATE_HOME=str(tmp_path / "other"))
    assert second.returncode == 8, second.stdout + second.stderr
    assert "is locked by run" in second.stdout
    first.communicate(timeout=120)
    assert first.returncode == 0
    services.settled()


def test_forty_checks_open_one_channel(droplet_sshd: Sshd, tmp_path: Path) -> None:
    guide = tmp_path / "guide"
    (guide / "screens").mkdir(parents=True)
    (guide / "checklists").mkdir()
    checks = [
        {
            "id": f"many.c{number}",
            "title": f"Check {number}",
            "why": "There are many.",
            "probe": {"kind": "command", "argv": ["echo", str(number)]},
            "outcomes": [{"when": {"eq": ["value.status", 0]}, "state": "pass"}],
            "expected": str(number),
            "remedy": {"text": "Look."},
        }
        for number in range(40)
    ]
    index = {"schema": 1, "name": "many", "version": "1", "checklists": ["many.yaml"]}
    (guide / "screens" / "index.yaml").write_text(yaml.safe_dump(index))
    many = {"id": "many", "title": "Many", "why": "To count.", "pause_point": "before", "checks": checks}
    (guide / "checklists" / "many.yaml").write_text(yaml.safe_dump(many))
    home = tmp_path / "home"
    home.mkdir()
    program = Program(home, guide)
    before = droplet_sshd.sessions()
    config = str(droplet_sshd.ssh_config("lab"))
    words = ["--target", "ssh://lab", "--ssh-config", config, "--format", "json"]
    done = program("check", *program.trusted(), *words)
    assert done.returncode == 0, done.stderr
    assert [row["state"] for row in json.loads(done.stdout)["checks"]] == ["pass"] * 40
    assert droplet_sshd.sessions() == before + 1
    bundled = Program(home, None)
    bundled("check", *words)
    assert droplet_sshd.sessions() == before + 2
