"""`vault`, as far as the guide uses it: the seal, the token, secrets engines, keys and values."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.vault import access, keys, seal, start
from sprocket_tui.practice.standins.vault.line import TAKES as FLAGS
from sprocket_tui.practice.standins.vault.line import Request, Wrong, read
from sprocket_tui.practice.standins.vault.reach import Failed

TAKES = {"vault": FLAGS}
_RUNS: Mapping[str, Callable[[Request], int]] = {**seal.COMMANDS, **access.COMMANDS, **keys.COMMANDS}
_VERSION = "Vault v1.13.1"


def main(call: Call) -> int:
    """Answers one command line; what the start script has done by itself is done first."""
    try:
        request = read(call)
        if request.path in ("", "version"):
            call.say(_VERSION)
            return 0
        start.settle(call)
        return _RUNS[request.path](request)
    except Wrong as wrong:
        return call.fail(str(wrong), wrong.status)
    except Failed as failed:
        return call.fail(str(failed), failed.status)
