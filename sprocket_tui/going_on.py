"""What a person types to go on with a run: `sprocket-tui resume`, or what the program that started this one says."""

import os

VARIABLE = "SPROCKET_TUI_RESUME"


def meanwhile() -> str:
    """What a person can do about a run that another process drives; a rehearsal's is known to that program alone."""
    own = os.environ.get(VARIABLE)
    return f"then `{own}` goes on with it" if own else "`sprocket-tui status` shows the run"


def command(run: str = "") -> str:
    """The command line for that run, or for the newest one."""
    return os.environ.get(VARIABLE) or " ".join(filter(None, ["sprocket-tui resume", run]))
