"""The screens that are drawn. To add one: how its app is made in a theme, and what a person did until it is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from textual.app import App
from textual.pilot import Pilot

from tests.tui.tiny import Tiny


async def _nothing(_pilot: Pilot[Any]) -> None:
    """Shown as it starts."""


@dataclass(frozen=True)
class Scene:
    """`make` builds the app in a theme; `act` does what a person did, and waits until that is shown."""

    make: Callable[[str], App[Any]]
    act: Callable[[Pilot[Any]], Awaitable[None]] = _nothing


async def _three_keys(pilot: Pilot[Any]) -> None:
    await pilot.press("j", "j", "j")


SCENES: dict[str, Scene] = {
    "tiny": Scene(lambda theme: Tiny(theme=theme)),
    "tiny-after-keys": Scene(lambda theme: Tiny(theme=theme), _three_keys),
}
