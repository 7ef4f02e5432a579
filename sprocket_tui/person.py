"""Who runs the program. A container may run as a number that no /etc/passwd has."""

from __future__ import annotations

import getpass
import os
import pwd
from pathlib import Path


def login() -> str:
    """The login's name; its number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def listed_home() -> Path | None:
    """The home in the list of users, which `ssh` goes by; None where the login is not listed."""
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        return None
