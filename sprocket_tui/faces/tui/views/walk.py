"""The walk: one step at a time, the question below it, the keys at the end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import Screen

from sprocket_tui.engine.desk import Answer, Leave, Skip
from sprocket_tui.exits import Exit
from sprocket_tui.faces.tui import pace, wording
from sprocket_tui.faces.tui.following import Following
from sprocket_tui.faces.tui.glyphs import Glyphs
from sprocket_tui.faces.tui.keys import REGISTRY
from sprocket_tui.faces.tui.logfile import LogFile
from sprocket_tui.faces.tui.pages import chapters, chrome, ended, offers
from sprocket_tui.faces.tui.pages import step as steps
from sprocket_tui.faces.tui.pages.look import ALL, PLAN, WHY, Look
from sprocket_tui.faces.tui.setup import Setup
from sprocket_tui.faces.tui.sight import Sight, StepSight
from sprocket_tui.faces.tui.spans import Line
from sprocket_tui.faces.tui.widgets.ask import Ask
from sprocket_tui.faces.tui.widgets.lines import Lines, Page
from sprocket_tui.faces.tui.widgets.log import LogView
from sprocket_tui.journal.events import Asked, StepEnded

LEAST = (60, 15)
_SIDE = 34
_BESIDE = 56
_WIDE, _BROAD = 100, 140
_POLL = 0.1


class WalkScreen(Screen[None], inherit_bindings=False):
    """Reads the journal and the running attempt's notes ten times a second; draws what changed."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        *(action.binding() for action in REGISTRY),
        Binding("tab", "app.focus_next", show=False),
        Binding("up,k", "scroll_by(-1)", show=False),
        Binding("down,j", "scroll_by(1)", show=False),
        Binding("pageup", "scroll_page(-1)", show=False),
        Binding("pagedown,space", "scroll_page(1)", show=False),
        Binding("home", "scroll_page(-1000)", show=False),
        Binding("end", "scroll_page(1000)", show=False),
    ]
    DEFAULT_CSS = """
    WalkScreen #middle { height: 1fr; }
    WalkScreen #side, WalkScreen #beside { display: none; }
    WalkScreen.-wide #side { display: block; width: 34; }
    WalkScreen.-broad #beside { display: block; width: 56; }
    WalkScreen #small { display: none; }
    WalkScreen.-small > *, WalkScreen.-small > #ask, WalkScreen.-looking > #ask { display: none; }
    WalkScreen.-small #small { display: block; }
    """

    @dataclass
    class Ended(Message):
        """There is nothing more to show; `code` is the exit code."""

        code: int

    def __init__(self, setup: Setup, glyphs: Glyphs) -> None:
        super().__init__()
        self._setup, self._glyphs = setup, glyphs
        self._sight = Sight(setup.guide)
        self._seen = 0
        self._held = False
        self._read = ""
        self._following = Following(setup)
        self._unfolded: frozenset[str] = frozenset()
        self._looking = ""
        self._message: tuple[str, str] | None = None
        self._answered_to: Asked | None = None
        self._finishing = False
        self._leaving = False
        self._second = 0
        self._shown_step = ""
        self._beside: Path | None = None
        self.aborts = False

    @property
    def sight(self) -> Sight:
        """What has been taken in."""
        return self._sight

    @property
    def looking(self) -> str:
        """The step that is looked at; empty for the one under way."""
        return self._looking

    @property
    def asked(self) -> Asked | None:
        """The question that can be answered now."""
        return self.query_one(Ask).asked

    def compose(self) -> ComposeResult:
        yield Lines(id="header")
        yield Lines(id="above")
        with Horizontal(id="middle"):
            yield Page(id="side")
            yield Page(id="page")
            yield Vertical(id="beside")
        yield Ask(self._glyphs.cursor, id="ask")
        yield Lines(id="below")
        yield Lines(id="keys")
        yield Lines(id="small")

    def on_mount(self) -> None:
        """What earlier sessions did is known, and is not read again."""
        for event in self._setup.engine.since(0):
            if event.seq <= self._setup.seen:
                self._sight.take(event)
                self._seen = event.seq
        self._sight.question = None
        self._read = self._sight.current or ("" if not self._seen else "-")
        self.set_interval(_POLL, self.tick)
        self.tick()

    # -- taking in ------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Takes in what is new, and draws where that changed something."""
        alive = self._setup.engine.running()
        changed = self._take_events()
        changed |= self._following.take(self._sight.step)
        step = self._sight.step
        if step is not None and (step.running or step.checking) and int(time.time()) != self._second:
            self._second = int(time.time())
            changed = True
        if changed:
            self.draw()
        for view in self.query(LogView):
            view.tick()
        silent = not self._held and self._sight.left is None
        if not alive and (self._leaving or silent):
            # An engine that ended without a word could not save it; what became of it is said once the screen is gone.
            self._go()

    def _take_events(self) -> bool:
        changed = False
        for event in self._setup.engine.since(self._seen):
            holds = not self._leaving and self._reads_on(event.seq) and pace.holds(self._sight, event)
            if holds and self._read != (self._sight.current or "-"):
                changed |= not self._held
                self._held = True
                break
            self._held = False
            self._seen = event.seq
            self._sight.take(event)
            changed = True
            if self._finishing and isinstance(event.fact, StepEnded):
                self._leave()
        if changed:
            self._ask()
        return changed

    def _reads_on(self, seq: int) -> bool:
        return seq > self._setup.seen

    def _ask(self) -> None:
        """Puts the question that waits, unless a page has to be read first."""
        asked, ask = self._sight.question, self.query_one(Ask)
        if asked is None or self._leaving:
            if ask.asked is not None:
                ask.clear()
        elif asked is not ask.asked and asked is not self._answered_to:
            self._looks_at("")
            ask.put(asked)

    @on(Page.Fitted)
    def _fitted(self) -> None:
        self._draw_rule()

    @on(Ask.Given)
    def _answered(self, event: Ask.Given) -> None:
        self._message, self._answered_to = None, event.asked
        self._setup.engine.post(Answer(event.asked.id, event.value, self._setup.who))
        self.draw()

    @on(Ask.Reasoned)
    def _reasoned(self, event: Ask.Reasoned) -> None:
        self._answered_to = event.asked
        self._setup.engine.post(Skip(event.asked.step, event.value, self._setup.who))
        self.draw()

    # -- drawing --------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Another size is another layout; nothing else changes."""
        width, height = event.size
        small = width < LEAST[0] or height < LEAST[1]
        self.set_class(small, "-small")
        self.set_class(width >= _WIDE, "-wide")
        self.set_class(width >= _BROAD, "-broad")
        self.query_one(Ask).fit()
        self.draw()
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Draws everything anew; what is the same costs nothing."""
        width, height = self.size
        look = self._look(width)
        if self.has_class("-small"):
            self.query_one("#small", Lines).show(chrome.told_small(self._sight, width, height))
            return
        self.query_one("#header", Lines).show([chrome.header(self._sight, look)])
        self.query_one("#above", Lines).show([chrome.rule(look)])
        self.query_one("#keys", Lines).show([self._keys(look)])
        shown = self._shown()
        name = shown.id if shown else ""
        page = self.query_one("#page", Page)
        page.show(self._page(shown, self._look(self._page_width(width))), top=name != self._shown_step)
        self._shown_step = name
        self._draw_rule()
        if self.has_class("-wide"):
            self.query_one("#side", Page).show(chapters.side(self._sight, self._look(_SIDE)))
        if self.has_class("-broad"):
            self._show_output()

    def _show_output(self) -> None:
        """Beside the step, where there is room: what its job prints."""
        found = self.attempt_output()
        file = found[1] if found is not None and found[1].is_file() else None
        if file == self._beside:
            return
        self._beside = file
        beside = self.query_one("#beside", Vertical)
        beside.remove_children()
        if file is not None:
            beside.mount(LogView(LogFile(file)))

    def _draw_rule(self) -> None:
        """What lies below is known once the page is laid out."""
        more = self.query_one("#page", Page).hidden_below
        self.query_one("#below", Lines).show([chrome.rule(self._look(self.size.width), more)])

    def _look(self, width: int) -> Look:
        return Look(width, self._glyphs, time.time(), self._unfolded)

    def _page_width(self, width: int) -> int:
        return width - (_SIDE if width >= _WIDE else 0) - (_BESIDE if width >= _BROAD else 0)

    def _shown(self) -> StepSight | None:
        """The step that is looked at: the one under way, unless a person went to another."""
        if self._looking:
            return self._sight.steps.get(self._looking) or StepSight(self._looking)
        return self._sight.step

    def _page(self, shown: StepSight | None, look: Look) -> list[Line]:
        if self._looking and shown is not None:
            return steps.looked_at(self._sight, shown, look)
        if self._sight.left is not None and not self._held:
            return ended.page(self._sight, self._setup.resume, look)
        if shown is None:
            return chapters.plan(self._sight, look)
        return steps.page(self._sight, shown, self._following.notes, look)

    def _keys(self, look: Look) -> Line:
        of = self._setup.keymap.of
        if self._message is not None:
            return chrome.message(*self._message, look)
        left = [(of(name), of(name).label) for name in self.offered()]
        if left and left[0][0].name == "next":
            left[0] = (left[0][0], offers.next_label(self._sight, held=self._held))
        return chrome.keys(left, [of("help"), of("leave")], look)

    def offered(self) -> list[str]:
        """The actions that do something now, the likeliest first."""
        return offers.offered(self._sight, held=self._held, looking=self._looking)

    # -- actions --------------------------------------------------------------------------------------------------

    def action_next(self) -> None:
        """What was read is read; at the end it ends."""
        self._message = None
        if self._looking:
            self.action_present()
        elif self._held:
            self._read, self._held = self._sight.current or "-", False
            self.tick()
            self.draw()
        elif self._sight.left is not None:
            self._go()

    def action_skip(self) -> None:
        """Asks why, in place; what is typed there skips the step."""
        ask = self.query_one(Ask)
        if ask.asked is not None and not self._looking and offers.skippable(self._sight):
            ask.put_over(wording.reason(ask.asked.step))

    def action_why(self) -> None:
        self._fold(WHY)

    def action_plan(self) -> None:
        self._fold(PLAN)

    def action_all(self) -> None:
        self._fold(ALL)

    def _fold(self, name: str) -> None:
        self._message = None
        self._unfolded ^= {name}
        self.draw()

    def action_back(self) -> None:
        """Looks at the step before."""
        self._look_by(-1)

    def action_forward(self) -> None:
        """Looks at the step after."""
        self._look_by(1)

    def _look_by(self, by: int) -> None:
        ids = list(self._setup.guide.steps())
        written = self._sight.written(self._looking or self._sight.current)
        at = ids.index(written[1].id) + by if written else 0
        if 0 <= at < len(ids):
            self.look_at(ids[at])

    def _looks_at(self, step: str) -> None:
        """Whoever looks at another step does not see what a question is about, and is not asked it meanwhile."""
        self._looking = step
        self.set_class(bool(step), "-looking")
        self.query_one(Ask).fit()

    def look_at(self, step: str) -> None:
        """Shows another step; looking changes nothing."""
        self._message = None
        self._looks_at("" if step == self._sight.current else step)
        self.draw()

    def action_present(self) -> None:
        """Back to the step that is under way; at a gate it says no."""
        self._message = None
        if self._looking:
            self._looks_at("")
            self.draw()
        else:
            self.query_one(Ask).refuse()

    def action_scroll_by(self, by: int) -> None:
        self._scroll(by)

    def action_scroll_page(self, by: int) -> None:
        self._scroll(by * max(self.query_one("#page", Page).size.height - 1, 1))

    def _scroll(self, by: int) -> None:
        self.query_one("#page", Page).scroll_relative(y=by, animate=False, immediate=True)
        self._draw_rule()

    def page_text(self) -> str:
        """The words of the page, to be copied."""
        return self.query_one("#page", Page).text()

    def say(self, text: str, role: str = "quiet") -> None:
        """A sentence in the place of the keys, until the next key."""
        self._message = (text, role)
        self.draw()

    def attempt_output(self) -> tuple[str, Path] | None:
        """Title and file of what the step's last attempt printed."""
        shown = self._shown()
        if shown is None or shown.attempt is None:
            return None
        return shown.title, self._setup.output(shown.id, shown.attempt.number)

    # -- leaving --------------------------------------------------------------------------------------------------

    def finish_then_leave(self) -> None:
        """Leaves when the step that is under way has ended."""
        self._finishing = True
        self.say("It stops before the next step.", "warn")

    def leave(self, *, aborts: bool = False) -> None:
        """Leaves now; what runs on the target goes on, or is asked to stop once we are gone."""
        self.aborts = aborts
        self._leave()
        self.tick()

    def _leave(self) -> None:
        if not self._leaving:
            self._leaving = True
            self._setup.engine.post(Leave())
            self.set_timer(2.0, self._go)

    def _go(self) -> None:
        left = self._sight.left
        self.post_message(self.Ended(left.code if left is not None else int(Exit.CANCELLED)))
