"""The hosts that a person's SSH configuration names, to be offered where one is asked for."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui.errors import SprocketError
from sprocket_tui.target.ssh.files import spliced
from sprocket_tui.terminal import one_line

# What makes a word of a Host line stand for more, or less, than one host.
_PATTERN = frozenset("*?!")


@dataclass(frozen=True)
class Named:
    """An alias and, as far as its own block says it, where it leads: `user@host:port`."""

    alias: str
    where: str


def named(config: Path | None = None) -> tuple[Named, ...]:
    """The aliases of `config`, or of `~/.ssh/config`, with what it includes, in their order; patterns are left out.

    What cannot be read names nobody: here nothing is decided, and connecting says what is wrong with the file.
    """
    user = Path.home() / ".ssh"
    try:
        text = spliced(config or user / "config", user)
    except (SprocketError, ValueError):
        return ()
    blocks: dict[str, dict[str, str]] = {}
    here: list[str] = []
    for line in text.splitlines():
        keyword, *values = _words(line)
        if keyword in {"host", "match"}:
            here = [each for each in values if keyword == "host" and not _PATTERN & set(each)]
            for alias in here:
                blocks.setdefault(alias, {})
        elif values:
            for alias in here:
                # The first value that is found counts.
                blocks[alias].setdefault(keyword, values[0])
    return tuple(Named(one_line(alias), one_line(_where(said))) for alias, said in blocks.items())


def _words(line: str) -> list[str]:
    try:
        words = shlex.split(line.strip().replace("=", " ", 1), comments=True)
    except ValueError:
        words = line.split()
    return [words[0].lower(), *words[1:]] if words else [""]


def _where(said: dict[str, str]) -> str:
    host = said.get("hostname", "")
    user = f"{said['user']}@" if "user" in said else ""
    port = f":{said['port']}" if "port" in said else ""
    return f"{user}{host}{port}" if host else user.rstrip("@")
