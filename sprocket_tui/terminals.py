"""Whether a screen can be drawn where this program was started."""

import os
import sys


def takes_a_screen() -> bool:
    """A terminal on all three streams that is not a dumb one."""
    streams = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
    return all(each is not None and each.isatty() for each in streams) and os.environ.get("TERM", "dumb") != "dumb"
