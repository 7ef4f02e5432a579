"""The route to a target: its jump hosts and itself, each resolved by the same SSH configuration."""

from __future__ import annotations

import os
import shutil

from sprocket_tui.errors import SprocketError
from sprocket_tui.target.ssh import openssh
from sprocket_tui.target.ssh.address import SshTarget, parse_hop
from sprocket_tui.target.ssh.config import HostConfig, host_config

MAX_HOPS = 8


def route_to(target: SshTarget) -> tuple[HostConfig, ...]:
    """Every hop to `target`, the first to dial first, the target last. Raises SprocketError (usage)."""
    if target.config is not None and not os.access(target.config, os.R_OK):
        raise SprocketError(
            f"the SSH configuration {target.config} cannot be read", remedy="name a readable file with --ssh-config"
        )
    return _route(target, 0)


def resolve(target: SshTarget) -> HostConfig:
    """The configuration of one host, by the OpenSSH client where one is installed, else by paramiko's parser."""
    if shutil.which("ssh"):
        return host_config(target, openssh.settings(target))
    from sprocket_tui.target.ssh import fallback  # noqa: PLC0415 (loads paramiko, which takes 0.3 s)

    return host_config(target, fallback.settings(target))


def _route(target: SshTarget, depth: int) -> tuple[HostConfig, ...]:
    if depth > MAX_HOPS:
        raise SprocketError(
            f"the jump hosts for {target.host} lead in a circle", remedy="look at ProxyJump in the SSH configuration"
        )
    host = resolve(target)
    if not host.proxy_jump:
        return (host,)
    hops = [parse_hop(hop.strip(), target.config) for hop in host.proxy_jump.split(",")]
    # As with `ssh -J`: the first hop may have jump hosts of its own, the ones after it are reached through it.
    return (*_route(hops[0], depth + 1), *(resolve(hop) for hop in hops[1:]), host)
