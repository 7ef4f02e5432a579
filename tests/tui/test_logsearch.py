"""Text looked for in a log: which lines hold it, while the file grows, and when it is called off."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprocket_tui.faces.tui import logsearch
from sprocket_tui.faces.tui.logfile import LogFile
from sprocket_tui.faces.tui.logsearch import Scan
from tests.tui.log_kit import read_through, record, wait_until, write


@pytest.fixture
def path(tmp_path):
    return tmp_path / "output.jsonl"


def finished(scan):
    def end():
        scan.advance()
        return scan.done

    wait_until(end, "the end of the search")
    return list(scan.hits)


def hits(path, *needles):
    return finished(Scan(LogFile(path), needles))


def test_text_is_found_literally_and_in_any_case(path):
    write(path, ["ERROR [a.c]", "error abc", "Straße über 9", "STRASSE ÜBER 9"])
    assert hits(path, "error") == [0, 1]
    assert hits(path, "[A.C]") == [0]
    assert hits(path, "strasse über") == [2, 3]


@pytest.mark.parametrize("needle", ["out", "line", '"t"', ': "', '"}', "}", "\\", "n", "\\n", "u00"])
def test_how_a_line_is_written_in_the_file_is_not_found(path, needle):
    write(path, ["a\tb", "c\nd", "e\x01f"])
    assert hits(path, needle) == []


def test_every_line_of_a_record_is_found_by_itself(path):
    write(path, ["zero", "10 %\n50 %\n100 %", "50 %"])
    assert hits(path, "50 %") == [2, 4]


def test_other_streams_are_not_looked_at(path):
    path.write_text(record("here") + record("here", stream="events") + record("here", stream="err"))
    assert hits(path, "here") == [0, 1]


def test_all_of_several_texts_have_to_be_in_the_line(path):
    write(path, ["one two", "two", "Two ONE"])
    assert hits(path, "one", "two") == [0, 2]


def test_text_is_found_anywhere_in_a_line_of_ten_megabytes(path):
    write(path, ["before", "x" * 10_000_000 + "needle", "needle"])
    file = LogFile(path)
    read_through(file)
    assert finished(Scan(file, ["needle"])) == [1, 2]


lines = st.lists(st.text(st.sampled_from('aAbß"\\}\n\tİ漢 '), max_size=6), max_size=40)


@given(lines=lines, needle=st.text(st.sampled_from('aAbß"\\}\tİ漢 '), min_size=1, max_size=2))
@settings(deadline=None, max_examples=200)
def test_exactly_the_lines_that_hold_the_text_are_found(tmp_path_factory, lines, needle):
    path = write(tmp_path_factory.mktemp("log") / "output.jsonl", lines)
    separate = [each for line in lines for each in line.split("\n")]
    assert hits(path, needle) == [n for n, each in enumerate(separate) if needle.casefold() in each.casefold()]


def test_a_file_that_grows_while_it_is_looked_through_is_looked_through_to_its_end(path):
    file = LogFile(write(path, ["hit", "other"] * 10_000))
    read_through(file)
    scan = Scan(file, ["hit"])
    for _ in range(20):
        scan.advance()
        write(path, ["hit"] * 100, mode="a")
        file.grow()
    assert finished(scan) == [*range(0, 20_000, 2), *range(20_000, 22_000)]


def test_what_is_appended_later_is_looked_at_when_asked_again(path):
    file = LogFile(write(path, ["hit"]))
    scan = Scan(file, ["hit"])
    assert finished(scan) == [0]
    write(path, ["miss", "hit"], mode="a")
    file.grow()
    assert not scan.done
    assert finished(scan) == [0, 2]


def test_a_search_begins_when_the_beginning_of_the_file_is_read(path):
    write(path, [f"{number} {'x' * 90}" for number in range(20_000)] + ["hit"])
    file = LogFile(path)
    scan = Scan(file, ["hit"])
    scan.advance()
    assert (list(scan.hits), scan.done) == ([], False)
    read_through(file)
    assert finished(scan) == [20_000]


def test_a_cancelled_search_keeps_what_it_found_and_finds_no_more(path, monkeypatch):
    # As on a slow machine: the thread gets no further than its first slice.
    monkeypatch.setattr(logsearch, "PAUSE", 60)
    file = LogFile(write(path, ["hit " + "x" * 80] * 20_000))
    read_through(file)
    scan = Scan(file, ["hit"])
    scan.advance()
    wait_until(lambda: scan.progress > 0, "a first slice")
    found = len(scan.hits)
    assert 0 < found < 20_000
    assert not scan.done
    scan.cancel()
    scan.advance()
    wait_until(lambda: "log-search" not in [each.name for each in threading.enumerate()], "the end of the thread")
    assert (len(scan.hits), scan.done) == (found, True)
