import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprocket_tui.terminal import clean, clean_bytes, one_line, shortened

HOSTILE = {
    "colour": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;owned\x07red",
    "title ended by ST": "\x1b]0;owned\x1b\\red",
    "clipboard": "\x1b]52;c;cm0gLXJm\x07red",
    "device control": "\x1bPq#0;2;0;0;0\x1b\\red",
    "application command": "\x1b_payload\x1b\\red",
    "eight-bit CSI": "\x9b31mred",
    "eight-bit OSC": "\x9d0;owned\x9cred",
    "clear screen": "\x1b[2J\x1b[Hred",
    "charset": "\x1b(0red",
    "reset": "\x1bcred",
    "cut off": "red\x1b[",
    "bell and backspace": "r\x07\x08ed",
    "right to left override": "r\u202eed",
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_only_the_text_of_a_hostile_output_is_left(hostile: str) -> None:
    assert clean(hostile) == "red"


def test_a_byte_that_is_no_utf8_is_a_sign_that_every_file_takes() -> None:
    assert clean("r\udcffed") == clean_bytes(b"r\xffed") == "r\ufffded"


@given(st.binary(max_size=200))
def test_no_control_character_survives_in_any_bytes(raw: bytes) -> None:
    assert all(char in "\n\t" or (char >= " " and not "\x7f" <= char <= "\x9f") for char in clean_bytes(raw))


@given(st.text(max_size=200))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_a_progress_line_that_returns_becomes_lines() -> None:
    assert clean("10%\r20%\r\ndone") == "10%\n20%\ndone"


def test_a_message_becomes_one_line() -> None:
    assert one_line("a\n  b\tc\x1b[0m") == "a b c"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short", "short"),
        ("ten words.", "ten words."),
        ("dial unix docker.sock", "dial unix…"),
        ("dial unix9 docker.sock", "dial unix9…"),
        ("x" * 30, "xxxxxxxxx…"),
        ("a " + "x" * 30, "a xxxxxxx…"),
    ],
)
def test_what_is_too_long_is_cut_between_words_and_says_so(text: str, shown: str) -> None:
    limit = 11 if "unix9" in text else 10
    assert shortened(text, limit) == shown
