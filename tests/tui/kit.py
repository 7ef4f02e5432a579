"""A walk without an engine: the test tells the events, the commands are kept, and the screen is read as text."""

from __future__ import annotations

import asyncio
import json
import math
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from textual.app import App
from textual.pilot import Pilot

from sprocket_tui.engine import deciding
from sprocket_tui.engine.desk import Answer, Command
from sprocket_tui.engine.trouble import Trouble
from sprocket_tui.faces.tui.app import WalkApp
from sprocket_tui.faces.tui.glyphs import Glyphs
from sprocket_tui.faces.tui.keys import keymap
from sprocket_tui.faces.tui.pages import step as steps
from sprocket_tui.faces.tui.pages.look import Look
from sprocket_tui.faces.tui.running import TerminalApp
from sprocket_tui.faces.tui.setup import Setup
from sprocket_tui.faces.tui.sight import Sight
from sprocket_tui.faces.tui.spans import Line, text_of
from sprocket_tui.faces.tui.views.walk import WalkScreen
from sprocket_tui.faces.tui.widgets.ask import Ask
from sprocket_tui.guide.model import Correction, Guide, Minutes, Screen, Step, Undo
from sprocket_tui.guide.words.verbs import CheckVerb, CommandVerb, ReadVerb
from sprocket_tui.journal.events import (
    Asked,
    AttemptEnded,
    AttemptIntended,
    CardShown,
    Connected,
    Event,
    Fact,
    Judged,
    RunLeft,
    RunStarted,
    StepEnded,
    StepStarted,
)
from sprocket_tui.journal.runs import RunDirectory

# Seconds since the epoch; long enough for any machine, in seconds.
NOW, PATIENCE = 1790000000.0, 60
# So many messages lead from a key to what is drawn, one after another.
_ROUNDS = 4
RESUME = "sprocket-tui resume 7f3a"
HOST = "sprocket.example"

# -- the guide ----------------------------------------------------------------------------------------------------


def step(name: str, title: str, **more: Any) -> Step:
    return Step.model_validate({"id": name, "title": title, "verb": ReadVerb(verb="read"), **more})


APPLY = step(
    "layer.apply",
    "Apply",
    text="Creates Traefik, the socket proxy and Vault on the swarm.",
    verb=CommandVerb(verb="command", argv=("pulumi", "up")),
    changes=("Traefik runs",),
    undo=Undo(kind="reversible", how="pulumi destroy"),
    minutes=Minutes(usual=9, at_most=15),
    gate="type-name",
    corrects=Correction(says="pulumi up", true="the plan you just read", why="a lost line would leave it locked"),
)
GUIDE = Guide(
    name="Deployment guide",
    version="1.1",
    digest="d",
    origin="tests",
    vars=(),
    screens=(
        Screen(
            id="before",
            title="Pre-deployment",
            why="Every name must reach the droplet.",
            chapter="1",
            steps=(
                step("before.read", "Read", text="Nothing runs here."),
                step("before.dns", "DNS", verb=CheckVerb(verb="check", checks=("dns.root",))),
            ),
        ),
        Screen(id="layer", title="Layer 1", why="It carries the others.", chapter="2", steps=(APPLY,)),
        Screen(id="after", title="After", why="It is over.", chapter="3", steps=(step("after.read", "Last"),)),
    ),
    checklists=(),
    hints=(),
)


# -- events -------------------------------------------------------------------------------------------------------


def started(*, practice: bool = False, **values: str) -> RunStarted:
    told = {"environment": "production", "hostname": HOST, **values}
    return RunStarted("7f3a", f"ssh://root@{HOST}", "", "ada@lab", "g", "1", "d", dict(told), practice=practice)


def connected(*, practice: bool = False) -> Connected:
    return Connected(f"ssh://root@{HOST}", "root", "203.0.113.10", [], "", practice=practice)


def begun(name: str, guide: Guide = GUIDE) -> StepStarted:
    """The step as the engine announces it."""
    written = guide.steps()[name]
    screen = next(each for each in guide.screens if written in each.steps)
    return StepStarted(name, screen.title, written.title, written.text)


def judged(name: str, state: str, *, of: str = "before.dns", **more: Any) -> Judged:
    verdict = {
        "id": f"dns.{name}",
        "title": f"{name}.{HOST}",
        "state": state,
        "observed": "203.0.113.10" if state == "pass" else "no record",
        "expected": "A 203.0.113.10",
        "why": "No certificate without it.",
        "remedy": {"text": "Add a record at your provider.", "command": f"dig {name}", "where": "droplet"},
        "blocked_by": "",
        **more,
    }
    return Judged(of, verdict)


def shown(of: str = "layer.apply", **more: Any) -> CardShown:
    card = {
        "argv": ["pulumi", "up", "--yes"],
        "commands": [],
        "user": "root",
        "host": "203.0.113.10",
        "directory": "/root/layer_1",
        "changes": ["Traefik runs"],
        "plan": [],
        "warnings": [],
        "undo": "pulumi destroy",
        "minutes": [9, 15],
        "proven_by": ["traefik.stable", "ports.answer"],
        **more,
    }
    return CardShown(of, "perform", card, "digest")


