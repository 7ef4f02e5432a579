"""Pauses of the garbage collector while much is made that stays: it would walk all of it again and again."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

_loaded = set[str]()


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
def loading(what: str) -> Generator[None]:
    """For what a program loads once and keeps until its end: it is never looked at again.

    Where it is loaded again, it did not stay the first time.
    """
    with uncollected():
        yield
        if what not in _loaded:
            _loaded.add(what)
            gc.freeze()
