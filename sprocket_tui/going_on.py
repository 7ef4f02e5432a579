"""What a person types to go on with a run: `sprocket-tui resume`, or what the program that started this one says."""

import os

VARIABLE = "SPROCKET_TUI_RESUME"


def command(run: str = "") -> str:
    """The command line for that run, or for the newest one."""
    return os.environ.get(VARIABLE) or " ".join(filter(None, ["sprocket-tui resume", run]))
