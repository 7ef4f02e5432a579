"""The walk: one step at a time, the question below it, the keys at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.geometry import Size
from textual.message import Message

from sprocket_tui.engine.desk import Answer, Leave, Skip
from sprocket_tui.exits import Exit
from sprocket_tui.faces import lines
from sprocket_tui.faces.tui import wording
from sprocket_tui.faces.tui.bell import Bell
from sprocket_tui.faces.tui.glyphs import Glyphs
from sprocket_tui.faces.tui.guidesearch import Hit
from sprocket_tui.faces.tui.jobnotes import JobNotes
from sprocket_tui.faces.tui.keys import REGISTRY
from sprocket_tui.faces.tui.layout import BROAD, SIDE, WIDE, page_width, too_small
from sprocket_tui.faces.tui.pages import chapters, chrome, found, offers
from sprocket_tui.faces.tui.pages import shown as pages
from sprocket_tui.faces.tui.pages.look import ALL, PLAN, WHY, Look
from sprocket_tui.faces.tui.reading import Reading
from sprocket_tui.faces.tui.setup import Setup
from sprocket_tui.faces.tui.sight import Sight, StepSight
from sprocket_tui.faces.tui.spans import Line
from sprocket_tui.faces.tui.views.saying import Saying
from sprocket_tui.faces.tui.widgets.ask import Ask
from sprocket_tui.faces.tui.widgets.beside import Beside
from sprocket_tui.faces.tui.widgets.lines import Lines, Page
from sprocket_tui.faces.tui.widgets.log import LogView
from sprocket_tui.journal.events import Asked

_POLL = 0.1


class WalkScreen(Saying):
    """Reads the journal and the running attempt's notes ten times a second; draws what changed."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        *(action.binding() for action in REGISTRY),
        Binding("tab", "turn", show=False),
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

    def __init__(self, setup: Setup, glyphs: Glyphs, bell: Bell, due: Callable[[], bool]) -> None:
        """`due`: whether what streams may be taken in and drawn now, which a slow line allows less often."""
        super().__init__()
        self._due = due
        self._setup, self._glyphs, self._bell = setup, glyphs, bell
        self._sight = Sight(setup.guide)
        self._reading = Reading(setup, self._sight)
        self._notes = JobNotes(setup.directory)
        self._unfolded: frozenset[str] = frozenset()
        self._looking = ""
        self._hit: Hit | None = None
        self._answered_to: Asked | None = None
        self._finishing = False
        self.leaving = False
        self._second = 0
        self._fits = Size(0, 0)
        self._shown_step = ""
        self.aborts, self.finished = False, ""

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
            yield Beside(id="beside")
        yield Ask(self._glyphs.cursor, self.turn_unread, id="ask")
        yield Lines(id="below")
        yield Lines(id="keys")
        yield Lines(id="small")

    def on_mount(self) -> None:
        self._reading.begin()
        self.set_interval(_POLL, self.tick)
        self.tick()

    # -- taking in ------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Takes in what is new, and draws where that changed something."""
        alive = self._setup.engine.running()
        changed = self._take_events()
        streams = self._due()
        if streams:
            changed |= self._streamed()
        if changed:
            self.draw()
        if streams:
            for view in self.query(LogView):
                view.tick()
        silent = not self._reading.held and self._sight.left is None
        if not alive and (self.leaving or silent):
            # An engine that ended without a word could not save it; what became of it is said once the screen is gone.
            self._go()

    def _streamed(self) -> bool:
        """Takes in what the running step said; whether there is anything to draw, the seconds it takes among it."""
        changed = self._notes.take(self._sight.step)
        step = self._sight.step
        if step is not None and (step.running or step.checking) and int(time.time()) != self._second:
            self._second = int(time.time())
            changed = True
        return changed

    def _take_events(self) -> bool:
        changed = self._reading.take(lambda: self.leaving, self._step_ended)
        if changed:
            self._ask()
        return changed

    def _step_ended(self, step: str) -> None:
        if self._finishing and not self.leaving:
            self.finished = step
            self._leave()

    def _ask(self) -> None:
        """Puts the question that waits, unless a page has to be read first."""
        asked, ask = self._sight.question, self.query_one(Ask)
        if asked is None or self.leaving:
            if ask.asked is not None:
                ask.clear()
        elif asked is not ask.asked and asked is not self._answered_to:
            self._looks_at("")
            ask.put(asked, lines.about(asked, self._setup.guide), practice=self._sight.practice)
            # Once the question has taken its room: what it covers was not seen.
            self.call_after_refresh(self.page.unread)

    @on(Page.Fitted)
    def _fitted(self) -> None:
        self._draw_rule()

    @on(Ask.Given)
    def _answered(self, event: Ask.Given) -> None:
        self.hush()
        self._answered_to = event.asked
        self._setup.engine.post(Answer(event.asked.id, event.value, self._setup.who))
        self.draw()

    @on(Ask.Reasoned)
    def _reasoned(self, event: Ask.Reasoned) -> None:
        self._answered_to = event.asked
        self._setup.engine.post(Skip(event.asked.step, event.value, self._setup.who))
        self.draw()

    # -- drawing --------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Another size is another layout; nothing else changes.

        Textual says it twice: before it lays the screen out, and then of the screen as of every widget that changed.
        """
        if event.size == self._fits:
            return
        self._fits = event.size
        self.set_class(too_small(event.size), "-small")
        self.set_class(event.size.width >= WIDE, "-wide")
        self.query_one(Ask).fit()
        self.draw()
        self.call_after_refresh(self.page.unread)

    def draw(self) -> None:
        """Draws everything anew; what is the same costs nothing."""
        width, height = self.size
        look = self._look(width)
        if self.has_class("-small"):
            leaves = f"{self._setup.keymap.of('leave').offer[0]} leaves"
            self.query_one("#small", Lines).show(chrome.told_small(self._sight, width, height, leaves))
            return
        self.query_one("#header", Lines).show([chrome.header(self._sight, look)])
        self.query_one("#above", Lines).show([chrome.rule(look)])
        self.query_one("#keys", Lines).show(self._keys(look))
        shown = self._shown()
        name = shown.id if shown else ""
        output = self._output()
        self.set_class(width >= BROAD and output is not None, "-broad")
        page = self.page
        if name != self._shown_step:
            # What was unfolded for one step is not asked for at the next.
            self._unfolded = frozenset()
        room = self._look(page_width(width, output=output is not None))
        told = pages.page(self._moment(), shown, self._notes.kept, self._setup.resume, room)
        told = found.on_page(told, self._hit, room) if self._hit is not None else told
        page.show(told, top=name != self._shown_step)
        self._shown_step = name
        self._draw_rule()
        if self.has_class("-wide"):
            self.query_one("#side", Page).show(chapters.side(self._sight, self._look(SIDE)))
        if self.has_class("-broad"):
            self.query_one("#beside", Beside).show(output)

    def _draw_rule(self) -> None:
        """What lies below is known once the page is laid out."""
        more = self.page.hidden_below
        look = self._look(self.size.width)
        notice = [chrome.stops(look)] if self._finishing else []
        self.query_one("#below", Lines).show([*notice, chrome.rule(look, more)])

    def _look(self, width: int) -> Look:
        return Look(width, self._glyphs, time.time(), self._unfolded)

    def _shown(self) -> StepSight | None:
        """The step that is looked at: the one under way, unless a person went to another."""
        if self._looking:
            return self._sight.steps.get(self._looking) or StepSight(self._looking)
        return self._sight.step

    def _keys(self, look: Look) -> list[Line]:
        return [*self.said(look), chrome.keys(*offers.line(self._moment(), self._setup.keymap), look)]

    def _moment(self) -> offers.Moment:
        ask = self.query_one(Ask)
        typing = ask.standing if ask.typing else None
        apart = ask.typed and typing is None and not self._looking
        letters = frozenset[str]() if self._looking else ask.letters
        return offers.Moment(self._sight, self._reading.held, self._looking, typing, apart, letters, self._bell.on)

    def offered(self) -> list[str]:
        """The actions that do something now, the likeliest first."""
        return offers.offered(self._moment())

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _draw_keys(self) -> None:
        """What the keys do depends on whether an answer is typed."""
        self.query_one("#keys", Lines).show(self._keys(self._look(self.size.width)))

    # -- actions --------------------------------------------------------------------------------------------------

    def action_next(self) -> None:
        """What was read is read; at the end it ends."""
        self.hush()
        if self._looking:
            self.action_present()
        elif self._reading.held:
            self._reading.read()
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
        self.hush()
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
        # Before the plan there is nothing.
        at = ids.index(written[1].id) + by if written else min(by, 0)
        if 0 <= at < len(ids):
            self.look_at(ids[at])

    def _looks_at(self, step: str, hit: Hit | None = None) -> None:
        """Whoever looks at another step does not see what a question is about, and is not asked it meanwhile."""
        self._looking, self._hit = step, hit
        self.set_class(bool(step), "-looking")
        self.query_one(Ask).fit()

    def look_at(self, step: str, hit: Hit | None = None) -> None:
        """Shows another step, with what was looked for in it marked; looking changes nothing."""
        self.hush()
        self._looks_at("" if step == self._sight.current else step, hit)
        self.draw()
        if hit is not None:
            self.page.see(found.first(self.page.lines))
            self.page_moved()

    def action_present(self) -> None:
        """Back to the step that is under way; at a gate it says no."""
        self.hush()
        if self._looking or self._hit is not None:
            self._looks_at("")
            self.draw()
        else:
            self.query_one(Ask).refuse()

    def action_turn(self) -> None:
        """From the answer that is typed to the keys of the page, and back."""
        self.hush()
        if self.query_one(Ask).typing:
            self.set_focus(None)
        else:
            self.focus_next()

    def page_moved(self) -> None:
        self.query_one(Ask).reads_on()
        self._draw_rule()

    def attempt_output(self) -> tuple[str, Path] | None:
        """Title and file of what the step's last attempt printed."""
        shown = self._shown()
        if shown is None or shown.attempt is None:
            return None
        return shown.title, self._setup.output(shown.id, shown.attempt.number)

    def _output(self) -> Path | None:
        """What stands beside the step: what it printed, once it has."""
        printed = self.attempt_output()
        return printed[1] if printed is not None and printed[1].is_file() and printed[1].stat().st_size else None

    # -- leaving --------------------------------------------------------------------------------------------------

    @property
    def finishing(self) -> bool:
        """Whether it leaves when the step that is under way has ended."""
        return self._finishing

    def finish_then_leave(self, *, finish: bool = True) -> None:
        """Leaves when the step that is under way has ended; without `finish` it goes on after all."""
        self._finishing = finish
        self.draw()

    def leave(self, *, aborts: bool = False) -> None:
        """Leaves now; what runs on the target goes on, or is asked to stop once we are gone."""
        self.aborts = aborts
        self._leave()
        self.tick()

    def _leave(self) -> None:
        if not self.leaving:
            self.leaving = True
            self._setup.engine.post(Leave())
            self.set_timer(2.0, self._go)

    def _go(self) -> None:
        left = self._sight.left
        self.post_message(self.Ended(left.code if left is not None else int(Exit.CANCELLED)))