def named(of: str = "layer.apply", name: str = HOST) -> Asked:
    """A gate that wants the name typed."""
    return Asked(f"{of}/gate", "name", f"This changes {name}. Type {name} to go on", of, expects=name)


def yes_no(of: str = "layer.apply", text: str = "Apply: go on") -> Asked:
    return Asked(f"{of}/gate", "yes-no", text, of)


def what_now(of: str = "layer.apply", why: str = "pulumi ended with 255") -> Asked:
    """The question after a failure."""
    return Asked(f"{of}/failed", "choice", why, of, ["recheck", "retry", "skip", "leave"], "leave")


def said_no(of: str = "layer.apply") -> Asked:
    """The question after a person's no, as the engine asks it."""
    told = Trouble(of, "you said no; nothing was changed", refused=True)
    asked = deciding._what_now(told, (), recheck=False, skippable=True)
    return Asked(
        asked.id,
        asked.sort,
        asked.text,
        asked.step,
        list(asked.options),
        asked.default,
        labels=list(asked.labels),
        details=list(asked.details),
        refused=asked.refused,
    )


def running(of: str = "layer.apply") -> AttemptIntended:
    return AttemptIntended(of, 1, "perform", ["pulumi", "up"])


def failed(of: str = "layer.apply", first: str = "host-mode port already in use", *details: str) -> AttemptEnded:
    return AttemptEnded(of, 1, "failed", 255, first, list(details))


def done(of: str = "layer.apply") -> AttemptEnded:
    return AttemptEnded(of, 1, "done", 0)


def ended(of: str, how: str = "done", why: str = "") -> StepEnded:
    return StepEnded(of, how, why)


LEFT = RunLeft("detached", 7, "ada left")
COMPLETE = RunLeft("done", 0)


def note(text: str = "", at: float = NOW, moved: str = "", **more: Any) -> dict[str, Any]:
    """What a running job said, as `progress_since` gives it; `moved` is op, kind, name and state of a resource."""
    thing = dict(zip(("op", "kind", "name", "state"), moved.split(), strict=True)) if moved else None
    return {"at": at, "text": text, "done": None, "total": None, "failed": False, "moved": thing, **more}


# -- pages --------------------------------------------------------------------------------------------------------


def sight(*facts: Fact, at: float = NOW, guide: Guide = GUIDE) -> Sight:
    """What there is to see after these facts, all of them at one moment."""
    seen = Sight(guide)
    for seq, fact in enumerate(facts, start=1):
        seen.take(event(seq, fact, at))
    return seen


def look(width: int = 80, *unfolded: str, now: float = NOW) -> Look:
    return Look(width, Glyphs(), now, frozenset(unfolded))


def words(lines: list[Line]) -> list[str]:
    """The lines as they read, without what is blank at their ends."""
    return [text_of(each).rstrip() for each in lines]


def page(seen: Sight, at: Look | None = None, *notes: dict[str, object]) -> list[Line]:
    assert seen.step
    return steps.page(seen, seen.step, notes, at or look())


def read(*facts: object, width: int = 80, unfolded: str = "", later: float = 0) -> list[str]:
    """The page of the step under way, as it reads."""
    seen = sight(*facts)  # type: ignore[arg-type]
    return words(page(seen, look(width, *unfolded.split(), now=NOW + later)))


def row(lines: list[str], word: str) -> str:
    """The only line that has the word."""
    (found,) = [each for each in lines if word in each]
    return found


def below(lines: list[str], word: str, count: int) -> list[str]:
    """So many lines after the one that has the word, without their margins."""
    at = lines.index(row(lines, word))
    return [each.strip() for each in lines[at + 1 : at + 1 + count]]


def event(seq: int, fact: Fact, at: float) -> Event:
    return Event(seq, datetime.fromtimestamp(at, UTC).isoformat(), fact)


ON = (started(), connected())
READ = (*ON, begun("before.read"))
# The plan was read, and the card of the change is shown.
CARD = (*ON, begun("layer.apply"), shown())
CANARY = "canary-4f9d1e77b2"


def secret(*, twice: bool = False) -> Asked:
    return Asked("layer.apply/token", "secret", "The token", "layer.apply", twice=twice)


def text(default: str = "") -> Asked:
    return Asked("layer.apply/name", "text", "The name", "layer.apply", default=default)


# -- the screen ---------------------------------------------------------------------------------------------------


@dataclass
class ScriptedEngine:
    """An engine that says what the test tells it to, and does nothing with what is posted."""

    events: list[Event] = field(default_factory=list[Event])
    posted: list[Command] = field(default_factory=list[Command])
    alive: bool = True

    def post(self, command: Command) -> None:
        self.posted.append(command)

    def since(self, seq: int) -> list[Event]:
        return self.events[seq:]

    def running(self) -> bool:
        return self.alive

    def join(self, timeout: float) -> None:
        """It has no thread."""

    def tell(self, *facts: Fact) -> None:
        for fact in facts:
            self.events.append(event(len(self.events) + 1, fact, time.time()))

    def answers(self) -> list[tuple[str, Any]]:
        """What was answered, as question and value."""
        return [(each.id, each.value) for each in self.posted if isinstance(each, Answer)]


