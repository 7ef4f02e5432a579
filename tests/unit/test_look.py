"""A look at a target: what it tells, and that it ends, whatever the target does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from sprocket_tui.commands.look import Look
from sprocket_tui.commands.sighting import Sighting, told
from sprocket_tui.commands.targets import Goal
from sprocket_tui.errors import NeedsAnswer, SprocketError
from sprocket_tui.faces.tui.offer import Found
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.journal.events import RunLeft
from sprocket_tui.journal.replay import RunState
from sprocket_tui.settings import Profile
from sprocket_tui.target.link import Link
from sprocket_tui.target.lock import Holder
from sprocket_tui.target.ssh.address import SshTarget
from sprocket_tui.target.ssh.asking import PASSPHRASE, PASSWORD, Asker
from sprocket_tui.target.ssh.link import connect
from tests.unit.fakes import FakeLink

GUIDE = load_guide()
HOLDER = Holder("7f3a19c2", "ada@lab", "2026-11-26T07:00:00Z", "token", 3)
EMPTY = Sighting(None, "", None, "nothing is deployed there", adopts=False)
DEPLOYED = replace(EMPTY, deployment="a deployment is there already: traefik converged", adopts=True)


def resumes(run: str) -> tuple[str, ...]:
    return ("resume", run, "--profile", "lab")


def says(sighting: Sighting) -> tuple[str, tuple[str, ...]]:
    found = told(sighting, resumes)
    return " ".join(found.told), found.opens


def left(how: str) -> RunState:
    return RunState(current="swarm.init", left=RunLeft(how, 0, "the line dropped"))


# -- what is told -------------------------------------------------------------------------------------------------


def test_an_empty_target_is_begun_on():
    assert says(EMPTY) == (
        "Nothing is deployed there. Enter begins a walk; every change is shown and asks first.",
        (),
    )


def test_a_deployment_is_taken_over_by_measuring_it():
    text, opens = says(DEPLOYED)
    assert text.startswith("A deployment is there already: traefik converged. Enter begins a walk that takes it over")
    assert opens == ()


def test_a_run_that_was_left_there_is_what_enter_goes_on_with():
    text, opens = says(replace(DEPLOYED, run="7f3a19c2", state=left("lost")))
    assert "It keeps run 7f3a19c2, left (lost) at swarm.init: the line dropped." in text
    assert text.endswith("Enter goes on with it.")
    assert opens == ("resume", "7f3a19c2", "--profile", "lab")


def test_a_run_that_came_to_its_end_is_none_to_resume():
    text, opens = says(replace(DEPLOYED, run="7f3a19c2", state=left("done")))
    assert "Run 7f3a19c2 came to its end there." in text
    assert opens == ()


def test_somebody_elses_live_run_is_named_with_who_and_since_when_and_enter_is_refused():
    text, opens = says(replace(DEPLOYED, holder=HOLDER, run="7f3a19c2", state=left("lost")))
    assert "Driven now: run 7f3a19c2, held by ada@lab since 2026-11-26T07:00:00Z, last heard 3 s ago." in text
    assert "Enter is refused until that run is left." in text
    assert opens == ()


def test_a_stale_lock_is_told_from_a_live_one():
    text, opens = says(replace(EMPTY, holder=replace(HOLDER, silent=600)))
    assert "Locked by run 7f3a19c2, held by ada@lab" in text
    assert "that driver is gone." in text
    assert "Enter asks before it takes the lock over." in text
    assert opens == ()


# -- how it ends --------------------------------------------------------------------------------------------------


def goal(link: Link | SprocketError) -> Goal:
    def open_link(_asker: Asker) -> Link:
        if isinstance(link, SprocketError):
            raise link
        return link

    return Goal("ssh://lab", "lab", Profile(), open_link)


def ended(look: Look) -> Found:
    end = time.monotonic() + 60
    while (found := look.found()) is None:
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def test_why_nothing_could_be_seen_is_told_with_what_to_do():
    refused = SprocketError("lab:22 refused the connection", remedy="check the port")
    found = ended(Look(lambda: goal(refused), GUIDE, resumes))
    assert found.told == ("Lab:22 refused the connection.", "Check the port.")


@pytest.mark.parametrize(
    ("question", "says"),
    [(PASSPHRASE, "Its key is locked by a passphrase. Enter asks for it"), (PASSWORD, "Password of root. Enter asks")],
)
def test_what_a_connection_would_ask_is_said_and_not_asked(question: str, says: str):
    asks = NeedsAnswer(question, "nobody is here to answer: password of root")
    assert says in " ".join(ended(Look(lambda: goal(asks), GUIDE, resumes)).told)


def test_a_connection_that_is_lost_on_the_way_is_told():
    assert "The other side went away." in ended(Look(lambda: goal(FakeLink(lost=True)), GUIDE, resumes)).told


@pytest.fixture
def silent() -> Iterator[int]:
    """A port where connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_it_gives_up_after_its_limit_and_says_while_doing_what(silent: int):
    target = SshTarget("127.0.0.1", "root", silent)
    there = Goal("ssh://lab", "lab", Profile(), lambda asker: connect(target, asker))
    now = [0.0]
    look = Look(lambda: there, GUIDE, resumes, limit=10, clock=lambda: now[0])
    now[0] = 9.9
    assert look.found() is None
    now[0] = 10.1
    found = look.found()
    assert found is not None
    assert found.told[0] == "Given up after 10 s, while connecting."
    # What comes later changes nothing any more.
    assert look.found() is found


def test_a_look_that_is_stopped_closes_its_connection_and_what_waits_in_it_ends():
    class Waiting(FakeLink):
        """A target that does not answer until the connection is closed."""

        asked, closed = threading.Event(), threading.Event()

        def run(self, script: str, *, deadline: float, limit: int = 8 << 20):
            self.asked.set()
            assert self.closed.wait(60)
            raise SprocketError("the connection was closed here")

        def close(self) -> None:
            self.closed.set()

    link = Waiting()
    look = Look(lambda: goal(link), GUIDE, resumes)
    assert link.asked.wait(60)
    assert look.doing == "asking who drives a run there"
    look.stop()
    assert ended(look).told == ("The connection was closed here.",)
