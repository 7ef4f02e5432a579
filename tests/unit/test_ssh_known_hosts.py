"""known_hosts: every kind of line that OpenSSH writes, and broken ones that cost only themselves."""

import base64
import hashlib
import hmac
import os
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprocket_tui.target.ssh.known_hosts import AUTHORITY, REVOKED, Entry, append, fingerprint, read_known_hosts

KIND = "ssh-ed25519"
KEY = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(range(32))
ENCODED = base64.b64encode(KEY).decode()


def known(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "known_hosts"
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def hashed(name: str) -> str:
    salt = bytes(range(20))
    digest = hmac.digest(salt, name.encode(), hashlib.sha1)
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("names", "name", "expected"),
    [
        ("droplet", "droplet", True),
        ("Droplet", "droplet", True),
        ("droplet", "droplet2", False),
        ("a,droplet,b", "droplet", True),
        ("*.example.org", "x.example.org", True),
        ("*.example.org", "example.org", False),
        ("dropl?t", "droplet", True),
        ("*,!droplet", "droplet", False),
        ("!droplet,*", "droplet", False),
        ("[droplet]:2222", "[droplet]:2222", True),
        ("[droplet]:2222", "droplet", False),
        ("[*]:2222", "[droplet]:2222", True),
        ("[droplet]", "d", False),
        ("10.0.0.*", "10.0.0.7", True),
        ("droplet.", "dropletx", False),
        (hashed("droplet"), "droplet", True),
        (hashed("droplet"), "other", False),
        (hashed("[droplet]:2222"), "[droplet]:2222", True),
    ],
)
def test_names_match_as_openssh_matches_them(names: str, name: str, expected: bool) -> None:
    assert Entry("", names, KIND, KEY, "here").matches(name) is expected


def test_markers_are_read_and_asked_for_apart(tmp_path: Path) -> None:
    file = known(
        tmp_path,
        f"droplet {KIND} {ENCODED} a comment",
        f"@revoked * {KIND} {ENCODED}",
        f"@cert-authority *.org {KIND} {ENCODED}",
    )
    hosts = read_known_hosts([file])
    assert [entry.place for entry in hosts.of("droplet")] == [f"{file}:1"]
    assert [entry.place for entry in hosts.of("droplet", REVOKED)] == [f"{file}:2"]
    assert [entry.place for entry in hosts.of("x.org", AUTHORITY)] == [f"{file}:3"]


@pytest.mark.parametrize(
    "line",
    [
        "droplet",
        f"droplet {KIND}",
        f"droplet {KIND} not*base64",
        f"droplet ssh-rsa {ENCODED}",
        f"@unknown droplet {KIND} {ENCODED}",
        f"|2|x|y {KIND} {ENCODED}",
        f"droplet {KIND} AAAA",
    ],
)
def test_a_broken_line_is_named_and_costs_only_itself(tmp_path: Path, line: str) -> None:
    file = known(tmp_path, "# comment", "", line, f"droplet {KIND} {ENCODED}")
    hosts = read_known_hosts([file])
    assert len(hosts.of("droplet")) == 1
    (warning,) = hosts.warnings
    assert warning.startswith(f"{file}:3: ")


def test_a_file_that_is_missing_is_empty_and_one_that_is_a_directory_is_said(tmp_path: Path) -> None:
    hosts = read_known_hosts([tmp_path / "none", tmp_path])
    assert hosts.entries == ()
    assert hosts.warnings == (f"{tmp_path} cannot be read: Is a directory",)


@given(st.text())
def test_no_line_of_any_kind_breaks_the_reading(line: str) -> None:
    entry = Entry("", line, KIND, KEY, "here")
    assert entry.matches("droplet") in {True, False}


@given(st.binary(max_size=300))
def test_no_file_of_any_kind_breaks_the_reading(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any"
    file.write_bytes(raw + f"\ndroplet {KIND} {ENCODED}\n".encode())
    assert any(entry.key == KEY for entry in read_known_hosts([file]).of("droplet"))


def test_an_accepted_key_is_appended_and_nothing_else_changes(tmp_path: Path) -> None:
    file = known(tmp_path, "# mine", "broken line")
    before = file.read_text()
    append(file, "[droplet]:2222", KIND, KEY, hashed=False)
    assert file.read_text() == before + f"[droplet]:2222 {KIND} {ENCODED}\n"


def test_a_last_line_without_newline_stays_whole(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"other {KIND} {ENCODED}")
    append(file, "droplet", KIND, KEY, hashed=False)
    hosts = read_known_hosts([file])
    assert hosts.of("other")
    assert hosts.of("droplet")
    assert hosts.warnings == ()


def test_a_new_file_is_private(tmp_path: Path) -> None:
    file = tmp_path / ".ssh" / "known_hosts"
    append(file, "droplet", KIND, KEY, hashed=False)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_hashed_name_is_found_by_ssh_keygen_too(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    append(file, "droplet", KIND, KEY, hashed=True)
    assert "droplet" not in file.read_text()
    assert read_known_hosts([file]).of("droplet")
    found = subprocess.run(["ssh-keygen", "-F", "droplet", "-f", str(file)], capture_output=True, text=True, check=True)
    assert ENCODED in found.stdout


def test_the_fingerprint_is_the_one_ssh_keygen_prints(tmp_path: Path) -> None:
    file = tmp_path / "key.pub"
    file.write_text(f"{KIND} {ENCODED}\n")
    printed = subprocess.run(["ssh-keygen", "-lf", str(file)], capture_output=True, text=True, check=True).stdout
    assert printed.split()[1] == fingerprint(KEY)


def test_a_file_without_an_end_is_a_warning_and_costs_no_other_file(tmp_path: Path) -> None:
    endless = tmp_path / "endless"
    endless.touch()
    os.truncate(endless, (16 << 20) + 1)
    found = read_known_hosts([endless, known(tmp_path, f"droplet {KIND} {ENCODED}")])
    assert found.warnings == (f"{endless} cannot be read: it is larger than 16 MiB",)
    assert [entry.names for entry in found.entries] == ["droplet"]


def test_a_pipe_that_nobody_writes_to_is_a_warning(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    found = read_known_hosts([tmp_path / "pipe"])
    assert found.warnings == (f"{tmp_path / 'pipe'} cannot be read: it is a pipe that nobody writes to",)
