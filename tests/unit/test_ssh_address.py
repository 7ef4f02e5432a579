"""Addresses: what is read, and what is refused with the form to write."""

from pathlib import Path

import pytest

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.target.ssh.address import SshTarget, parse_target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("ssh://droplet", SshTarget("droplet")),
        ("ssh://root@droplet", SshTarget("droplet", "root")),
        ("ssh://root@droplet:2222", SshTarget("droplet", "root", 2222)),
        ("ssh://droplet:22/", SshTarget("droplet", "", 22)),
        ("SSH://10.0.0.7", SshTarget("10.0.0.7")),
        ("ssh://[2001:db8::1]:2222", SshTarget("2001:db8::1", "", 2222)),
        ("ssh://root@[fe80::1%25eth0]", SshTarget("fe80::1%25eth0", "root")),
        ("ssh://first%40corp@droplet", SshTarget("droplet", "first@corp")),
    ],
)
def test_an_address_gives_host_user_and_port(text: str, target: SshTarget) -> None:
    assert parse_target(text) == target


def test_the_configuration_file_goes_with_the_target() -> None:
    assert parse_target("ssh://droplet", Path("/x")).config == Path("/x")


@pytest.mark.parametrize(
    "text",
    [
        "droplet",
        "http://droplet",
        "ssh://",
        "ssh://root@",
        "ssh://droplet:0",
        "ssh://droplet:65536",
        "ssh://droplet:ssh",
        "ssh://2001:db8::1",
        "ssh://[127.0.0.1:7000-oProxyCommand=x]",
        "ssh://droplet/path",
        "ssh://-oProxyCommand=x",
        "ssh://-l@droplet",
        "ssh://a b",
        "ssh://dro%0aplet\n",
        "ssh://root@droplet\x1b[31m",
    ],
)
def test_anything_else_is_refused_with_the_form_to_write(text: str) -> None:
    with pytest.raises(SprocketError) as refused:
        parse_target(text)
    assert refused.value.code is Exit.USAGE
    assert "ssh://" in refused.value.remedy or "65535" in refused.value.remedy
    assert "\x1b" not in refused.value.message


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(SprocketError) as refused:
        parse_target("ssh://root:hunter2hunter2@droplet")
    assert "hunter2" not in refused.value.message + refused.value.remedy
    assert "password" in refused.value.message
