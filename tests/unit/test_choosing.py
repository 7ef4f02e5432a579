"""Where to deploy, as lines of text: offers by number, what is known of each, and what a typed line means."""

from __future__ import annotations

import argparse
import socket
from pathlib import Path

import pytest

from sprocket_tui import settings
from sprocket_tui.commands.choosing import Choosing
from sprocket_tui.errors import NeedsAnswer, SprocketError
from sprocket_tui.faces import first
from sprocket_tui.faces.tui.offer import Chosen, Offer
from sprocket_tui.settings import Profile
from tests.unit.test_profiles import Typed

PRACTICE = Offer("Practice droplet", "nothing real", "A droplet of its own.", ("practice",))
LIVE = Offer("live", "ssh://lab", "Begins a walk.", ("run", "--profile", "live"), ("check",), production=True)
OFFERED = (PRACTICE, LIVE)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TERM", "dumb")
    return tmp_path


def typed(monkeypatch: pytest.MonkeyPatch, choosing: Choosing, *lines: str) -> tuple[str, ...]:
    """What is chosen by these lines at a terminal without a cursor."""
    monkeypatch.setattr("sys.stdin", Typed("".join(f"{line}\n" for line in lines)))
    assert choosing.choose(argparse.Namespace()) == 0
    return choosing.chosen.line


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("1", first.Taken(PRACTICE, ("practice",))),
        ("2", first.Taken(LIVE, ("run", "--profile", "live"))),
        ("c2", first.Taken(LIVE, ("check",))),
        ("C 2", first.Taken(LIVE, ("check",))),
        ("3", first.New()),
        ("q", first.Left()),
        ("c1", first.Wrong("Practice droplet has no checks of its own.")),
        ("c3", first.Wrong("A new target has nothing to be checked or looked at yet.")),
        ("l3", first.Wrong("A new target has nothing to be checked or looked at yet.")),
        ("l1", first.Wrong("Practice droplet is not looked at; its number opens it.")),
        *(
            (said, first.Wrong("Type a number from 1 to 3, c or l before one, or q to leave."))
            for said in ("0", "4", "x", "", "-1", "²")
        ),
    ],
)
def test_a_number_a_c_or_l_with_one_or_a_q_is_an_answer_and_nothing_else_is(said: str, means: object) -> None:
    assert first.answer(said, OFFERED) == means


def test_every_offer_has_a_number_and_what_is_known_and_production_is_said() -> None:
    lines = list(first.question("guide 1", OFFERED, "It could not begin."))
    assert "  1  Practice droplet: nothing real" in lines
    assert lines[lines.index("  2  live: PRODUCTION, ssh://lab") + 1] == "     Begins a walk."
    # What was said of the last choice stands where it is read: next to the question.
    assert lines[-2] == "It could not begin."


def test_what_is_said_of_enter_is_said_of_the_number_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert first.by_number("Driven now. Enter is refused; nobody types Enter.") == (
        "Driven now. Its number is refused; nobody types Enter."
    )
    assert all(len(line) < 80 for line in first.question("guide 1", OFFERED, ""))


def test_what_is_chosen_is_walked_as_lines_too_and_checks_are_lines_already(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.save("lab", Profile(host="10.0.0.1"))
    assert typed(monkeypatch, Choosing(), "1") == ("practice", "--plain")
    assert typed(monkeypatch, Choosing(), "9", "2") == ("run", "--plain", "--target", "local")
    assert typed(monkeypatch, Choosing(), "3") == ("run", "--plain", "--profile", "lab")
    assert typed(monkeypatch, Choosing(), "c3") == ("check", "--profile", "lab")
    assert typed(monkeypatch, Choosing(), "q") == ()


def test_what_stands_at_a_target_is_told_before_the_question_comes_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.save("lab", Profile(host="127.0.0.1", port=nobody.getsockname()[1], user="root"))
        assert typed(monkeypatch, Choosing(), "l3", "3") == ("run", "--plain", "--profile", "lab")
    said = " ".join(capsys.readouterr().out.split())
    assert "lab: connecting" in said
    # It stands next to what is typed then.
    assert said.index("lab: connecting") < said.rindex("Where do we deploy?") < said.index("refused")


def test_a_new_target_is_made_by_the_questions_of_a_profile_and_offered_next(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.save("lab", Profile(host="10.0.0.1"))
    answers = ("4", "lab", "4", "Bad Name", "4", "", "4", "web", "", "10.0.0.2", *[""] * 12)
    assert typed(monkeypatch, Choosing(), *answers, "4") == ("run", "--plain", "--profile", "web")
    said = " ".join(capsys.readouterr().out.split())
    assert "There is a profile lab already: give another name." in said
    assert "A profile name is lower case letters, digits and dashes." in said
    assert "No profile was made." in said
    assert "Saved profile web in " in said
    assert settings.profile("web").host == "10.0.0.2"


def test_what_cannot_begin_is_told_once_and_the_offers_stay(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    choosing = Choosing()
    choosing.refuse(SprocketError("the target 'x' cannot be read", remedy="write it as host"))
    assert choosing.refused
    assert typed(monkeypatch, choosing, "q") == ()
    assert "The target 'x' cannot be read. Write it as host." in " ".join(capsys.readouterr().out.split())
    assert not choosing.refused


def test_a_terminal_that_is_closed_begins_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NeedsAnswer, match="nothing was begun"):
        typed(monkeypatch, Choosing())


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        (("practice",), ("practice", "--theme", "light", "--low-bandwidth")),
        (("resume", "0a1b2c3d"), ("resume", "0a1b2c3d", "--theme", "light", "--low-bandwidth")),
        (("check", "--target", "local"), ("check", "--target", "local")),
        ((), ()),
    ],
)
def test_the_look_of_the_first_screen_goes_on_in_the_walk_that_is_chosen_there(
    line: tuple[str, ...], becomes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, bool]] = []

    def chosen(_before: Chosen, _refused: str, theme: str, *, low_bandwidth: bool) -> tuple[int, Chosen]:
        asked.append((theme, low_bandwidth))
        return 0, Chosen(line, "an offer")

    monkeypatch.setattr("sprocket_tui.commands.choosing.fit", lambda *streams: "")
    monkeypatch.setattr("sprocket_tui.commands.connect.choose", chosen)
    choosing = Choosing("light", low_bandwidth=True)
    assert choosing.choose(argparse.Namespace()) == 0
    assert choosing.chosen.line == becomes
    assert asked == [("light", True)]
