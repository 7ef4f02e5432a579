"""The lock of a stack: a file in the backend, as the real one keeps it, so that anybody can look at it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.pulumi import backend
from sprocket_tui.practice.standins.pulumi.line import Line, Refused
from sprocket_tui.practice.world import State


def directory(call: Call, url: str, project: str, name: str) -> Path:
    """Where the locks of a stack lie."""
    return backend.place(call, url) / ".pulumi" / "locks" / "organization" / project / name


@contextmanager
def held(call: Call, state: State, project: str, name: str) -> Generator[None]:
    """Holds the lock. Raises Refused when somebody has it."""
    url = backend.opened(call, state)
    place = directory(call, url, project, name)
    place.mkdir(parents=True, exist_ok=True)
    if others := sorted(place.glob("*.json")):
        rows = "".join(f"\n  {_row(call, each)}" for each in others)
        raise Refused(
            f"the stack is currently locked by {len(others)} lock(s). Either wait for the other process(es) to end or "
            f"delete the lock file with `pulumi cancel`.{rows}"
        )
    file = place / f"{uuid.uuid4()}.json"
    owner = {
        "pid": call.pid,
        "username": backend.user(call),
        "hostname": state["node"]["hostname"],
        "timestamp": backend.moment(state),
    }
    file.write_text(json.dumps(owner, separators=(",", ":")), encoding="utf-8")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def cancel(call: Call, line: Line) -> int:
    """`pulumi cancel [STACK] --yes`: lifts every lock of the stack, whoever has it."""
    state, project = call.world.read(), backend.project(call)
    url = backend.opened(call, state)
    flags = {**line.flags, "stack": line.words[0]} if line.words else line.flags
    name, _ = backend.stack(call, Line(line.command, (), flags), state, project)
    for each in directory(call, url, project.name, name).glob("*.json"):
        each.unlink(missing_ok=True)
    call.say(f"The currently running update for '{name}' has been canceled!")
    return 0


def _row(call: Call, file: Path) -> str:
    owner = json.loads(file.read_text(encoding="utf-8"))
    since = str(owner["timestamp"]).partition(".")[0].removesuffix("Z")
    place = f"file:///{file.relative_to(call.root)}?no_tmp_dir=true"
    return f"{place}: created by {owner['username']}@{owner['hostname']} (pid {owner['pid']}) at {since}Z"
