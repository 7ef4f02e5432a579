"""The SSH configuration: what the OpenSSH client answers, with $HOME followed, and the same without a client."""

import os
import pwd
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.target.ssh import fallback, openssh
from sprocket_tui.target.ssh.address import SshTarget
from sprocket_tui.target.ssh.config import HostConfig, Settings, host_config
from sprocket_tui.target.ssh.route import route_to

Reader = Callable[[SshTarget], Settings]


@pytest.fixture(params=["client", "no-client"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Each test runs with the OpenSSH client and as if none were installed."""
    if request.param == "client":
        if shutil.which("ssh") is None:
            pytest.skip("no OpenSSH client")
        return openssh.settings
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    return fallback.settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A HOME that is not the one in the password database, with a space in its name."""
    directory = tmp_path / "a home"
    (directory / ".ssh").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(directory))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return directory


def write(home: Path, text: str, name: str = "config") -> Path:
    file = home / ".ssh" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return file


def resolved(reader: Reader, target: SshTarget) -> HostConfig:
    return host_config(target, reader(target))


def test_an_alias_gives_host_user_port_and_keys(home: Path, reader: Reader) -> None:
    write(
        home,
        "Host web\n HostName 10.0.0.1\n User deploy\n Port 2200\n IdentityFile ~/.ssh/web\n"
        " IdentityFile %d/.ssh/%r_%h\n"
        " IdentitiesOnly yes\n UserKnownHostsFile ~/kh\n HostKeyAlias web-key\n StrictHostKeyChecking no\n"
        " HashKnownHosts yes\n ConnectTimeout 4\n PasswordAuthentication no\n CertificateFile ~/.ssh/web-cert.pub\n",
    )
    host = resolved(reader, SshTarget("web"))
    assert (host.hostname, host.user, host.port) == ("10.0.0.1", "deploy", 2200)
    assert host.user_known_hosts == (home / "kh",)
    assert host.identity_files == (home / ".ssh" / "web", home / ".ssh" / "deploy_10.0.0.1")
    assert host.certificate_files == (home / ".ssh" / "web-cert.pub",)
    assert host.identities_named
    assert host.identities_only
    assert host.host_key_alias == "web-key"
    assert host.strict in {"no", "false"}
    assert host.hash_known_hosts
    assert host.connect_timeout == 4
    assert not host.password
    assert host.keyboard_interactive


def test_user_and_port_of_the_address_win(home: Path, reader: Reader) -> None:
    write(home, "Host web\n User deploy\n Port 2200\n")
    host = resolved(reader, SshTarget("web", "root", 22))
    assert (host.user, host.port) == ("root", 22)


def test_relative_includes_lie_under_home(home: Path, reader: Reader) -> None:
    write(home, "Include parts/*.conf\nHost *\n User last\n")
    write(home, "Host web\n HostName 10.0.0.2\n", "../.ssh/web.conf")
    (home / ".ssh" / "parts").mkdir()
    write(home, "Host web\n HostName 10.0.0.3\n Include deeper\n", "parts/a.conf")
    write(home, "User included\n", "deeper")
    host = resolved(reader, SshTarget("web"))
    assert (host.hostname, host.user) == ("10.0.0.3", "included")
    assert resolved(reader, SshTarget("other")).user == "last"


def test_an_include_within_a_block_leaves_the_block_as_it_was(home: Path, reader: Reader) -> None:
    write(home, "Host web\n Include more\n User after\nHost *\n User last\n")
    write(home, "Host never\n Port 1\n", "more")
    host = resolved(reader, SshTarget("web"))
    assert (host.user, host.port) == ("after", 22)


def test_a_match_block_applies(home: Path, reader: Reader) -> None:
    write(home, "Match host *.example.org user deploy\n Port 2201\nMatch all\n Port 2202\n")
    assert resolved(reader, SshTarget("x.example.org", "deploy")).port == (2201 if reader is openssh.settings else 2202)
    assert resolved(reader, SshTarget("elsewhere")).port == 2202


def test_a_program_that_decides_is_run_by_openssh_and_missed_without_it(
    home: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in the program, whoever loaded paramiko first in this process.
    monkeypatch.setattr("paramiko.config.invoke", None)
    monkeypatch.setattr("paramiko.config.invoke_import_error", ImportError("invoke"))
    write(home, 'Match exec "true"\n Port 2201\n')
    if reader is openssh.settings:
        assert resolved(reader, SshTarget("web")).port == 2201
    else:
        with pytest.raises(SprocketError, match="Match exec") as refused:
            resolved(reader, SshTarget("web"))
        assert "install an OpenSSH client" in refused.value.remedy


def test_a_named_file_stands_for_all_others(home: Path, reader: Reader, tmp_path: Path) -> None:
    write(home, "Host web\n Port 1111\n")
    file = tmp_path / "named"
    file.write_text("Host web\n User named\n Include beside\n")
    write(home, "Port 2222\n", "beside")
    host = resolved(reader, SshTarget("web", config=file))
    assert (host.user, host.port) == ("named", 2222)


def test_without_any_configuration_the_usual_names_apply(home: Path, reader: Reader) -> None:
    host = resolved(reader, SshTarget("web"))
    assert host.hostname == "web"
    assert host.port == 22
    assert home / ".ssh" / "id_ed25519" in host.identity_files
    assert not host.identities_named
    assert host.identity_agent == ""
    assert host.connect_timeout == 10


def test_the_agent_is_named_switched_off_or_taken_from_the_environment(
    home: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    monkeypatch.setenv("OTHER_AGENT", "/run/other")
    write(
        home,
        "Host off\n IdentityAgent none\nHost named\n IdentityAgent /x/agent\n"
        "Host variable\n IdentityAgent $OTHER_AGENT\n",
    )
    agents = {name: resolved(reader, SshTarget(name)).identity_agent for name in ("off", "named", "variable", "plain")}
    assert agents == {"off": "", "named": "/x/agent", "variable": "/run/other", "plain": "/run/agent"}


def test_a_broken_line_is_a_usage_error_that_names_the_file(home: Path) -> None:
    file = write(home, "Host web\n Bogus yes\n")
    with pytest.raises(SprocketError) as refused:
        openssh.settings(SshTarget("web"))
    assert refused.value.code is Exit.USAGE
    assert f"{file}: line 2" in refused.value.message
    assert "bogus" in refused.value.message.lower()


def test_a_configuration_file_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(SprocketError) as refused:
        route_to(SshTarget("web", config=tmp_path / "none"))
    assert refused.value.code is Exit.USAGE


def test_two_jump_hosts_are_resolved_by_the_same_file(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(
        "Host web\n ProxyJump first,op@second:2202\nHost first\n HostName 10.0.0.1\n User gate\nHost second\n Port 9\n"
    )
    route = route_to(SshTarget("web", config=file))
    assert [(hop.hostname, hop.user, hop.port) for hop in route][:2] == [
        ("10.0.0.1", "gate", 22),
        ("second", "op", 2202),
    ]
    assert route[-1].hostname == "web"


def test_a_jump_host_may_have_a_jump_host_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("Host web\n ProxyJump second\nHost second\n ProxyJump first\n")
    assert [hop.hostname for hop in route_to(SshTarget("web", config=file))] == ["first", "second", "web"]


def test_jump_hosts_in_a_circle_are_a_usage_error(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("Host a\n ProxyJump b\nHost b\n ProxyJump a\n")
    with pytest.raises(SprocketError, match="circle"):
        route_to(SshTarget("a", config=file))


@pytest.mark.parametrize(
    ("host", "names"),
    [
        (HostConfig("a", "Droplet", 22, "root"), ("droplet",)),
        (HostConfig("a", "Droplet", 2222, "root"), ("[droplet]:2222", "droplet")),
        (HostConfig("a", "droplet", 2222, "root", host_key_alias="Web"), ("web",)),
    ],
)
def test_known_hosts_are_asked_for_name_and_port_or_the_alias(host: HostConfig, names: tuple[str, ...]) -> None:
    assert host.known_as == names


def test_a_login_that_is_in_no_list_of_users_is_told_so(
    reader: Reader, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlisted(number: int) -> pwd.struct_passwd:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", unlisted)
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SprocketError, match=f"the login {os.getuid()} of this machine"):
        reader(SshTarget(host="droplet"))


@pytest.mark.parametrize("included", [True, False])
def test_a_configuration_without_an_end_is_said_and_not_read_for_ever(
    home: Path, reader: Reader, included: bool
) -> None:
    file = write(home, "Host web\n HostName 10.0.0.1\n", "endless" if included else "config")
    os.truncate(file, (16 << 20) + 1)
    if included:
        write(home, "Include endless\n")
    with pytest.raises(SprocketError, match="cannot be read: it is larger than 16 MiB") as refused:
        reader(SshTarget("web"))
    assert refused.value.code is Exit.USAGE
    assert str(file) in refused.value.message
