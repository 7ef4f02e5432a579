"""What `check` and `plan` share: the checks of a guide measured on one or several targets, until a person stops it."""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sprocket_tui.checks.observation import Observation, Verdict
from sprocket_tui.checks.once import Once
from sprocket_tui.checks.pace import INTERRUPTED, Teller
from sprocket_tui.checks.pool import Pool
from sprocket_tui.checks.runner import Cache
from sprocket_tui.commands.stopping import Stopping
from sprocket_tui.commands.targets import Goal
from sprocket_tui.engine.dry_run import dry_run
from sprocket_tui.errors import LinkLost, SprocketError, Unreachable
from sprocket_tui.exits import Exit
from sprocket_tui.faces import filed, given
from sprocket_tui.faces.given import Given
from sprocket_tui.faces.progress import Progress
from sprocket_tui.guide.model import Check, Guide
from sprocket_tui.guide.resolve import Elements, defaults
from sprocket_tui.target.link import Link
from sprocket_tui.target.ssh.asking import Headless
from sprocket_tui.values import JSON

CUT_SHORT = "sprocket-tui: interrupted; what was not measured by then is unknown\n"


@dataclass(frozen=True)
class Found:
    """What was measured on one target. `code` says why it was not let in, beside others that were; 0 where it was.

    `started` is when, `seconds` how long it took; `practice` that a rehearsal's droplet was measured.
    """

    goal: Goal
    verdicts: tuple[Verdict, ...]
    practice: bool
    started: datetime
    seconds: float
    code: Exit = Exit.GO


@dataclass(frozen=True)
class Measuring:
    """What is to be measured on `goals`. What can be measured from here is measured once for all of them.

    Of `several` targets one that lets nobody in does not spoil the others. What `caches` hold for a target's url is not
    measured again before it expires.
    """

    guide: Guide
    checks: Sequence[Check]
    goals: Sequence[Goal]
    known: Given
    stopping: Stopping
    progress: Progress | None = None
    several: bool = False
    caches: dict[str, Cache] = field(default_factory=dict[str, Cache])
    elements: Elements = field(default_factory=Elements)

    def found(self) -> list[Found]:
        """What was found on each goal, all measured at once. Raises SprocketError where the only one lets nobody in."""
        once = Once[Observation]()
        pool = Pool({goal.url: self._task(goal, once) for goal in self.goals})
        try:
            # They end by themselves: each has its deadline, and looks whether it was stopped.
            by_url = {found.goal.url: found for found in pool.results(math.inf)}
        finally:
            if self.progress:
                self.progress.clear()
        return [by_url[goal.url] for goal in self.goals]

    def _task(self, goal: Goal, once: Once[Observation]) -> Callable[[Callable[[Found], None]], Found]:
        return lambda _tell: self._on(goal, once)

    def _on(self, goal: Goal, once: Once[Observation]) -> Found:
        started, began, profile = datetime.now(UTC), time.monotonic(), goal.profile
        met: list[bool] = []
        refused: list[SprocketError] = []

        def connect() -> Link:
            try:
                link = self._connected(goal)
            except (Unreachable, LinkLost):
                raise
            except SprocketError as error:
                if not self.several:
                    raise
                refused.append(error)
                raise Unreachable(error.message, remedy=error.remedy) from error
            met.append(link.identity.practice)
            return link

        verdicts = dry_run(
            self.guide,
            self.checks,
            connect,
            {**values(self.guide, goal), **self.known.values},
            self.known.secrets,
            path=profile.path,
            sudo=profile.sudo == "yes",
            stopped=self._stopped,
            teller=self._teller(goal),
            cache=self.caches.setdefault(goal.url, {}),
            once=once,
            elements=self.elements,
        )
        return Found(
            goal,
            verdicts,
            profile.practice or any(met),
            started,
            time.monotonic() - began,
            refused[0].code if refused else Exit.GO,
        )

    def _connected(self, goal: Goal) -> Link:
        """A connection, in a thread of its own: what waits there looks at nothing else."""
        pool = Pool[Link]({"": lambda _tell: goal.connect(Headless())})
        link = next(pool.results(math.inf, lambda: not self._stopped()), None)
        if link is None:
            raise Unreachable(INTERRUPTED)
        return link

    def _stopped(self) -> bool:
        return self.stopping.number != 0

    def _teller(self, goal: Goal) -> Teller | None:
        return self.progress.beside(goal.url) if self.progress and self.several else self.progress


def known(options: argparse.Namespace, guide: Guide) -> Given:
    """What a person gives with `--given`. Raises SprocketError for what the guide does not have."""
    if options.given is None:
        return Given()
    found = given.load(Path("/dev/stdin" if options.given == "-" else options.given), guide)
    filed.warn(found.warnings)
    return found


def values(guide: Guide, goal: Goal) -> dict[str, JSON]:
    """What is known without asking: defaults, and the profile's fields where one was given."""
    fields = goal.profile.values()
    return defaults(guide.vars) | {var.name: fields[var.profile] for var in guide.vars if var.profile in fields}
