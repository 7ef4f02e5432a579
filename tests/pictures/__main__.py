"""Pictures of every kind of screen: `python -m tests.pictures OUT [SCENE ...]`."""

from __future__ import annotations

import argparse
import asyncio
import locale
import os
import sys
from pathlib import Path

from tests.pictures.drawing import NoFont, png
from tests.pictures.grid import of_app
from tests.pictures.scenes import SCENES, Scene

SIZES = ((80, 24), (100, 30), (140, 40))
THEMES = ("dark", "light", "terminal")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures")
    parser.add_argument("out", type=Path, metavar="OUT", help="the directory for the pictures")
    parser.add_argument(
        "scenes", nargs="*", metavar="SCENE", help=f"some of: {', '.join(SCENES)}; all if none is named"
    )
    options = parser.parse_args()
    if unknown := set(options.scenes) - set(SCENES):
        parser.error(f"no scene {', '.join(sorted(unknown))}")
    # The pictures are the same whatever terminal they are made at.
    os.environ.pop("NO_COLOR", None)
    locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        for name in options.scenes or SCENES:
            for theme in THEMES:
                for width, height in SIZES:
                    path = options.out / f"{name}-{width}x{height}-{theme}.png"
                    asyncio.run(_picture(SCENES[name], theme, (width, height), path))
                    print(path)
    except NoFont as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def _picture(scene: Scene, theme: str, size: tuple[int, int], path: Path) -> None:
    app = scene.make(theme)
    async with app.run_test(size=size, notifications=True) as pilot:
        await scene.act(pilot)
        await pilot.pause()
        png(of_app(app), path)


if __name__ == "__main__":
    sys.exit(main())
