"""What a dry run is given: every fault at its line, every secret private, and no value in a message."""

from __future__ import annotations

from pathlib import Path

import pytest

from sprocket_tui.errors import SprocketError
from sprocket_tui.faces import given
from sprocket_tui.guide.loader import load_guide

GUIDE = load_guide()
CANARY = "canary-4f9d1e77b2"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "given.yaml"


def test_values_and_secrets_are_told_apart_by_the_guide(file: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{CANARY}\n", encoding="utf-8")
    file.write_text(
        f"vault_s3_bucket: mine\nhttp_port: 8080\nresolvers: [1.1.1.1, 9.9.9.9]\n"
        f"docker_access_token: {{file: {tmp_path}/token}}\n",
        encoding="utf-8",
    )
    found = given.load(file, GUIDE)
    assert found.values == {"vault_s3_bucket": "mine", "http_port": 8080, "resolvers": ["1.1.1.1", "9.9.9.9"]}
    assert {name: secret.reveal() for name, secret in found.secrets.items()} == {"docker_access_token": CANARY}
    assert CANARY not in repr(found)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "docker_acces_token: x\n",
            "1: docker_acces_token: unknown variable 'docker_acces_token'; did you mean docker_",
        ),
        ("hostname: a.test\naddress: nowhere\n", "2: address: it does not fit: an IP address"),
        ("environment: [x]\n", "1: environment: it does not fit: one of production, staging, development"),
        ("shape: vault\n", "1: shape: the check checkout.shape measures it; it cannot be given"),
        ("hostname: {file: x}\n", "1: hostname: the answer must be text, a number, or yes or no"),
        ("docker_access_token: {fiel: x}\n", "1: docker_access_token: a secret is given as text or as {file: PATH}"),
        ("docker_access_token: ''\n", "1: docker_access_token: the secret is empty"),
        ("docker_access_token: '  '\n", "1: docker_access_token: the secret is empty"),
        ("docker_access_token: {file: /no/where}\n", "1: docker_access_token: /no/where cannot be read: No such file"),
        ("a: 1\na: 2\n", "2: a: this key stands twice in the same mapping"),
    ],
)
def test_a_fault_is_told_at_its_line(file: Path, text: str, fault: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(SprocketError) as refused:
        given.load(file, GUIDE)
    assert refused.value.message.startswith(f"{file}:{fault}")


def test_a_secret_that_others_can_read_is_refused_without_being_said(file: Path) -> None:
    file.write_text(f"docker_access_token: {CANARY}\n", encoding="utf-8")
    file.chmod(0o644)
    with pytest.raises(SprocketError) as refused:
        given.load(file, GUIDE)
    assert refused.value.message == f"{file} holds the secret docker_access_token and can be read by others"
    assert refused.value.remedy == f"chmod 600 {file}, or give the secret as {{file: PATH}}"


def test_a_private_file_may_hold_the_secret_itself(file: Path) -> None:
    file.write_text(f"docker_access_token: {CANARY}\n", encoding="utf-8")
    file.chmod(0o600)
    assert given.load(file, GUIDE).secrets["docker_access_token"].reveal() == CANARY


@pytest.mark.parametrize(("name", "said"), [("", " is a directory, not a file"), ("none.yaml", " cannot be read: No ")])
def test_a_file_that_cannot_be_read_says_what_to_give(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(SprocketError) as refused:
        given.load(tmp_path / name, GUIDE)
    assert said in refused.value.message
    assert refused.value.remedy == "give --given a YAML file"


@pytest.mark.parametrize("content", ["", "\n", "\n\n", " \t\n"])
def test_a_secrets_file_that_holds_blanks_alone_is_empty(file: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "token").write_text(content, encoding="utf-8")
    file.write_text(f"docker_access_token: {{file: {tmp_path}/token}}\n", encoding="utf-8")
    with pytest.raises(SprocketError, match="docker_access_token: the secret is empty"):
        given.load(file, GUIDE)


def test_a_secrets_file_that_others_can_read_is_warned_about(file: Path, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(CANARY, encoding="utf-8")
    token.chmod(0o644)
    file.write_text(f"docker_access_token: {{file: {token}}}\n", encoding="utf-8")
    assert given.load(file, GUIDE).warnings == (
        f"{token} holds the secret docker_access_token and can be read by others: chmod 600 {token}",
    )
    token.chmod(0o600)
    assert given.load(file, GUIDE).warnings == ()
