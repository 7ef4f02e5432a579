"""Loaded by Python itself where a test wants the program to die: SPROCKET_TEST_DEATH is "event:N" or "file:PATH".

"event:N" kills the process with SIGKILL right after the Nth event is on disk, "file:PATH" as soon as something matches
the pattern PATH, "kind:KIND:STEP:N" right after the Nth event of that kind for that step. SPROCKET_TEST_CLOCK
makes the clock jump by so many seconds, SPROCKET_TEST_PATIENCE is how long a lost connection is tried again.
"""

import importlib.abc
import importlib.machinery
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def once_loaded(wanted: str, change: Callable[[Any], None]) -> None:
    """Changes a module of the program right after it was loaded."""

    class Loader(importlib.machinery.SourceFileLoader):
        def exec_module(self, module: ModuleType) -> None:
            super().exec_module(module)
            change(module)

    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(
            self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
        ) -> importlib.machinery.ModuleSpec | None:
            spec = importlib.machinery.PathFinder.find_spec(name, path) if name == wanted else None
            if spec is not None and spec.origin:
                spec.loader = Loader(name, spec.origin)
            return spec

    sys.meta_path.insert(0, Finder())


def after_event(fatal: Callable[[Any], bool]) -> None:
    def change(module: Any) -> None:
        append = module.Journal.append

        def counted(journal: Any, fact: Any) -> Any:
            event = append(journal, fact)
            if fatal(event):
                die()
            return event

        module.Journal.append = counted

    once_loaded("sprocket_tui.journal.file", change)


def when_file(path: str) -> None:
    def watch() -> None:
        root = Path("/")
        while not any(root.glob(path.lstrip("/"))):
            time.sleep(0.001)
        die()

    threading.Thread(target=watch, daemon=True).start()


kind, _, what = os.environ.get("SPROCKET_TEST_DEATH", "").partition(":")
if kind == "event":
    after_event(lambda event: event.seq >= int(what))
elif kind == "kind":
    *wanted, times = what.split(":") if what.count(":") == 2 else [*what.split(":"), "1"]
    seen = []

    def nth(event: Any) -> bool:
        if [event.fact.kind, getattr(event.fact, "step", "")] == wanted:
            seen.append(event)
        return len(seen) >= int(times)

    after_event(nth)
elif kind == "file":
    when_file(what)

if patience := os.environ.get("SPROCKET_TEST_PATIENCE"):
    once_loaded("sprocket_tui.engine.session", lambda module: setattr(module, "PATIENCE", float(patience)))

if jump := int(os.environ.get("SPROCKET_TEST_CLOCK", "0")):
    begun, real = time.monotonic(), time.time
    time.time = lambda: real() + (jump if time.monotonic() - begun > 1 else 0)
