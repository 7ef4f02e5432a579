"""A remedy that is run from the walk: on consent alone, at most once, and the step is measured again afterwards."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.walk.conftest import CANARY
from tests.walk.program import Program

# The guide, but a thing in the way lies in a directory of its own, and moving it away takes a while.
MOVE = "command: [mv, small, small.old]"
LOOK = "command: [cat, small], reads: yes"
SLOW_LOOK = 'command: [sh, -c, "sleep 1; cat small"], reads: yes'
SLOW = 'command: [sh, -c, "sleep 1; mv small small.old"]'
# The check of the step is a usual suspect, and has a remedy as well.
SUSPECT = ("    gate: confirm\n", "    gate: confirm\n    on_failure: [files.directory]\n")
PROFILED = ("vars:\n", "vars:\n  - {name: environment, title: Environment, profile: environment}\n")
NAMELESS = ("vars:\n", "vars:\n  - {name: nowhere, title: Never asked}\n")


@pytest.fixture
def blocked(program: Program) -> Program:
    """A file lies where the walk makes its directory."""
    (program.home / "small").write_text("in the way")
    return program


def answer(program: Program, **more: Any) -> None:
    """What is said besides, of the step that fails."""
    assert program.answers
    known = yaml.safe_load(program.answers.read_text())
    known["walk"]["walk.directory"] |= more
    program.answers.write_text(yaml.safe_dump(known))


def attempts(program: Program) -> list[tuple[str, int, str]]:
    """Stage, number and end of the attempts of the step that fails."""
    rows = [row["data"] for row in program.journal() if row["data"].get("step") == "walk.directory"]
    stages = {row["number"]: row["stage"] for row in rows if "stage" in row and "number" in row}
    return [(stages[row["number"]], row["number"], row["how"]) for row in rows if "number" in row and "how" in row]


def questions(program: Program) -> list[dict[str, Any]]:
    return [row["data"] for row in program.journal() if row["kind"] == "question.asked"]


def printed(program: Program) -> list[dict[str, Any]]:
    return [row["data"] for row in program.journal() if row["kind"] == "remedy.printed"]


def other_guide(program: Program, place: Path, *changes: tuple[str, str]) -> None:
    """The guide with these texts replaced by others."""
    assert program.guide
    shutil.copytree(program.guide, place)
    for file in place.rglob("*.yaml"):
        text = file.read_text()
        for old, new in changes:
            text = text.replace(old, new)
        file.write_text(text)
    program.guide = place


def test_a_remedy_that_was_agreed_to_is_run_and_the_walk_goes_on_to_its_end(blocked: Program) -> None:
    answer(blocked, failed="remedy", remedy=True)
    done = blocked.run()
    assert done.returncode == 0, done.stdout
    assert (blocked.home / "small.old").read_text() == "in the way"
    assert (blocked.home / "small" / "greeting").read_text() == "hello\n"
    assert attempts(blocked) == [("perform", 1, "failed"), ("remedy", 2, "done"), ("perform", 3, "done")]
    assert "Remedy card:\n    runs      mv small small.old\n" in done.stdout
    assert "running the remedy, attempt 2: mv small small.old" in done.stdout


def test_a_remedy_is_not_run_without_a_yes_of_its_own(blocked: Program) -> None:
    answer(blocked, failed=["remedy", "leave"])
    left = blocked.run()
    assert left.returncode == 3
    assert (blocked.home / "small").read_text() == "in the way"
    assert [stage for stage, *_ in attempts(blocked)] == ["perform"]
    (gate,) = [each for each in questions(blocked) if each["id"] == "walk.directory/remedy"]
    assert (gate["sort"], gate["default"]) == ("yes-no", "no")


def test_a_remedy_that_was_refused_once_stays_and_is_gone_when_it_is_refused_again(blocked: Program) -> None:
    answer(blocked, failed="remedy")
    assert blocked.run().returncode == 3
    decided = [each["options"] for each in questions(blocked) if each["id"] == "walk.directory/failed"]
    assert ["remedy" in options for options in decided] == [True, True, False]


def test_the_card_of_a_remedy_says_what_runs_where_and_as_whom(blocked: Program) -> None:
    answer(blocked, failed=["remedy", "leave"])
    blocked.run()
    (card,) = [row["data"] for row in blocked.journal() if row["data"].get("stage") == "remedy"]
    assert card["card"]["argv"] == ["mv", "small", "small.old"]
    assert card["card"]["directory"] == str(blocked.home)
    assert card["card"]["host"]
    assert card["card"]["user"]
    assert (card["card"]["why"], card["card"]["changes"]) == ("Move it away.", ["what the command says"])


def test_in_production_the_name_agrees_to_a_remedy_and_nothing_shorter(blocked: Program, tmp_path: Path) -> None:
    profiles = blocked.home / ".config" / "sprocket-tui" / "profiles.yaml"
    profiles.parent.mkdir(parents=True)
    profiles.write_text(yaml.safe_dump({"live": {"environment": "production"}}))
    profiles.chmod(0o600)
    other_guide(blocked, tmp_path / "guide", PROFILED)
    answer(blocked, failed=["remedy", "leave"], remedy=True)
    left = blocked("run", "--plain", "--profile", "live", *blocked.trusted(), *blocked.answered())
    assert left.returncode == 3, left.stdout + left.stderr
    assert [stage for stage, *_ in attempts(blocked)] == ["perform"]
    (gate,) = [each for each in questions(blocked) if each["id"] == "walk.directory/remedy"]
    assert gate["sort"] == "name"
    answer(blocked, failed="remedy", remedy=gate["expects"])
    done = blocked.resume()
    assert done.returncode == 0, done.stdout
    assert (blocked.home / "small.old").is_file()


@pytest.mark.parametrize(
    "other",
    ["command: [mv, small, '${nowhere}']", f"{MOVE}, where: here", "command: []"],
    ids=["a value is missing", "it is for the laptop", "it is no command"],
)
def test_a_remedy_that_cannot_be_run_on_the_target_is_not_offered(blocked: Program, tmp_path: Path, other: str) -> None:
    other_guide(blocked, tmp_path / "guide", (MOVE, other), NAMELESS)
    blocked.run()
    (asked,) = [each for each in questions(blocked) if each["id"] == "walk.directory/failed"]
    assert asked["options"] == ["retry", "skip", "leave"]


def test_where_there_are_several_it_is_asked_which_one(blocked: Program, tmp_path: Path) -> None:
    other_guide(blocked, tmp_path / "guide", SUSPECT)
    answer(blocked, failed=["remedy", "leave"], which="files.directory", remedy=True)
    blocked.run()
    (which,) = [each for each in questions(blocked) if each["id"] == "walk.directory/which"]
    assert which["options"] == ["files.exists", "files.directory"]
    assert which["labels"] == ["mv small small.old", "mkdir small"]
    assert which["details"] == ["changes", "changes"]
    assert attempts(blocked)[1] == ("remedy", 2, "failed")


def test_a_remedy_that_fails_says_why_and_its_own_remedy_is_offered(blocked: Program, tmp_path: Path) -> None:
    other_guide(blocked, tmp_path / "guide", SUSPECT)
    answer(blocked, failed="remedy", which=["files.directory", "files.exists"], remedy=True)
    done = blocked.run()
    assert done.returncode == 0, done.stdout
    _, again = [each["text"] for each in questions(blocked) if each["id"] == "walk.directory/failed"]
    assert again.startswith("the remedy did not end well: exit status 1: mkdir: cannot create directory")
    assert attempts(blocked)[1:3] == [("remedy", 2, "failed"), ("remedy", 3, "done")]


@pytest.mark.parametrize("event", ["attempt.intended", "attempt.started"])
def test_a_remedy_that_was_under_way_is_taken_up_once_and_is_not_the_step(
    blocked: Program, tmp_path: Path, event: str
) -> None:
    other_guide(blocked, tmp_path / "guide", (MOVE, SLOW))
    answer(blocked, failed="remedy", remedy=True)
    died = blocked.run(SPROCKET_TEST_DEATH=f"kind:{event}:walk.directory:2")
    assert died.returncode == -signal.SIGKILL
    answer(blocked, failed="leave")
    done = blocked.resume()
    if event == "attempt.intended":
        # It was never sent, so it never started; the step shows its trouble anew.
        assert done.returncode == 3, done.stdout
        assert attempts(blocked)[1:] == [("remedy", 2, "fenced"), ("perform", 3, "failed")]
    else:
        assert done.returncode == 0, done.stdout
        assert attempts(blocked)[1:] == [("remedy", 2, "done"), ("perform", 3, "done")]
        assert (blocked.home / "small.old").read_text() == "in the way"


# -- those that only look -----------------------------------------------------------------------------------------


def test_a_look_shows_what_it_printed_and_the_same_is_asked_again(blocked: Program, tmp_path: Path) -> None:
    other_guide(blocked, tmp_path / "guide", (MOVE, LOOK))
    answer(blocked, failed=["remedy", "remedy", "leave"], remedy=True)
    left = blocked.run()
    assert left.returncode == 3, left.stdout
    assert attempts(blocked) == [("perform", 1, "failed"), ("look", 2, "done"), ("look", 3, "done")]
    assert [each["lines"] for each in printed(blocked)] == [["in the way"]] * 2
    first, *others = [each for each in questions(blocked) if each["id"] == "walk.directory/failed"]
    assert others == [first] * 2
    assert "    in the way\n  It only looked; nothing was changed.\n" in left.stdout


def test_where_all_that_is_offered_only_looks_the_choice_says_so(blocked: Program, tmp_path: Path) -> None:
    other_guide(blocked, tmp_path / "guide", (MOVE, LOOK))
    left = blocked.run()
    (asked,) = [each for each in questions(blocked) if each["id"] == "walk.directory/failed"]
    assert asked["options"] == ["retry", "remedy", "skip", "leave"]
    assert asked["labels"] == ["", "Look closer", "", ""]
    assert "  remedy  Look closer (what is run changes nothing)\n" in left.stdout


def test_a_look_is_marked_beside_what_changes_something(blocked: Program, tmp_path: Path) -> None:
    other_guide(blocked, tmp_path / "guide", (MOVE, LOOK), SUSPECT)
    answer(blocked, failed=["remedy", "leave"], which="files.exists", remedy=True)
    left = blocked.run()
    (which,) = [each for each in questions(blocked) if each["id"] == "walk.directory/which"]
    assert list(zip(which["options"], which["labels"], which["details"], strict=True)) == [
        ("files.exists", "cat small", "looks only"),
        ("files.directory", "mkdir small", "changes"),
    ]
    told = "    1  files.exists     cat small (looks only)\n    2  files.directory  mkdir small (changes)\n"
    assert told in left.stdout
    assert not [each for each in questions(blocked) if each["id"] == "walk.directory/failed" and any(each["labels"])]


def test_the_card_of_a_look_says_that_nothing_changes_and_promises_no_proof(blocked: Program, tmp_path: Path) -> None:
    other_guide(blocked, tmp_path / "guide", (MOVE, LOOK))
    answer(blocked, failed=["remedy", "leave"])
    left = blocked.run()
    (card,) = [row["data"]["card"] for row in blocked.journal() if row["data"].get("stage") == "look"]
    assert (card["why"], card["changes"], card["proven_by"]) == ("Move it away.", ["nothing; it only looks"], [])
    assert "    for       Move it away.\n    changes   nothing; it only looks\n" in left.stdout


def test_in_production_a_look_wants_a_yes_and_no_name(blocked: Program, tmp_path: Path) -> None:
    profiles = blocked.home / ".config" / "sprocket-tui" / "profiles.yaml"
    profiles.parent.mkdir(parents=True)
    profiles.write_text(yaml.safe_dump({"live": {"environment": "production"}}))
    profiles.chmod(0o600)
    other_guide(blocked, tmp_path / "guide", PROFILED, (MOVE, LOOK))
    answer(blocked, failed=["remedy", "leave"], remedy=True)
    blocked("run", "--plain", "--profile", "live", *blocked.trusted(), *blocked.answered())
    (gate,) = [each for each in questions(blocked) if each["id"] == "walk.directory/remedy"]
    assert (gate["sort"], gate["default"]) == ("yes-no", "no")
    assert [each["lines"] for each in printed(blocked)] == [["in the way"]]


def test_a_look_that_ends_badly_is_shown_and_is_no_failure_of_its_own(blocked: Program, tmp_path: Path) -> None:
    other_guide(blocked, tmp_path / "guide", (MOVE, "command: [sh, -c, 'echo seen; exit 3'], reads: yes"))
    answer(blocked, failed=["remedy", "leave"], remedy=True)
    blocked.run()
    (shown,) = printed(blocked)
    assert (shown["lines"], shown["why"]) == (["seen"], "exit status 3: seen")
    before, after = [each["text"] for each in questions(blocked) if each["id"] == "walk.directory/failed"]
    assert before == after


def test_of_what_a_look_prints_no_secret_and_no_escape_sequence_is_kept(blocked: Program, tmp_path: Path) -> None:
    (blocked.home / "small").write_text(f"\x1b[31m{CANARY}\x1b[0m\n" + "line\n" * 30)
    other_guide(blocked, tmp_path / "guide", (MOVE, LOOK))
    answer(blocked, failed=["remedy", "leave"], remedy=True)
    left = blocked.run()
    (shown,) = printed(blocked)
    assert (len(shown["lines"]), shown["more"]) == (20, 11)
    kept = "".join(each.read_text() for each in blocked.runs()[0].rglob("*.jsonl"))
    assert CANARY not in kept + left.stdout
    assert "\\u001b" not in kept


def test_answers_that_only_look_come_to_an_end(blocked: Program, tmp_path: Path) -> None:
    other_guide(blocked, tmp_path / "guide", (MOVE, LOOK))
    answer(blocked, failed="remedy", remedy=True)
    left = blocked.run()
    assert left.returncode == 3, left.stdout
    assert len(printed(blocked)) == 20


def test_a_look_that_was_under_way_is_taken_up_and_the_step_shows_its_trouble_anew(
    blocked: Program, tmp_path: Path
) -> None:
    other_guide(blocked, tmp_path / "guide", (MOVE, SLOW_LOOK))
    answer(blocked, failed="remedy", remedy=True)
    died = blocked.run(SPROCKET_TEST_DEATH="kind:attempt.started:walk.directory:2")
    assert died.returncode == -signal.SIGKILL
    answer(blocked, failed="leave")
    left = blocked.resume()
    assert left.returncode == 3, left.stdout
    assert attempts(blocked) == [("perform", 1, "failed"), ("look", 2, "done"), ("perform", 3, "failed")]
    assert [each["lines"] for each in printed(blocked)] == [["in the way"]]


def test_what_a_remedy_printed_that_changed_something_is_kept_beside_the_step(blocked: Program, tmp_path: Path) -> None:
    other_guide(blocked, tmp_path / "guide", (MOVE, "command: [mv, -v, small, small.old]"))
    answer(blocked, failed="remedy", remedy=True)
    done = blocked.run()
    assert done.returncode == 0, done.stdout
    (shown,) = printed(blocked)
    assert (shown["lines"], shown["looked"]) == (["renamed 'small' -> 'small.old'"], False)
