"""One run of the engine: what it is about, what it says, how long it waits, and whether somebody wants it to stop."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TextIO

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.pulumi import backend, cipher, settings
from sprocket_tui.practice.standins.pulumi.display import Display
from sprocket_tui.practice.standins.pulumi.events import Log, Properties, Step
from sprocket_tui.practice.standins.pulumi.layer_1 import STACK
from sprocket_tui.practice.standins.pulumi.line import Line, Refused
from sprocket_tui.practice.world import Stack, State, pace

_TICK = 0.02
# What a stopped call is given to end by itself, in seconds of the world.
_GRACE = 0.5
_ORPHANS = "Note that terminating immediately may lead to orphaned resources and other inconsistencies.\n"
_FIRST = {
    signal.SIGINT: f"^C received; cancelling. If you would like to terminate immediately, press ^C again.\n{_ORPHANS}",
    signal.SIGTERM: (
        f"SIGTERM received; cancelling. If you would like to terminate immediately, send SIGTERM again.\n{_ORPHANS}"
    ),
}
_SECOND = {signal.SIGINT: "^C received; terminating", signal.SIGTERM: "SIGTERM received; terminating"}


@dataclass(frozen=True)
class Subject:
    """The stack a run is about, its program and its configuration in clear."""

    project: backend.Project
    name: str
    key: bytes
    config: dict[str, str]

    def find(self, state: State) -> Stack:
        """The stack in the state."""
        return state["stacks"][self.name]

    @property
    def itself(self) -> Properties:
        """The stack as a resource."""
        urn = f"urn:pulumi:{self.name}::{self.project.name}::{STACK}::{self.project.name}-{self.name}"
        return Properties(STACK, urn)


def subject(call: Call, line: Line) -> Subject:
    """What the command line names, in clear. Raises Refused, and BadValue for a secret of another stack."""
    project = backend.project(call)
    state = call.world.read()
    backend.opened(call, state)
    name, stack = backend.stack(call, line, state, project)
    config = settings.clear(call, stack)
    if project.name != "layer_1":
        raise Refused(f"the program of project '{project.name}' is not part of this rehearsal")
    return Subject(project, name, cipher.key(stack["digest"], cipher.passphrase(call)), config)


@dataclass
class Run:
    """`what` is preview, up, refresh, preview-refresh or destroy; `signals` are those that were received."""

    call: Call
    about: Subject
    what: str
    out: TextIO | None
    events: TextIO | None
    suppress_outputs: bool = False
    counts: Counter[str] = field(default_factory=Counter[str])
    failed: bool = False
    signals: list[int] = field(default_factory=list[int])

    def __post_init__(self) -> None:
        state = self.call.world.read()
        self.planning = self.what.startswith("preview")
        self._speed, self._clock, self._began = state["speed"], state["node"]["clock"], time.time()
        self._pace = pace(state)
        self._noticed = 0
        self.log = Log(self.events, lambda: time.time() + self._clock, planning=self.planning)
        self.display = Display(self.out, self.what, self.seconds)

    def seconds(self) -> float:
        """How long it has gone on, in the world's time."""
        return (time.time() - self._began) * self._speed

    def now(self) -> float:
        """The droplet's clock, in seconds since the epoch."""
        return time.time() + self._clock

    def begin(self) -> None:
        """Says what begins."""
        self.display.title(self.about.name)
        self.log.prelude(settings.shown(self.about.config))

    def wait(self, seconds: float) -> None:
        """Takes its time; less when somebody wants it to stop."""
        until = time.monotonic() + seconds / self._pace
        while not self.signals and (left := until - time.monotonic()) > 0:
            time.sleep(min(_TICK, left))

    def stopping(self) -> bool:
        """Whether to stop; says so the first time."""
        for number, received in enumerate(self.signals[:2]):
            if number >= self._noticed:
                text = (_FIRST, _SECOND)[number][signal.Signals(received)]
                self.log.notice(text)
                self.display.line(text)
                self._noticed += 1
        return bool(self.signals)

    def terminating(self) -> bool:
        """Whether to leave everything where it is; somebody who asked once is given a moment to ask twice."""
        until = time.monotonic() + _GRACE / self._speed
        while len(self.signals) < 2 and (left := until - time.monotonic()) > 0:
            time.sleep(min(_TICK, left))
        return self.stopping() and len(self.signals) > 1

    def say(
        self,
        severity: str,
        message: str,
        about: Properties | None = None,
        step: Step | None = None,
        *,
        urn: bool = True,
    ) -> None:
        """A diagnostic; one about the stack itself has no urn in the events."""
        self.failed = self.failed or severity == "error"
        itself = about is None or about.urn == self.about.itself.urn
        self.log.say(severity, message, "" if itself or about is None or not urn else about.urn)
        self.display.says(severity, message, about, step)

    def close(self, outputs: list[str], *, plain: bool = False) -> int:
        """The end, and the exit status."""
        self.log.summary(max(1, round(self.seconds())), self.counts)
        self.log.end()
        shown = [] if self.suppress_outputs else outputs
        self.display.close(self.counts, shown, plain=plain)
        return 255 if self.failed else 0


@contextmanager
def interruptible(run: Run) -> Generator[None]:
    """Signals are noted instead of ending us; a call inside another program has none but those it is told."""
    if catch := run.call.catch:
        catch(run.signals.append)
        try:
            yield
        finally:
            catch(None)
        return
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def note(number: int, frame: FrameType | None) -> None:
        run.signals.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
