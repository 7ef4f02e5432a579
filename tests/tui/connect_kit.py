"""The first screen without a target: offers of the test, real profiles in a home of its own, looks that are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from unittest.mock import patch

from textual.pilot import Pilot

from sprocket_tui.commands.forms import edit, new
from sprocket_tui.commands.offers import offers
from sprocket_tui.commands.profiles import forget
from sprocket_tui.faces.tui.keys import keymap
from sprocket_tui.faces.tui.offer import Chosen, Connecting, Found, Host, Offer
from sprocket_tui.faces.tui.views.connect import ConnectApp
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.target.ssh.named import named
from tests.tui.kit import Shown


@dataclass
class Look:
    """A look whose end the test tells."""

    doing: str = "connecting"
    result: Found | None = None
    stopped: bool = False

    def found(self) -> Found | None:
        return self.result

    def stop(self) -> None:
        self.stopped = True


@dataclass
class First(Shown):
    """The first screen as it is shown."""

    app: ConnectApp
    looks: list[Look] = field(default_factory=list[Look])
    pilot: Pilot[int] = field(init=False)

    async def until(self, text: str) -> None:
        """Waits for a text that a timer brings, wherever lines break: a path in it is as long as the test's home."""
        for _ in range(1000):
            if text in self.words:
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"{text!r} never came:\n{self.text}")

    @property
    def words(self) -> str:
        """The text without its line breaks."""
        return " ".join(self.text.split())


def offered(name: str, looks: list[Look], *opens: str) -> Offer:
    """A saved profile that can be looked at."""

    def look() -> Look:
        looks.append(Look())
        return looks[-1]

    return Offer(name, "ssh://lab", "Begins a walk.", opens or ("run", "--profile", name), ("check",), look, name)


def first(
    act: Callable[[First], Awaitable[None]],
    *names: str,
    hosts: Sequence[Host] = (),
    size: tuple[int, int] = (80, 24),
    keys: Path = Path("/nowhere"),
    before: Chosen = Chosen(),  # noqa: B008 frozen
    refused: str = "",
) -> ConnectApp:
    """Shows the first screen and does `act` with it.

    With names it offers these; without, the profiles of this home as the program does, and the hosts of its SSH
    configuration.
    """
    looks: list[Look] = []
    ours = [offered(name, looks) for name in names]
    connecting = Connecting(
        "guide 1",
        (lambda: ours) if names else partial(offers, load_guide()),
        (lambda: hosts) if names else (lambda: [Host(each.alias, each.where) for each in named()]),
        new,
        edit,
        forget,
    )

    async def session() -> ConnectApp:
        app = ConnectApp(connecting, keymap(keys), before=before, refused=refused)
        shown = First(app, looks)
        async with app.run_test(size=size) as shown.pilot:
            await shown.settle()
            await act(shown)
        return app

    with ExitStack() as stack:
        stack.enter_context(patch("sprocket_tui.faces.tui.running.encoding", lambda stream: "utf-8"))
        for place in ("app", "pilot"):
            stack.enter_context(patch(f"textual.{place}.wait_for_idle", lambda *_: asyncio.sleep(0)))
        return asyncio.run(session())


def ssh_config(home: Path, text: str) -> None:
    """The person's own SSH configuration."""
    (home / ".ssh").mkdir(mode=0o700, exist_ok=True)
    (home / ".ssh" / "config").write_text(text)
