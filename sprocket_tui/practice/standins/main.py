"""Starts the stand-in that a command line names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from sprocket_tui.practice.standins import MODULES
from sprocket_tui.practice.standins.call import Become, Call
from sprocket_tui.practice.standins.rehearsed import answer
from sprocket_tui.practice.world import WORLD, World


def run() -> NoReturn:
    """The process's own entry: `sys.argv` is -c and the command line."""
    argv = sys.argv[1:]
    os.environ.pop("LD_LIBRARY_PATH", None)
    sys.exit(main(argv))


def main(argv: list[str]) -> int:
    """Runs `argv`, whose first word may be a path. The exit status is the stand-in's; 141 when its reader has gone."""
    program = Path(argv[0]).name
    if program not in MODULES:
        program, argv = argv[1], argv[1:]
    call = Call(program, argv[1:], World(WORLD), os.environ, os.getcwd(), sys.stdin, sys.stdout, sys.stderr)  # noqa: PTH109
    try:
        status = _answered(call)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        return 130
    return status


def _answered(call: Call) -> int:
    try:
        return answer(call)
    except Become as other:
        sys.stdout.flush()
        try:
            # Whoever asked us waits for an answer, so that the program runs below us.
            status = subprocess.call(other.argv, env=other.environ)  # noqa: S603 what somebody in the sandbox asks for
        except FileNotFoundError:
            return call.fail(other.missing)
        return status if status >= 0 else 128 - status
