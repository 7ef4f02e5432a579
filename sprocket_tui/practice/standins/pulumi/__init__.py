"""The stand-in of `pulumi` 3.190.0, with the program of Layer 1 and a backend in files.

Supported is what the guide, the checks, the hints and the jobs call, answered as the recordings show; what else
the real one has is refused by `rehearsed`. Not here: other programs, questions at a terminal, backends outside the
droplet.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.pulumi.line import ALIASES, FAILED, TAKES, Asked, Line, Refused, read

__all__ = ["ALIASES", "TAKES", "main"]


def main(call: Call) -> int:
    """Answers one command line."""
    software = call.world.read()["software"]
    if "pulumi" not in software:
        return call.fail("sh: 1: pulumi: not found", 127)
    try:
        line = read(call.argv, call.environ)
        if directory := line.value("cwd"):
            if not call.path(directory).is_dir():
                raise Refused(f"chdir {directory}: no such file or directory")
            call = replace(call, directory="/" + str(call.path(directory).relative_to(call.root)))
        if line.command == "version":
            call.say(f"v{software['pulumi']}")
            return 0
        return _COMMANDS[line.command]()(call, line)
    except Asked as asked:
        call.stdout.write(_help(str(asked)))
        return 0
    except Refused as error:
        if error.helped is not None:
            call.stdout.write(_help(error.helped))
        call.stdout.flush()
        return call.fail(f"error: {error}", FAILED)


def _help(command: str) -> str:
    text = (Path(__file__).parent / "help.json").read_text(encoding="utf-8")
    return json.loads(text)[command]


def _of(module: str, name: str) -> Callable[[], Callable[[Call, Line], int]]:
    """A command of a module that is loaded when it is called, because most calls need few."""

    def load() -> Callable[[Call, Line], int]:
        found: Callable[[Call, Line], int] = getattr(import_module(f"{__name__}.{module}"), name)
        return found

    return load


def _plugins(call: Call, line: Line) -> int:
    """`pulumi plugin install`: they are all here."""
    return 0


_COMMANDS: dict[str, Callable[[], Callable[[Call, Line], int]]] = {
    "login": _of("backend", "login"),
    "logout": _of("backend", "logout"),
    "whoami": _of("backend", "whoami"),
    "plugin install": lambda: _plugins,
    "stack": _of("stacks", "show"),
    "stack ls": _of("stacks", "ls"),
    "stack init": _of("stacks", "init"),
    "stack select": _of("stacks", "select"),
    "stack export": _of("stacks", "export"),
    "stack output": _of("stacks", "output"),
    "stack rm": _of("stacks", "remove"),
    "config": _of("settings", "show"),
    "config get": _of("settings", "get"),
    "config set": _of("settings", "put"),
    "config rm": _of("settings", "remove"),
    "preview": _of("operations", "preview"),
    "up": _of("operations", "up"),
    "refresh": _of("refresh", "main"),
    "destroy": _of("operations", "destroy"),
    "cancel": _of("locks", "cancel"),
}
