"""The main screens as text, kept beside the tests so that a review sees what a change does to them.

`WRITE_SCREENS=1 pytest tests/tui/test_screens.py` renews them.
"""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.pictures.grid import of_app, texts
from tests.pictures.scenes import SCENES

KEPT = Path(__file__).parent / "screens"
SIZES = [(80, 24), (140, 40)]
# Times are those of the moment; the same number of digits stands for them, so that columns stay where they are.
CLOCK = re.compile(r"\b(\d{1,2}:)?\d{1,2}:\d{2}\b")


def shown(name: str, size: tuple[int, int]) -> str:
    async def scene() -> list[str]:
        app = SCENES[name].make("dark")
        async with app.run_test(size=size, notifications=True) as pilot:
            await SCENES[name].act(pilot)
            await pilot.pause()
            return texts(of_app(app))

    with patch("sprocket_tui.faces.tui.running.encoding", lambda stream: "utf-8"):
        rows = asyncio.run(scene())
    return "\n".join(CLOCK.sub(lambda found: re.sub(r"\d", "0", found[0]), row) for row in rows) + "\n"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCENES)
def test_a_screen_is_as_it_was_kept(name: str, size: tuple[int, int]) -> None:
    file = KEPT / f"{name}-{size[0]}x{size[1]}.txt"
    found = shown(name, size)
    if os.environ.get("WRITE_SCREENS"):
        KEPT.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8"), f"renew {file.name} by WRITE_SCREENS=1 if this is meant"


def test_every_kept_screen_is_of_a_scene() -> None:
    expected = {f"{name}-{width}x{height}.txt" for name in SCENES for width, height in SIZES}
    assert {file.name for file in KEPT.iterdir()} == expected
