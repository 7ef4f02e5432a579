"""Logging in to a real sshd: keys from agent and files, certificates, passwords, second factors, and their limits."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sprocket_tui.errors import NeedsAnswer, SprocketError, Unreachable
from sprocket_tui.exits import Exit
from sprocket_tui.target.ssh.address import SshTarget
from sprocket_tui.target.ssh.asking import Asker, Headless
from sprocket_tui.target.ssh.link import connect
from tests.lab.people import Agent, Person
from tests.lab.sshd import PASSWORD, Sshd, make_key

pytestmark = pytest.mark.lane("ssh")

PASSPHRASE = "open sesame 42"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("login")) as running:
        yield running


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """A server that takes keys, keyboard-interactive through PAM, and passwords."""
    with Sshd(
        tmp_path_factory.mktemp("asking"),
        config={"KbdInteractiveAuthentication": "yes", "PasswordAuthentication": "yes"},
    ) as running:
        yield running


@pytest.fixture(scope="module")
def agent() -> Iterator[Agent]:
    with Agent() as running:
        yield running


def login(server: Sshd, tmp_path: Path, *lines: str, asker: Asker | None = None, user: str = "deploy") -> str:
    """Logs in with a configuration of `lines` alone and returns who we are there."""
    known = server.known_hosts(tmp_path / "known_hosts")
    text = ["Host lab", "HostName 127.0.0.1", f"Port {server.port}", f"User {user}", f"UserKnownHostsFile {known}"]
    config = tmp_path / "ssh_config"
    config.write_text("\n  ".join([*text, *lines]) + "\n")
    link = connect(SshTarget("lab", config=config), asker or Headless())
    try:
        return link.run("id -un", deadline=10).stdout.decode().strip()
    finally:
        link.close()


NO_AGENT = "IdentityAgent none"


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_a_key_file_of_each_kind_logs_in(server: Sshd, tmp_path: Path, kind: str) -> None:
    key = make_key(tmp_path / "key", kind)
    server.authorize(key.with_suffix(".pub"))
    assert login(server, tmp_path, NO_AGENT, f"IdentityFile {key}") == "deploy"


@pytest.mark.parametrize("options", [("-m", "PEM", "-t", "rsa", "-b", "2048"), ("-m", "PKCS8", "-t", "ecdsa")])
@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
def test_older_key_formats_log_in(server: Sshd, tmp_path: Path, options: tuple[str, ...], passphrase: str) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", *options, "-N", passphrase, "-f", str(key)], check=True)
    server.authorize(key.with_suffix(".pub"))
    person = Person(passphrase=[PASSPHRASE])
    assert login(server, tmp_path, NO_AGENT, f"IdentityFile {key}", asker=person) == "deploy"
    assert len(person.asked) == (1 if passphrase else 0)


def test_several_key_files_are_tried_in_order(server: Sshd, tmp_path: Path) -> None:
    wrong = make_key(tmp_path / "wrong")
    assert login(server, tmp_path, NO_AGENT, f"IdentityFile {wrong}", f"IdentityFile {server.client_key}") == "deploy"


def test_an_encrypted_key_asks_for_its_passphrase_up_to_three_times(server: Sshd, tmp_path: Path) -> None:
    key = make_key(tmp_path / "key", passphrase=PASSPHRASE)
    server.authorize(key.with_suffix(".pub"))
    person = Person(passphrase=["wrong", "wrong too", PASSPHRASE])
    assert login(server, tmp_path, NO_AGENT, f"IdentityFile {key}", asker=person) == "deploy"
    assert [question for question, _ in person.asked] == ["ssh.passphrase"] * 3
    assert str(key) in person.asked[0][1]


def test_three_wrong_passphrases_leave_the_key_out_and_say_so(server: Sshd, tmp_path: Path) -> None:
    key = make_key(tmp_path / "key", passphrase=PASSPHRASE)
    server.authorize(key.with_suffix(".pub"))
    person = Person(passphrase=["a", "b", "c", PASSPHRASE])
    with pytest.raises(Unreachable, match="wrong 3 times") as refused:
        login(server, tmp_path, NO_AGENT, f"IdentityFile {key}", asker=person)
    assert PASSPHRASE not in str(refused.value)


def test_an_encrypted_key_headless_names_the_question(server: Sshd, tmp_path: Path) -> None:
    key = make_key(tmp_path / "key", passphrase=PASSPHRASE)
    server.authorize(key.with_suffix(".pub"))
    with pytest.raises(NeedsAnswer) as refused:
        login(server, tmp_path, NO_AGENT, f"IdentityFile {key}")
    assert refused.value.question == "ssh.passphrase"
    assert refused.value.code is Exit.CANCELLED


def test_an_encrypted_key_headless_does_not_stand_in_the_way_of_another(server: Sshd, tmp_path: Path) -> None:
    key = make_key(tmp_path / "key", passphrase=PASSPHRASE)
    lines = (NO_AGENT, f"IdentityFile {key}", f"IdentityFile {server.client_key}")
    assert login(server, tmp_path, *lines) == "deploy"


def test_an_encrypted_key_that_the_agent_holds_is_not_asked_for(server: Sshd, tmp_path: Path, agent: Agent) -> None:
    key = make_key(tmp_path / "key", passphrase="")
    server.authorize(key.with_suffix(".pub"))
    agent.add(key)
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", PASSPHRASE, "-f", str(key)], check=True)
    person = Person()
    lines = (f"IdentityAgent {agent.socket}", "IdentitiesOnly yes", f"IdentityFile {key}")
    assert login(server, tmp_path, *lines, asker=person) == "deploy"
    assert person.asked == []


def test_the_agent_of_the_environment_is_used(server: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Agent() as agent:
        agent.add(server.client_key)
        monkeypatch.setenv("SSH_AUTH_SOCK", agent.socket)
        assert login(server, tmp_path, "IdentityFile none") == "deploy"


def test_identities_only_leaves_other_agent_keys_out(server: Sshd, tmp_path: Path) -> None:
    wrong = make_key(tmp_path / "wrong")
    with Agent() as agent:
        agent.add(server.client_key)
        with pytest.raises(Unreachable):
            login(server, tmp_path, f"IdentityAgent {agent.socket}", "IdentitiesOnly yes", f"IdentityFile {wrong}")


def test_an_agent_that_is_gone_is_said_and_key_files_still_work(server: Sshd, tmp_path: Path) -> None:
    lines = (f"IdentityAgent {tmp_path}/gone", f"IdentityFile {server.client_key}")
    assert login(server, tmp_path, *lines) == "deploy"
    with pytest.raises(Unreachable, match=r"agent at .* does not answer"):
        login(server, tmp_path, f"IdentityAgent {tmp_path}/gone", "IdentityFile none")


def test_eight_agent_keys_get_past_a_server_that_takes_six(server: Sshd, tmp_path: Path) -> None:
    right = make_key(tmp_path / "right")
    server.authorize(right.with_suffix(".pub"))
    with Agent() as agent:
        agent.add(*(make_key(tmp_path / f"wrong{number}") for number in range(7)), right)
        before = server.connections()
        assert login(server, tmp_path, f"IdentityAgent {agent.socket}", "IdentityFile none") == "deploy"
    assert server.connections() == before + 2


def test_a_configured_agent_key_comes_before_the_other_seven(server: Sshd, tmp_path: Path) -> None:
    right = make_key(tmp_path / "right")
    server.authorize(right.with_suffix(".pub"))
    with Agent() as agent:
        agent.add(*(make_key(tmp_path / f"wrong{number}") for number in range(7)), right)
        right.unlink()
        before = server.connections()
        lines = (f"IdentityAgent {agent.socket}", f"IdentityFile {right}")
        assert login(server, tmp_path, *lines) == "deploy"
    assert server.connections() == before + 1


def test_eight_wrong_agent_keys_end_with_one_clear_refusal(server: Sshd, tmp_path: Path) -> None:
    with Agent() as agent:
        agent.add(*(make_key(tmp_path / f"wrong{number}", comment=f"wrong{number}") for number in range(8)))
        with pytest.raises(Unreachable) as refused:
            login(server, tmp_path, f"IdentityAgent {agent.socket}", "IdentityFile none")
    assert "agent key wrong0" in refused.value.message
    assert "agent key wrong7" in refused.value.message
    assert "the host allows publickey" in refused.value.message
    assert refused.value.code is Exit.UNKNOWN


def test_a_named_key_file_that_is_missing_is_one_clear_error(server: Sshd, tmp_path: Path) -> None:
    with pytest.raises(SprocketError) as refused:
        login(server, tmp_path, NO_AGENT, f"IdentityFile {tmp_path}/none")
    assert refused.value.code is Exit.USAGE
    assert refused.value.message == f"the key file {tmp_path}/none does not exist"


def test_a_key_that_others_may_read_is_left_out_and_said(server: Sshd, tmp_path: Path) -> None:
    key = make_key(tmp_path / "key")
    server.authorize(key.with_suffix(".pub"))
    key.chmod(0o644)
    with pytest.raises(Unreachable, match=f"chmod 600 {key}"):
        login(server, tmp_path, NO_AGENT, f"IdentityFile {key}")


def test_a_file_that_is_no_key_is_left_out_and_said(server: Sshd, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("not a key\n")
    key.chmod(0o600)
    with pytest.raises(Unreachable, match="it is no private key"):
        login(server, tmp_path, NO_AGENT, f"IdentityFile {key}")


@pytest.fixture
def certified(tmp_path: Path) -> Iterator[tuple[Sshd, Path, Path]]:
    """A server that lets in what `authority` signed: the server, a key, and the certificate beside it."""
    authority = make_key(tmp_path / "authority")
    key = make_key(tmp_path / "key", "rsa")
    argv = ["ssh-keygen", "-q", "-s", str(authority), "-I", "lab", "-n", "deploy", f"{key}.pub"]
    subprocess.run(argv, check=True, capture_output=True)
    with Sshd(tmp_path, config={"TrustedUserCAKeys": f"{authority}.pub"}) as running:
        yield running, key, tmp_path / "key-cert.pub"


def test_a_certificate_beside_the_key_logs_in(certified: tuple[Sshd, Path, Path], tmp_path: Path) -> None:
    server, key, _ = certified
    assert login(server, tmp_path, NO_AGENT, f"IdentityFile {key}") == "deploy"


def test_a_certificate_file_elsewhere_logs_in(certified: tuple[Sshd, Path, Path], tmp_path: Path) -> None:
    server, key, certificate = certified
    moved = certificate.rename(tmp_path / "elsewhere.pub")
    assert login(server, tmp_path, NO_AGENT, f"IdentityFile {key}", f"CertificateFile {moved}") == "deploy"


def test_a_certificate_in_the_agent_logs_in(certified: tuple[Sshd, Path, Path], tmp_path: Path) -> None:
    server, key, certificate = certified
    with Agent() as agent:
        agent.add(key)
        certificate.unlink()
        key.unlink()
        assert login(server, tmp_path, f"IdentityAgent {agent.socket}", "IdentityFile none") == "deploy"


NO_KEYS = (NO_AGENT, "PubkeyAuthentication no")


def test_keyboard_interactive_asks_for_the_password(asking: Sshd, tmp_path: Path) -> None:
    person = Person(password=[PASSWORD])
    assert login(asking, tmp_path, *NO_KEYS, asker=person) == "deploy"
    ((question, prompt),) = person.asked
    assert question == "ssh.password"
    assert f"deploy@127.0.0.1:{asking.port}" in prompt


def test_a_wrong_password_is_asked_for_again(asking: Sshd, tmp_path: Path) -> None:
    person = Person(password=["wrong", PASSWORD])
    assert login(asking, tmp_path, *NO_KEYS, asker=person) == "deploy"
    assert len(person.asked) == 2


def test_a_plain_password_works_where_keyboard_interactive_is_off(asking: Sshd, tmp_path: Path) -> None:
    person = Person(password=[PASSWORD])
    assert login(asking, tmp_path, *NO_KEYS, "KbdInteractiveAuthentication no", asker=person) == "deploy"
    assert [question for question, _ in person.asked] == ["ssh.password"]


def test_a_password_headless_names_the_question(asking: Sshd, tmp_path: Path) -> None:
    with pytest.raises(NeedsAnswer) as refused:
        login(asking, tmp_path, *NO_KEYS)
    assert refused.value.question == "ssh.password"


def test_a_password_is_not_asked_for_where_the_server_takes_none(server: Sshd, tmp_path: Path) -> None:
    person = Person(password=[PASSWORD])
    with pytest.raises(Unreachable, match="the host allows publickey"):
        login(server, tmp_path, *NO_KEYS, asker=person)
    assert person.asked == []


def test_no_answer_to_a_password_ends_the_login(asking: Sshd, tmp_path: Path) -> None:
    person = Person()
    with pytest.raises(NeedsAnswer) as refused:
        login(asking, tmp_path, *NO_KEYS, "KbdInteractiveAuthentication no", asker=person)
    assert refused.value.question == "ssh.password"
    assert len(person.asked) == 1


def test_a_key_and_then_a_second_factor_are_both_asked_for(tmp_path: Path) -> None:
    config = {"AuthenticationMethods": "publickey,keyboard-interactive", "KbdInteractiveAuthentication": "yes"}
    with Sshd(tmp_path, config=config) as server:
        person = Person(second_factor=[PASSWORD])
        lines = (NO_AGENT, f"IdentityFile {server.client_key}")
        assert login(server, tmp_path, *lines, asker=person) == "deploy"
        assert [question for question, _ in person.asked] == ["ssh.second-factor"]
        with pytest.raises(NeedsAnswer) as refused:
            login(server, tmp_path, *lines)
    assert refused.value.question == "ssh.second-factor"


def test_two_keys_that_are_both_needed_are_both_used(tmp_path: Path) -> None:
    with Sshd(tmp_path, config={"AuthenticationMethods": "publickey,publickey"}) as server:
        second = make_key(tmp_path / "second")
        server.authorize(second.with_suffix(".pub"))
        lines = (NO_AGENT, f"IdentityFile {server.client_key}", f"IdentityFile {second}")
        assert login(server, tmp_path, *lines) == "deploy"


def test_a_first_factor_survives_being_dropped_for_too_many_keys(tmp_path: Path) -> None:
    config = {
        "AuthenticationMethods": "publickey,keyboard-interactive",
        "KbdInteractiveAuthentication": "yes",
        "MaxAuthTries": "3",
    }
    with Sshd(tmp_path, config=config) as server:
        wrong = [make_key(tmp_path / f"wrong{number}") for number in range(4)]
        person = Person(second_factor=["wrong", "wrong", PASSWORD])
        lines = (NO_AGENT, *(f"IdentityFile {key}" for key in (*wrong, server.client_key)))
        assert login(server, tmp_path, *lines, asker=person) == "deploy"


def test_a_user_that_does_not_exist_is_refused_like_any_other(server: Sshd, tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="stranger@127"):
        login(server, tmp_path, NO_AGENT, f"IdentityFile {server.client_key}", user="stranger")


def test_secrets_that_were_asked_for_are_in_no_server_log(asking: Sshd) -> None:
    assert PASSWORD not in asking.log()


def test_what_the_host_tells_everybody_is_heard_though_the_first_key_is_refused(tmp_path: Path) -> None:
    banner = tmp_path / "banner"
    banner.write_bytes(b"PRACTICE: nothing here is real.\r\n\x1b]0;title\x07\x1b[2Jsecond\xff line\r\n")
    with Sshd(tmp_path / "server", config={"Banner": str(banner)}) as server:
        known = server.known_hosts(tmp_path / "known_hosts")
        keys = f"IdentityFile {make_key(tmp_path / 'wrong')}\n  IdentityFile {server.client_key}"
        config = tmp_path / "ssh_config"
        config.write_text(
            f"Host lab\n  HostName 127.0.0.1\n  Port {server.port}\n  User deploy\n  UserKnownHostsFile {known}\n"
            f"  {NO_AGENT}\n  {keys}\n"
        )
        link = connect(SshTarget("lab", config=config), Headless())
        link.close()
    assert link.identity.greeting.splitlines() == [
        "PRACTICE: nothing here is real.",
        "second\N{REPLACEMENT CHARACTER} line",
    ]
    assert link.identity.practice
