"""The Textual program: the walk of one run, and what lies over it: chapters, log, help, leaving, a shell."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterable

from textual import on
from textual.app import SystemCommand
from textual.screen import Screen

from sprocket_tui.engine.desk import Begin, Reopen
from sprocket_tui.faces.tui import copying, helping, wording
from sprocket_tui.faces.tui.bell import Bell
from sprocket_tui.faces.tui.guidesearch import Hit, search
from sprocket_tui.faces.tui.keys import REGISTRY
from sprocket_tui.faces.tui.logfile import LogFile
from sprocket_tui.faces.tui.pages import chapters, chrome, found, trouble
from sprocket_tui.faces.tui.pages import help as helps
from sprocket_tui.faces.tui.pages.look import Look, minutes
from sprocket_tui.faces.tui.running import TerminalApp
from sprocket_tui.faces.tui.setup import Setup
from sprocket_tui.faces.tui.spans import Line, line, marked, wrap
from sprocket_tui.faces.tui.spots import spots
from sprocket_tui.faces.tui.views import leaving
from sprocket_tui.faces.tui.views.chapters import YES, ChaptersScreen, asking
from sprocket_tui.faces.tui.views.jump import JumpScreen
from sprocket_tui.faces.tui.views.listed import ReadingScreen
from sprocket_tui.faces.tui.views.log import LogScreen
from sprocket_tui.faces.tui.views.palette import Palette
from sprocket_tui.faces.tui.views.search import SearchScreen
from sprocket_tui.faces.tui.views.walk import WalkScreen
from sprocket_tui.faces.tui.widgets.choices import Choice

# What a copy is kept as, in the directory of the run, and what is copied for a helper.
_COPIED, _FOR_HELP = "copied.txt", "for-help.txt"
_POLL = 0.1
# How wide Textual shows a notice at most, in cells.
_TOAST = 60


class WalkApp(TerminalApp):
    """Shows one run. Its result is the exit code; `aborts` says that the job under way is to be stopped."""

    TITLE = "sprocket-tui"
    # Its key is one of the registry; Textual's own, which VS Code keeps, would be a second list of keys.
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, setup: Setup, *, theme: str = "", low_bandwidth: bool = False) -> None:
        super().__init__(theme=theme, low_bandwidth=low_bandwidth)
        self._setup = setup
        self._bell = Bell(setup.seen)
        self._heard = 0
        self._walk = WalkScreen(setup, self.glyphs, self._bell, self._due)
        self.set_keymap({name: ",".join(action.keys) for name, action in setup.keymap.actions.items()})

    @property
    def walk(self) -> WalkScreen:
        """The screen of the walk, whatever lies over it."""
        return self._walk

    def get_default_screen(self) -> Screen[None]:
        """The walk lies below everything."""
        return self._walk

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The command palette offers what has a key."""
        for action in REGISTRY:
            if action.name == "palette":
                continue
            owner = self if action.over else self._walk
            act: Callable[[], None] = getattr(owner, f"action_{action.name}")
            yield SystemCommand(f"{action.label.capitalize()} ({action.shown})", action.help, act)

    @on(WalkScreen.Ended)
    def _ended(self, event: WalkScreen.Ended) -> None:
        self.exit(event.code)

    def action_chapters(self) -> None:
        """Every chapter and step, to look at."""
        entries, look = chapters.entries(self._walk.sight), self._look()
        rows = [
            Choice(
                entry.step or entry.screen,
                "",
                f"{'    ' if entry.step else ''}{entry.title}",
                f"{'' if entry.step else f'about {minutes(round(entry.usual))}':15}{chapters.told(entry, look)}",
            )
            for entry in entries
        ]
        here = self._walk.sight.written(self._walk.sight.current)
        at = next((i for i, entry in enumerate(entries) if here and entry.step == here[1].id), 0)
        head = [*self._head(), line((" Where to look", "title"), ("  Looking changes nothing.", "quiet")), ()]
        keys = self._setup.keymap
        offers = [("Enter", "look"), *(keys.of(name).offer for name in ("again", "begin", "search"))]
        foot = [chrome.rule(look), chrome.keys(offers, [keys.of("help").offer, ("Esc", "back")], look)]
        firsts = {screen.id: screen.steps[0].id for screen in self._setup.guide.screens}
        self.push_screen(
            ChaptersScreen(head, rows, foot, self.glyphs.cursor, stay="", twice="", at=at),
            lambda chosen: self._walk.look_at(firsts.get(chosen, chosen)) if chosen else None,
        )

    async def action_search(self) -> None:
        """The steps and hints of the guide that have some words, to look at. The next key is for its field already."""
        if isinstance(self.screen, ChaptersScreen):
            self.screen.dismiss("")
        head, sight, guide = self._head(), self._walk.sight, self._setup.guide

        def read(hit: Hit) -> None:
            if hit.hint is not None:
                page = [marked(each, hit.words) for each in found.hint(hit.hint, sight.known, self._look())]
                self.push_screen(ReadingScreen(page, "Up and Down scroll  Esc back to the search", head, self._look))

        screen = SearchScreen(lambda typed: search(guide, typed, sight.known), head, self._look, read)
        await self.push_screen(screen, lambda hit: self._walk.look_at(hit.step, hit) if hit else None)

    def action_again(self) -> None:
        """Asks whether the step that is looked at, or stands under the cursor, is to be taken once more."""
        over = self.screen if isinstance(self.screen, ChaptersScreen) else None
        name = over.at if over is not None else self._walk.looking or self._walk.sight.current
        steps, written = self._walk.sight.ended(name), self._walk.sight.written(name)
        if over is not None:
            over.dismiss("")
        if not steps or written is None:
            self._walk.say("Only a step that has ended can be taken once more.")
        elif not self._setup.engine.running():
            self._walk.say(f"The walk has ended: {self._setup.resume} --again {name}")
        else:
            said = f"Take {written[1].title} once more? Its gates ask as usual; then the walk goes on where it was."
            screen = asking(self._head(), said, "Yes, once more", self.glyphs.cursor, self.size.width)
            self.push_screen(screen, lambda chosen: self._reopen(steps) if chosen == YES else None)

    def action_begin(self) -> None:
        """Asks whether the walk is to begin at the chapter under the cursor."""
        if not isinstance(self.screen, ChaptersScreen):
            self._walk.say("In the chapters, a later one can be begun at.")
            return
        name, guide = self.screen.at, self._setup.guide
        self.screen.dismiss("")
        chapter = next(each for each in guide.screens if name in (each.id, *(step.id for step in each.steps)))
        here = self._walk.sight.written(self._walk.sight.current)
        if here is not None and guide.screens.index(chapter) <= guide.screens.index(here[0]):
            self._walk.say("Only a later chapter can be begun at.")
        elif not self._setup.engine.running():
            self._walk.say(f"The walk has ended: {self._setup.resume} --start-at {chapter.id}")
        else:
            said = f"Begin at {chapter.title}? What is before it is measured, and nothing of it is done unasked."
            screen = asking(self._head(), said, "Yes, begin there", self.glyphs.cursor, self.size.width)
            begin = Begin(chapter.id, self._setup.who)
            self.push_screen(screen, lambda chosen: self._begin(begin, chapter.title) if chosen == YES else None)

    def _begin(self, begin: Begin, title: str) -> None:
        """What is under way ends first, and pages may still be to read: it says that it was heard."""
        self._setup.engine.post(begin)
        self._walk.say(f"The walk goes to {title}; what is before it is measured.")

    def _reopen(self, steps: list[str]) -> None:
        for step in steps:
            self._setup.engine.post(Reopen(step, self._setup.who))
        self._walk.look_at(self._walk.sight.current)

    def action_jump(self) -> None:
        """Letters on what can be gone to; none of them does more than go there."""
        below = self.screen
        if isinstance(below, JumpScreen):
            return
        if spots(below):
            self.push_screen(JumpScreen(lambda: spots(below)))
        elif below is self._walk:
            self._walk.say("There is nothing to jump to here; g goes to any step.")

    def action_log(self) -> None:
        """What the step's job printed."""
        output = self._walk.attempt_output()
        if output is None or not output[1].is_file():
            self._walk.say("This step has printed nothing.")
            return
        title, file = output
        self.push_screen(LogScreen(title, LogFile(file), self._head()))

    def on_mount(self) -> None:
        """A log that is open grows with its file, and the bell hears what happens whatever is on the screen."""
        self.set_interval(_POLL, self._grow)
        self.set_interval(_POLL, self.listen)

    def listen(self) -> None:
        """Calls the person for what came since the last time, once; who is leaving is not called."""
        said = ""
        for event in self._setup.engine.since(self._heard):
            self._heard = event.seq
            said = self._bell.hear(event) or said
        if said and not self._walk.leaving:
            self.call_for(said)

    def action_ring(self) -> None:
        """Rings when something that took long ends or needs a person, or no longer."""
        self._bell.on = not self._bell.on
        calls = "rings when this ends or needs you" if self._bell.on else "is off"
        self._walk.say(f"The bell {calls}.")

    def _due(self) -> bool:
        """For what streams in the walk; what lies over it streams in its place."""
        return self.screen is self._walk and self.line.due()

    def _grow(self) -> None:
        if self.screen_stack and isinstance(self.screen, LogScreen) and self.line.due():
            self.screen.tick()

    @on(LogScreen.CopyAsked)
    def _copy_of_log(self, event: LogScreen.CopyAsked) -> None:
        said = self._copied("The text", event.text)
        # Textual would break a path within its names; what it leaves of half the width is for its own frame.
        self.notify("\n".join(wrap(said, min(_TOAST, self.size.width // 2) - 4)), markup=False)

    def _copied(self, what: str, text: str, name: str = _COPIED) -> str:
        return copying.copy(what, text, self._setup.directory.path / name, self.copy_to_clipboard)

    def action_copy(self) -> None:
        """Copies the command that may help, else the page."""
        step = self._walk.sight.step
        command = trouble.remedy_command(step) if step else ""
        self._walk.say(self._copied("The command" if command else "The page", command or self._walk.page_text()))

    def action_report(self) -> None:
        """Copies what somebody who helps needs of the step that is shown."""
        step = self._walk.looking or self._walk.sight.current
        text = helping.told(self._setup, self._walk.sight, step, self._look())
        self._walk.say(self._copied("What a helper needs", text, _FOR_HELP))

    def action_shell(self) -> None:
        """Hands the terminal to a shell on the target, and takes it back."""
        argv = self._setup.way_in()
        with self.batch_update(), self.handed_over():
            sys.stdout.write(f"A shell on the target; `exit` returns to the walk.\n{shlex.join(argv)}\n")
            sys.stdout.flush()
            try:
                subprocess.run(argv, check=False)  # noqa: S603 the person's own ssh or shell
                said, role = "back from the shell", "quiet"
            except OSError as error:
                said, role = f"no shell: {error.strerror}", "warn"
        self._walk.say(said.capitalize(), role)

    def action_help(self) -> None:
        """Help for what is on the screen."""
        look, keymap, asked = self._look(), self._setup.keymap, self._walk.asked
        if isinstance(self.screen, LogScreen):
            page = helps.log_help(look)
        elif isinstance(self.screen, ChaptersScreen):
            page = helps.chapters_help(keymap, look)
        elif isinstance(self.screen, SearchScreen):
            page = helps.search_help(look)
        else:
            choices = wording.choices(asked) if asked is not None and not wording.typed(asked) else ()
            page = helps.help_page(keymap, self._walk.offered(), asked, choices, look)
        self.push_screen(ReadingScreen(page, "Up and Down scroll  Esc back", self._head(), self._look))

    def action_palette(self) -> None:
        """Every action by its name."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(self.glyphs.cursor))

    def action_leave(self) -> None:
        """Asks how to leave; where the run has ended there is nothing to ask."""
        sight, look = self._walk.sight, self._look()
        if not self._setup.engine.running():
            self._walk.leave()
            return
        head = chrome.header(sight, look)
        stops = self._walk.finishing
        rule, resume = chrome.rule(look), self._setup.resume
        screen = leaving.leaving(sight, head, rule, resume, self.glyphs, look.width, stops=stops)
        self.push_screen(screen, self._leave_by)

    def action_interrupt(self) -> None:
        """The first Ctrl-C asks; the screen that asks takes the second."""
        self.action_leave()

    def _leave_by(self, how: str | None) -> None:
        match how:
            case leaving.LEAVE:
                self._walk.leave()
            case leaving.FINISH | leaving.GO_ON:
                self._walk.finish_then_leave(finish=how == leaving.FINISH)
            case leaving.ABORT:
                self._walk.leave(aborts=True)
            case leaving.ASK if self._setup.engine.running():
                self.action_leave()
            case _:
                pass

    def _head(self) -> list[Line]:
        """Where this is; it stands above everything that lies over the walk."""
        look = self._look()
        return [chrome.header(self._walk.sight, look), chrome.rule(look)]

    def _look(self) -> Look:
        return Look(self.size.width, self.glyphs, time.time())
