"""The keys: one registry, remapped by a file, and the same in the docs."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from textual.binding import Binding

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.faces.tui.app import WalkApp
from sprocket_tui.faces.tui.keys import FIRST, LOG, MOVES, REGISTRY, Action, keymap, shown
from sprocket_tui.faces.tui.pages.help import first_help
from sprocket_tui.faces.tui.views.connect import ConnectApp, ConnectScreen
from sprocket_tui.faces.tui.views.log import LogScreen
from sprocket_tui.faces.tui.views.walk import WalkScreen
from tests.tui.kit import Walked, begun, connected, look, over, started, walk, words

PAGE = Path(__file__).resolve().parents[2] / "docs" / "keys.md"
OPERATIONS = PAGE.with_name("operations.md")
TABLE = re.compile(r"(?s)(<!-- keys: [^>]*-->\n)(.*?)(?=\n## |\Z)")
FIRST_TABLE = re.compile(r"(?s)(<!-- first: [^>]*-->\n)(.*?)(?=\n## |\Z)")
LOG_TABLE = re.compile(r"(?s)(<!-- log: [^>]*-->\n)(.*?)(?=\n## |\Z)")
# What tmux, screen, VS Code and a serial console pass on; Ctrl-C is the terminal's own way to interrupt. VS Code keeps
# Ctrl-P and F1 for itself, so that these may only be the second key of something, among keys that type nothing too.
PASSED_ON = re.compile(r"[a-z]|left|right|enter|escape|question_mark|exclamation_mark|slash|colon|f[12]|ctrl\+[clopz]")


def remapped(tmp_path: Path, text: str):
    file = tmp_path / "keys.toml"
    file.write_text(text)
    return keymap(file)


def refused(tmp_path: Path, text: str) -> str:
    """What is said of such a file; every error names it and says what to do."""
    with pytest.raises(SprocketError) as error:
        remapped(tmp_path, text)
    assert str(error.value).startswith(f"{tmp_path / 'keys.toml'}: ")
    assert error.value.code == Exit.USAGE
    assert error.value.remedy
    return str(error.value)


# -- the registry -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("actions", [REGISTRY, FIRST, LOG], ids=["walk", "first", "log"])
def test_no_two_actions_want_one_key(actions):
    keys = [key for action in actions for key in action.keys]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("actions", [REGISTRY, FIRST], ids=["walk", "first"])
def test_no_action_wants_a_key_that_moves_the_page(actions):
    assert set(MOVES).isdisjoint(key for action in actions for key in action.keys)


@pytest.mark.parametrize("action", REGISTRY, ids=lambda action: action.name)
def test_every_action_has_a_label_help_and_a_method(action):
    assert action.label
    assert action.help.endswith(".")
    assert callable(getattr(WalkApp if action.over else WalkScreen, f"action_{action.name}"))


@pytest.mark.parametrize("action", FIRST, ids=lambda action: action.name)
def test_every_action_of_the_first_screen_has_them_too(action):
    assert action.label
    assert action.help.endswith(".")
    assert callable(getattr(ConnectApp if action.over else ConnectScreen, f"action_{action.name}"))


@pytest.mark.parametrize("action", LOG, ids=lambda action: action.name)
def test_every_action_of_the_log_is_bound_as_it_is_listed(action):
    (bound,) = [each for each in LogScreen.BINDINGS if isinstance(each, Binding) and each.id == f"log.{action.name}"]
    assert bound.key == ",".join(action.keys)
    owner = WalkApp if bound.action.startswith("app.") else LogScreen
    assert callable(getattr(owner, f"action_{bound.action.removeprefix('app.').partition('(')[0]}"))


@pytest.mark.parametrize("action", (*REGISTRY, *FIRST), ids=lambda action: action.name)
def test_every_key_is_one_that_terminals_and_multiplexers_pass_on(action):
    assert action.keys
    assert all(PASSED_ON.fullmatch(key) for key in action.keys)
    assert action.keys[0] != "ctrl+p"
    assert next((key for key in action.keys if len(shown(key)) > 1), "") != "f1"


def test_a_key_is_written_as_a_person_reads_it():
    read = [shown(key) for key in ("question_mark", "escape", "ctrl+c", "g", "f1", "left")]
    assert read == ["?", "Esc", "Ctrl-C", "g", "F1", "Left"]


# -- keys.toml ----------------------------------------------------------------------------------------------------


def test_without_a_file_the_keys_are_those_of_the_registry(tmp_path):
    assert tuple(keymap(tmp_path / "none").actions.values()) == REGISTRY


def test_a_key_or_a_list_of_keys_takes_the_place_of_those_of_an_action(tmp_path):
    found = remapped(tmp_path, 'chapters = "z"\nlog = ["o", "F5", "Ctrl-R"]\nhelp = "?"\n')
    assert found.of("chapters").keys == ("z",)
    assert found.of("log").keys == ("o", "f5", "ctrl+r")
    assert found.of("help").keys == ("question_mark",)
    assert found.of("leave").keys == ("q",)


@pytest.mark.parametrize("keys", ["", 'help = ["?", "Ctrl-O", "F1", "F5", "F6"]'], ids=["as it is", "remapped"])
def test_help_has_a_gap_between_every_action_s_keys_and_what_it_does(tmp_path, keys):
    actions = remapped(tmp_path, keys).actions.values()
    read = words(first_help(actions, look()))
    for action in actions:
        named = ", ".join(shown(key) for key in action.keys)
        assert any(re.match(rf" +{re.escape(named)}  +\S", row) for row in read), named


def test_the_lines_that_the_docs_show_can_be_written_as_they_are(tmp_path):
    (told,) = re.findall(r"gives an action other keys: (.*?)\. A name", OPERATIONS.read_text(), re.DOTALL)
    examples = re.findall(r"`(\w+ = [^`]*)`", told)
    assert len(examples) == 2
    remapped(tmp_path, "\n".join(examples))


def test_two_actions_can_exchange_their_keys(tmp_path):
    found = remapped(tmp_path, 'chapters = "l"\nlog = "g"\n')
    assert (found.of("chapters").keys, found.of("log").keys) == (("l",), ("g",))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('chapter = "z"', "unknown action 'chapter'; did you mean chapters?"),
        ('chapters = "PageUpp"', "chapters: 'PageUpp' is no key"),
        ('chapters = ""', "chapters: '' is no key"),
        ("chapters = 3", "chapters: a key, or a list of keys"),
        ("chapters = []", "chapters: a key, or a list of keys"),
        ('chapters = ["z", 3]', "chapters: a key, or a list of keys"),
        ('chapters = "Ctrl-M"', "chapters: 'Ctrl-M' is Backspace, Tab, Enter or Esc to a terminal"),
        ('chapters = "l"', "chapters and log both want the key l"),
        ('chapters = "j"', "j moves the page or the cursor; chapters needs another key"),
        ("chapters = ", "Invalid value"),
        ("first = 3", "first: a table, which begins with [first]"),
        ('[first]\nlooks = "z"', "unknown action 'looks'; did you mean look?"),
        ('[first]\nlook = "q"', "look and leave both want the key q"),
    ],
)
def test_what_cannot_be_is_one_clear_error_that_names_the_file(tmp_path, text, says):
    assert says in refused(tmp_path, text)


def test_all_that_is_wrong_is_told_at_once_a_line_each(tmp_path):
    text = 'chapter = "z"\nlog = "j"\nnext = "q"\nwhy = "PageUpp"\n[first]\nlook = "q"\n'
    file = tmp_path / "keys.toml"
    assert refused(tmp_path, text).splitlines() == [
        f"{file}: unknown action 'chapter'; did you mean chapters?",
        f"{file}: why: 'PageUpp' is no key",
        f"{file}: j moves the page or the cursor; log needs another key",
        f"{file}: next and leave both want the key q",
        f"{file}: look and leave both want the key q",
    ]


def test_what_is_wrong_names_the_file_itself_where_a_link_was_read(tmp_path):
    (tmp_path / "own.toml").write_text("first = 3")
    (tmp_path / "keys.toml").symlink_to(tmp_path / "own.toml")
    with pytest.raises(SprocketError, match=r"own\.toml: first"):
        keymap(tmp_path / "keys.toml")


def test_a_file_that_is_no_text_is_an_error_too(tmp_path):
    (tmp_path / "keys.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SprocketError):
        keymap(tmp_path / "keys.toml")


def test_a_byte_that_is_no_text_is_told_at_its_line_in_plain_words(tmp_path):
    (tmp_path / "keys.toml").write_bytes(b"# keys\nchapters = '\xff'\n")
    with pytest.raises(SprocketError, match=r"keys\.toml: line 2 is not text in UTF-8$"):
        keymap(tmp_path / "keys.toml")


@pytest.mark.parametrize(("written", "pressed"), [("z", "z"), ("F5", "f5"), ("+", "plus"), ("Z", "Z"), ("#", "#")])
def test_a_remapped_key_works_and_the_one_before_does_not(written, pressed):
    async def act(walked: Walked) -> None:
        await walked.press("g")
        assert not over(walked.app)
        await walked.press(pressed)
        assert over(walked.app)

    walk(act, started(), connected(), begun("before.read"), keys=f'chapters = "{written}"\n')


def test_the_first_screen_has_keys_of_its_own_in_the_file(tmp_path):
    found = remapped(tmp_path, 'log = "o"\n[first]\nlook = "o"\n')
    assert (found.of("log").keys, found.first["look"].keys) == (("o",), ("o",))
    assert found.first["check"].keys == ("c",)


# -- the docs -----------------------------------------------------------------------------------------------------


def table(actions: tuple[Action, ...]) -> str:
    rows = [
        f"| {', '.join(f'`{shown(key)}`' for key in action.keys)} | `{action.name}` | {action.help} |"
        for action in actions
    ]
    return "\n".join(["", "| Keys | Action | What it does |", "|---|---|---|", *rows, ""])


@pytest.mark.parametrize(
    ("place", "actions"),
    [(TABLE, REGISTRY), (FIRST_TABLE, FIRST), (LOG_TABLE, LOG)],
    ids=["walk", "first", "log"],
)
def test_the_table_of_keys_is_the_registry(place: re.Pattern[str], actions: tuple[Action, ...]):
    text = PAGE.read_text(encoding="utf-8")
    if os.environ.get("WRITE_DOCS"):
        PAGE.write_text(place.sub(lambda found: found[1] + table(actions), text), encoding="utf-8")
        text = PAGE.read_text(encoding="utf-8")
    found = place.search(text)
    assert found
    assert found[2].strip() == table(actions).strip()
