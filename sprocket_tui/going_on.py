"""What a person types to go on with a run: `sprocket-tui resume RUN`, or what the program that started us says."""

import os

VARIABLE = "SPROCKET_TUI_RESUME"
# The run that this process drives, so that what it says goes on with that one and never with a newer one.
_driven = [""]


def drives(run: str) -> None:
    """From now on it is this run that is meant."""
    _driven[0] = run


def own() -> str:
    """What the program that started us says; "" where nobody did."""
    return os.environ.get(VARIABLE, "")


def meanwhile() -> str:
    """What a person can do about a run that another process drives; a rehearsal's is known to that program alone."""
    return f"then `{own()}` goes on with it" if own() else "`sprocket-tui status` shows the run"


def command(run: str = "") -> str:
    """The command line for that run, for the one that is driven here, or for the newest one."""
    return own() or " ".join(filter(None, ["sprocket-tui resume", run or _driven[0]]))
