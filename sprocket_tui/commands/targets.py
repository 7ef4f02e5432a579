"""What `--target`, `--profile` and `--ssh-config` mean: a profile and a way to connect."""

from __future__ import annotations

import argparse
import getpass
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui import settings
from sprocket_tui.errors import SprocketError
from sprocket_tui.journal.events import RunStarted
from sprocket_tui.settings import Profile
from sprocket_tui.target.link import Link
from sprocket_tui.target.ssh.asking import Asker


@dataclass(frozen=True)
class Goal:
    """Where to, with which profile's values. `connect` makes a new connection each time it is called."""

    url: str
    name: str
    profile: Profile
    connect: Callable[[Asker], Link]


def goal(options: argparse.Namespace, *, url: str = "", profile: Profile | None = None) -> Goal:
    """The goal that the options name; `url` and `profile` are those of a run that is resumed."""
    name: str = options.profile or ""
    chosen = settings.profile(name) if name else profile or Profile()
    where: str = options.target or url or (chosen.target() if name else "")
    if not where:
        raise SprocketError(
            "no target is given",
            remedy="--target local, --target ssh://user@host, or --profile NAME (`sprocket-tui profiles`)",
        )
    if options.ssh_config:
        # Kept with the run, so that `resume` finds its way without it.
        chosen = chosen.model_copy(update={"ssh_config": str(Path(options.ssh_config).expanduser().absolute())})
    return Goal(where, name, chosen, connector(where, chosen.ssh_config))


def kept(started: RunStarted) -> Profile:
    """The profile that a run was begun with."""
    fields = {name: value for name, value in started.profile_values.items() if name in Profile.model_fields}
    return Profile.model_validate(fields)


def connector(where: str, config: str) -> Callable[[Asker], Link]:
    """A function that connects to `where`; paramiko is imported only for SSH, and never for `local`.

    The first connection is on its way when this returns, while the caller still loads what it needs.
    """
    if where == "local":
        from sprocket_tui.target.local import LocalLink  # noqa: PLC0415

        return lambda _asker: LocalLink()
    from sprocket_tui.target.ssh.address import parse_target  # noqa: PLC0415
    from sprocket_tui.target.ssh.dial import begin  # noqa: PLC0415

    file = Path(config).expanduser() if config else None
    if file is not None and not file.is_file():
        raise SprocketError(f"{file}: there is no such SSH configuration file", remedy="give --ssh-config a file")
    target = parse_target(where, file)
    approaches = [begin(target)]

    def connect(asker: Asker) -> Link:
        from sprocket_tui.target.ssh.link import connect as connect_ssh  # noqa: PLC0415

        return connect_ssh(target, asker, approaches.pop() if approaches else None)

    return connect


def driver() -> str:
    """Who drives from where, for the lock and the journal."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
