"""Runs the terminal face: what it leaves behind is a terminal as it was, whatever ends it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from types import FrameType
from typing import Any, ClassVar

from rich.color import ColorSystem
from rich.console import Console, RenderableType
from textual import events, on
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.filter import LineFilter
from textual.geometry import Region
from textual.message_pump import MessagePump
from textual.screen import Screen

from sprocket_tui import crash, going_on
from sprocket_tui.exits import Exit
from sprocket_tui.faces.tui import themes
from sprocket_tui.faces.tui.canvas import Canvas, erasing
from sprocket_tui.faces.tui.driver import ScreenDriver
from sprocket_tui.faces.tui.glyphs import encoding, glyphs
from sprocket_tui.faces.tui.slow import Line, over_ssh
from sprocket_tui.faces.tui.typeahead import Typeahead, Typed

_LEAVE_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)
# How long leaving in order may take after a signal, in seconds; then the terminal is put right and that is all.
_LEAVING = 5.0
# What ends or interrupts waits for no key before it; as a terminal's own keys did always.
_AT_ONCE = frozenset({"ctrl+c", "ctrl+z", "ctrl+l"})


class TerminalApp(App[int], inherit_bindings=False):
    """An app on a terminal that is only lent: paints no faster than the line carries, and never tells what it held.

    `theme`: a name of `themes.THEMES`, or empty for what suits. `low_bandwidth`: treat the line as slow.
    """

    # Whatever lies on top: a person who typed it in a shell for years means the shell.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "suspend", id="suspend", show=False, priority=True),
        Binding("ctrl+l", "redraw", id="redraw", show=False, priority=True),
    ]

    def __init__(self, *, theme: str = "", low_bandwidth: bool = False) -> None:
        self.colourless = themes.colourless()
        self.encoding = encoding(sys.__stdout__ or sys.stdout)
        self.glyphs = glyphs(self.encoding)
        self.line = Line(asking=over_ssh(os.environ), narrow=low_bandwidth)
        self.canvas = Canvas(erasing())
        self._typeahead = Typeahead(self, self._given)
        self._pressed_at = -math.inf
        self.left_by = 0
        self.crashed: BaseException | None = None
        self.failed = False
        self._owed: dict[Screen[Any], set[Region]] = {}
        self._unplaced: set[Screen[Any]] = set()
        super().__init__(driver_class=ScreenDriver)
        self.animation_level = "none"
        themes.register(self, themes.choose(theme, low_bandwidth=low_bandwidth))

    def leave_by(self, number: int) -> None:
        """Leaves because of a signal; the exit code is 128 + its number."""
        if not self.left_by:
            self.left_by = number
            self.exit(128 + number, return_code=128 + number)

    def rescue(self) -> None:
        """The terminal as it was, at once and whatever the app is doing; for when leaving in order failed."""
        if isinstance(self._driver, ScreenDriver):
            self._driver.tty.rescue()

    def call_for(self, sentence: str) -> None:
        """Calls a person who looks elsewhere, by what their terminal has for it."""
        if isinstance(self._driver, ScreenDriver):
            self._driver.call(sentence)

    @contextlib.contextmanager
    def handed_over(self) -> Generator[None]:
        """The terminal is somebody else's within; whatever is raised there, the app goes on afterwards."""
        raised: BaseException | None = None
        with self.suspend():
            try:
                yield
            except BaseException as error:  # raised again below
                raised = error
        if raised is not None:
            raise raised

    async def on_event(self, event: events.Event) -> None:
        """What is typed goes one by one to who has the focus by then; what ends or interrupts waits for nothing."""
        if not isinstance(event, Typed) or event.is_forwarded:
            await super().on_event(event)
            return
        self._pressed_at = time.monotonic()
        if not (self._typeahead.busy and isinstance(event, events.Key) and await self._at_once(event.key)):
            await self._typeahead.take(event)

    @property
    def typing(self) -> bool:
        """Whether a key that was pressed is still at work."""
        return self._typeahead.busy

    @property
    def still(self) -> float:
        """For how long nothing was typed, in seconds."""
        return time.monotonic() - self._pressed_at

    async def _at_once(self, key: str) -> bool:
        return key in _AT_ONCE and bool(self._screen_stack) and await self._check_bindings(key, priority=True)

    async def _given(self, typed: Typed) -> MessagePump:
        if not self._screen_stack:
            # It ends, and there is nobody any more.
            return self
        whose = self.focused or self.screen
        await super().on_event(typed)
        return whose

    def action_suspend(self) -> None:
        """Stops the whole job as the terminal's own ctrl+z does, if a shell is there to continue it."""
        if os.getsid(0) == os.getpgrp():
            self.notify("No shell would continue this.", markup=False)
            return
        self._suspend_signal()
        if isinstance(self._driver, ScreenDriver):
            # First of all: whoever started us may stop before us, and then the terminal is the shell's already.
            self._driver.suspend_for_the_shell()
        os.killpg(0, signal.SIGTSTP)

    def action_redraw(self) -> None:
        """Draws everything again: what others wrote over the screen is not known to be there."""
        self.canvas.forget()
        self.refresh(layout=True)

    @on(Driver.SignalResume)
    def _shown_again(self) -> None:
        """Textual counts on the screen to be as it left it; others have written there since."""
        self.refresh(layout=True)

    def on_hung_up(self) -> None:
        """The terminal went away and no signal said so."""
        self.leave_by(signal.SIGHUP)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return themes.defaults()

    def get_line_filters(self) -> Sequence[LineFilter]:
        if self.colourless:
            return (themes.Colourless(),)
        return (themes.Sixteen(),) if self.native_ansi_color else super().get_line_filters()

    # A traceback with locals is what Textual shows of a crash; nothing of it is even rendered here.

    def _handle_exception(self, error: Exception) -> None:
        self.crashed = self.crashed or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self.panic()

    def panic(self, *renderables: RenderableType) -> None:
        """Ends the app; `drive` tells what is to be told."""
        self.failed = True
        self._return_code = int(Exit.INTERNAL)
        self._close_messages_no_wait()

    def _build_driver(self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None) -> Driver:
        driver = super()._build_driver(headless, inline, mouse, size)
        if isinstance(driver, ScreenDriver):
            driver.line, driver.encoding, driver.canvas = self.line, self.encoding, self.canvas
        return driver

    # Frames that are held back: their regions are painted, as they are by then, when the line is free.

    def hold(self, screen: Screen[Any]) -> None:
        """Paints nothing of a screen until `placed`: what it shows by then would all be painted once more."""
        self._unplaced.add(screen)

    def holds(self, screen: Screen[Any]) -> bool:
        """Whether nothing of a screen is painted yet."""
        return screen in self._unplaced

    def placed(self, screen: Screen[Any]) -> None:
        """All is where it belongs."""
        if screen in self._unplaced:
            self._unplaced.remove(screen)
            self._owed.setdefault(screen, set()).add(screen.outer_size.region)
            self._pay()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if not isinstance(self._driver, ScreenDriver) or not isinstance(renderable, LayoutUpdate | ChopsUpdate):
            super()._display(screen, renderable)  # pyright: ignore[reportUnknownMemberType]
            return
        wait = self.line.wait()
        if wait <= 0 and not self._owed:
            self._paint(screen, renderable)
            return
        if not self._owed:
            self._after(wait, self._pay)
        self._owed.setdefault(screen, set()).update(_regions(renderable))
        self.post_display_hook()

    def _paint(self, screen: Screen[Any], update: LayoutUpdate | ChopsUpdate) -> None:
        """Shows what of an update is not on the terminal already, if anything."""
        if self._batch_count or not self._running or self._closed:
            # Nothing is painted now, so nothing is known to be.
            super()._display(screen, update)  # pyright: ignore[reportUnknownMemberType]
            return
        colours = self.console._color_system or ColorSystem.TRUECOLOR  # pyright: ignore[reportPrivateUsage]
        different = self.canvas.paint(update, *self.size, colours)
        if different or self.screen.outer_size.clamp_offset(self.cursor_position) != self._previous_cursor_position:
            super()._display(screen, _Different(different))  # pyright: ignore[reportUnknownMemberType, reportArgumentType]
        else:
            self.post_display_hook()

    def on_resize(self) -> None:
        """Whatever a terminal does with what it showed in another size."""
        self.canvas.forget()

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        """Calls `act` in this app's context after `seconds`."""
        asyncio.get_running_loop().call_later(seconds, self._in_context, act)

    def _in_context(self, act: Callable[[], None]) -> None:
        with self._context():
            act()

    def _pay(self) -> None:
        if not self._running or not self._screen_stack:
            return
        wait = self.line.wait()
        if wait > 0 or self._batch_count:
            self._after(max(wait, 0.01), self._pay)
            return
        owed, self._owed = self._owed.get(self.screen, set()), {}
        compositor = self.screen._compositor  # pyright: ignore[reportPrivateUsage]
        # What became dirty since the last frame and was not looked at yet would be forgotten by this one.
        compositor.update_widgets(self.screen._dirty_widgets)  # pyright: ignore[reportPrivateUsage]
        whole = compositor.size.region
        compositor._dirty_regions.update(filter(None, (whole.intersection(each) for each in owed)))  # pyright: ignore[reportPrivateUsage]
        self.screen._compositor_refresh()  # pyright: ignore[reportPrivateUsage]


