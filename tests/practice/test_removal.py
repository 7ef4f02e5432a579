"""A droplet can be thrown away whatever was made of its directories inside, and nothing that lies outside goes too."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from sprocket_tui.practice.removal import empty, remove
from tests.practice.test_sandbox_of_a_person import as_a_person, home, python

__all__ = ["home", "python"]


def deep(top: Path, levels: int) -> None:
    """Directories within each other, further down than any path can name."""
    at = os.open(top, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d" * 20, dir_fd=at)
        below = os.open("d" * 20, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=at))
    os.close(at)


def test_directories_within_each_other_go_however_many(tmp_path: Path) -> None:
    (tmp_path / "gone/beside").mkdir(parents=True)
    deep(tmp_path / "gone", sys.getrecursionlimit() + 500)
    remove(tmp_path / "gone")
    assert list(tmp_path.iterdir()) == []


def test_a_link_goes_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir(mode=0o500)
    (tmp_path / "kept/letter").touch()
    (tmp_path / "gone/a").mkdir(parents=True)
    for place in ("gone", "gone/a"):
        (tmp_path / place / "link").symlink_to(tmp_path / "kept")
        (tmp_path / place / "file").symlink_to(tmp_path / "kept/letter")
    remove(tmp_path / "gone")
    assert (tmp_path / "kept/letter").exists()
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o500
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    with pytest.raises(OSError, match="link"):
        empty(tmp_path / "link")
    assert (tmp_path / "kept/letter").exists()


def test_directories_that_were_shut_are_opened_on_the_way(home: Path, python: str) -> None:
    script = """
import os, pathlib, sys
from sprocket_tui.practice.removal import remove
top = pathlib.Path(sys.argv[1])
(top / "a/b/c").mkdir(parents=True)
for name in ("a/b/c", "a/b", "a", "."):
    (top / name / "file").touch()
    (top / name).chmod(0)
remove(top)
"""
    done = as_a_person([python, "-c", script, str(home / "gone")], home)
    assert done.returncode == 0, done.stderr
    assert not (home / "gone").exists()


def test_what_is_written_meanwhile_goes_as_well(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    written = threading.Event()

    def write() -> None:
        for number in range(300):
            try:
                (tmp_path / f"gone/{number % 3}/{number}").mkdir(parents=True, exist_ok=True)
                (tmp_path / f"gone/{number % 3}/{number}/file").touch()
            except OSError:
                continue
        written.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not written.is_set():
        empty(tmp_path / "gone")
    writer.join()
    remove(tmp_path / "gone")
    assert list(tmp_path.iterdir()) == []
