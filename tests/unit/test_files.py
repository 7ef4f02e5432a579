"""Files that somebody named: whatever a path leads to, reading it ends, and says why it did not work."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sprocket_tui import files, settings
from sprocket_tui.errors import SprocketError
from sprocket_tui.faces import given
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.reports import reading
from sprocket_tui.target.ssh.asking import Headless
from sprocket_tui.target.ssh.config import HostConfig
from sprocket_tui.target.ssh.keys import KeyRing

GUIDE = load_guide()


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "fifo", 0o600)
    return tmp_path / "fifo"


def test_a_regular_file_is_read_up_to_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 100)
    assert files.whole(file, 100) == b"x" * 100
    with pytest.raises(OSError, match="it is larger than 99 bytes"):
        files.whole(file, 99)


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(fifo: Path) -> None:
    with pytest.raises(OSError, match="it is a pipe that nobody writes to"):
        files.whole(fifo)


def test_a_pipe_whose_writer_takes_its_time_is_read_to_its_end(fifo: Path) -> None:
    # A writer that has it open; the other end of ours lets it begin.
    other = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(fifo, os.O_WRONLY)
    os.set_blocking(writer, True)

    def write() -> None:
        for _ in range(3):
            os.write(writer, b"x" * 1000)
        os.close(writer)

    late = threading.Timer(0.2, write)
    late.start()
    assert files.whole(fifo) == b"x" * 3000
    late.join()
    os.close(other)


def test_a_pipe_whose_writer_says_nothing_is_given_up(fifo: Path) -> None:
    other = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(fifo, os.O_WRONLY)
    with pytest.raises(OSError, match="nothing came out of it for 0 s"):
        files.whole(fifo, patience=0.1)
    os.close(writer)
    os.close(other)


@pytest.mark.parametrize("name", ["/dev/stdin", "/dev/fd/0"])
def test_a_pipe_of_the_shell_is_read_as_a_file(name: str) -> None:
    read = f"import pathlib; from sprocket_tui import files; print(files.text(pathlib.Path('{name}')))"
    done = subprocess.run([sys.executable, "-c", read], input="a: b", capture_output=True, text=True, check=True)
    assert done.stdout == "a: b\n"


@pytest.mark.parametrize("place", ["given", "secret", "profiles", "report", "guide"])
@pytest.mark.parametrize("sort", ["a device without an end", "a pipe without a writer"])
def test_whatever_reads_a_named_file_refuses_what_does_not_end(
    place: str, sort: str, tmp_path: Path, fifo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = Path("/dev/zero") if sort == "a device without an end" else fifo
    (tmp_path / "sprocket-tui").mkdir()
    (tmp_path / "sprocket-tui" / "profiles.yaml").symlink_to(path)
    (tmp_path / "screens").mkdir()
    (tmp_path / "screens" / "index.yaml").symlink_to(path)
    (tmp_path / "given.yaml").write_text(f"docker_access_token: {{file: {path}}}\n", encoding="utf-8")
    read = {
        "given": lambda: given.load(path, GUIDE),
        "secret": lambda: given.load(tmp_path / "given.yaml", GUIDE),
        "profiles": settings.profiles,
        "report": lambda: reading.read(str(path)),
        "guide": lambda: load_guide(tmp_path),
    }
    with pytest.raises(SprocketError, match=r"it is larger than|it is a pipe that nobody writes to") as refused:
        read[place]()
    assert "\n" not in refused.value.message


def test_a_key_file_without_an_end_is_left_out_and_says_why(tmp_path: Path) -> None:
    endless = tmp_path / "id_ed25519"
    endless.touch(mode=0o600)
    os.truncate(endless, files.LARGEST + 1)
    ring = KeyRing(HostConfig("droplet", "droplet", 22, "root", identity_files=(endless,)), Headless())
    assert [candidate.load() for candidate in ring.candidates() if str(endless) in candidate.label] == [None]
    assert f"{endless} is left out: it is larger than 16 MiB" in ring.notes