class _Different(CompositorUpdate):
    """A frame that is what the terminal is to be sent."""

    def __init__(self, said: str) -> None:
        self._said = said

    def render_segments(self, console: Console) -> str:
        return self._said


def _regions(update: LayoutUpdate | ChopsUpdate) -> set[Region]:
    if isinstance(update, LayoutUpdate):
        return {update.region}
    return {Region(start, y, end - start, 1) for y, start, end in update.spans}


def drive(app: TerminalApp, *, mouse: bool = False, back: Callable[[], str] = going_on.command) -> int:
    """Shows the app until it ends, and returns the program's exit code: the app's result, 128 + n after signal n.

    `back`: what a person types to go on, told after a signal or a crash; empty where there is nothing to go on with.
    Without `mouse` the terminal's own selection works.
    """
    crashed: BaseException | None = None
    try:
        asyncio.run(_run(app, mouse))
    except Exception as error:
        # Whatever it is, the terminal comes first and the report after it.
        crashed = error
    finally:
        app.rescue()
    crashed = app.crashed or crashed
    if app.left_by:
        _say(f"ended by {signal.Signals(app.left_by).name}", back())
        return 128 + app.left_by
    if crashed is not None or app.failed:
        _say(f"internal error: {_kept(crashed)}", back())
        return Exit.INTERNAL
    return app.return_value or 0


