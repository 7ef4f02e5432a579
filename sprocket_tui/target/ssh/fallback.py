"""Reads the SSH configuration where no OpenSSH client is installed: paramiko's parser, with Include resolved here."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from paramiko import ConfigParseError, SSHConfig

from sprocket_tui.errors import SprocketError
from sprocket_tui.target.ssh.address import SshTarget
from sprocket_tui.target.ssh.config import Settings
from sprocket_tui.target.ssh.openssh import MAX_INCLUDES, included
from sprocket_tui.terminal import one_line

_SYSTEM = Path("/etc/ssh/ssh_config")


def settings(target: SshTarget) -> Settings:
    """What the configuration files say about `target.host`. Raises SprocketError (usage) for a file that is broken."""
    user_directory = Path.home() / ".ssh"
    if target.config is not None:
        text = _text(target.config, user_directory, 0)
    else:
        text = "\n".join(
            [_text(user_directory / "config", user_directory, 0), "Host *", _text(_SYSTEM, _SYSTEM.parent, 0)]
        )
    try:
        found = SSHConfig.from_text(text).lookup(target.host)
    except (ConfigParseError, ValueError) as error:
        raise SprocketError(
            f"the SSH configuration is not accepted: {one_line(str(error))}",
            remedy="correct the file, or install an OpenSSH client, which reads all of the format",
        ) from None
    values: dict[str, list[str]] = {}
    for key, value in cast("dict[str, str | list[str] | None]", found).items():
        if value:  # an unset ProxyCommand comes as None
            values[key] = [value] if isinstance(value, str) else value
    return values


def _text(path: Path, base: Path, depth: int) -> str:
    """The file with its Includes spliced in; the block around an Include goes on after it."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    if depth > MAX_INCLUDES:
        raise SprocketError(f"{path} is included in a circle", remedy="look at the Include lines")
    block = "Host *"
    result: list[str] = []
    for line in lines:
        word, _, rest = line.strip().replace("=", " ", 1).partition(" ")
        if word.lower() in {"host", "match"}:
            block = line
        if word.lower() != "include":
            result.append(line)
            continue
        result += [_text(found, base, depth + 1) for found in included(rest, base)]
        result.append(block)
    return "\n".join(result)
