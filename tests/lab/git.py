"""Repositories of the lab, made with the real git of this machine and nobody's settings."""

import os
import subprocess
from pathlib import Path

_WHO = {"GIT_AUTHOR_NAME": "lab", "GIT_AUTHOR_EMAIL": "lab@lab.test"}
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    **_WHO,
    **{name.replace("AUTHOR", "COMMITTER"): value for name, value in _WHO.items()},
    # A clone of a directory beside it is how submodules are made here.
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "protocol.file.allow",
    "GIT_CONFIG_VALUE_0": "always",
}


def git(directory: Path, *words: str) -> str:
    """What git prints in `directory`."""
    argv = ["git", "-C", str(directory), *words]
    return subprocess.run(argv, check=True, capture_output=True, text=True, env=ENVIRONMENT).stdout.strip()


def repository(directory: Path, **files: str) -> Path:
    """A repository with one commit of these files, whose names are written with two underscores for a slash."""
    directory.mkdir(parents=True)
    git(directory, "init", "-q", "-b", "main")
    for name, text in {"layer_1__Pulumi.yaml": "name: layer_1\n", **files}.items():
        file = directory / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    git(directory, "add", "-Af")
    git(directory, "commit", "-q", "-m", "first")
    return directory
