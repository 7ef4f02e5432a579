"""What `--target`, `--profile` and `--ssh-config` mean: a profile and a way to connect."""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sprocket_tui.errors import SprocketError
from sprocket_tui.person import login
from sprocket_tui.target.link import Link
from sprocket_tui.target.ssh.asking import Asker

if TYPE_CHECKING:
    from sprocket_tui.journal.events import RunStarted
    from sprocket_tui.settings import Profile

# What a run works on: agreed to when it began, and never another one under the same run.
_DECIDES = ("practice", "environment", "domain", "address", "checkout", "backend")
# How its target is reached, and how things run there: as the profile has it now.
_REACHES = ("host", "port", "user", "ssh_config", "sudo", "path")


@dataclass(frozen=True)
class Goal:
    """Where to, with which profile's values. `connect` makes a new connection each time it is called.

    `named` says that the command line named it, and not the profile.
    """

    url: str
    name: str
    profile: Profile
    connect: Callable[[Asker], Link]
    named: bool = False


def goal(options: argparse.Namespace, *, url: str = "", profile: Profile | None = None) -> Goal:
    """The goal that the options name; `url` and `profile` are those of a run that is resumed."""
    name: str = options.profile or ""
    chosen = _saved(name) if name else profile
    return _goal(options, _where(options, url, chosen if name else None), name, chosen)


def named(options: argparse.Namespace) -> str:
    """The URL of the target that the options name; nobody is called."""
    return _where(options, "", _saved(options.profile) if options.profile else None)


def _where(options: argparse.Namespace, url: str, profile: Profile | None) -> str:
    where: str = options.target or url or (profile.target() if profile else "")
    if not where:
        raise SprocketError(
            "no target is given",
            remedy="--target local, --target ssh://user@host, or --profile NAME (`sprocket-tui profiles`)",
        )
    return where


def goals(options: argparse.Namespace) -> tuple[Goal, ...]:
    """Every goal of a command that takes `--target` more than once; the profile's values hold for all of them."""
    for at, url in enumerate(options.target):
        if url in options.target[:at]:
            raise SprocketError(f"--target {url} is given twice", remedy="name each host once")
    return tuple(
        goal(argparse.Namespace(**{**vars(options), "target": url}))  # the options of one of them
        for url in options.target or [""]
    )


def resumed(options: argparse.Namespace, started: RunStarted) -> Goal:
    """The goal of a run that goes on: reached as its saved profile says now, where no target is named.

    What changed is said on stderr. Raises SprocketError where the profile has come to mean another deployment.
    """
    from sprocket_tui import settings  # noqa: PLC0415 as in `_goal`

    begun = kept(started)
    name: str = options.profile or ("" if options.target else started.profile)
    now = settings.profile(name) if options.profile else settings.profiles().get(name)
    if now is None:
        return goal(options, url=started.target, profile=begun)
    _same_deployment(name, now, begun, started)
    # A target or an SSH configuration that was named beside the profile holds until another is.
    named = bool(options.target) or (not options.profile and started.target != begun.target())
    taken = _REACHES[3:] if named else _REACHES
    update = {field: getattr(now, field) for field in taken} | {"ssh_config": now.ssh_config or begun.ssh_config}
    profile = begun.model_copy(update=update)
    _tell_changes(name, begun, profile, now)
    return _goal(options, options.target or (started.target if named else now.target()), name, profile)


def _goal(options: argparse.Namespace, where: str, name: str, chosen: Profile | None) -> Goal:
    own = str(Path(options.ssh_config).expanduser().absolute()) if options.ssh_config else ""
    connect = connector(where, own or (chosen.ssh_config if chosen else ""))
    # What knows profiles takes longer to load than a network to answer.
    from sprocket_tui.settings import Profile  # noqa: PLC0415

    profile = chosen or Profile()
    if own:
        # Kept with the run, so that `resume` finds its way without it.
        profile = profile.model_copy(update={"ssh_config": own})
    return Goal(where, name, profile, connect, named=bool(options.target))


def _saved(name: str) -> Profile:
    from sprocket_tui import settings  # noqa: PLC0415 as in `_goal`

    return settings.profile(name)


def _same_deployment(name: str, now: Profile, begun: Profile, started: RunStarted) -> None:
    said, had = now.values(), started.profile_values
    # What the run's own profile said later may be taken; but never another profile's, or another environment.
    adds = {field for field in _DECIDES if name == started.profile and field != "environment"}
    other = [
        f"{field} {said[field]} (the run began with {had.get(field) or 'none'})"
        for field in _DECIDES
        if field in said and said[field] != had.get(field) and (had.get(field) is not None or field not in adds)
    ]
    if now.practice != begun.practice:
        other.append("a rehearsal" if now.practice else "no rehearsal")
    if other:
        mend = "put the profile back as it was" if name == started.profile else "go on without --profile"
        raise SprocketError(
            f"profile {name} is another deployment {'now ' * (name == started.profile)}than run {started.run}: "
            f"{', '.join(dict.fromkeys(other))}",
            remedy=f"{mend}, or begin a new run with `sprocket-tui run --profile {name}`",
        )


def _tell_changes(name: str, begun: Profile, taken: Profile, now: Profile) -> None:
    """One line about what is taken from the profile as it is now, and what the run keeps as it began."""
    changes = [
        f"{field} {_said(getattr(begun, field))} is now {_said(getattr(taken, field))}"
        for field in _REACHES
        if getattr(begun, field) != getattr(taken, field)
    ]
    left = [field for field in now.values() if field not in _REACHES and getattr(begun, field) != getattr(now, field)]
    said = [f"{', '.join(changes)}."] if changes else []
    said += [f"The run keeps the {', '.join(left)} that it began with."] if left else []
    if said:
        sys.stderr.write(f"Profile {name} has changed: {' '.join(said)}\n")


def _said(value: object) -> str:
    return ":".join(cast("tuple[str, ...]", value)) if isinstance(value, tuple) else str(value or "(none)")


def kept(started: RunStarted) -> Profile:
    """The profile that a run was begun with."""
    from sprocket_tui.settings import Profile  # noqa: PLC0415 as in `_goal`

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
    from sprocket_tui.target.ssh.approach import begin  # noqa: PLC0415

    file = Path(config).expanduser() if config else None
    if file is not None and not file.is_file():
        raise SprocketError(f"{file}: there is no such SSH configuration file", remedy="give --ssh-config a file")
    target = parse_target(where, file)
    approaches = [begin(target)]
    # Keys are agreed in the background, for which this is needed first; the host's name is looked up meanwhile.
    from sprocket_tui.target.ssh.link import connect  # noqa: PLC0415

    return lambda asker: connect(target, asker, approaches.pop() if approaches else None)


def driver() -> str:
    """Who drives from where, for the lock and the journal."""
    return f"{login()}@{socket.gethostname()}"
