"""The hosts of an SSH configuration that are offered where one is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from sprocket_tui.target.ssh.named import named


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".ssh").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def config(home: Path, text: str, name: str = "config") -> Path:
    file = home / ".ssh" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return file


def offered(home: Path, text: str) -> list[tuple[str, str]]:
    config(home, text)
    return [(each.alias, each.where) for each in named()]


def test_without_a_configuration_nobody_is_named():
    assert named() == ()


def test_every_alias_is_named_once_in_order_with_where_it_leads(home: Path):
    text = """
    Host web1 web2   # two names of one block
      HostName=203.0.113.10
      User deploy
      Port 2222
      Port 22
    Host "lab" plain
    Host web1
      HostName 192.0.2.1
    """
    where = "deploy@203.0.113.10:2222"
    assert offered(home, text) == [("web1", where), ("web2", where), ("lab", ""), ("plain", "")]


def test_patterns_and_what_they_say_are_left_out(home: Path):
    text = "User nobody\nHost *.example web? !web3 * only\n  User deploy\nMatch host web1\n  User root\n"
    assert offered(home, text) == [("only", "deploy")]


def test_what_is_included_is_named_in_its_place(home: Path):
    config(home, "Host inner\n  HostName 192.0.2.7\n", "more.conf")
    assert offered(home, "Host first\nInclude more.conf\nHost last\n") == [
        ("first", ""),
        ("inner", "192.0.2.7"),
        ("last", ""),
    ]


def test_another_file_than_the_usual_one_can_be_read(home: Path):
    assert [each.alias for each in named(config(home, "Host lab\n", "lab.conf"))] == ["lab"]


@pytest.mark.parametrize("text", ["Include config\nHost lab\n", 'Include "broken\nHost lab\n'])
def test_a_file_that_cannot_be_understood_names_nobody(home: Path, text: str):
    assert offered(home, text) == []


def test_a_line_with_an_open_quote_spoils_no_other(home: Path):
    assert offered(home, 'Host lab\n  ProxyCommand sh -c "x\nHost web\n') == [("lab", ""), ("web", "")]


def test_an_alias_holds_nothing_that_moves_the_cursor(home: Path):
    ((alias, _),) = offered(home, "Host la\x1b[2Jb\n")
    assert "\x1b" not in alias
