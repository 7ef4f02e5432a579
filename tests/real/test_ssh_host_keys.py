"""Host keys of a real sshd: known in every way OpenSSH writes it, new, changed, revoked, certified."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sprocket_tui.errors import NeedsAnswer, SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.target.ssh.address import SshTarget
from sprocket_tui.target.ssh.asking import Asker, Headless
from sprocket_tui.target.ssh.link import SshLink, connect
from tests.lab import sshd as lab
from tests.lab.people import Person
from tests.lab.sshd import Sshd, make_key
from tests.walk.program import Program

pytestmark = pytest.mark.lane("ssh")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("host-keys")) as running:
        yield running


def public(file: Path) -> str:
    return " ".join(file.read_text().split()[:2])


def name(server: Sshd) -> str:
    return f"[127.0.0.1]:{server.port}"


def dial(server: Sshd, known_hosts: Path, asker: Asker | None = None, extra: str = "") -> SshLink:
    config = known_hosts.with_name("ssh_config")
    config.write_text(server.stanza("lab", known_hosts=known_hosts, extra=extra))
    return connect(SshTarget("lab", config=config), asker or Headless())


def works(server: Sshd, known_hosts: Path, extra: str = "") -> SshLink:
    """Connects without asking anything and runs a command."""
    link = dial(server, known_hosts, extra=extra)
    assert link.run("echo in", deadline=10).stdout == b"in\n"
    link.close()
    return link


def write(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "known_hosts"
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def test_an_unknown_host_key_headless_is_refused_with_its_fingerprint(server: Sshd, tmp_path: Path) -> None:
    with pytest.raises(NeedsAnswer) as refused:
        dial(server, tmp_path / "known_hosts")
    assert refused.value.code is Exit.CANCELLED
    assert refused.value.question == "ssh.host-key"
    assert lab.fingerprint(server.host_public_key()) in refused.value.message
    assert not (tmp_path / "known_hosts").exists()


def test_an_accepted_key_is_stored_and_not_asked_for_again(server: Sshd, tmp_path: Path) -> None:
    known = write(tmp_path, "# mine", "other.example ssh-ed25519 broken")
    person = Person()
    dial(server, known, person).close()
    ((host, kind, fingerprint, file),) = person.host_keys
    assert (host, kind) == (f"127.0.0.1:{server.port}", "ssh-ed25519")
    assert fingerprint == lab.fingerprint(server.host_public_key())
    assert file == str(known)
    assert known.read_text().splitlines()[:2] == ["# mine", "other.example ssh-ed25519 broken"]
    works(server, known)
    subprocess.run(
        ["ssh", "-F", str(tmp_path / "ssh_config"), "-o", "StrictHostKeyChecking=yes", "lab", "true"], check=True
    )


def test_a_key_that_a_person_declines_ends_it_and_stores_nothing(server: Sshd, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    with pytest.raises(NeedsAnswer, match="not accepted"):
        dial(server, known, Person(accepts=False))
    assert not known.exists()


@pytest.mark.parametrize("strict", ["no", "off", "accept-new", "ask"])
def test_no_setting_accepts_a_new_key_silently(server: Sshd, tmp_path: Path, strict: str) -> None:
    person = Person()
    dial(server, tmp_path / "known_hosts", person, f"StrictHostKeyChecking {strict}").close()
    assert len(person.host_keys) == 1


def test_strict_checking_does_not_even_ask(server: Sshd, tmp_path: Path) -> None:
    person = Person()
    with pytest.raises(NeedsAnswer, match="forbids"):
        dial(server, tmp_path / "known_hosts", person, "StrictHostKeyChecking yes")
    assert person.host_keys == []


def test_a_hashed_name_is_stored_when_the_configuration_says_so(server: Sshd, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    dial(server, known, Person(), "HashKnownHosts yes").close()
    assert known.read_text().startswith("|1|")
    works(server, known)


def test_names_that_ssh_keygen_hashed_are_found(server: Sshd, tmp_path: Path) -> None:
    known = server.known_hosts(tmp_path / "known_hosts")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(known)], check=True, capture_output=True)
    assert "127.0.0.1" not in known.read_text()
    works(server, known)


@pytest.mark.parametrize("pattern", ["[127.0.0.*]:*", "*", "other,[127.0.0.1]:{port}"])
def test_patterns_are_matched(server: Sshd, tmp_path: Path, pattern: str) -> None:
    names = pattern.replace("{port}", str(server.port))
    works(server, write(tmp_path, f"{names} {public(server.host_public_key())}"))


def test_a_negated_pattern_does_not_match(server: Sshd, tmp_path: Path) -> None:
    known = write(tmp_path, f"*,!{name(server)} {public(server.host_public_key())}")
    person = Person()
    dial(server, known, person, "HostKeyAlias none").close()
    # Without its port the host matches, which OpenSSH takes too.
    assert person.host_keys == []
    known.write_text(f"[*]:*,!{name(server)} {public(server.host_public_key())}\n")
    dial(server, known, person).close()
    assert len(person.host_keys) == 1


def test_a_name_without_port_is_good_for_the_same_key_on_another_port(server: Sshd, tmp_path: Path) -> None:
    works(server, write(tmp_path, f"127.0.0.1 {public(server.host_public_key())}"))


def test_an_alias_stands_for_the_name(server: Sshd, tmp_path: Path) -> None:
    known = write(tmp_path, f"droplet {public(server.host_public_key())}")
    works(server, known, "HostKeyAlias droplet")


def test_a_key_in_the_second_file_counts(server: Sshd, tmp_path: Path) -> None:
    second = server.known_hosts(tmp_path / "second")
    works(server, tmp_path / "known_hosts", f"UserKnownHostsFile {tmp_path}/first {second}")


def test_the_stored_type_is_the_one_that_is_negotiated(server: Sshd, tmp_path: Path) -> None:
    link = works(server, write(tmp_path, f"{name(server)} {public(server.host_public_key('rsa'))}"))
    assert link.identity.host_key == f"ssh-rsa {lab.fingerprint(server.host_public_key('rsa'))}"


def test_a_changed_key_is_refused_with_both_fingerprints_and_the_line(server: Sshd, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other").with_suffix(".pub")
    known = write(tmp_path, "# first", f"{name(server)} {public(other)}")
    person = Person()
    with pytest.raises(SprocketError) as refused:
        dial(server, known, person)
    assert refused.value.code is Exit.FAILED
    assert lab.fingerprint(other) in refused.value.message
    assert lab.fingerprint(server.host_public_key()) in refused.value.message
    assert f"{known}:2" in refused.value.message
    assert person.host_keys == []


def test_a_host_that_has_none_of_the_stored_types_any_more_is_changed(server: Sshd, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other", "ecdsa").with_suffix(".pub")
    known = write(tmp_path, f"{name(server)} {public(other)}")
    with pytest.raises(SprocketError) as refused:
        dial(server, known, Person())
    assert refused.value.code is Exit.FAILED


def test_a_second_stored_key_of_the_same_type_is_enough(server: Sshd, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other").with_suffix(".pub")
    works(
        server, write(tmp_path, f"{name(server)} {public(other)}", f"{name(server)} {public(server.host_public_key())}")
    )


@pytest.mark.parametrize("pattern", ["*", "[127.0.0.1]:{port}"])
def test_a_revoked_host_key_is_refused_even_if_it_is_stored(server: Sshd, tmp_path: Path, pattern: str) -> None:
    names = pattern.replace("{port}", str(server.port))
    key = public(server.host_public_key())
    known = write(tmp_path, f"{name(server)} {key}", f"@revoked {names} {key}")
    with pytest.raises(SprocketError) as refused:
        dial(server, known, Person())
    assert refused.value.code is Exit.FAILED
    assert "revoked" in refused.value.message
    assert f"{known}:2" in refused.value.message


def test_a_broken_line_is_a_warning_and_the_others_count(server: Sshd, tmp_path: Path) -> None:
    known = write(tmp_path, "broken", f"@what * {public(server.host_public_key())}")
    with known.open("a") as file:
        file.write(server.known_hosts(tmp_path / "good").read_text())
    link = works(server, known)
    assert [warning.partition(": ")[0] for warning in link.warnings] == [f"{known}:1", f"{known}:2"]


class Certified:
    """A server whose host key carries a certificate of `authority`, for `principal`."""

    def __init__(self, directory: Path, kind: str, principal: str, *options: str) -> None:
        self.authority = make_key(directory / "authority")
        self.server = Sshd(directory, host_keys=[kind])
        argv = ["ssh-keygen", "-q", "-s", str(self.authority), "-I", "lab", "-h", "-n", principal, *options]
        subprocess.run([*argv, str(self.server.host_public_key(kind))], check=True, capture_output=True)
        certificate = self.server.directory / f"host_{kind}-cert.pub"
        self.server.configure(HostCertificate=str(certificate))

    def line(self) -> str:
        return f"@cert-authority * {public(self.authority.with_suffix('.pub'))}"


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_a_host_certificate_of_a_known_authority_is_enough(tmp_path: Path, kind: str) -> None:
    lab_host = Certified(tmp_path, kind, "127.0.0.1")
    with lab_host.server as server:
        works(server, write(tmp_path, lab_host.line()))


@pytest.mark.parametrize(
    ("principal", "options", "why"),
    [
        ("elsewhere", (), "it is for elsewhere"),
        ("127.0.0.1", ("-V", "20200101:20200102"), "not valid at this time"),
    ],
)
def test_a_host_certificate_that_does_not_hold_leaves_the_key_unknown(
    tmp_path: Path, principal: str, options: tuple[str, ...], why: str
) -> None:
    lab_host = Certified(tmp_path, "ed25519", principal, *options)
    with lab_host.server as server:
        person = Person()
        link = dial(server, write(tmp_path, lab_host.line()), person)
        link.close()
    assert len(person.host_keys) == 1
    assert any(why in warning for warning in link.warnings)


def test_a_certificate_of_another_authority_leaves_the_key_unknown(tmp_path: Path) -> None:
    lab_host = Certified(tmp_path, "ed25519", "127.0.0.1")
    other = make_key(tmp_path / "other-authority").with_suffix(".pub")
    with lab_host.server as server, pytest.raises(NeedsAnswer):
        dial(server, write(tmp_path, f"@cert-authority * {public(other)}"))


def test_a_revoked_authority_is_refused(tmp_path: Path) -> None:
    lab_host = Certified(tmp_path, "ed25519", "127.0.0.1")
    revoked = lab_host.line().replace("@cert-authority", "@revoked")
    with lab_host.server as server, pytest.raises(SprocketError) as refused:
        dial(server, write(tmp_path, lab_host.line(), revoked))
    assert refused.value.code is Exit.FAILED


def test_a_host_without_certificate_under_an_authority_is_asked_for_and_said(server: Sshd, tmp_path: Path) -> None:
    authority = make_key(tmp_path / "authority").with_suffix(".pub")
    person = Person()
    link = dial(server, write(tmp_path, f"@cert-authority * {public(authority)}"), person)
    link.close()
    assert len(person.host_keys) == 1
    assert any("showed no certificate" in warning for warning in link.warnings)


def test_a_run_that_may_be_on_an_unknown_host_is_not_said_to_be_nowhere(server: Sshd, tmp_path: Path) -> None:
    config = tmp_path / "ssh_config"
    config.write_text(server.stanza("lab", known_hosts=tmp_path / "known_hosts"))
    done = Program(tmp_path)("resume", "0a1b2c3d", "--target", "ssh://lab", "--ssh-config", str(config))
    assert done.returncode == 7
    assert lab.fingerprint(server.host_public_key()) in done.stderr
