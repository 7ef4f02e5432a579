"""A practice droplet for a test, and what tells how a script in it ended."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sprocket_tui.errors import SprocketError
from sprocket_tui.practice.droplet import Droplet
from sprocket_tui.practice.server import ENVIRONMENT

Shell = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def droplet(tmp_path: Path) -> Iterator[Droplet]:
    """A practice droplet as `practice serve` makes it; skipped, loudly, where no sandbox can be made."""
    with made(tmp_path / "droplet") as droplet:
        yield droplet


@pytest.fixture
def shell(droplet: Droplet, tmp_path: Path) -> Shell:
    """Runs a script as root of the droplet, as its SSH server would, without the way over SSH."""
    return shell_of(droplet, tmp_path)


@pytest.fixture
def open_ground() -> Iterator[Path]:
    """A directory that everybody may enter, up to the root: nothing but the sandbox keeps anybody from climbing."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        Path(directory).chmod(0o777)
        yield Path(directory)


def made(base: Path) -> Droplet:
    """The droplet of `base`."""
    try:
        return Droplet(base, speed=1000)
    except SprocketError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(error.message)


def shell_of(droplet: Droplet, directory: Path) -> Shell:
    """What runs scripts in the droplet, by files of `directory`."""

    def run(script: str, timeout: float = 30) -> subprocess.CompletedProcess[str]:
        files = [(directory / name).open("w+b") for name in ("in", "out", "err")]
        files[0].write(script.encode())
        files[0].seek(0)
        process = droplet.sandbox.start(["/bin/sh", "-s"], ENVIRONMENT, [file.fileno() for file in files])
        status = process.ended.result(timeout)
        out, err = ((directory / name).read_text(errors="replace") for name in ("out", "err"))
        for file in files:
            file.close()
        return subprocess.CompletedProcess([], status, out, err)

    return run
