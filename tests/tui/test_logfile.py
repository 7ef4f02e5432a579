"""The file of a job's output as numbered lines: at once, growing, cut off, very large and very wide."""

import os
import threading

import pytest

from sprocket_tui.faces.tui import logfile, records
from sprocket_tui.faces.tui.logfile import Grown, LogFile
from tests.tui.log_kit import read_through, record, texts, wait_until, write

WIDE = 10_000_000


@pytest.fixture
def path(tmp_path):
    return tmp_path / "output.jsonl"


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "log-index"]


def test_lines_of_the_job_s_own_streams_are_shown_and_nothing_else(path):
    path.write_text(
        record("one")
        + record('{"event": 1}', stream="events")
        + record(None)
        + record("")
        + record("an error", stream="err")
        + record('ends like nothing: "line": null}')
    )
    assert texts(LogFile(path)) == ["one", "", "an error", 'ends like nothing: "line": null}']


def test_a_record_with_line_breaks_is_as_many_lines(path):
    path.write_text(record("before") + record("10 %\n50 %\n100 %") + record("not \\n a break"))
    file = LogFile(path)
    assert texts(file) == ["before", "10 %", "50 %", "100 %", "not \\n a break"]
    assert file.full(2) == "50 %"


def test_a_line_says_when_it_came_where_its_record_does(path):
    path.write_text(record("new", time=1790000000.5) + record('old, "t": 5, "line"', time=None))
    file = LogFile(path)
    assert [file.line(number).at for number in (0, 1)] == [1790000000.5, None]


def test_a_file_that_is_not_there_yet_is_empty_until_it_is(path):
    file = LogFile(path)
    assert (file.count, file.grow()) == (0, Grown())
    write(path, ["first"])
    assert file.grow() == Grown(after=1)
    assert texts(file) == ["first"]


def test_the_end_of_a_large_file_is_there_before_its_beginning(path, monkeypatch):
    lines = [f"line {number} {'x' * 80}" for number in range(50_000)]
    write(path, lines)
    # As on a slow machine: the thread gets no further than its first slice.
    monkeypatch.setattr(logfile, "PAUSE", 60)
    file = LogFile(path)
    shown = file.count
    assert 0 < shown < len(lines)
    assert (file.reading, file.line(shown - 1).text) == (0.0, lines[-1])
    file.close()


def test_lines_at_the_end_stay_what_they_are_when_the_beginning_is_read(path):
    lines = [f"line {number} {'x' * 80}" for number in range(50_000)]
    write(path, lines)
    file = LogFile(path)
    shown = file.count
    assert read_through(file) == len(lines) - shown
    assert file.count == len(lines)
    assert [file.line(number).text for number in (0, 25_000, len(lines) - 1)] == [lines[0], lines[25_000], lines[-1]]


def test_a_large_file_grows_while_its_beginning_is_read(path):
    lines = [f"line {number} {'x' * 80}" for number in range(20_000)]
    write(path, lines)
    file = LogFile(path)
    write(path, ["more"], mode="a")
    read_through(file)
    file.grow()
    assert (file.count, file.line(file.count - 1).text, file.line(0).text) == (len(lines) + 1, "more", lines[0])


def test_closing_the_file_ends_the_reading_of_its_beginning(path, monkeypatch):
    write(path, [f"line {number} {'x' * 80}" for number in range(50_000)])
    monkeypatch.setattr(logfile, "PAUSE", 60)
    others = threads()
    file = LogFile(path)
    assert len(threads()) == len(others) + 1
    file.close()
    wait_until(lambda: len(threads()) <= len(others), "the end of the thread")


def test_records_that_hide_every_line_do_not_hide_that_there_are_lines(path):
    path.write_text("".join(record(f"line {n}") for n in range(500)) + record("{}", stream="events") * 10_000)
    assert LogFile(path).count == 500


