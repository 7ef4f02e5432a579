"""A look at a practice droplet over SSH: what stands there is told, and nothing of the look stays."""

from __future__ import annotations

import argparse
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sprocket_tui.commands import targets
from sprocket_tui.commands.look import Look
from sprocket_tui.faces.tui.offer import Found
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.practice.droplet import Droplet
from sprocket_tui.settings import Profile, profile, save
from sprocket_tui.target import lock
from sprocket_tui.target.ssh.asking import Headless
from tests.practice.conftest import made
from tests.practice.rehearsing import Person, Served
from tests.tui.connect_kit import First, first

GUIDE = load_guide()
OPTIONS = argparse.Namespace(target=None, profile="lab", ssh_config=None)
PLACES = "find / -xdev -path /proc -prune -o -path /sys -prune -o -type f -newer /tmp/before -print; ls -A /dev/shm ~"


@pytest.fixture
def droplet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Droplet]:
    """A droplet that is served, and the profile `lab` that leads to it, as one of a real host would."""
    with made(tmp_path / "droplet") as droplet:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(droplet.write_profile("practice")))
        there = profile("practice").model_dump(exclude_unset=True)
        save("lab", Profile.model_validate({**there, "practice": False}))
        yield droplet


def look() -> Found:
    looking = Look(lambda: targets.goal(OPTIONS), GUIDE, lambda run: ("resume", run), limit=60)
    while (found := looking.found()) is None:
        time.sleep(0.02)
    return found


def words(found: Found) -> str:
    return " ".join(found.told)


def walk(person: Person) -> subprocess.CompletedProcess[str]:
    """A walk by the same profile, as lines, with the person's answers."""
    answers = ("--answers", str(person.answers))
    return person("run", "--plain", "--profile", "lab", *answers, XDG_CONFIG_HOME=os.environ["XDG_CONFIG_HOME"])


def test_nothing_is_deployed_on_a_new_droplet_and_a_look_leaves_nothing_there(droplet: Droplet, tmp_path: Path):
    shell = Served(Person(tmp_path), droplet).shell
    shell("touch /tmp/before; sleep 0.05")
    before = shell(PLACES).stdout
    found = look()
    assert "Nothing deployed runs there (Swarm is active: fail, inactive)." in found.told
    assert found.opens == ()
    assert shell(PLACES).stdout == before


def test_a_run_that_was_left_is_offered_and_a_lock_is_told_live_from_stale(droplet: Droplet, tmp_path: Path):
    person = Person(tmp_path, left_at="swarm.init")
    walked = walk(person)
    found = look()
    assert found.opens[0] == "resume"
    assert found.opens[1] in walked.stdout + walked.stderr
    assert f"It keeps run {found.opens[1]}" in words(found)

    link = targets.goal(OPTIONS).connect(Headless())
    assert lock.acquire(link, "0a0a0a0a", "ada@elsewhere", "token") is None
    live = look()
    assert "Driven now: run 0a0a0a0a, held by ada@elsewhere since" in words(live)
    assert live.opens == ()
    link.run('touch -d "10 minutes ago" ~/.sprocket/lock ~/.sprocket/lock/*', deadline=30)
    link.close()
    stale = look()
    assert "that driver is gone." in words(stale)
    assert stale.opens == found.opens


def test_an_existing_deployment_is_named_and_a_walk_on_it_says_so_before_its_first_step(
    droplet: Droplet, tmp_path: Path
):
    person = Person(tmp_path)
    assert "The walk is complete." in walk(person).stdout
    found = look()
    assert "came to its end there." in words(found)
    assert "A deployment is there already: traefik-" in words(found)
    assert "vault converged" in words(found)
    assert "Enter begins a walk that takes it over" in words(found)
    again = walk(person)
    said = again.stdout.index("A deployment is there: 4 services, all running; what holds is passed over.")
    assert said < again.stdout.index(GUIDE.screens[0].steps[0].title)
    assert "The walk is complete." in again.stdout
    assert "doing it" not in again.stdout


def test_the_first_screen_tells_what_was_seen_and_stays_usable_meanwhile(droplet: Droplet, tmp_path: Path):
    async def act(shown: First) -> None:
        await shown.press("down", "down", "l")
        assert "Looking: " in shown.text
        await shown.press("up")
        assert "Looking: " not in shown.text
        await shown.press("down")
        await shown.until("Looked at ")
        assert "Nothing deployed runs there" in shown.text
        assert "Enter: sprocket-tui run --profile lab" in shown.text
        await shown.press("enter")

    assert first(act).chosen.line == ("run", "--profile", "lab")
