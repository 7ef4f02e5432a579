"""The connection of a run: its lock beats while a person thinks, and is proven before anything begins."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from sprocket_tui import target
from sprocket_tui.engine import session
from sprocket_tui.engine.desk import Desk
from sprocket_tui.engine.session import Holding, Session
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.journal.events import Connected, Fact
from sprocket_tui.redaction import Redactor
from sprocket_tui.secret import Secret
from sprocket_tui.target.link import Identity
from sprocket_tui.target.local import LocalLink


@pytest.fixture
def recorded() -> list[Fact]:
    return []


@pytest.fixture
def desk(recorded: list[Fact]) -> Desk:
    return Desk(recorded.append)


@pytest.fixture
def held(home: Path, desk: Desk, recorded: list[Fact], monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session that has taken the lock and beats at every chance."""
    monkeypatch.setattr(session, "_BEAT", 0.0)
    made = Session(LocalLink, Holding("run1", "ann", "m1"), desk, recorded.append, Redactor(), sudo=False, path=())
    made.link()
    return made


def beat(home: Path) -> Path:
    (found,) = (home / ".sprocket" / "lock").glob("beat.*")
    return found


def test_the_lock_stays_fresh_while_a_person_thinks(held: Session, desk: Desk, home: Path) -> None:
    os.utime(beat(home), (time.time() - 90, time.time() - 90))
    desk.pause(0.3)
    assert time.time() - beat(home).stat().st_mtime < 5


def test_a_driver_whose_lock_was_taken_is_told_and_goes_on_no_further(held: Session, desk: Desk, home: Path) -> None:
    shutil.rmtree(home / ".sprocket" / "lock")
    with pytest.raises(SprocketError, match="was taken away") as raised:
        desk.pause(0.3)
    assert raised.value.code is Exit.LOCKED


def test_nothing_is_begun_without_the_lock(held: Session, home: Path) -> None:
    held.prove()
    shutil.rmtree(home / ".sprocket" / "lock")
    with pytest.raises(SprocketError, match="was taken away"):
        held.prove()


class Greeting(LocalLink):
    """This machine, as a host that says something to everybody who logs in."""

    said = ""

    @property
    def identity(self) -> Identity:
        return replace(super().identity, greeting=self.said)


@pytest.mark.parametrize("before", [0, 1980, 1990, 1999])
def test_a_secret_in_the_greeting_of_a_host_is_masked_wherever_the_greeting_is_cut(
    home: Path, desk: Desk, recorded: list[Fact], monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    token = "canary-4f9d1e77b2"
    monkeypatch.setattr(Greeting, "said", f"{'p' * before}{token} {'and more ' * 300}")
    redactor = Redactor([Secret(token, "token")])
    Session(Greeting, Holding("run1", "ann", "m1"), desk, recorded.append, redactor, sudo=False, path=()).link()
    (kept,) = [fact.greeting for fact in recorded if isinstance(fact, Connected)]
    assert len(kept) <= 2000
    assert "cana" not in kept


def test_what_leads_to_a_target_cuts_nothing_that_it_says() -> None:
    """Who cuts masks before, and what leads to a target knows no secrets."""
    modules = sorted(Path(target.__file__).parent.rglob("*.py"))
    assert len(modules) > 10
    assert [each.name for each in modules if "shortened" in each.read_text(encoding="utf-8")] == []
