"""A job that runs: how far it is, what moves, what is waited for, and what it said last."""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from sprocket_tui.faces.tui.pages.look import Look, clock, minutes
from sprocket_tui.faces.tui.sight import StepSight
from sprocket_tui.faces.tui.spans import Line, columns, cut, joined, line, paragraph, wrap
from sprocket_tui.guide.model import Step

_BAR = 52
_WORD = 14
# The most that the kind of a resource takes.
_KIND = 16
# So many resources that are done, and so many sentences, are shown; of the others there is a count.
_DONE, _SAID = 4, 6
_DOING = {"create": "creating", "update": "changing", "replace": "replacing", "delete": "deleting"}
_STAGES = {
    "prepare": "preparing",
    "perform": "running",
    "repair": "repairing",
    "remedy": "running the remedy",
    "look": "looking",
}

Note = dict[str, Any]


@dataclass(frozen=True)
class _Thing:
    """A resource that moved: `state` is started, done or failed; times in seconds since the epoch."""

    op: str
    kind: str
    name: str
    state: str
    began: float
    ended: float


def status(step: StepSight, written: Step | None, look: Look) -> str:
    """What stands at the right of the title: "running 3:41, usually 5 min"."""
    attempt = step.attempt
    if step.checking:
        return f"checking {clock(look.now - step.waits_since)}"
    if attempt is None or attempt.ended is not None:
        return ""
    if attempt.unseen:
        return "looking at what it did meanwhile"
    usual = f", usually {minutes(written.minutes.usual)}" if written and written.minutes else ""
    stage = _STAGES.get(attempt.stage, attempt.stage)
    return f"{stage} {clock(look.now - attempt.began)}{usual if attempt.stage == 'perform' else ''}"


def live(step: StepSight, notes: Sequence[Note], look: Look) -> list[Line]:
    """The bar, the resources, what is waited for and the last sentences."""
    said = [note for note in notes if _is_sentence(note)][-_SAID:]
    return joined(
        (
            _bar(notes, look),
            resources(notes, look),
            paragraph(f"{step.waiting}.", look.width, indent=1) if step.waiting else [],
            [_sentence(note, look) for note in said],
            [] if notes else _silent(step, look),
        )
    )


def _silent(step: StepSight, look: Look) -> list[Line]:
    """A job that says nothing works all the same."""
    argv = step.attempt.argv if step.attempt else []
    return [
        *paragraph(shlex.join(argv), look.width, indent=1, role="accent"),
        *paragraph("It runs, and has printed nothing yet.", look.width, indent=1, role="quiet"),
    ]


def kept(notes: Sequence[Note]) -> list[Note]:
    """The notes that a page can still show: of the sentences only the last, so that hours of them cost nothing."""
    said = [note for note in notes if _is_sentence(note)]
    old = {id(note) for note in said[:-_SAID]}
    return [note for note in notes if id(note) not in old]


def _is_sentence(note: Note) -> bool:
    return bool(note["text"]) and not note.get("moved")


def resources(notes: Sequence[Note], look: Look) -> list[Line]:
    """One line for what is under way or failed, the rest counted by kind."""
    things = _things(notes)
    done = [each for each in things if each.state == "done"]
    moving = [each for each in things if each.state != "done"]
    found: list[Line] = []
    wide = min(max((cell_len(each.kind) for each in things), default=0), _KIND) + 2
    if len(done) > _DONE:
        kinds = list(dict.fromkeys(each.kind for each in done))
        counted = ", ".join(f"{kind} {sum(each.kind == kind for each in done)}" for kind in kinds)
        first, *rest = wrap(counted, look.width - _WORD)
        found.append(line((f" {look.glyphs.of('done')} done".ljust(_WORD), "pass"), first))
        found += [line(" " * _WORD, each) for each in rest]
    else:
        found += [_thing(each, look, wide) for each in done]
    return found + [_thing(each, look, wide) for each in moving]


def _things(notes: Sequence[Note]) -> list[_Thing]:
    found: dict[tuple[str, str, str], _Thing] = {}
    for note in notes:
        moved = note.get("moved")
        if not moved:
            continue
        key, at = (moved["op"], moved["kind"], moved["name"]), float(note["at"])
        known = found.get(key)
        found[key] = _Thing(*key, moved["state"], known.began if known else at, at)
    return list(found.values())


def _thing(thing: _Thing, look: Look, wide: int) -> Line:
    state = thing.state
    word = {"done": "done", "failed": "failed"}.get(state) or _DOING.get(thing.op, thing.op)
    role = {"done": "pass", "failed": "fail"}.get(state, "accent")
    took = clock((look.now if state == "started" else thing.ended) - thing.began)
    cells = [(f" {look.glyphs.of(state)} {word}", role), (thing.kind, "quiet"), (thing.name, "plain"), (took, "quiet")]
    return columns(cells, [_WORD, wide, max(look.width - _WORD - wide - 9, 8), 8])


def _bar(notes: Sequence[Note], look: Look) -> list[Line]:
    """A bar only where the whole is known."""
    counted = next((note for note in reversed(notes) if note["total"]), None)
    if counted is None:
        return []
    done, total = int(counted["done"] or 0), int(counted["total"])
    wide = min(_BAR, look.width - 16)
    full = wide * min(done, total) // total
    return [
        line(
            " ",
            (look.glyphs.filled * full, "accent"),
            (look.glyphs.empty * (wide - full), "quiet"),
            f"  {done} of {total}",
        )
    ]


def _sentence(note: Note, look: Look) -> Line:
    at = time.strftime("%H:%M:%S", time.localtime(float(note["at"])))
    return cut(line((f" {at}  ", "quiet"), (str(note["text"]), "fail" if note["failed"] else "plain")), look.width - 1)
