"""`doppler`, as far as the guide uses it: logging in, choosing a project, looking at secrets, running with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.doppler import login, secrets
from sprocket_tui.practice.standins.doppler.line import TAKES as FLAGS
from sprocket_tui.practice.standins.doppler.line import Misuse, Request, read, usage
from sprocket_tui.practice.standins.doppler.words import Refused

TAKES = {"doppler": FLAGS}
_VERSION = "v3.66.0"
_RUNS: Mapping[str, Callable[[Request], int]] = {**login.COMMANDS, **secrets.COMMANDS}


def main(call: Call) -> int:
    """Answers one command line."""
    try:
        request = read(call)
        if request.path:
            return _RUNS[request.path](request)
        if request.on("-v"):
            call.say(_VERSION)
        else:
            call.stderr.write(usage(""))
    except Misuse as error:
        return call.fail(f"Error: {error}\n{usage(error.path)}")
    except Refused as refused:
        return call.fail(refused.shown(as_json="--json" in call.argv))
    return 0
