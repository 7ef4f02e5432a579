"""The sandbox of somebody who is not root of the system: the same walls, made of a user namespace."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.practice.test_sandbox import CANARY, HOSTILE

# Nobody's here.
_UID = 47_731
_SOURCE = Path(__file__).parents[2]
_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
_PATH = os.pathsep.join([str(_SOURCE), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])


def as_a_person(argv: list[str], directory: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    """Runs a program as that user and no other; a shell starts it, since root's rights last until a program begins."""
    become = ["setpriv", "--reuid", str(_UID), "--regid", str(_UID), "--clear-groups", "--inh-caps=-all"]
    return subprocess.run(
        [*become, "--bounding-set=-all", "--", "sh", "-c", 'exec "$0" "$@"', *argv],
        env={"HOME": str(directory), "PATH": os.environ["PATH"], "PYTHONPATH": _PATH, "TMPDIR": str(directory)},
        cwd=directory,
        input=given,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.fixture
def home(open_ground: Path) -> Path:
    """That user's own directory."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can become somebody else, by setpriv")
    home = open_ground / "home"
    home.mkdir(mode=0o700)
    os.chown(home, _UID, _UID)
    return home


@pytest.fixture
def python(home: Path) -> str:
    """An interpreter that the user can execute, with all that the program needs."""
    for found in (sys.executable, shutil.which(_PYTHON, path="/usr/bin:/usr/local/bin")):
        if found and as_a_person([found, "-c", "import tests.practice.ordinary"], home).returncode == 0:
            return found
    pytest.skip("no interpreter here can be executed by another user")


def ran(python: str, home: Path, scripts: dict[str, str], before: Sequence[str] = ()) -> dict[str, Any]:
    """What `tests.practice.ordinary` says of those scripts; `before` are the words that begin its command line."""
    done = as_a_person(
        [*before, python, "-m", "tests.practice.ordinary", str(home / "droplet")], home, json.dumps(scripts)
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    if said["refused"]:
        assert os.environ.get("CI") != "true", said["refused"]
        pytest.skip(said["refused"])
    return said["printed"]


def test_the_persons_own_files_are_neither_read_nor_changed_from_inside(home: Path, python: str) -> None:
    letter = home / "letter"
    letter.write_text(CANARY)
    os.chown(letter, _UID, _UID)
    letter.chmod(0o600)
    assert as_a_person(["cat", str(letter)], home).stdout == CANARY
    scripts = {
        "who one is": "id -u",
        "a new file": f"echo x >{home}/new; mkdir -p {home} && echo x >{home}/new",
        **{how: script.format(person=letter) for how, script in HOSTILE.items()},
    }
    # After this one no program is found inside any more.
    scripts["mounting over"] = scripts.pop("mounting over")
    scripts = {how: f"{script}; echo ran" for how, script in scripts.items()}
    before = {each.name for each in home.iterdir()}
    printed = ran(python, home, scripts)
    assert printed.keys() == scripts.keys()
    assert printed["who one is"] == "0\nran\n"
    assert all("ran" in said for said in printed.values())
    assert not [how for how, said in printed.items() if CANARY in said]
    assert letter.read_text() == CANARY
    assert {each.name for each in home.iterdir()} - before <= {"droplet"}


def test_no_process_outside_is_seen_or_signalled_from_inside(home: Path, python: str) -> None:
    """Those of the same user, whom nothing but the sandbox keeps from it."""
    with subprocess.Popen(["setpriv", "--reuid", str(_UID), "--clear-groups", "sleep", "150"]) as outside:
        try:
            printed = ran(python, home, {"kill": f"kill -9 {outside.pid}; ls -d /proc/{outside.pid}"})
            assert outside.poll() is None
        finally:
            outside.kill()
    assert "No such process" in printed["kill"]
    assert "No such file" in printed["kill"]


def test_who_is_root_of_a_user_namespace_without_anybody_else_has_a_sandbox_too(home: Path, python: str) -> None:
    limits = "cat /proc/sys/user/max_net_namespaces"
    root = ["unshare", "-Ur"]
    if as_a_person([*root, "true"], home).returncode != 0:
        pytest.skip("nobody but root makes a user namespace here")
    # The limits that the sandbox sets are its own, and not those of the namespace in which it was begun.
    before = [*root, "sh", "-c", f'"$0" "$@" || exit; test "$({limits})" != 0']
    assert ran(python, home, {"who one is": "id -u"}, before)["who one is"] == "0\n"
