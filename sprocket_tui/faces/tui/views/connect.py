"""The first screen: where to deploy. What is known of a target is said before Enter."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, cast

from textual import on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from sprocket_tui.errors import SprocketError
from sprocket_tui.faces.tui.form import Form
from sprocket_tui.faces.tui.glyphs import Glyphs
from sprocket_tui.faces.tui.keys import FIRST, Action, Keymap
from sprocket_tui.faces.tui.offer import NEW, PRODUCTION, Chosen, Connecting, Found, Looking, Offer
from sprocket_tui.faces.tui.pages import chrome
from sprocket_tui.faces.tui.pages.help import first_help
from sprocket_tui.faces.tui.pages.look import Look
from sprocket_tui.faces.tui.pages.offers import untyped
from sprocket_tui.faces.tui.running import TerminalApp
from sprocket_tui.faces.tui.spans import Line, Span, line, paragraph, spread
from sprocket_tui.faces.tui.spots import spots
from sprocket_tui.faces.tui.views.form import FormScreen
from sprocket_tui.faces.tui.views.jump import JumpScreen
from sprocket_tui.faces.tui.views.listed import ChoosingScreen, ReadingScreen
from sprocket_tui.faces.tui.views.once import Once
from sprocket_tui.faces.tui.widgets.choices import Choice, Choices, Listed
from sprocket_tui.faces.tui.widgets.lines import Lines, Page

# Stands for a host that the SSH configuration does not name: no alias has a blank in it.
_BY_HAND = "by hand"
_NOTHING = Chosen()
_KEEP, _FORGET = "keep", "forget"
_POLL = 0.1
# Not one of the registry: the list itself takes Enter.
_OPEN = Action("open", ("enter",), "open", "")


class ConnectScreen(Once[None], inherit_bindings=False):
    """Targets, what is known of the one under the cursor, and what can be done with it."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [action.binding() for action in FIRST]
    DEFAULT_CSS = """
    ConnectScreen Listed { height: auto; max-height: 45%; }
    ConnectScreen Page { height: 1fr; }
    """

    @dataclass
    class Ended(Message):
        """Somebody chose, or left."""

        chosen: Chosen

    def __init__(self, connecting: Connecting, glyphs: Glyphs, keymap: Keymap, *, before: Chosen, refused: str) -> None:
        """`before` is what was chosen last time and could not begin, `refused` says why."""
        super().__init__()
        self._connecting, self._glyphs, self._keys = connecting, glyphs, keymap.first
        self.away = f"{self._keys['leave'].offer[0]} leaves"
        self._offers: dict[str, Offer] = {}
        self._found: dict[str, tuple[str, Found]] = {}
        self._looking: tuple[str, Looking, float] | None = None
        self._polling: Timer | None = None
        self._before, self._said = before.offer, (refused, "warn")

    def compose(self) -> ComposeResult:
        yield Lines(id="head")
        yield Listed(self._glyphs.cursor)
        yield Page(id="known")
        yield Lines(id="foot")

    def on_mount(self) -> None:
        """The first is practice: the safe one, unless another was chosen before."""
        self._offer(self._before)
        self.query_one(Choices).focus()

    def on_resize(self) -> None:
        """Draws at the new width."""
        self._draw()

    def _offer(self, name: str) -> None:
        """Shows what there is to choose from now, with the cursor on `name` where that is there."""
        self._offers = {offer.name: offer for offer in (*self._connecting.offers(), NEW)}
        rows = [Choice(each.name, "", each.name, each.what, _mark(each)) for each in self._offers.values()]
        self.query_one(Choices).offer(rows, next((at for at, row in enumerate(rows) if row.value == name), 0))
        self._draw()

    # -- drawing --------------------------------------------------------------------------------------------------

    @on(Choices.Moved)
    def _moved(self) -> None:
        self._said = ("", "quiet")
        self._draw()

    def _draw(self) -> None:
        look = self._look()
        self.query_one("#head", Lines).show([*self._head(look), line((" Where do we deploy?", "title")), ()])
        said = paragraph(self._said[0], look.width - 1, indent=1, role=self._said[1]) if self._said[0] else []
        self.query_one("#known", Page).show([(), *self._known(look), *([(), *said] if said else [])])
        left = [_OPEN.offer, (self._glyphs.arrows, "choose"), *(self._keys[name].offer for name in self._offered())]
        keys = chrome.keys(left, [self._keys["help"].offer, self._keys["leave"].offer], look)
        self.query_one("#foot", Lines).show([chrome.rule(look), keys])

    def _known(self, look: Look) -> list[Line]:
        offer = self._current()
        if offer is None:
            return []
        if self._looking is not None and self._looking[0] == offer.name:
            _, looking, since = self._looking
            told = f"Looking: {looking.doing}, {int(time.monotonic() - since)} s. Esc stops it; nothing is changed."
            return paragraph(told, look.width - 1, indent=1)
        at, found = self._found.get(offer.name, ("", Found((offer.known,))))
        known = [part for each in found.told for part in paragraph(each, look.width - 1, indent=1)]
        opens = self._opens(offer)
        runs = [(), line((f" Enter: sprocket-tui {' '.join(opens)}", "quiet"))] if opens else []
        return [*known, *runs, *([line((f" Looked at {at}.", "quiet"))] if at else [])]

    def _offered(self) -> list[str]:
        """The actions that do something for the target under the cursor."""
        offer = self._current()
        if offer is None:
            return []
        able = {"look": offer.look, "check": offer.checks, "edit": offer.profile, "forget": offer.profile}
        return [name for name, can in able.items() if can]

    def _look(self) -> Look:
        return Look(self._over.size.width, self._glyphs, time.time())

    def _head(self, look: Look) -> list[Line]:
        guide = line((f"guide {self._connecting.guide} ", "quiet"))
        return [spread(line((" sprocket-tui", "title")), guide, look.width), chrome.rule(look)]

    @property
    def _over(self) -> App[int]:
        """The program, which shows what lies over this."""
        return cast("App[int]", self.app)  # pyright: ignore[reportUnknownMemberType]

    def _current(self) -> Offer | None:
        chosen = self.query_one(Choices).current
        return self._offers[chosen.value] if chosen else None

    def _opens(self, offer: Offer) -> tuple[str, ...]:
        """The command line that Enter stands for, by what is known now."""
        found = self._found.get(offer.name)
        return (found[1].opens if found else ()) or offer.opens

    def _say(self, text: str, role: str = "quiet") -> None:
        self._said = (text, role)
        self._draw()

    # -- choosing -------------------------------------------------------------------------------------------------

    @on(Choices.Taken)
    def _open(self, event: Choices.Taken) -> None:
        offer = self._offers[event.value]
        if offer is NEW:
            self._ask_host()
        else:
            self._end(Chosen(self._opens(offer), offer.name))

    def action_check(self) -> None:
        """Measures the checklists of the target, and nothing else."""
        offer = self._current()
        if offer is not None and offer.checks:
            self._end(Chosen(offer.checks, offer.name))
        else:
            self._say("There is nothing to check here before it is begun.")

    def action_back(self) -> None:
        """Ends a look that is under way, else leaves."""
        if self._looking is None:
            self._end(Chosen())
        else:
            self._stop()
            self._say("The look was ended; nothing was changed.")

    def action_leave(self) -> None:
        """Nothing was chosen."""
        self._end(Chosen())

    def _end(self, chosen: Chosen) -> None:
        self._stop()
        self.post_message(self.Ended(chosen))

    def action_help(self) -> None:
        """The keys of this screen."""
        look = self._look()
        page = first_help(self._keys.values(), look)
        self._over.push_screen(ReadingScreen(page, "Esc back", self._head(look), self._look))

    def action_jump(self) -> None:
        """Letters on the targets; one of them moves the cursor there."""
        self._over.push_screen(JumpScreen(lambda: spots(self)))

    # -- looking there --------------------------------------------------------------------------------------------

    def action_look(self) -> None:
        """Begins a look at the target under the cursor."""
        offer = self._current()
        if offer is None or offer.look is None:
            self._say("There is nothing to look at here before it is begun.")
            return
        self._stop()
        self._said = ("", "quiet")
        self._looking = (offer.name, offer.look(), time.monotonic())
        self._polling = self.set_interval(_POLL, self._poll)
        self._draw()

    def _poll(self) -> None:
        """Takes what was found; until then it says what is under way."""
        if self._looking is None:
            return
        name, looking, _ = self._looking
        found = looking.found()
        if found is not None:
            self._stop()
            self._found[name] = (time.strftime("%H:%M:%S"), found)
        self._draw()

    def _stop(self) -> None:
        if self._polling is not None:
            self._polling.stop()
        if self._looking is not None:
            self._looking[1].stop()
        self._looking = self._polling = None

    # -- profiles -------------------------------------------------------------------------------------------------

    def _ask_host(self) -> None:
        """First which host, where the SSH configuration names some; then the other questions."""
        hosts = self._connecting.hosts()
        if not hosts:
            self._fill(self._connecting.new(""), self._new)
            return
        look = self._look()
        rows = [Choice(_BY_HAND, "", "Another host", "its address, by hand")]
        rows += [Choice(host.alias, "", host.alias, host.where) for host in hosts]
        head = [*self._head(look), line((" New target: which host of your SSH configuration?", "title")), ()]
        foot = [chrome.rule(look), line((f" Enter takes it  {self._glyphs.arrows} choose  Esc back", "quiet"))]
        screen = ChoosingScreen(head, rows, foot, self._glyphs.cursor, stay="", twice="", at=1)
        self._over.push_screen(screen, self._host_chosen)

    def _host_chosen(self, host: str | None) -> None:
        if host:
            self._fill(self._connecting.new("" if host == _BY_HAND else host), self._new)

    def _new(self) -> None:
        """The profile that was not there before."""
        before = set(self._offers)
        self._offer("")
        self._offer(next((name for name in self._offers if name not in before), ""))

    def action_edit(self) -> None:
        """The questions of the profile again, with its answers."""
        offer = self._current()
        if offer is None or not offer.profile:
            self._say("Only a saved profile can be edited or forgotten.")
            return
        try:
            form = self._connecting.edit(offer.profile)
        except SprocketError as error:
            self._say(error.message, "warn")
            return

        def saved() -> None:
            # What was found holds for the answers as they were.
            self._found.pop(offer.name, None)
            self._offer(offer.name)

        self._fill(form, saved)

    def _fill(self, form: Form, saved: Callable[[], None]) -> None:
        look = self._look()

        def done(said: str | None) -> None:
            if said:
                saved()
                self._say(said)

        self._over.push_screen(FormScreen(form, self._head(look), self._look, untyped(self._keys["help"])), done)

    def action_forget(self) -> None:
        """Asks whether the profile is to be forgotten."""
        offer = self._current()
        if offer is None or not offer.profile:
            self._say("Only a saved profile can be edited or forgotten.")
            return
        look = self._look()
        said = "Only the profile goes: its host, and the runs kept here and there, stay as they are."
        head = [*self._head(look), line((f" Forget the profile {offer.profile}?", "title"))]
        head += [*paragraph(said, look.width - 1, indent=1), ()]
        rows = [Choice(_KEEP, "k", "Keep it"), Choice(_FORGET, "f", "Forget it")]
        foot = [chrome.rule(look), line((f" Enter do  {self._glyphs.arrows} choose  Esc keep", "quiet"))]

        def done(chosen: str | None) -> None:
            if chosen == _FORGET:
                self._forget(offer.profile)

        screen = ChoosingScreen(head, rows, foot, self._glyphs.cursor, stay=_KEEP, twice=_KEEP)
        self._over.push_screen(screen, done)

    def _forget(self, profile: str) -> None:
        try:
            said = self._connecting.forget(profile)
        except SprocketError as error:
            self._say(error.message, "warn")
            return
        self._offer("")
        self._say(said)


def _mark(offer: Offer) -> Span:
    return (PRODUCTION, "production") if offer.production else ("", "plain")


class ConnectApp(TerminalApp):
    """`chosen` is the command line that was chosen, and of what; its line is empty where somebody left.

    `before` is what was chosen last time and could not begin, `refused` says why.
    """

    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        connecting: Connecting,
        keymap: Keymap,
        *,
        before: Chosen = _NOTHING,
        refused: str = "",
        theme: str = "",
        low_bandwidth: bool = False,
    ) -> None:
        super().__init__(theme=theme, low_bandwidth=low_bandwidth)
        self._connecting, self._keys = connecting, keymap
        self._before, self._refused = before, refused
        self.set_keymap({name: ",".join(action.keys) for name, action in keymap.first.items()})
        self.chosen = _NOTHING

    def get_default_screen(self) -> Screen[None]:
        """The targets lie below everything."""
        return ConnectScreen(self._connecting, self.glyphs, self._keys, before=self._before, refused=self._refused)

    @on(ConnectScreen.Ended)
    def _end(self, event: ConnectScreen.Ended) -> None:
        self.chosen = event.chosen
        self.exit(0)