def test_only_whole_records_are_taken_in(path):
    write(path, ["one"])
    file = LogFile(path)
    half = record("two")
    with path.open("a") as more:
        more.write(half[:20])
        more.flush()
        assert file.grow() == Grown()
        more.write(half[20:])
        more.flush()
        assert file.grow() == Grown(after=1)
    assert texts(file) == ["one", "two"]


def test_nothing_new_is_nothing(path):
    file = LogFile(write(path, ["one"]))
    assert [file.grow(), file.grow()] == [Grown(), Grown()]


def test_a_restart_that_cuts_a_half_written_record_off_loses_and_repeats_nothing(path):
    write(path, ["one"])
    whole = path.stat().st_size
    with path.open("a") as more:
        more.write(record("half")[:-8])
    file = LogFile(path)
    os.truncate(path, whole)
    assert file.grow() == Grown()
    write(path, ["other"], mode="a")
    assert file.grow() == Grown(after=1)
    assert texts(file) == ["one", "other"]


def test_a_half_written_record_may_be_replaced_by_a_whole_one_of_its_size(path):
    write(path, ["one"])
    whole = path.stat().st_size
    other = record("other")
    with path.open("a") as more:
        more.write("x" * len(other))
    file = LogFile(path)
    os.truncate(path, whole)
    write(path, ["other"], mode="a")
    os.utime(path, ns=(0, 1))
    assert file.grow() == Grown(after=1)
    assert texts(file) == ["one", "other"]


def test_a_file_that_got_shorter_than_what_was_read_is_read_anew(path):
    file = LogFile(write(path, ["one", "two", "three"]))
    write(path, ["four"])
    assert file.grow() == Grown(after=1, anew=True)
    assert texts(file) == ["four"]


def test_more_than_is_taken_in_at_once_comes_with_the_next_times(path):
    file = LogFile(write(path, ["first"]))
    write(path, ["x" * 100] * 30_000, mode="a")
    grown = [file.grow().after for _ in range(4)]
    assert grown[0] < 30_000
    assert sum(grown) == 30_000


def test_a_line_of_ten_megabytes_is_shown_by_its_beginning_and_its_size(path):
    write(path, ["before", "ä" * (WIDE // 2), "after"])
    file = LogFile(path)
    read_through(file)
    before, wide, after = texts(file)
    assert (before, after) == ("before", "after")
    assert wide.startswith("ääää")
    assert wide.endswith("ä… (10.0 MB)")
    assert len(wide) < records.WIDEST + 20


def test_a_line_of_ten_megabytes_that_comes_later_is_taken_in_whole(path):
    file = LogFile(write(path, ["before"]))
    write(path, ["x" * WIDE, "after"], mode="a")
    assert sum(file.grow().after for _ in range(3)) == 2
    assert texts(file)[2] == "after"


@pytest.mark.parametrize("character", ['"', "\\", "é", "😀", "\x7f"])
def test_a_long_line_is_cut_between_characters(path, character):
    write(path, ["a" + character * 200_000])
    shown = LogFile(path).line(0).text
    assert shown.startswith("a" + character.replace("\x7f", "") * 5000)
    assert "\ufffd" not in shown


def test_a_line_that_is_copied_is_not_cut_like_one_that_is_shown(path):
    write(path, ["x" * 20_000, "y" * 200_000])
    file = LogFile(path)
    assert file.line(0).text.endswith("… (20.0 kB)")
    assert [len(file.full(number)) for number in (0, 1)] == [20_000, 200_000]


def test_what_a_terminal_would_obey_is_not_there_to_be_shown(path):
    write(path, ["a\x1b]0;evil\x07b\x1b[2Jc\x9b31md", "tab\tstop", "lone \u202e override"])
    assert texts(LogFile(path)) == ["abcd", "tab     stop", "lone  override"]


def test_a_record_that_is_damaged_is_shown_as_it_stands(path):
    path.write_bytes(b'{"s": "out", "at": 1, "line": "bad \\x escape \xff"}\n' + record("good").encode())
    assert texts(LogFile(path)) == ["bad \\x escape \ufffd", "good"]
