"""The first screen: a new target by questions in place, profiles that are edited and forgotten, and its keys."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from sprocket_tui import settings
from sprocket_tui.faces.tui.offer import Chosen, Found, Host
from sprocket_tui.faces.tui.views.form import Save
from sprocket_tui.faces.tui.widgets.choices import Choices
from sprocket_tui.settings import Profile
from tests.tui.connect_kit import First, first, ssh_config


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


async def new_target(shown: First) -> None:
    """The last choice is the new one."""
    await shown.press("up", "enter")


async def save(shown: First) -> None:
    """The row before the first question is the one that saves."""
    while not isinstance(shown.app.focused, Save):
        await shown.press("down")
    await shown.press("enter")


# -- a new target -------------------------------------------------------------------------------------------------


def test_a_new_target_offers_the_hosts_of_the_ssh_configuration_and_keeps_what_is_answered(home: Path):
    ssh_config(home, "Host web1\n  HostName 203.0.113.10\n  User deploy\nHost *.example *\n  User nobody\n")

    async def act(shown: First) -> None:
        await new_target(shown)
        assert "web1" in shown.text
        assert "deploy@203.0.113.10" in shown.text
        assert "*" not in shown.text
        await shown.press("enter")
        await shown.type("production")
        await shown.press("down", "down", "down", "down", "down")
        await shown.type("sprocket.example")
        await save(shown)
        assert f"Saved profile web1 in {settings.file()}" in shown.words.replace("profiles. yaml", "profiles.yaml")
        assert any(row.startswith(" ▸ web1") for row in shown.rows)

    first(act, size=(140, 40))
    made = settings.profile("web1")
    assert (made.target(), made.environment, made.domain) == ("ssh://web1", "production", "sprocket.example")
    # What was offered and left as it is is an answer, as it is at the terminal.
    assert made.values()["http_port"] == 80
    assert stat.S_IMODE(settings.file().stat().st_mode) == 0o600


def test_another_host_is_asked_for_by_hand_and_so_is_one_without_an_ssh_configuration(home: Path):
    async def act(shown: First) -> None:
        await new_target(shown)
        assert "Name of the environment" in shown.text
        await shown.type("lab")
        await shown.press("down")
        await shown.type("10.0.0.1:41011")
        # The port is given with the host, and is no question any more.
        assert not any(row.strip().startswith("port") for row in shown.rows)
        await save(shown)

    first(act)
    assert settings.profile("lab").target() == "ssh://10.0.0.1:41011"


def test_an_answer_that_does_not_fit_is_said_in_one_sentence_and_keeps_the_question():
    async def act(shown: First) -> None:
        await new_target(shown)
        await shown.type("Staging")
        assert "A profile name is lower case letters, digits and dashes." in shown.text
        assert any(row.startswith(" ▸ name") for row in shown.rows)
        await shown.press("down")
        await shown.type("stageing")
        assert "Unknown value 'stageing'; did you mean staging?" in shown.text
        # What was left behind as it was is marked.
        assert any(row.startswith(" ! name") for row in shown.rows)

    first(act)


def test_nothing_is_saved_while_an_answer_does_not_fit_and_the_first_of_them_is_asked_again():
    async def act(shown: First) -> None:
        await new_target(shown)
        await shown.type("lab")
        await shown.pilot.press(*"stageing")
        await shown.settle()
        await save(shown)
        assert "did you mean staging?" in shown.text
        assert any(row.startswith(" ▸ environment") for row in shown.rows)

    first(act)
    assert settings.profiles() == {}


def test_the_name_of_another_profile_is_not_taken():
    settings.save("lab", Profile(host="10.0.0.1"))

    async def act(shown: First) -> None:
        await new_target(shown)
        await shown.type("lab")
        assert "There is a profile lab already" in shown.text

    first(act)
    assert settings.profile("lab").host == "10.0.0.1"


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
def test_esc_goes_back_to_the_targets_and_saves_nothing(key: str):
    async def act(shown: First) -> None:
        await new_target(shown)
        await shown.type("lab")
        await shown.press(key)
        assert "Where do we deploy?" in shown.text

    first(act)
    assert settings.profiles() == {}


@pytest.mark.parametrize("key", ["ctrl+o", "f1"])
def test_help_for_the_question_of_a_form_opens_while_an_answer_is_typed_and_is_offered(key: str):
    async def act(shown: First) -> None:
        await new_target(shown)
        await shown.press("l", "a", "b")
        assert "Ctrl-O help" in shown.rows[-1]
        asks = next(row.strip() for row in shown.rows if "Name of the environment" in row)
        await shown.press(key)
        assert "This question" in shown.text
        assert asks in shown.text
        assert "nothing is saved" in shown.words
        await shown.press("escape", "x")
        assert "labx" in shown.text

    first(act)


def test_help_on_the_row_that_saves_says_what_saving_does():
    async def act(shown: First) -> None:
        await new_target(shown)
        while "▸ Save" not in shown.text:
            await shown.press("down")
        await shown.press("question_mark")
        assert "This question" in shown.text
        assert "Enter saves the profile" in shown.text

    first(act)


def test_letters_of_an_answer_are_letters_and_no_keys():
    async def act(shown: First) -> None:
        await new_target(shown)
        await shown.pilot.press(*"qlcex")
        await shown.settle()
        assert "qlcex" in shown.text

    assert first(act).chosen.line == ()


@pytest.mark.parametrize("between", ["enter", "tab", "down"])
def test_answers_that_come_at_once_go_each_to_its_own_question(between: str):
    async def act(shown: First) -> None:
        await new_target(shown)
        for key in ("a", "b", between, *"staging", between, "h", "1"):
            shown.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await shown.settle()
        asked = [each.value for each in shown.app.screen.query(Input) if each.display][:3]
        assert asked == ["ab", "staging", "h1"]

    first(act)


def test_a_host_that_is_chosen_can_be_left_again_with_esc():
    async def act(shown: First) -> None:
        await new_target(shown)
        assert "which host" in shown.text
        await shown.press("escape")
        assert "Where do we deploy?" in shown.text

    first(act, "staging", hosts=[Host("web1", "")])


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
def test_the_question_under_the_cursor_is_in_sight_at_every_size(size: tuple[int, int]):
    async def act(shown: First) -> None:
        await new_target(shown)
        for _ in range(16):
            assert sum(row.startswith(" ▸") for row in shown.rows) == 1
            await shown.press("down")

    first(act, size=size)


def test_a_terminal_that_is_too_small_for_the_first_screen_is_told_so_and_takes_no_key_but_those_that_leave():
    async def act(shown: First) -> None:
        before = shown.text
        await shown.resize(50, 12)
        assert shown.words == "This terminal is 50x12, too small: 60x15 is the least. Nothing is lost; q leaves."
        await shown.press("down", "enter", "n")
        assert shown.app.is_running
        await shown.resize(80, 24)
        assert shown.text == before
        await shown.resize(50, 12)
        await shown.press("q")

    assert first(act, "lab").chosen == Chosen()


def test_the_keys_of_a_form_say_what_enter_does_where_the_cursor_is():
    async def act(shown: First) -> None:
        await new_target(shown)
        assert "Enter next" in shown.rows[-1]
        await shown.press("up")
        assert "▸ Save" in shown.text
        assert "Enter save" in shown.rows[-1]

    first(act)


def test_a_file_that_cannot_be_written_is_said_and_the_answers_stay(home: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(settings.yaml, "safe_dump", full)

    async def act(shown: First) -> None:
        await new_target(shown)
        await shown.type("lab")
        await save(shown)
        await shown.until("No space left on device")
        assert "lab" in shown.text
        assert not list(settings.file().parent.iterdir())

    first(act)


@pytest.mark.parametrize(
    ("question", "said", "says"),
    [
        ("host", "-oProxyCommand=touch /tmp/x", "is no host: write a host, host:port, or an alias"),
        ("host", "127.0.0.1:70000 -oProxyCommand=x", "is no host: write a host, host:port, or an alias"),
        ("domain", "bad domain", "is no domain, as in sprocket.example"),
        ("backend", "blah", "does not fit: it begins with https://, s3:// or file:///"),
    ],
)
def test_what_a_walk_could_not_use_is_refused_at_its_question_and_nothing_is_saved(question: str, said: str, says: str):
    async def act(shown: First) -> None:
        await new_target(shown)
        await shown.type("lab")
        while f"▸ {question}" not in shown.text:
            await shown.press("down")
        await shown.type(said)
        assert says in shown.words
        assert f"▸ {question}" in shown.text
        await save(shown)
        assert f"▸ {question}" in shown.text

    first(act, size=(140, 24))
    assert settings.profiles() == {}


# -- a saved profile ----------------------------------------------------------------------------------------------


def test_a_profile_is_edited_with_its_answers_and_keeps_its_name_and_the_others():
    settings.save("lab", Profile(host="10.0.0.1", user="deploy", domain="lab.example"))
    settings.save("other", Profile(host="10.0.0.2"))

    async def act(shown: First) -> None:
        await shown.press("down", "down", "e")
        assert "Profile lab" in shown.text
        assert all(each in shown.text for each in ("10.0.0.1", "deploy", "lab.example"))
        while "▸ user" not in shown.text:
            await shown.press("down")
        await shown.press(*["backspace"] * 6)
        await shown.type("root")
        await save(shown)
        assert "ssh://root@10.0.0.1" in shown.text
        assert any(row.startswith(" ▸ lab") for row in shown.rows)

    first(act)
    assert settings.profile("lab").target() == "ssh://root@10.0.0.1"
    assert settings.profile("other").host == "10.0.0.2"


def test_a_profile_is_forgotten_only_after_a_yes_and_the_others_stay():
    settings.save("lab", Profile(host="10.0.0.1"))
    settings.save("other", Profile(host="10.0.0.2"))

    async def act(shown: First) -> None:
        await shown.press("down", "down", "x")
        assert "Forget the profile lab?" in shown.text
        # The cursor stands on the answer that changes nothing.
        await shown.press("enter")
        assert set(settings.profiles()) == {"lab", "other"}
        await shown.press("x", "escape")
        assert set(settings.profiles()) == {"lab", "other"}
        await shown.press("x", "f")
        assert "Profile lab is no more" in shown.text
        assert not any("10.0.0.1" in row for row in shown.rows)

    first(act)
    assert set(settings.profiles()) == {"other"}
    assert stat.S_IMODE(settings.file().stat().st_mode) == 0o600


def test_practice_and_this_machine_cannot_be_edited_or_forgotten():
    async def act(shown: First) -> None:
        await shown.press("e", "x")
        assert "Where do we deploy?" in shown.text
        assert "edit" not in shown.rows[-1]

    first(act)


def test_production_is_said_in_a_look_of_its_own_and_others_are_not():
    settings.save("live", Profile(host="10.0.0.1", environment="production"))
    settings.save("lab", Profile(host="10.0.0.2", environment="staging"))

    async def act(shown: First) -> None:
        marks = {each.value: each.mark for each in shown.app.screen.query_one(Choices).choices}
        assert marks["live"] == ("PRODUCTION", "production")
        assert {marks[name] for name in ("lab", "Practice droplet", "This machine")} == {("", "plain")}
        assert any(row.split() == ["live", "PRODUCTION", "ssh://10.0.0.1"] for row in shown.rows)
        assert any(row.split() == ["lab", "staging", "ssh://10.0.0.2"] for row in shown.rows)

    first(act)


# -- what was chosen and could not begin ----------------------------------------------------------------------------


def test_what_could_not_begin_is_told_where_it_was_chosen_until_the_cursor_moves():
    async def act(shown: First) -> None:
        assert "The target cannot be read. Write it as host." in shown.text
        assert any(row.startswith(" ▸ two") for row in shown.rows)
        await shown.press("up")
        assert "cannot be read" not in shown.text

    before = Chosen(("run", "--profile", "two"), "two")
    first(act, "one", "two", before=before, refused="The target cannot be read. Write it as host.")


# -- more targets than rows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
def test_the_target_under_the_cursor_and_what_is_known_of_it_are_in_sight_however_many_there_are(
    size: tuple[int, int],
):
    async def act(shown: First) -> None:
        for key, name in [("end", "New target"), ("home", "name-0"), ("pagedown", None), ("up", None), ("end", None)]:
            await shown.press(key)
            assert sum(row.startswith(" ▸ ") for row in shown.rows) == 1
            assert name is None or any(row.startswith(f" ▸ {name}") for row in shown.rows)
        await shown.press("up")
        assert "Begins a walk." in shown.text
        await shown.press("enter")

    names = [f"name-{number}" for number in range(30)]
    assert first(act, *names, size=size).chosen.offer == "name-29"


# -- the keys of the screen ---------------------------------------------------------------------------------------


def test_enter_and_c_stand_for_their_command_lines():
    async def run(shown: First) -> None:
        await shown.press("enter")

    async def check(shown: First) -> None:
        await shown.press("c")

    assert first(run, "staging").chosen.line == ("run", "--profile", "staging")
    assert first(check, "staging").chosen.line == ("check",)


def test_help_lists_the_keys_of_the_first_screen():
    async def act(shown: First) -> None:
        await shown.press("question_mark")
        assert "Forget the profile" in shown.text
        await shown.press("escape")
        assert "Where do we deploy?" in shown.text

    first(act, "staging")


# -- a look -------------------------------------------------------------------------------------------------------


def test_a_look_says_what_is_under_way_and_then_what_was_found_and_what_enter_does():
    async def act(shown: First) -> None:
        await shown.press("l")
        (look,) = shown.looks
        assert "Looking: connecting, 0 s. Esc stops it; nothing is changed." in shown.text
        look.doing = "measuring what is deployed"
        await shown.until("Looking: measuring what is deployed")
        look.result = Found(("It keeps run 7f3a.", "Enter goes on with it."), ("resume", "7f3a"))
        await shown.until("It keeps run 7f3a.")
        assert "Enter: sprocket-tui resume 7f3a" in shown.text
        assert "Looked at " in shown.text
        await shown.press("enter")

    assert first(act, "staging").chosen.line == ("resume", "7f3a")


def test_what_was_found_changes_nothing_of_enter_where_it_names_no_command():
    async def act(shown: First) -> None:
        await shown.press("l")
        shown.looks[0].result = Found(("Nothing is deployed there.",))
        await shown.until("Nothing is deployed there.")
        await shown.press("enter")

    assert first(act, "staging").chosen.line == ("run", "--profile", "staging")


def test_esc_ends_a_look_and_stays_and_a_second_one_leaves():
    async def act(shown: First) -> None:
        await shown.press("l", "escape")
        assert shown.looks[0].stopped
        assert "The look was ended; nothing was changed." in shown.text
        await shown.press("escape")

    assert first(act, "staging").chosen.line == ()


def test_a_look_blocks_nothing_and_one_elsewhere_takes_its_place():
    async def act(shown: First) -> None:
        await shown.press("l", "down")
        assert "Looking" not in shown.text
        await shown.press("up")
        assert "Looking" in shown.text
        await shown.press("down", "l")
        assert [look.stopped for look in shown.looks] == [True, False]
        await shown.press("enter")
        assert shown.looks[1].stopped

    assert first(act, "one", "two").chosen.line == ("run", "--profile", "two")


def test_what_a_target_says_is_text_and_never_markup():
    async def act(shown: First) -> None:
        await shown.press("l")
        shown.looks[0].result = Found(("[bold red]run[/] [link=x]y",))
        await shown.until("[bold red]run[/] [link=x]y")

    first(act, "staging")


def test_what_was_found_is_forgotten_when_the_profile_is_changed():
    settings.save("lab", Profile(host="10.0.0.1"))

    async def act(shown: First) -> None:
        await shown.press("l")
        shown.looks[0].result = Found(("It keeps run 7f3a.",), ("resume", "7f3a"))
        await shown.until("It keeps run 7f3a.")
        await shown.press("e")
        await save(shown)
        assert "It keeps run 7f3a." not in shown.text
        assert "Enter: sprocket-tui run --profile lab" in shown.text

    first(act, "lab")


# -- keys ---------------------------------------------------------------------------------------------------------


def test_letters_stand_on_the_targets_and_one_of_them_moves_the_cursor_there_and_opens_nothing():
    async def act(shown: First) -> None:
        await shown.press("f", "s")
        assert "▸ two" in shown.text
        await shown.press("f", "ctrl+c")
        assert "▸ two" in shown.text
        await shown.press("enter")

    assert first(act, "one", "two").chosen.line == ("run", "--profile", "two")


def test_keys_that_are_typed_ahead_of_the_letters_going_away_break_nothing():
    async def act(shown: First) -> None:
        await shown.press("f")
        letters = shown.app.screen
        for key in ("escape", "up", "up"):
            letters.post_message(events.Key(key, None))
        await shown.settle()
        assert "▸ one" in shown.text
        await shown.press("enter")

    assert first(act, "one", "two").chosen.line == ("run", "--profile", "one")


def test_a_key_of_ones_own_stands_in_the_line_of_keys_and_works(home: Path):
    (home / "keys.toml").write_text('[first]\nlook = "o"\n')

    async def act(shown: First) -> None:
        assert "o look" in shown.text
        await shown.press("o")
        assert "Looking" in shown.text

    first(act, "one", keys=home / "keys.toml")


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("l", "There is nothing to look at here before it is begun."),
        ("c", "There is nothing to check here before it is begun."),
        ("e", "Only a saved profile can be edited or forgotten."),
        ("x", "Only a saved profile can be edited or forgotten."),
    ],
)
def test_a_key_that_does_nothing_for_practice_says_so(key: str, says: str):
    async def act(shown: First) -> None:
        await shown.press(key)
        assert says in shown.words
        assert not shown.app.chosen.line

    first(act)


def test_a_refused_answer_is_told_apart_from_what_the_question_asks():
    async def act(shown: First) -> None:
        await shown.press("up", "enter", "down", *"stageing", "enter")
        (at,) = [row for row, text in enumerate(shown.rows) if "did you mean staging?" in text]
        assert shown.rows[at].startswith(" ! Unknown value")
        assert "What is it" in shown.rows[at - 1]

    first(act, "one")
