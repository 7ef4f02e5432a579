"""The first screen: where to deploy. What is known of a target is said before Enter."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from sprocket_tui.faces.tui.pages import chrome
from sprocket_tui.faces.tui.pages.look import Look
from sprocket_tui.faces.tui.running import TerminalApp
from sprocket_tui.faces.tui.spans import line, paragraph, spread
from sprocket_tui.faces.tui.widgets.choices import Choice, Choices
from sprocket_tui.faces.tui.widgets.lines import Lines, Page


@dataclass(frozen=True)
class Offer:
    """A target: its name, what it is, a sentence of what is known, and the command lines that Enter and c stand for."""

    name: str
    what: str
    known: str
    opens: tuple[str, ...]
    checks: tuple[str, ...] = ()


class ConnectApp(TerminalApp, inherit_bindings=False):
    """`chosen` is the command line that was chosen; empty where somebody left."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "check", show=False),
        Binding("q,escape,ctrl+c", "leave", show=False),
    ]
    DEFAULT_CSS = """
    ConnectApp Choices { height: auto; max-height: 60%; }
    ConnectApp Page { height: 1fr; }
    """

    def __init__(self, guide: str, offers: Sequence[Offer], *, theme: str = "") -> None:
        super().__init__(theme=theme)
        self._guide, self._offers = guide, {offer.name: offer for offer in offers}
        self.chosen: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        yield Lines(id="head")
        yield Choices(self.glyphs.cursor)
        yield Page(id="known")
        yield Lines(id="foot")

    def on_mount(self) -> None:
        """The first is practice: the safe one."""
        choices = self.query_one(Choices)
        choices.offer([Choice(offer.name, "", offer.name, offer.what) for offer in self._offers.values()])
        choices.focus()

    def on_resize(self) -> None:
        """Draws at the new width."""
        self._draw()

    @on(Choices.Moved)
    def _draw(self) -> None:
        look = Look(self.size.width, self.glyphs, time.time())
        title = spread(line((" sprocket-tui", "title")), line((f"{self._guide} ", "quiet")), look.width)
        self.query_one("#head", Lines).show([title, chrome.rule(look), line((" Where do we deploy?", "title")), ()])
        offer = self._current()
        known = paragraph(offer.known, look.width - 1, indent=1) if offer else []
        runs = line((f" Enter: sprocket-tui {' '.join(offer.opens)}", "quiet")) if offer else ()
        self.query_one("#known", Page).show([(), *known, (), runs])
        keys = " Enter open  c checks only, change nothing  q leave"
        self.query_one("#foot", Lines).show([chrome.rule(look), line((keys, "quiet"))])

    @on(Choices.Taken)
    def _open(self, event: Choices.Taken) -> None:
        self._end(self._offers[event.value].opens)

    def action_check(self) -> None:
        """Measures the checklists of the target, and nothing else."""
        offer = self._current()
        if offer is not None and offer.checks:
            self._end(offer.checks)

    def action_leave(self) -> None:
        """Nothing was chosen."""
        self._end(())

    def _end(self, chosen: tuple[str, ...]) -> None:
        self.chosen = chosen
        self.exit(0)

    def _current(self) -> Offer | None:
        chosen = self.query_one(Choices).current
        return self._offers[chosen.value] if chosen else None
