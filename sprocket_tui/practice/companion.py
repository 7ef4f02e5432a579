"""The walk as a program of its own, which ends by itself when the program that keeps its droplet has gone.

    python -m sprocket_tui.practice.companion LIFE WORDS...

LIFE is the end of a pipe at which nothing is ever said: it closes when whoever holds the other end is no more.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading


def main() -> None:
    """Runs the words as a command line; ends it as TERM does, after saving, when there is no droplet any more."""
    life = int(sys.argv.pop(1))
    os.set_inheritable(life, False)
    threading.Thread(target=_watch, args=(life,), daemon=True).start()
    runpy.run_module("sprocket_tui", run_name="__main__", alter_sys=True)


def _watch(life: int) -> None:
    os.read(life, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
