"""A profile made by questions."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import pytest

from sprocket_tui import settings
from sprocket_tui.commands import profiles
from sprocket_tui.errors import SprocketError
from sprocket_tui.settings import Profile

CTRL_C = "^C"


class Typed(io.StringIO):
    """A terminal at which these lines are typed."""

    def isatty(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:
        line = super().readline()
        if line.strip() == CTRL_C:
            raise KeyboardInterrupt
        return line


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


def made(monkeypatch: pytest.MonkeyPatch, *lines: str) -> Profile:
    monkeypatch.setattr("sys.stdin", Typed("".join(f"{line}\n" for line in lines)))
    return profiles.by_questions()


@pytest.mark.parametrize(
    ("host", "url"),
    [("10.0.0.1:41011", "ssh://10.0.0.1:41011"), ("[2001:db8::1]:22", "ssh://[2001:db8::1]:22"), ("lab", "ssh://lab")],
)
def test_a_host_may_be_written_with_its_port(host: str, url: str) -> None:
    assert Profile(host=host).target() == url


def test_a_port_given_with_the_host_is_not_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = made(monkeypatch, "staging", "10.0.0.1:41011", *[""] * 11)
    assert (profile.target(), profile.port) == ("ssh://10.0.0.1:41011", 41011)
    assert "SSH port" not in capsys.readouterr().err


def test_the_way_there_is_asked_for_and_may_be_skipped(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "lab.conf").write_text("")
    profile = made(monkeypatch, "", "lab", "2222", "deploy", "~/lab.conf", "yes", *[""] * 7, "/opt/bin, /opt/node")
    assert profile.target() == "ssh://deploy@lab:2222"
    assert (profile.ssh_config, profile.path) == ("~/lab.conf", ("/opt/bin", "/opt/node"))
    assert made(monkeypatch, "", "lab", *[""] * 12).target() == "ssh://lab"


def test_this_machine_has_no_way_to_be_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert made(monkeypatch, *[""] * 11).target() == "local"
    assert "SSH port" not in capsys.readouterr().err


def test_an_answer_that_does_not_fit_is_asked_again_in_plain_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert made(monkeypatch, "", "lab", "many", "22", *[""] * 11).port == 22
    assert "  must be a whole number\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "said", "wrong"),
    [
        ("host", "-oProxyCommand=touch /tmp/x", "is no host: write a host, host:port, or an alias"),
        ("host", "127.0.0.1:70000 -oProxyCommand=x", "is no host: write a host, host:port, or an alias"),
        ("host", "127.0.0.1:7000-oProxyCommand=x", "is no host"),
        ("host", "127.0.0.1:70000", "must be less than or equal to 65535"),
        ("host", "root@10.0.0.1", "the login is a question of its own"),
        ("host", "ssh://10.0.0.1", "is no host"),
        ("user", "-oProxyCommand=x", "is no login: write a user name, and nothing else"),
        ("user", "root@10.0.0.1", "is no login"),
        ("ssh_config", "/nowhere/at all", "there is no file /nowhere/at all"),
        ("domain", "bad domain", "is no domain, as in sprocket.example"),
        ("domain", "-sprocket.example", "does not fit: a host name"),
        ("address", "10.0.0", "does not appear to be an IPv4 or IPv6 address"),
        ("backend", "blah", "does not fit: it begins with https://, s3:// or file:///"),
        ("checkout", "infra", "must begin with / or ~"),
        ("http_port", "80000", "must be less than or equal to 65535"),
    ],
)
def test_what_could_not_be_used_later_is_refused_where_it_is_typed_with_what_would_fit(
    name: str, said: str, wrong: str
) -> None:
    assert wrong in profiles.fault(name, said, {"host": "lab"} if name != "host" else {})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("host", "10.0.0.1:41011"),
        ("host", "[2001:db8::1]:22"),
        ("host", "2001:db8::1"),
        ("host", "web-1.example"),
        ("user", "deploy"),
        ("backend", "s3://bucket?region=us-east-1"),
        ("backend", "file:///srv/state"),
        ("domain", "sprocket.example"),
        ("address", "2001:db8::1"),
        *((name, "") for name in profiles.QUESTIONS),
    ],
)
def test_what_can_be_used_is_taken(name: str, said: str) -> None:
    assert profiles.fault(name, said, {}) == ""


def test_one_port_for_http_and_https_is_refused_by_the_question_that_makes_it_so() -> None:
    refused = "80 is the port of HTTP and of HTTPS: give two different ones"
    assert profiles.fault("https_port", "80", {"http_port": "80"}) == refused
    assert profiles.fault("https_port", "80", {}) == refused
    assert profiles.fault("http_port", "80", {"https_port": "80"}) == refused
    assert "443" in profiles.fault("https_port", "", {"http_port": "443"})
    assert profiles.fault("http_port", "443", {}) == ""
    assert profiles.fault("https_port", "80", {"http_port": "443"}) == ""


def test_a_backend_that_the_guide_could_not_use_is_asked_again_at_the_terminal_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = made(monkeypatch, "", "-oProxyCommand=x", "lab", *[""] * 6, "blah", "file:///srv/state", *[""] * 5)
    assert (profile.host, profile.backend) == ("lab", "file:///srv/state")
    said = capsys.readouterr().err
    assert "  '-oProxyCommand=x' is no host" in said
    assert "  'blah' does not fit: it begins with https://, s3:// or file:///\n" in said


def test_ctrl_c_between_two_questions_says_that_nothing_was_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt, match="interrupted; no profile was saved"):
        made(monkeypatch, "staging", CTRL_C)


def test_the_hosts_of_the_ssh_configuration_are_numbered_and_a_number_or_a_name_is_an_answer(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / ".ssh").mkdir()
    (home / ".ssh" / "config").write_text("Host web1\n  HostName 203.0.113.10\nHost web2\nHost *\n")
    assert made(monkeypatch, "", "2", *[""] * 12).host == "web2"
    said = capsys.readouterr().err
    assert "   1  web1  203.0.113.10\n   2  web2\n" in said
    assert "*" not in said
    assert made(monkeypatch, "", "web1", *[""] * 12).host == "web1"
    assert made(monkeypatch, "", "3", *[""] * 12).host == "3"


def test_a_host_that_is_called_by_a_number_is_not_taken_for_the_number_of_another(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".ssh").mkdir()
    (home / ".ssh" / "config").write_text("Host web1 web2\nHost 1\n")
    assert made(monkeypatch, "", "1", *[""] * 12).host == "1"


def test_a_profile_is_forgotten_by_name_and_one_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    settings.save("lab", Profile(host="10.0.0.1"))
    settings.save("other", Profile(host="10.0.0.2"))
    assert profiles.profiles(argparse.Namespace(what="forget", name="lab")) == 0
    assert "Profile lab is no more in " in capsys.readouterr().err
    assert list(settings.profiles()) == ["other"]
    with pytest.raises(SprocketError, match="othr"):
        profiles.profiles(argparse.Namespace(what="forget", name="othr"))
