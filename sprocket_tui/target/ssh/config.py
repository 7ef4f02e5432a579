"""What the SSH configuration says about one host, as typed values."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui.person import login
from sprocket_tui.target.ssh.address import SshTarget

CONNECT_TIMEOUT = 10.0
_DEFAULT_IDENTITIES = frozenset(
    f"~/.ssh/id_{kind}" for kind in ("rsa", "ecdsa", "ecdsa_sk", "ed25519", "ed25519_sk", "xmss", "dsa")
)

Settings = Mapping[str, Sequence[str]]
"""Lower-case keyword to its values, in order; a keyword that is not set is absent."""


@dataclass(frozen=True)
class HostConfig:
    """One hop, resolved. Files are absolute; `identities_named` is False when only the default key names apply.

    `connect_timeout` is seconds; `strict` is the value of StrictHostKeyChecking.
    """

    alias: str
    hostname: str
    port: int
    user: str
    identity_files: tuple[Path, ...] = ()
    identities_named: bool = False
    identities_only: bool = False
    identity_agent: str = ""
    certificate_files: tuple[Path, ...] = ()
    proxy_jump: str = ""
    proxy_command: str = ""
    user_known_hosts: tuple[Path, ...] = ()
    global_known_hosts: tuple[Path, ...] = ()
    strict: str = "ask"
    host_key_alias: str = ""
    hash_known_hosts: bool = False
    connect_timeout: float = CONNECT_TIMEOUT
    pubkey: bool = True
    keyboard_interactive: bool = True
    password: bool = True

    @property
    def where(self) -> str:
        """`host:port` as messages say it."""
        return f"[{self.hostname}]:{self.port}" if ":" in self.hostname else f"{self.hostname}:{self.port}"

    @property
    def known_as(self) -> tuple[str, ...]:
        """Names to look for in known_hosts, the one to store first; OpenSSH also takes a match without the port."""
        if self.host_key_alias:
            return (self.host_key_alias.lower(),)
        name = self.hostname.lower()
        return (name,) if self.port == 22 else (f"[{name}]:{self.port}", name)


def host_config(target: SshTarget, settings: Settings) -> HostConfig:
    """`settings` as typed values, with `~`, `%` tokens and `${NAME}` of paths resolved against $HOME."""

    def one(key: str, default: str = "") -> str:
        values = settings.get(key) or (default,)
        return default if values[0].lower() == "none" else values[0]

    def yes(key: str, default: str) -> bool:
        return one(key, default).lower() in {"yes", "true"}

    local_user = login()
    hostname = one("hostname", target.host)
    port = target.port or int(one("port", "22"))
    user = target.user or one("user", local_user)
    tokens = {"%": "%", "d": str(Path.home()), "h": hostname, "n": target.host, "p": str(port), "r": user}
    tokens |= {"u": local_user, "i": str(os.getuid()), "k": one("hostkeyalias", target.host)}
    tokens |= {"l": socket.gethostname(), "L": socket.gethostname().partition(".")[0]}

    def files(values: Iterable[str]) -> tuple[Path, ...]:
        return tuple(_path(value, tokens) for value in values if value.lower() != "none")

    identities = settings.get("identityfile") or sorted(_DEFAULT_IDENTITIES)
    agent = one("identityagent", "SSH_AUTH_SOCK")
    return HostConfig(
        alias=target.host,
        hostname=hostname,
        port=port,
        user=user,
        identity_files=files(identities),
        identities_named=not set(identities) <= _DEFAULT_IDENTITIES,
        identities_only=yes("identitiesonly", "no"),
        identity_agent="" if settings.get("identityagent", ("",))[0].lower() == "none" else _agent(agent, tokens),
        certificate_files=files(settings.get("certificatefile", ())),
        proxy_jump=one("proxyjump"),
        proxy_command=_expand(one("proxycommand"), tokens),
        user_known_hosts=files(_words(settings, "userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2")),
        global_known_hosts=files(
            _words(settings, "globalknownhostsfile", "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2")
        ),
        strict=one("stricthostkeychecking", "ask").lower(),
        host_key_alias=one("hostkeyalias"),
        hash_known_hosts=yes("hashknownhosts", "no"),
        connect_timeout=float(one("connecttimeout", "0")) or CONNECT_TIMEOUT,
        pubkey=one("pubkeyauthentication", "yes").lower() not in {"no", "false"},
        keyboard_interactive=yes("kbdinteractiveauthentication", "yes"),
        password=yes("passwordauthentication", "yes"),
    )


def _words(settings: Settings, key: str, default: str) -> list[str]:
    # The client prints paths without quotes; one with spaces is told apart where it lies below HOME.
    text = " ".join(settings.get(key) or (default,)).replace('"', "")
    return text.replace(f"{Path.home()}/", "~/").split()


def _agent(value: str, tokens: Mapping[str, str]) -> str:
    if value == "SSH_AUTH_SOCK":
        return os.environ.get("SSH_AUTH_SOCK", "")
    if value.startswith("$") and not value.startswith("${"):
        return os.environ.get(value[1:], "")
    return str(_path(value, tokens))


def _path(value: str, tokens: Mapping[str, str]) -> Path:
    expanded = re.sub(r"\$\{(\w+)\}", lambda found: os.environ.get(found[1], found[0]), value.strip('"'))
    return Path(_expand(expanded, tokens)).expanduser().absolute()


def _expand(value: str, tokens: Mapping[str, str]) -> str:
    return re.sub(r"%(.)", lambda found: tokens.get(found[1], found[0]), value)
