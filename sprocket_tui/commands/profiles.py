"""`profiles`: list them, or make one by questions."""

from __future__ import annotations

import argparse
import re
import sys
from typing import cast

from pydantic import ValidationError

from sprocket_tui import settings
from sprocket_tui.errors import NeedsAnswer, SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.guide.shape import sentence
from sprocket_tui.settings import PROFILE_NAME, Profile

# What only matters on the way to another machine.
_REMOTE = ("port", "user", "ssh_config")
_QUESTIONS = {
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
    """list, or add NAME."""
    if options.what == "list":
        return _list()
    name = options.name or _name()
    if not re.fullmatch(PROFILE_NAME, name):
        raise SprocketError(
            "a profile name is lower case letters, digits and dashes", remedy="sprocket-tui profiles add NAME"
        )
    path = settings.save(name, by_questions())
    sys.stderr.write(f"Saved profile {name} in {path}\n")
    return Exit.GO


def _name() -> str:
    """The new profile's name, where somebody is there to be asked."""
    if not sys.stdin.isatty():
        return ""
    sys.stderr.write("Name of the environment, as in staging: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def by_questions() -> Profile:
    """A profile from answers at the terminal; an answer that does not fit is asked for again."""
    if not sys.stdin.isatty():
        raise NeedsAnswer(
            "profile", "a profile is made by questions, and nobody is here", remedy=f"write {settings.file()}"
        )
    fields: dict[str, str] = {}
    try:
        for name, question in _QUESTIONS.items():
            so_far = Profile.model_validate(fields)
            if (name in _REMOTE and not so_far.host) or (name == "port" and so_far.port):
                continue
            if said := _answer(name, question, fields):
                fields[name] = said
    except KeyboardInterrupt:
        raise KeyboardInterrupt("interrupted; no profile was saved") from None
    return Profile.model_validate(fields)


def _answer(name: str, question: str, fields: dict[str, str]) -> str:
    """The answer for one field; what was offered and accepted is an answer, and is kept as one."""
    default = _shown(Profile.model_fields[name].default)
    while True:
        sys.stderr.write(f"{question}{f' [{default}]' if default else ''}: ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise NeedsAnswer("profile", "the terminal was closed; no profile was saved")
        said = line.strip() or default
        try:
            Profile.model_validate({**fields, **({name: said} if said else {})})
        except ValidationError as error:
            sys.stderr.write(f"  {sentence(error.errors()[0], Profile, (name,))}\n")
            continue
        return said


def _shown(default: object) -> str:
    return ", ".join(cast("tuple[str, ...]", default)) if isinstance(default, tuple) else str(default or "")


def _list() -> int:
    known = settings.profiles()
    if not known:
        sys.stdout.write("No profile is saved yet: sprocket-tui profiles add NAME\n")
    for name, profile in sorted(known.items()):
        sys.stdout.write(f"{name:16} {profile.environment:12} {profile.target():32} {profile.domain}\n")
    return Exit.GO