def screen_text(app: App[Any]) -> list[str]:
    """What is on the screen, a string a row, as the compositor draws it."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


class Shown:
    """A screen under a person's hands: `settle` waits until what they did is on it."""

    app: TerminalApp
    pilot: Pilot[int]

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        """A text and Enter, as fast as they come."""
        await self.pilot.press(*text, "enter")
        await self.settle()

    async def settle(self) -> None:
        """Lets every key have its turn, and every widget do what it was told, and what that led to."""
        while self.app.typing:
            await self.pilot.pause(0)
        for _ in range(_ROUNDS):
            await self.pilot.pause(0)
            while self.app.typing:
                await self.pilot.pause(0)

    async def resize(self, width: int, height: int) -> None:
        """The terminal has another size."""
        await self.pilot.resize_terminal(width, height)
        while self.app._resize_timer is not None:
            # Textual collects sizes for a moment before it tells the screen.
            await self.pilot.pause(0)
        await self.settle()

    @property
    def rows(self) -> list[str]:
        return screen_text(self.app)

    @property
    def text(self) -> str:
        return "\n".join(self.rows)


class Walked(Shown):
    """A walk that is on the screen. A question can be answered at once, or, with `waits`, after `grace_passes`."""

    app: WalkApp

    def __init__(self, app: WalkApp, engine: ScriptedEngine, directory: RunDirectory, *, waits: bool) -> None:
        self.app, self.engine, self.directory, self.waits = app, engine, directory, waits
        self.graces: list[tuple[float, Callable[[], None]]] = []
        # For how long no key came, in seconds, as far as a question is told.
        self.still = math.inf

    def set_timer(self, ask: Ask, delay: float, callback: Callable[[], None]) -> None:
        """Stands in for the timer of a question's grace, so that no test depends on how fast a machine is."""
        self.graces.append((delay, callback))
        if not self.waits:
            ask.call_later(callback)

    async def grace_passes(self) -> None:
        """The time that a question is shown before it can be answered is over."""
        graces, self.graces = self.graces, []
        for _, callback in graces:
            callback()
        await self.settle()

    async def tell(self, *facts: Fact) -> None:
        """Events come, and are drawn."""
        self.engine.tell(*facts)
        await self.settle()

    async def say(self, *notes: dict[str, Any], of: str = "layer.apply", number: int = 1) -> None:
        """The job under way says something."""
        place = self.directory.attempt(of, number)
        place.mkdir(parents=True, exist_ok=True)
        with (place / "progress.jsonl").open("a") as file:
            file.writelines(json.dumps(each) + "\n" for each in notes)
        await self.settle()

    async def settle(self) -> None:
        """Takes in what came, and waits until it is on the screen."""
        await super().settle()
        if self.app.is_running:
            self.app.walk.tick()
            self.app.listen()
            await super().settle()

    @property
    def answered(self) -> list[tuple[str, Any]]:
        return self.engine.answers()

    @property
    def asked(self) -> Asked | None:
        return self.app.walk.asked


def walk(
    act: Callable[[Walked], Awaitable[None]],
    *told: Fact,
    size: tuple[int, int] = (80, 24),
    guide: Guide = GUIDE,
    seen: int = 0,
    keys: str = "",
    waits: bool = False,
) -> None:
    """Shows a walk of which `told` is known, and does `act` with it; `seen` events are of earlier sessions."""

    async def session(directory: RunDirectory) -> None:
        engine = ScriptedEngine()
        engine.tell(*told)
        file = directory.path / "keys.toml"
        file.write_text(keys)
        app = WalkApp(Setup(engine, directory, guide, "ada", seen, lambda: ("true",), RESUME, keymap(file)))
        walked = Walked(app, engine, directory, waits=waits)
        with (
            patch.object(Ask, "set_timer", lambda *given: walked.set_timer(*given)),
            patch.object(TerminalApp, "still", property(lambda _: walked.still)),
        ):
            async with app.run_test(size=size, notifications=True) as walked.pilot:
                await walked.settle()
                await act(walked)

    with ExitStack() as stack:
        # The signs do not depend on the locale of who runs the tests.
        stack.enter_context(patch("sprocket_tui.faces.tui.running.encoding", lambda stream: "utf-8"))
        # Nor is a machine that others keep busy waited for: what is waited for is that all messages are handled.
        for place in ("app", "pilot"):
            stack.enter_context(patch(f"textual.{place}.wait_for_idle", lambda *_: asyncio.sleep(0)))
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        asyncio.run(session(RunDirectory(Path(directory))))


def over(app: WalkApp) -> bool:
    """Whether something lies over the walk."""
    return not isinstance(app.screen, WalkScreen)
