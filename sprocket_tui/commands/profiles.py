"""`profiles`: list them, make one by questions, or forget one."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Container, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from sprocket_tui import settings
from sprocket_tui.errors import NeedsAnswer, SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.guide.fitting import parse
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.guide.model import Var
from sprocket_tui.guide.shape import sentence
from sprocket_tui.settings import PROFILE_NAME, Profile
from sprocket_tui.target.ssh.address import parse_target
from sprocket_tui.target.ssh.named import Named, named

BAD_NAME = "a profile name is lower case letters, digits and dashes"
# What only matters on the way to another machine.
_REMOTE = ("port", "user", "ssh_config")
# Of one port for both the later question tells of it, as the earlier one may be half of an exchange.
_WEB = ("http_port", "https_port")
# So many hosts of an SSH configuration are offered as lines.
_MOST_HOSTS = 30
QUESTIONS = {
    "environment": "What is it: production, staging or development",
    "host": "Host to reach over SSH, as host or host:port, or an alias of your SSH configuration (empty: this machine)",
    "port": "SSH port (empty: 22, or as your SSH configuration says)",
    "user": "Login there (empty: as your SSH configuration says)",
    "ssh_config": "SSH configuration file (empty: your usual one)",
    "sudo": "Does that login need sudo to become root: no or yes",
    "domain": "Domain of the deployment, as in sprocket.example",
    "address": "Public IP address of the host",
    "backend": "Pulumi backend: file:///path, s3://bucket?region=..., or https://app.pulumi.com",
    "checkout": "Directory of the infrastructure checkout there",
    "resolvers": "Resolvers to ask for names, with commas",
    "http_port": "Port of plain HTTP",
    "https_port": "Port of HTTPS",
    "path": "Directories of docker, node and pulumi there that only a login shell looks into, with commas",
}


def profiles(options: argparse.Namespace) -> int:
    """list, add NAME, or forget NAME."""
    if options.what == "list":
        return _list()
    if options.what == "forget":
        sys.stderr.write(f"{forget(options.name)}\n")
        return Exit.GO
    name = options.name or _name()
    if not re.fullmatch(PROFILE_NAME, name):
        raise SprocketError(BAD_NAME, remedy="sprocket-tui profiles add NAME")
    path = settings.save(name, by_questions())
    sys.stderr.write(f"Saved profile {name} in {path}\n")
    return Exit.GO


def forget(name: str) -> str:
    """Removes a saved profile, and says what stays. Raises SprocketError where there is none, or it cannot be."""
    settings.profile(name)
    path = settings.forget(name)
    return f"Profile {name} is no more in {path}; its host and its runs are as they were."


def _name() -> str:
    """The new profile's name, where somebody is there to be asked."""
    if not sys.stdin.isatty():
        return ""
    sys.stderr.write("Name of the environment, as in staging: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def bad_name(name: str, taken: Container[str]) -> str:
    """What is wrong with the name of a new profile, in one sentence; empty where nothing is."""
    if name in taken:
        return f"there is a profile {name} already: give another name"
    return "" if re.fullmatch(PROFILE_NAME, name) else BAD_NAME


def by_questions() -> Profile:
    """A profile from answers at the terminal; an answer that does not fit is asked for again."""
    if not sys.stdin.isatty():
        raise NeedsAnswer(
            "profile", "a profile is made by questions, and nobody is here", remedy=f"write {settings.file()}"
        )
    fields: dict[str, str] = {}
    try:
        for name, question in QUESTIONS.items():
            if not applies(name, fields):
                continue
            offered = named() if name == "host" else ()
            if said := _answer(name, question, fields, offered):
                fields[name] = said
    except KeyboardInterrupt:
        raise KeyboardInterrupt("interrupted; no profile was saved") from None
    return Profile.model_validate(fields)


def applies(name: str, fields: Mapping[str, str]) -> bool:
    """Whether a question is one, with these answers: the way to another machine, unless it is this one."""
    host = Profile.model_validate({"host": fields.get("host", "")})
    return not ((name in _REMOTE and not host.host) or (name == "port" and host.port))


def fault(name: str, said: str, fields: Mapping[str, str]) -> str:
    """What is wrong with an answer beside the others, in one sentence; empty where nothing is."""
    try:
        profile = Profile.model_validate({**fields, **({name: said} if said else {})})
    except ValidationError as error:
        return sentence(error.errors()[0], Profile, (name,))
    if name in _WEB and (twice := profile.twice()) and (name == _WEB[1] or _WEB[1] in fields):
        return twice
    if not said:
        return ""
    if name in ("host", "user"):
        return _unreachable(name, said, profile)
    if name == "ssh_config" and not Path(said).expanduser().is_file():
        return f"there is no file {said}: give one, or nothing for your usual one"
    # Whatever the guide asks a person for must fit here as it would there.
    wrong = next((parse(var, said)[0] for var in _variables() if var.profile == name), "")
    return f"{said!r} does not fit: {wrong}" if wrong else ""


def _unreachable(name: str, said: str, profile: Profile) -> str:
    """What is wrong with a host, or with the login there, by the same reading as that of a target."""
    host = profile.host or "host"
    try:
        read = parse_target(profile.model_copy(update={"host": host, "user": "" if name == "host" else said}).target())
    except SprocketError:
        read = None
    if name == "user":
        return "" if read and read.host == host else f"{said!r} is no login: write a user name, and nothing else"
    if read is not None and (read.host, read.user) == (host, ""):
        return ""
    return f"{said!r} is no host: write a host, host:port, or an alias; the login is a question of its own"


@cache
def _variables() -> Sequence[Var]:
    return load_guide().vars


def default(name: str) -> str:
    """What an empty answer stands for, as a person would type it."""
    return shown(Profile.model_fields[name].default)


def shown(value: object) -> str:
    """A field's value as a person types it."""
    return ", ".join(cast("tuple[str, ...]", value)) if isinstance(value, tuple) else str(value or "")


def _answer(name: str, question: str, fields: Mapping[str, str], offered: Sequence[Named] = ()) -> str:
    """The answer for one field; what was offered and accepted is an answer, and is kept as one."""
    usual = default(name)
    _offer(offered)
    while True:
        sys.stderr.write(f"{question}{f' [{usual}]' if usual else ''}: ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise NeedsAnswer("profile", "the terminal was closed; no profile was saved")
        said = _of_number(line.strip(), offered) or usual
        if wrong := fault(name, said, fields):
            sys.stderr.write(f"  {wrong}\n")
            continue
        return said


def _offer(offered: Sequence[Named]) -> None:
    """The hosts of the SSH configuration with numbers, of which one is an answer too."""
    if not offered:
        return
    sys.stderr.write("Hosts of ~/.ssh/config, by number or name:\n")
    wide = max(len(each.alias) for each in offered[:_MOST_HOSTS])
    for number, each in enumerate(offered[:_MOST_HOSTS], start=1):
        sys.stderr.write(f"  {number:2}  {each.alias:{wide}}  {each.where}".rstrip() + "\n")
    if len(offered) > _MOST_HOSTS:
        sys.stderr.write(f"  and {len(offered) - _MOST_HOSTS} more, by name\n")


def _of_number(said: str, offered: Sequence[Named]) -> str:
    """The host that a number stands for; a host that is called so comes first."""
    known = any(each.alias == said for each in offered)
    if not known and said.isascii() and said.isdigit() and 0 < int(said) <= min(len(offered), _MOST_HOSTS):
        return offered[int(said) - 1].alias
    return said


def _list() -> int:
    known = settings.profiles()
    if not known:
        sys.stdout.write("No profile is saved yet: sprocket-tui profiles add NAME\n")
    for name, profile in sorted(known.items()):
        sys.stdout.write(f"{name:16} {profile.environment:12} {profile.target():32} {profile.domain}\n")
    return Exit.GO
