"""What is copied for a helper, and what a copy says of itself."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sprocket_tui import __version__
from sprocket_tui.faces.tui import copying
from sprocket_tui.journal.events import Answered, Hinted
from tests.tui.kit import (
    CANARY,
    CARD,
    GUIDE,
    LEFT,
    ON,
    READ,
    RESUME,
    Walked,
    begun,
    failed,
    judged,
    named,
    running,
    secret,
    walk,
    what_now,
)

FAILED = (*CARD, running(), failed("layer.apply", "host-mode port already in use", *(f"detail {n}" for n in range(9))))
HINTED = Hinted("layer.apply", "web.port", "A port is taken", "Something listens there.", "Stop it.", "ss -ltnp")
TOKEN = "hvs.CAESIJ0123456789abcdefghij"


def printed(walked: Walked, *lines: str) -> None:
    """What the step's job printed, as it is stored."""
    place = walked.directory.attempt("layer.apply", 1)
    place.mkdir(parents=True, exist_ok=True)
    records = [json.dumps({"s": "out", "at": at, "t": 1.0, "line": line}) for at, line in enumerate(lines)]
    (place / "output.jsonl").write_text("".join(f"{each}\n" for each in records))


async def reported(walked: Walked, key: str = "h") -> str:
    """What is copied for a helper; the file holds it too."""
    copied: list[str] = []
    walked.app.copy_to_clipboard = copied.append
    await walked.press(key)
    (text,) = copied
    assert (walked.directory.path / "for-help.txt").read_text() == f"{text}\n"
    return text


@pytest.fixture(autouse=True)
def no_tmux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)


# -- what a helper is sent ----------------------------------------------------------------------------------------


def test_a_helper_gets_the_run_the_step_its_page_its_command_and_its_output():
    async def act(walked: Walked) -> None:
        printed(walked, *(f"line {n}" for n in range(1, 101)))
        await walked.press("enter")
        text = await reported(walked)
        for says in (
            f"program      sprocket-tui {__version__}",
            f"guide        {GUIDE.name} {GUIDE.version}",
            "run          7f3a",
            "environment  production",
            "name         sprocket.example",
            "host         root@203.0.113.10",
            "step         layer.apply: Apply (Layer 1)",
            "Pulumi ended with 255.",
            "A port is taken",
            "-- Attempt 1 (perform): failed\npulumi up\n",
        ):
            assert says in text
        head, _, output = text.partition("-- The last 30 lines of its output\n")
        assert output.split("\n") == [f"line {n}" for n in range(71, 101)]
        # All details, not only those that there is room for.
        assert "detail 8" in head
        assert "Looking" not in head

    walk(act, *FAILED, HINTED, what_now())


def test_what_was_observed_and_expected_is_told():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        text = await reported(walked)
        assert "no record" in text
        assert "A 203.0.113.10" in text

    walk(act, *ON, begun("before.dns"), judged("vault", "fail"), what_now("before.dns", "a check fails"))


def test_the_step_that_is_looked_at_is_the_one_that_is_told():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "left")
        text = await reported(walked)
        assert "step         before.dns: DNS (Pre-deployment)" in text
        assert "Attempt" not in text

    walk(act, *FAILED, what_now())


def test_before_the_first_step_there_is_a_run_to_tell_of():
    async def act(walked: Walked) -> None:
        assert "step         none yet" in await reported(walked)

    walk(act, *ON)


def test_a_job_without_output_is_said_to_have_printed_nothing():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        assert (await reported(walked)).endswith("-- It printed nothing")

    walk(act, *FAILED, what_now())


def test_a_very_long_line_is_cut_so_that_the_whole_can_be_copied():
    async def act(walked: Walked) -> None:
        printed(walked, *["x" * 9000] * 40)
        await walked.press("enter")
        assert len(await reported(walked)) < 40_000

    walk(act, *FAILED, what_now())


def test_its_file_is_for_the_person_alone():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await reported(walked)
        assert (walked.directory.path / "for-help.txt").stat().st_mode & 0o777 == 0o600
        assert not (walked.directory.path / "copied.txt").exists()
        assert "What a helper needs was copied" in walked.text

    walk(act, *FAILED, what_now())


@pytest.mark.parametrize("enters", [False, True], ids=["half typed", "given"])
def test_no_secret_is_ever_in_it(enters: bool):
    async def act(walked: Walked) -> None:
        printed(walked, "token: [secret token]", f"and one that only looks like one: {TOKEN}")
        await walked.press("enter")
        await walked.pilot.press(*CANARY)
        await walked.settle()
        await walked.press("enter" if enters else "tab")
        if enters:
            await walked.tell(Answered("layer.apply/token", "", "ada"))
        text = await reported(walked)
        assert "token: [secret token]" in text
        assert CANARY not in text
        assert TOKEN not in text
        for file in walked.directory.path.rglob("*.txt"):
            assert CANARY not in file.read_text()

    walk(act, *FAILED, secret())


def test_it_is_offered_where_a_step_failed_and_not_elsewhere():
    async def at_a_failure(walked: Walked) -> None:
        await walked.press("enter")
        assert "h copy for help" in walked.rows[-1]

    async def elsewhere(walked: Walked) -> None:
        await walked.press("enter")
        assert "copy for help" not in walked.rows[-1]

    walk(at_a_failure, *FAILED, what_now())
    walk(elsewhere, *READ)


def test_while_an_answer_is_typed_its_key_is_a_letter():
    async def act(walked: Walked) -> None:
        await walked.press("enter", "h")
        assert not (walked.directory.path / "for-help.txt").exists()

    walk(act, *CARD, named())


def test_the_palette_has_it():
    async def act(walked: Walked) -> None:
        labels = [each.title for each in walked.app.get_system_commands(walked.app.screen)]
        assert "Copy for help (h)" in labels
        assert "Search (/)" in labels

    walk(act, *READ)


def test_a_run_that_was_left_is_told_with_how_to_go_on():
    async def act(walked: Walked) -> None:
        await walked.press("enter")
        await walked.tell(LEFT)
        text = await reported(walked)
        assert RESUME in text
        assert "step         layer.apply" in text

    walk(act, *FAILED, what_now())


# -- what a copy says ---------------------------------------------------------------------------------------------


def said(file: Path, text: str = "a command") -> str:
    return copying.copy("The page", text, file, lambda _: None)


def test_a_copy_is_told_in_a_sentence_with_the_home_shortened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "runs").mkdir()
    file = tmp_path / "runs" / "copied.txt"
    assert said(file) == "The page was copied, if your terminal allows it (OSC 52), and saved to ~/runs/copied.txt."
    monkeypatch.setattr(copying, "_to_tmux", lambda _text: True)
    monkeypatch.setenv("TMUX", "/nowhere,1,0")
    assert said(file) == "The page was copied to tmux's buffer, and saved to ~/runs/copied.txt."


def test_a_file_outside_of_the_home_is_told_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert said(tmp_path / "copied.txt").endswith(f"and saved to {tmp_path / 'copied.txt'}.")


def test_a_copy_that_is_too_long_or_cannot_be_saved_says_so(tmp_path: Path):
    long = said(tmp_path / "copied.txt", "x" * 80_000)
    assert long.startswith("The page was too long to be copied, but saved to ")
    unsaved = said(tmp_path / "none" / "copied.txt")
    assert unsaved.endswith(f"but could not be saved: {os.strerror(2)}.")
