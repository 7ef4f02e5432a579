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

_QUESTIONS = {
    "environment": "What is it: production, staging or development",
    "host": "Host to reach over SSH, or an alias of your SSH configuration (empty: this machine)",
    "user": "Login there (empty: as your SSH configuration says)",
    "sudo": "Does that login need sudo to become root: no or yes",
    "domain": "Domain of the deployment, as in sprocket.example",
    "address": "Public IP address of the host",
    "backend": "Pulumi backend: file:///path, s3://bucket?region=..., or https://app.pulumi.com",
    "checkout": "Directory of the infrastructure checkout there",
    "resolvers": "Resolvers to ask for names, with commas",
    "http_port": "Port of plain HTTP",
    "https_port": "Port of HTTPS",
}


def profiles(options: argparse.Namespace) -> int:
    """list, or add NAME."""
    if options.what == "list":
        return _list()
    if not re.fullmatch(PROFILE_NAME, options.name):
        raise SprocketError(
            "a profile name is lower case letters, digits and dashes", remedy="sprocket-tui profiles add NAME"
        )
    path = settings.save(options.name, by_questions())
    sys.stderr.write(f"Saved profile {options.name} in {path}\n")
    return Exit.GO


def by_questions() -> Profile:
    """A profile from answers at the terminal; an answer that does not fit is asked for again."""
    if not sys.stdin.isatty():
        raise NeedsAnswer(
            "profile", "a profile is made by questions, and nobody is here", remedy=f"write {settings.file()}"
        )
    fields: dict[str, str] = {}
    for name, question in _QUESTIONS.items():
        while True:
            default = _shown(Profile.model_fields[name].default)
            sys.stderr.write(f"{question}{f' [{default}]' if default else ''}: ")
            sys.stderr.flush()
            line = sys.stdin.readline()
            if not line:
                raise NeedsAnswer("profile", "the terminal was closed; nothing was saved")
            # What was offered and accepted is an answer, and is kept as one.
            said = line.strip() or default
            try:
                Profile.model_validate({**fields, **({name: said} if said else {})})
            except ValidationError as error:
                sys.stderr.write(f"  {sentence(error.errors()[0], Profile, (name,))}\n")
                continue
            if said:
                fields[name] = said
            break
    return Profile.model_validate(fields)


def _shown(default: object) -> str:
    return ", ".join(cast("tuple[str, ...]", default)) if isinstance(default, tuple) else str(default or "")


def _list() -> int:
    known = settings.profiles()
    if not known:
        sys.stdout.write("No profile is saved yet: sprocket-tui profiles add NAME\n")
    for name, profile in sorted(known.items()):
        sys.stdout.write(f"{name:16} {profile.environment:12} {profile.target():32} {profile.domain}\n")
    return Exit.GO
