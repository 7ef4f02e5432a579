"""What befalls an update while its calls are under way: it is killed, or the connection of whoever watches is cut."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sprocket_tui.practice.standins.pulumi.run import Run

# How long the line may take to be cut, in seconds of ours.
_PATIENCE = 10.0
_TICK = 0.02


def strike(run: Run, begun: Sequence[str]) -> None:
    """Does what the world has in store for one of the resources whose calls have begun, once."""
    world = run.call.world
    if not set(begun) & set(world.read()["midway"]):
        return
    with world.change() as state:
        due = state["midway"]
        what = {due.pop(name) for name in begun if name in due}
        if "cut" in what:
            state["line"] = "cut"
    if "killed" in what:
        # What was printed so far has reached the job's files, as an engine's own output would have.
        run.call.stdout.flush()
        run.call.kill()
    until = time.monotonic() + _PATIENCE
    while world.read().get("line") == "cut" and time.monotonic() < until:
        time.sleep(_TICK)