async def _run(app: TerminalApp, mouse: bool) -> None:
    loop = asyncio.get_running_loop()
    last_resorts: list[threading.Timer] = []

    def leave(number: int, _frame: FrameType | None) -> None:
        # In the main thread, but in the middle of anything: the loop does the rest, if it can.
        loop.call_soon_threadsafe(app.leave_by, number)
        timer = threading.Timer(_LEAVING, _give_up, (app, number))
        timer.daemon = True
        timer.start()
        last_resorts.append(timer)

    before = {number: signal.signal(number, leave) for number in _LEAVE_ON}
    # What was loaded until now stays; looked through again and again it would keep keys waiting, for a frame each time.
    gc.freeze()
    try:
        await app.run_async(mouse=mouse)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for timer in last_resorts:
            timer.cancel()


def _give_up(app: TerminalApp, number: int) -> None:
    app.rescue()
    os._exit(128 + number)


def _kept(crashed: BaseException | None) -> str:
    try:
        path = crash.save(crashed)
    except OSError as error:
        return f"at {crash.where(crashed)} (no report: {error.strerror})"
    return f"please send {path}, which holds no values"


def _say(message: str, remedy: str) -> None:
    lines = [f"sprocket-tui: {message}", *([f"do: {remedy}"] if remedy else [])]
    try:
        sys.stderr.write("\n".join(lines) + "\n")
        sys.stderr.flush()
    except OSError:
        # Nobody is left to read it, and what is in the buffer would fail again at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC), sys.stderr.fileno())
