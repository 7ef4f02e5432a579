"""Profiles and answers, as people write them: every fault at its line, in words that say what to write instead."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from sprocket_tui import settings
from sprocket_tui.commands import walk
from sprocket_tui.errors import SprocketError
from sprocket_tui.faces import answers
from sprocket_tui.guide.loader import load_guide

GUIDE = load_guide()


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "sprocket-tui" / "profiles.yaml"
    path.parent.mkdir()
    return path


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a:\n  hots: x\n", "2: a.hots: unknown key 'hots'; did you mean host?"),
        ("a:\n  port: many\n", "2: a.port: must be a whole number"),
        ("a:\n  environment: stagign\n", "2: a.environment: unknown value 'stagign'; did you mean staging?"),
        ("a:\n  domain: not a name\n", "2: a.domain: 'not a name' is no domain, as in sprocket.example"),
        ("a:\n  checkout: here\n", "2: a.checkout: 'here' must begin with / or ~"),
        ("a:\n  host: one\na:\n  host: two\n", "3: a: this key stands twice in the same mapping"),
        ("a:\n  http_port: 80\n  https_port: 80\n", "3: a.https_port: 80 is the port of HTTP and of HTTPS: give two"),
        ("a:\n  http_port: 443\n", "2: a.http_port: 443 is the port of HTTP and of HTTPS: give two different ones"),
        ("a: [1, 2]\n", "1: a: must be a mapping of keys to values"),
        ("- a\n", "1: the file must be a mapping of keys to values"),
        ("a: {host: x\n", "2: not YAML: "),
    ],
)
def test_a_fault_of_a_profile_is_told_at_its_line(profiles: Path, text: str, fault: str) -> None:
    profiles.write_text(text, encoding="utf-8")
    with pytest.raises(SprocketError) as refused:
        settings.profiles()
    assert refused.value.message.startswith(f"{profiles}:{fault}")
    assert "pydantic" not in refused.value.message
    assert refused.value.remedy == "mend the file or move it away"


def test_every_fault_of_the_file_is_told_at_once(profiles: Path) -> None:
    profiles.write_text("a:\n  hots: x\nb:\n  port: 0\n", encoding="utf-8")
    with pytest.raises(SprocketError) as refused:
        settings.profiles()
    assert [line.split(": ")[1] for line in refused.value.message.splitlines()] == ["a.hots", "b.port"]


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n"])
def test_a_file_without_profiles_holds_none(profiles: Path, text: str) -> None:
    profiles.write_text(text, encoding="utf-8")
    assert settings.profiles() == {}


def test_a_profile_that_is_not_there_is_answered_with_the_nearest(profiles: Path) -> None:
    profiles.write_text("staging: {host: x}\n", encoding="utf-8")
    with pytest.raises(SprocketError, match=r"unknown profile 'stagign'; did you mean staging\?"):
        settings.profile("stagign")


def test_a_directory_in_the_place_of_the_file_is_said_in_one_sentence(profiles: Path) -> None:
    profiles.mkdir()
    with pytest.raises(SprocketError) as refused:
        settings.profiles()
    assert refused.value.message == f"{profiles} is a directory, not a file"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("acess: {}\n", "1: acess: unknown screen 'acess'; did you mean access?"),
        ("access:\n  access.momnet: {}\n", "2: access.access.momnet: unknown step 'access.momnet'; did you mean "),
        ("access:\n  access.moment:\n    confrm: yes\n", "3: access.access.moment.confrm: unknown answer 'confrm'"),
        ("access:\n  access.moment: yes\n", "2: access.access.moment: must map names to answers"),
        ("access:\n", "1: access: must map names to answers"),
        ("access: {}\naccess: {}\n", "2: access: this key stands twice in the same mapping"),
        ("access: {\n", "2: not YAML: "),
    ],
)
def test_a_fault_of_an_answer_is_told_at_its_line(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SprocketError) as refused:
        answers.load(file, GUIDE)
    assert refused.value.message.startswith(f"{file}:{fault}")


@pytest.mark.parametrize(("mode", "warned"), [(0o644, True), (0o640, True), (0o600, False)])
def test_a_secrets_file_of_answers_that_others_can_read_is_warned_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: int, warned: bool
) -> None:
    token, file = tmp_path / "token", tmp_path / "answers.yaml"
    token.write_text("canary-4f9d1e77b2", encoding="utf-8")
    token.chmod(mode)
    file.write_text(f"connection: {{sudo.password: {{file: {token}}}}}\n", encoding="utf-8")
    assert walk._answers(argparse.Namespace(answers=str(file)), GUIDE) is not None
    said = (
        f"sprocket-tui: warning: {token} holds the secret connection/sudo.password and can be read by others: "
        f"chmod 600 {token}\n"
    )
    assert capsys.readouterr().err == (said if warned else "")


def test_a_secrets_file_of_answers_may_come_later(tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(f"connection: {{sudo.password: {{file: {tmp_path}/later}}}}\n", encoding="utf-8")
    assert answers.load(file, GUIDE).warnings == ()


@pytest.mark.parametrize(("name", "said"), [("", " is a directory, not a file"), ("none.yaml", " cannot be read: No ")])
def test_answers_that_cannot_be_read_say_what_to_give(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(SprocketError) as refused:
        answers.load(tmp_path / name, GUIDE)
    assert said in refused.value.message
    assert refused.value.remedy == "give --answers a YAML file"
