"""The interpreter's shell and programs answer as the system's own do; what they do not know they refuse whole."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from sprocket_tui.practice.interpreter.grammar import parse
from sprocket_tui.practice.interpreter.interpreter import Interpreter
from sprocket_tui.practice.interpreter.unknown import NotKnown
from tests.practice.interpreting import InsideLink, inside

__all__ = ["inside"]

SCRIPTS: dict[str, str] = yaml.safe_load(Path(__file__).with_name("shell_scripts.yaml").read_text())


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_comes_to_the_same_as_in_the_systems_own_shell(
    script: str, inside: Interpreter, tmp_path: Path
) -> None:
    sh = shutil.which("dash") or "/bin/sh"
    (tmp_path / "there").mkdir()
    real = subprocess.run(
        [sh, "-s"],
        input=script.encode(),
        capture_output=True,
        cwd=tmp_path / "there",
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path / "there"), "LC_ALL": "C"},
        timeout=30,
        check=False,
    )
    done = InsideLink(inside).run(script, deadline=30)
    assert (done.stdout.decode(), done.status) == (real.stdout.decode(), real.returncode), done.stderr.decode()


@pytest.mark.parametrize(
    "script",
    [
        *("[[ a = a ]]", "((1))", "a=(1 2)", "cat <<<x", "cat <(true)", "echo `x`", "echo $'a'", "a |& b", "a &>f"),
        *("function f { :; }", "if true; then", "echo 'a", 'echo "a', "echo $(a", "(", "a && ", "case x in", "done"),
        *(
            "cat <<E\nno end",
            "echo ${x/a/b}",
            "for 1 in a; do :; done",
            "f() echo a",
            "a\0b",
            "select x in a; do :; done",
        ),
    ],
)
def test_a_script_that_is_not_understood_is_refused_whole(script: str, inside: Interpreter) -> None:
    with pytest.raises(NotKnown):
        parse(f"echo begun\n{script}")
    done = InsideLink(inside).run(f"echo begun\n{script}", deadline=30)
    assert (done.status, done.stdout) == (126, b"")
    assert done.stderr.count(b"\n") == 1
    assert b"an interpreter without a sandbox" in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        *(
            "vim",
            "python3 -c 1",
            "perl",
            "/usr/bin/python3",
            "ssh host",
            "sudo id",
            "mount",
            "ls -l",
            "cat -v f",
            "ln -s a b",
        ),
        *(
            "ln a b",
            "cp a b",
            "chown 0 f",
            "mknod d b 1 1",
            "mkfifo p",
            "dd if=f",
            "tar -x",
            "sh -i",
            "set -e",
            "read",
            "kill",
        ),
        *(
            "sed -i s/a/b/ f",
            "sed 's/a/b/w out' f",
            "sed -n '1e id'",
            "curl http://x -o f",
            "curl -q -sS file:///etc/passwd",
            "curl -q -sS -w '%{http_code}' http://localhost/",
            "curl -q -sS -w @f http://localhost/",
        ),
        *(
            "test a -a b",
            "printf '%q' x",
            "trap",
            "nohup",
            "command id",
            "find /",
            "awk 1",
            "chroot /",
            ". f",
            "nsenter -t 1",
        ),
    ],
)
def test_a_command_line_that_is_not_known_is_answered_126(line: str, inside: Interpreter) -> None:
    done = InsideLink(inside).run(f"echo before; {line}; echo $?", deadline=30)
    assert done.stdout.decode().split() == ["before", "126"]
    assert b"an interpreter without a sandbox" in done.stderr


def test_a_script_of_the_droplets_own_is_not_run_as_a_program(inside: Interpreter) -> None:
    script = "echo 'echo ran' >own; chmod 755 own; ./own; echo $?; echo 'echo ran' >/usr/bin/cat; cat own; echo $?"
    assert InsideLink(inside).run(script, deadline=30).stdout == b"126\n126\n"


def test_what_forks_for_ever_leaves_others_room(inside: Interpreter) -> None:
    link = InsideLink(inside)
    link.run("f() { f | f & }; f 2>/dev/null >/dev/null; f() { f; }; f", deadline=30)
    assert link.run("echo a | cat", deadline=30).stdout == b"a\n"
