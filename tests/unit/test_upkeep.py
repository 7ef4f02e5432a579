"""What is left on a target is found and removed, whatever other programs do there meanwhile."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from sprocket_tui.engine import upkeep
from sprocket_tui.target.local import LocalLink


@pytest.fixture
def somebody_elses_read() -> Iterator[Path]:
    """The directory on tmpfs of a read that another program of the same login makes now."""
    place = Path(f"/dev/shm/sprocket-{os.getuid()}/sprocket-{uuid.uuid4().hex}")
    place.mkdir(mode=0o700, parents=True)
    yield place
    place.rmdir()


def test_a_read_that_ends_while_we_look_hides_nothing_of_ours(
    link: LocalLink, home: Path, somebody_elses_read: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".sprocket" / "runs" / "0a1b2c3d").mkdir(parents=True)
    # To whoever looks at it, it is gone by then.
    tools = home / "bin"
    tools.mkdir()
    (tools / "stat").write_text('#!/bin/sh\necho "stat: cannot statx: No such file or directory" >&2\nexit 1\n')
    (tools / "stat").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    assert [line.partition("\t")[2] for line in upkeep.leftovers(link)] == [str(home / ".sprocket")]
    upkeep.clean(link)
    assert not (home / ".sprocket").exists()
    assert somebody_elses_read.exists()
