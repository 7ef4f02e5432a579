"""What is kept of a job's output, and that records of earlier versions are still read."""

import json

import pytest

from sprocket_tui.actions.base import Conclusion
from sprocket_tui.engine.outputs import Notes, Output, lines
from sprocket_tui.redaction import Redactor
from sprocket_tui.secret import Secret


class Everything:
    """Keeps every line as it is, and remembers what it was fed."""

    def __init__(self):
        self.fed = []

    def reduce(self, stream, line):
        return line

    def feed(self, stream, line):
        self.fed.append((stream, line))
        return ()

    def conclude(self, status):
        return Conclusion(ok=status == 0)


def documents(directory):
    return [json.loads(record) for record in (directory / "output.jsonl").read_text().splitlines()]


def test_a_stored_line_says_when_it_came_to_a_tenth_of_a_second(tmp_path):
    output = Output(tmp_path, Everything(), Redactor([]), clock=lambda: 1790000000.1234)
    output.take("out", 6, b"hello")
    output.close()
    assert documents(tmp_path) == [{"s": "out", "at": 6, "t": 1790000000.1, "line": "hello"}]


def test_a_secret_is_masked_before_its_line_is_stored(tmp_path):
    output = Output(tmp_path, Everything(), Redactor([Secret("hunter2-long", "token")]))
    output.take("err", 20, b"token hunter2-long")
    output.close()
    assert documents(tmp_path)[0]["line"] == "token [secret token]"


def test_a_private_key_is_masked_line_by_line_also_by_who_goes_on_with_it(tmp_path):
    printed = [
        b"-----BEGIN OPENSSH PRIVATE KEY-----",
        b"b3BlbnNzaC1r",
        b"ZXktdjEAAAAA==",
        b"-----END OPENSSH PRIVATE KEY-----",
    ]
    for raw in (*printed, b"done"):
        output = Output(tmp_path, Everything(), Redactor([]))
        output.take("out", output.cursor.offsets.get("out", 0) + len(raw), raw)
        output.close()
    assert lines(tmp_path) == [printed[0].decode(), "[secret]", "[secret]", printed[3].decode(), "done"]


@pytest.mark.parametrize(
    "margin",
    ["", "web-1  | ", "layer_1.1.abc@node    | ", "2026-11-27 14:00:00 ", "    + key: ", "key>"],
)
def test_a_private_key_is_masked_behind_whatever_is_put_before_its_lines(tmp_path, margin):
    printed = ["reads", "-----BEGIN RSA PRIVATE KEY-----", "CANARY+" * 9, "CANARY==", "-----END RSA PRIVATE KEY-----"]
    output = Output(tmp_path, Everything(), Redactor([]))
    for line in (*printed, "it is done"):
        raw = f"{margin}{line}".encode()
        output.take("out", output.cursor.offsets.get("out", 0) + len(raw), raw)
    output.close()
    kept = lines(tmp_path)
    assert kept[2:4] == ["[secret]", "[secret]"]
    assert kept[:2] == [f"{margin}reads", f"{margin}{printed[1]}"]
    assert kept[4:] == [f"{margin}{printed[4]}", f"{margin}it is done"]


def test_records_without_a_time_are_read_and_followed_on_from(tmp_path):
    (tmp_path / "output.jsonl").write_text('{"s": "out", "at": 4, "line": "old"}\n{"s": "out", "at": 9, "li')
    reader = Everything()
    output = Output(tmp_path, reader, Redactor([]))
    assert output.cursor.offsets == {"out": 4}
    output.take("out", 8, b"new")
    output.close()
    assert reader.fed == [("out", "old"), ("out", "new")]
    assert lines(tmp_path) == ["old", "new"]


def test_notes_are_followed_whole_line_by_whole_line_and_a_slice_at_a_time(tmp_path):
    notes, file = Notes(tmp_path), tmp_path / "progress.jsonl"
    assert notes.fresh() == []
    said = [{"text": "x" * 1000, "number": number} for number in range(1000)]
    file.write_text("".join(f"{json.dumps(each)}\n" for each in said) + '{"text": "half')
    first = notes.fresh()
    assert 0 < len(first) < len(said)
    while more := notes.fresh():
        first += more
    assert first == said
    with file.open("a") as more:
        more.write(' a line"}\n')
    assert notes.fresh() == [{"text": "half a line"}]
