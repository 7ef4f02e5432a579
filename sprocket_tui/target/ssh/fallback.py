"""Reads the SSH configuration where no OpenSSH client is installed: paramiko's parser, with Include resolved here."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from paramiko import ConfigParseError, SSHConfig

from sprocket_tui.errors import SprocketError
from sprocket_tui.person import login
from sprocket_tui.target.ssh.address import SshTarget
from sprocket_tui.target.ssh.config import Settings
from sprocket_tui.target.ssh.files import spliced
from sprocket_tui.terminal import one_line

_SYSTEM = Path("/etc/ssh/ssh_config")


def settings(target: SshTarget) -> Settings:
    """What the configuration files say about `target.host`. Raises SprocketError (usage) for a file that is broken."""
    user_directory = Path.home() / ".ssh"
    if target.config is not None:
        text = spliced(target.config, user_directory)
    else:
        text = "\n".join(
            [spliced(user_directory / "config", user_directory), "Host *", spliced(_SYSTEM, _SYSTEM.parent)]
        )
    try:
        found = SSHConfig.from_text(text).lookup(target.host)
    except (ConfigParseError, ValueError) as error:
        raise SprocketError(
            f"the SSH configuration is not accepted: {one_line(str(error))}",
            remedy="correct the file, or install an OpenSSH client, which reads all of the format",
        ) from None
    except ImportError:
        raise SprocketError(
            "the SSH configuration asks a program (Match exec), which only an OpenSSH client runs",
            remedy="install an OpenSSH client",
        ) from None
    except KeyError:
        raise SprocketError(
            f"the login {login()} of this machine has no name, and the SSH configuration asks for one",
            remedy="set USER to a name, or run this as a user who is listed in /etc/passwd",
        ) from None
    values: dict[str, list[str]] = {}
    for key, value in cast("dict[str, str | list[str] | None]", found).items():
        if value:  # an unset ProxyCommand comes as None
            values[key] = [value] if isinstance(value, str) else value
    return values
