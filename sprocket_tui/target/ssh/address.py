"""Where to connect, as a person writes it: `ssh://[user@]host[:port]`, or an alias of the SSH configuration."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from sprocket_tui.errors import SprocketError
from sprocket_tui.terminal import one_line

_ADDRESS = re.compile(r"(?:(?P<user>[^@/]*)@)?(?P<host>\[[^\[\]]+\]|[^:/@\[\]\s]+)(?::(?P<port>\d{1,5}))?/?")
_HOST = re.compile(r"[\w.:%][\w.:%-]*")
_FORM = "write it as ssh://[user@]host[:port]; an IPv6 address goes in brackets: ssh://root@[2001:db8::1]"


@dataclass(frozen=True)
class SshTarget:
    """An address before the SSH configuration was asked: `user` "" and `port` 0 mean not given.

    `config` is the file of `--ssh-config` (`ssh -F`); None means the usual files.
    """

    host: str
    user: str = ""
    port: int = 0
    config: Path | None = None


def parse_target(text: str, config: Path | None = None) -> SshTarget:
    """The target that `ssh://...` names. Raises SprocketError (usage) when it is none."""
    scheme, separator, rest = text.partition("://")
    if not separator or scheme.lower() != "ssh":
        raise SprocketError(f"the target {one_line(text)!r} is no SSH address", remedy=_FORM)
    return _parse(text, rest, config)


def parse_hop(text: str, config: Path | None) -> SshTarget:
    """One entry of ProxyJump: `[user@]host[:port]` or an `ssh://` address."""
    return _parse(text, text.removeprefix("ssh://"), config)


def _parse(text: str, rest: str, config: Path | None) -> SshTarget:
    shown = one_line(text)
    found = _ADDRESS.fullmatch(rest)
    if found is None:
        raise SprocketError(f"the target {_without_password(shown)!r} cannot be read", remedy=_FORM)
    user = unquote(found["user"] or "")
    if ":" in user:
        raise SprocketError(
            f"the target {_without_password(shown)!r} holds a password",
            remedy="leave it out: addresses end up in logs. You are asked for it, or use a key",
        )
    host = found["host"].strip("[]")
    if ":" in host and not _is_ipv6(host):
        raise SprocketError(f"the target {shown!r} cannot be read", remedy=_FORM)
    port = int(found["port"] or 0)
    if not _HOST.fullmatch(host) or user.startswith("-") or any(c.isspace() or not c.isprintable() for c in user):
        raise SprocketError(f"the target {shown!r} cannot be read", remedy=_FORM)
    if found["port"] and not 0 < port < 65536:
        raise SprocketError(f"the target {shown!r} has the port {port}; ports go from 1 to 65535", remedy=_FORM)
    return SshTarget(host=host, user=user, port=port, config=config)


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True


def _without_password(shown: str) -> str:
    return re.sub(r":[^/@:]*@", ":...@", shown)
