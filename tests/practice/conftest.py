"""A practice droplet for a test, and what tells how a script in it ended."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sprocket_tui.errors import SprocketError
from sprocket_tui.practice.droplet import Droplet

Shell = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def droplet(tmp_path: Path) -> Iterator[Droplet]:
    """A practice droplet as `practice serve` makes it; skipped, loudly, where no sandbox can be made."""
    try:
        made = Droplet(tmp_path / "droplet", speed=1000)
    except SprocketError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(error.message)
    with made:
        yield made


@pytest.fixture
def shell(droplet: Droplet, tmp_path: Path) -> Shell:
    """Runs a script as root of the droplet, as its SSH server would, without the way over SSH."""

    def run(script: str, timeout: float = 30) -> subprocess.CompletedProcess[str]:
        files = [(tmp_path / name).open("w+b") for name in ("in", "out", "err")]
        files[0].write(script.encode())
        files[0].seek(0)
        from sprocket_tui.practice.server import ENVIRONMENT

        process = droplet.sandbox.start(["/bin/sh", "-s"], ENVIRONMENT, [file.fileno() for file in files])
        status = process.ended.result(timeout)
        out, err = ((tmp_path / name).read_text(errors="replace") for name in ("out", "err"))
        for file in files:
            file.close()
        return subprocess.CompletedProcess([], status, out, err)

    return run
