"""`runs`: the runs kept on this machine."""

from __future__ import annotations

import argparse
import json
import sys

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.journal import runs as store
from sprocket_tui.journal.file import events_in, is_written
from sprocket_tui.journal.replay import RunState, replay
from sprocket_tui.journal.runs import RunDirectory


def runs(options: argparse.Namespace) -> int:
    """list, show, export (JSON Lines on stdout) or rm."""
    if options.what == "list":
        return _list()
    directory = store.find(options.run)
    if options.what == "export":
        sys.stdout.buffer.write(directory.journal.read_bytes())
    elif options.what == "show":
        _show(directory)
    else:
        _remove(directory, named=bool(options.run))
    return Exit.GO


def standing(state: RunState, *, driven: bool) -> str:
    """Where a run stands, in a few words; a rehearsal can be taken for nothing else."""
    if state.practice:
        return f"PRACTICE, {_stands(state, driven=driven)}"
    return _stands(state, driven=driven)


def _stands(state: RunState, *, driven: bool) -> str:
    if driven:
        return f"being driven, at {state.current}" if state.current else "being driven"
    if state.left is None:
        return f"cut off at {state.current}" if state.current else "cut off at its start"
    if state.left.how == "done":
        return "complete"
    return f"left ({state.left.how}) at {state.current or 'its start'}"


def _list() -> int:
    every = store.every()
    if not every:
        sys.stdout.write("No run is kept on this machine.\n")
    for directory in every:
        try:
            state = replay(events_in(directory.journal))
        except SprocketError as error:
            sys.stdout.write(f"{directory.id}  {error.message}\n")
            continue
        target = state.started.target if state.started else "?"
        where = standing(state, driven=is_written(directory.journal))
        sys.stdout.write(f"{directory.id}  {state.last_at[:19].replace('T', ' ')}  {target:32} {where}\n")
    return Exit.GO


def _show(directory: RunDirectory) -> None:
    state = replay(events_in(directory.journal))
    document = {
        "run": directory.id,
        "target": state.started.target if state.started else None,
        "guide": f"{state.started.guide} {state.started.version}" if state.started else None,
        "started": state.started_at,
        "last": state.last_at,
        "stands": standing(state, driven=is_written(directory.journal)),
        "why": state.left.why if state.left else "",
        "values": state.values,
        "secrets": sorted(state.fingerprints),
        "steps": {
            step: {"how": each.how, "why": each.why, "attempts": len(each.attempts)}
            for step, each in state.steps.items()
        },
    }
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _remove(directory: RunDirectory, *, named: bool) -> None:
    if not named:
        raise SprocketError("which run is to be removed", remedy="sprocket-tui runs rm RUN")
    if is_written(directory.journal):
        raise SprocketError(f"run {directory.id} is being driven", remedy="leave it first", code=Exit.LOCKED)
    store.remove(directory)
    sys.stdout.write(
        f"Removed run {directory.id} from this machine; `sprocket-tui clean` removes what it left on its target.\n"
    )
