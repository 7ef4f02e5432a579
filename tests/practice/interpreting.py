"""An interpreter without the servers around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sprocket_tui.practice import certificates
from sprocket_tui.practice.droplet import SITES
from sprocket_tui.practice.interpreter.interpreter import Interpreter
from sprocket_tui.practice.sandbox import places
from sprocket_tui.practice.standins.first_day import fresh
from sprocket_tui.practice.world import World
from tests.practice.without_sandbox import InsideLink

__all__ = ["InsideLink", "inside"]


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Interpreter]:
    """An interpreter over a new world."""
    there, state = places(tmp_path / "droplet"), fresh(1, 1000)
    World(there.world / "world.json").make(state)
    certificates.make(there.world / "tls", SITES)
    made = Interpreter(tmp_path / "droplet", state, SITES)
    yield made
    made.close()
