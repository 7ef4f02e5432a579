import os
import sys
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.journal import runs
from sprocket_tui.journal.events import (
    KINDS,
    Asked,
    AttemptEnded,
    AttemptIntended,
    Fact,
    RepairFound,
    RunLeft,
    RunStarted,
    StepEnded,
    StepStarted,
    ValuesSet,
    read,
)
from sprocket_tui.journal.file import Journal, by, events_in, is_written, longest_chain
from sprocket_tui.journal.replay import replay

STORY: tuple[Fact, ...] = (
    RunStarted("0123abcd", "local", "", "me@here", "guide", "1.1", "d1", {"hostname": "a.example"}),
    StepStarted("layer1.up"),
    AttemptIntended("layer1.up", 1, "perform", ["true"]),
    AttemptEnded("layer1.up", 1, "done", 0),
    StepEnded("layer1.up", "done"),
)


def written(path: Path, *facts: Fact) -> Path:
    journal = Journal.open(path / "run" / "journal.jsonl")
    for fact in facts:
        journal.append(fact)
    journal.close()
    return journal.path


def test_what_was_appended_is_read_back_in_order(tmp_path: Path) -> None:
    assert tuple(event.fact for event in events_in(written(tmp_path, *STORY))) == STORY


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_event_survives_writing_and_reading(kind: str) -> None:
    samples: dict[str, Any] = {"str": "x", "int": 3, "bool": True, "int | None": None}
    known = KINDS[kind]
    values = {each.name: samples.get(str(each.type), [] if "list" in str(each.type) else {}) for each in fields(known)}
    fact = known(**values)
    assert read(kind, fact.data()) == fact


def test_a_question_of_an_earlier_version_says_nothing_of_its_options() -> None:
    old = {
        "id": "s/failed",
        "sort": "choice",
        "text": "?",
        "step": "s",
        "options": ["retry", "leave"],
        "default": "leave",
    }
    asked = read("question.asked", old)
    assert isinstance(asked, Asked)
    assert asked.told("retry") == ("", "")


def test_an_option_has_the_label_and_the_detail_of_its_place() -> None:
    asked = Asked("s/which", "choice", "?", "s", ["a", "b"], labels=["ls", "rm x"], details=["looks only", "changes"])
    assert asked.told("b") == ("rm x", "changes")


def test_a_torn_last_line_is_dropped_and_said(tmp_path: Path) -> None:
    path = written(tmp_path, *STORY)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"schema":1,"seq":6,"at"')
    journal = Journal.open(path)
    assert "24 bytes" in journal.dropped
    journal.append(RunLeft("done", 0))
    journal.close()
    assert len(events_in(path)) == len(STORY) + 1


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_journal_cut_anywhere_in_its_last_line_opens_without_it(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path, *STORY)
    path.write_bytes(path.read_bytes()[:-cut])
    journal = Journal.open(path)
    assert len(journal.since(0)) == len(STORY) - 1
    journal.close()


def test_a_changed_line_in_the_middle_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = written(tmp_path, *STORY)
    path.write_bytes(path.read_bytes().replace(b'"guide":"guide"', b'"guide":"forged"'))
    with pytest.raises(SprocketError, match=r"journal\.jsonl:2: the journal is damaged"):
        events_in(path)


def test_an_event_of_a_newer_version_is_an_error_that_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, STORY[0])
    path.write_bytes(path.read_bytes().replace(b"run.started", b"run.teleported"))
    with pytest.raises(SprocketError, match="newer sprocket-tui"):
        events_in(path)


def test_a_second_writer_is_refused_while_the_first_is_there(tmp_path: Path) -> None:
    path = written(tmp_path, *STORY)
    first = Journal.open(path)
    assert is_written(path)
    with pytest.raises(SprocketError, match="being driven") as refused:
        Journal.open(path)
    assert refused.value.code is Exit.LOCKED
    if sys.platform == "linux":
        assert refused.value.message.endswith(f" (pid {os.getpid()})")
    first.close()
    assert not is_written(path)
    assert by(path) == ""


@pytest.mark.parametrize(
    ("way_on", "said"),
    [
        ("", "`sprocket-tui status` shows the run"),
        ("sprocket-tui practice", "then `sprocket-tui practice` goes on with it"),
    ],
)
def test_who_is_refused_is_told_what_is_true_where_the_run_is_kept(
    way_on: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPROCKET_TUI_RESUME", way_on)
    path = written(tmp_path, *STORY)
    with closing(Journal.open(path)), pytest.raises(SprocketError) as refused:
        Journal.open(path)
    assert refused.value.remedy == f"go on there, or end that process first; {said}"


def test_an_event_that_cannot_be_saved_is_not_there_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, *STORY)
    before = path.read_bytes()
    journal = Journal.open(path)
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) > 20:
            return real(descriptor, data[:20])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(SprocketError, match="No space left"):
        journal.append(RunLeft("done", 0))
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert journal.append(RunLeft("done", 0)).seq == len(STORY) + 1


def test_a_mirror_with_repeated_and_cut_off_appends_gives_the_journal_back(tmp_path: Path) -> None:
    raw = written(tmp_path, *STORY).read_bytes()
    lines = raw.splitlines(keepends=True)
    mirror = b"".join([lines[0], lines[1], lines[0], lines[1], lines[2][:9], *lines[1:], b"{}\n", lines[4][:30]])
    assert longest_chain(mirror) == raw


def test_an_attempt_without_an_end_is_open(tmp_path: Path) -> None:
    state = replay(events_in(written(tmp_path, *STORY[:3])))
    assert state.steps["layer1.up"].open() is not None
    assert state.current == "layer1.up"


def test_a_started_step_is_under_way_again() -> None:
    events = events_of(*STORY, StepStarted("layer1.up"))
    assert replay(events).steps["layer1.up"].how == ""


def test_a_preview_is_no_change() -> None:
    preview = (AttemptIntended("s", 2, "prepare", []), AttemptEnded("s", 2, "done", 0))
    perform = (AttemptIntended("s", 1, "perform", []), AttemptEnded("s", 1, "interrupted", None))
    last = replay(events_of(*perform, *preview)).steps["s"].last_change()
    assert last is not None
    assert last.number == 1


def test_only_a_clean_examination_settles_an_interrupted_attempt() -> None:
    assert replay(events_of(RepairFound("s", 3, ["a lock"]))).step("s").examined == 0
    assert replay(events_of(RepairFound("s", 3, ["nothing"], clean=True))).steps["s"].examined == 3


def test_later_answers_win() -> None:
    state = replay(events_of(*STORY, ValuesSet("a", {"hostname": "b.example"})))
    assert state.values["hostname"] == "b.example"


def test_runs_are_found_by_the_beginning_of_their_id(home: Path) -> None:
    assert home
    first, second = runs.create("aaaa1111"), runs.create("aaab2222")
    for run in (first, second):
        Journal.open(run.journal).close()
    assert runs.find("aaab") == second
    with pytest.raises(SprocketError, match="several runs"):
        runs.find("aaa")
    with pytest.raises(SprocketError, match="no run bbbb"):
        runs.find("bbbb")
    with pytest.raises(SprocketError, match="no run id"):
        runs.find("../x")


def test_a_guide_copy_never_leaves_its_directory(home: Path) -> None:
    assert home
    with pytest.raises(SprocketError, match="may not be called"):
        runs.create().save_guide({"../outside": b""})


def events_of(*facts: Fact) -> Any:
    from sprocket_tui.journal.events import Event

    return [Event(seq, "2026-01-01T00:00:00.000Z", fact) for seq, fact in enumerate(facts, 1)]
