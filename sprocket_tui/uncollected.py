"""Pauses of the garbage collector while much is made that stays: it would walk all of it again and again."""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Generator[None]:
    """For a tree of objects that grows; the collector goes on afterwards."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def loading() -> Generator[None]:
    """For modules: they stay until the end, and what they made is never looked at again."""
    known = len(sys.modules)
    with uncollected():
        yield
        if len(sys.modules) > known:
            gc.freeze()
