"""When something happens on a practice droplet: faults that wait for a step, and a line that is to be cut.

A run keeps a copy of its journal on its target, brought up to date at the end of every step. So whoever serves the
target knows from that copy which step is about to begin, before the next command of it arrives.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from sprocket_tui.guide.loader import load_guide
from sprocket_tui.practice import kept_runs
from sprocket_tui.practice.faults import known, strike
from sprocket_tui.practice.faults.change import Change
from sprocket_tui.practice.world import State, World

_ENDED_WELL = ("done", "already", "not-applicable", "skipped")


class Moments:
    """Watches what goes over the line. `home` is the login's home, seen from outside.

    `cut` drops the connections, `touch` changes files of the droplet.
    """

    def __init__(
        self,
        world: World,
        home: Path,
        cut: Callable[[], None],
        touch: Callable[[Change], None],
    ) -> None:
        self._world, self._home, self._cut, self._touch = world, home, cut, touch
        self._lock = threading.Lock()
        self._nothing_comes = False

    def look(self) -> None:
        """To be called before a command begins, while it prints, and before its end is told."""
        if self._nothing_comes:
            return
        with self._lock, suppress(OSError, ValueError):
            # Somebody inside may have taken the world away; then nothing comes any more.
            state = self._world.read()
            if state.get("line") == "cut":
                self._cut()
                with self._world.change() as state:
                    state["line"] = "up"
            for id_ in self._due(state):
                fault = known(id_)
                with self._world.change() as state:
                    state.get("coming", {}).pop(id_)
                    strike(state, fault)
                self._touch(fault)
            self._nothing_comes = not (state.get("coming") or "cut" in state["midway"].values())

    @cached_property
    def _steps(self) -> list[str]:
        return list(load_guide().steps())

    def _due(self, state: State) -> list[str]:
        coming = state.get("coming", {})
        if not coming:
            return []
        ended = self._ended()
        return [id_ for id_, step in coming.items() if self._before(step) <= ended]

    def _before(self, step: str) -> set[str]:
        return set(self._steps[: self._steps.index(step)])

    def _ended(self) -> set[str]:
        """The steps of the newest run that have ended well; a step of a list counts as its own kind."""
        newest = next(iter(kept_runs.journals(self._home)), None)
        run = kept_runs.state(newest, self._home) if newest else None
        if run is None:
            return set()
        ended = {id_ for id_, step in run.steps.items() if step.how in _ENDED_WELL}
        return {step for step in self._steps if any(id_ == step or id_.startswith(f"{step}.") for id_ in ended)}
