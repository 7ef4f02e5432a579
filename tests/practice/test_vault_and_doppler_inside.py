"""vault and doppler are commands of every practice droplet: in the sandbox, and where no sandbox can be made."""

from __future__ import annotations

import re

from sprocket_tui.practice.interpreter.interpreter import Interpreter
from tests.practice.conftest import Shell
from tests.practice.interpreting import InsideLink, inside

__all__ = ["inside"]

SCRIPT = """
vault status
echo "vault $?"
doppler login -y >/dev/null 2>&1
echo "login $?"
doppler setup >/dev/null
DOPPLER_TOKEN=$(doppler configs tokens create node --plain)
export DOPPLER_TOKEN
doppler run -- env | grep '^GOOGLE_CLIENT_ID='
doppler run --command 'echo "$DOPPLER_PROJECT"; exit 3'
echo "run $?"
doppler run -- no-such-program
echo "missing $?"
echo "left alone: ${GOOGLE_CLIENT_ID:-unset}"
"""
TOLD = re.compile(
    r"vault 1\nlogin 0\nGOOGLE_CLIENT_ID=practice-[0-9a-f]{12}\nsprocket-infra\nrun 3\nmissing 1\nleft alone: unset\n"
)
SAID = (
    'Error checking seal status: Get "https://127.0.0.1:8200/v1/sys/seal-status": '
    "dial tcp 127.0.0.1:8200: connect: connection refused\n"
    'Doppler Error: exec: "no-such-program": executable file not found in $PATH\n'
)


def test_a_script_in_the_sandbox_calls_them(shell: Shell) -> None:
    done = shell(SCRIPT)
    assert TOLD.fullmatch(done.stdout), done.stdout
    assert done.stderr == SAID


def test_a_script_calls_them_where_there_is_no_sandbox(inside: Interpreter) -> None:
    done = InsideLink(inside).run(SCRIPT, deadline=30)
    assert TOLD.fullmatch(done.stdout.decode()), done.stdout.decode()
    assert done.stderr.decode() == SAID
