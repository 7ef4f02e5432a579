"""The chapters with their states: the plan before a run, the list beside a step, the overlay on a narrow screen."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from sprocket_tui.faces.lines import adopted
from sprocket_tui.faces.tui.pages.look import Look, minutes
from sprocket_tui.faces.tui.sight import Sight
from sprocket_tui.faces.tui.spans import Line, Span, columns, cut, line, paragraph, spread
from sprocket_tui.guide.model import Guide, Screen, Step

# What reading, answering or a measurement takes a person, in minutes, where the guide says nothing.
_READING = 1.0
_WORST = ("failed", "running", "skipped", "done", "not-applicable")


@dataclass(frozen=True)
class Entry:
    """A chapter or a step of one, to be listed and gone to; `step` is empty for a chapter."""

    screen: str
    step: str
    title: str
    state: str
    usual: float


def usual(step: Step) -> float:
    """How long a step usually takes, in minutes."""
    return step.minutes.usual if step.minutes else _READING


def whole(guide: Guide) -> float:
    """How long the guide usually takes, in minutes."""
    return sum(usual(step) for screen in guide.screens for step in screen.steps)


def entries(sight: Sight) -> list[Entry]:
    """Every chapter, each followed by its steps."""
    found: list[Entry] = []
    for screen in sight.guide.screens:
        states = [_state(sight, step.id) for step in screen.steps]
        found.append(Entry(screen.id, "", screen.title, _whole(states), sum(map(usual, screen.steps))))
        found += [
            Entry(screen.id, step.id, step.title, state, usual(step))
            for step, state in zip(screen.steps, states, strict=True)
        ]
    return found


# The word for a state; of a chapter "skipped" is said of a part.
_STATES = {
    "done": "done",
    "failed": "failed",
    "running": "under way",
    "skipped": "skipped",
    "not-applicable": "does not apply",
}


def told(entry: Entry, look: Look) -> str:
    """The state of a chapter or step, glyph and word; "" where nothing is known of it."""
    word = "in part" if entry.state == "skipped" and not entry.step else _STATES.get(entry.state, "")
    return f"{look.glyphs.of(entry.state)} {word}" if word else ""


def side(sight: Sight, look: Look) -> list[Line]:
    """The chapters beside a step; the one that is under way with its steps."""
    found: list[Line] = []
    here = sight.written(sight.current)
    for number, screen in enumerate(sight.guide.screens, start=1):
        states = [_state(sight, step.id) for step in screen.steps]
        current = here is not None and here[0].id == screen.id
        found.append(_chapter(number, screen, _whole(states), look, current=current))
        if current:
            found += [
                _step(step.title, state, look, here=step.id == (here[1].id if here else ""))
                for step, state in zip(screen.steps, states, strict=True)
            ]
    return [cut(each, look.width) for each in found]


def beside(sight: Sight) -> list[str]:
    """The step that each line of `side` stands for: a chapter's is its first."""
    here = sight.written(sight.current)
    found: list[str] = []
    for screen in sight.guide.screens:
        found.append(screen.steps[0].id)
        if here is not None and here[0].id == screen.id:
            found += [step.id for step in screen.steps]
    return found


def plan(sight: Sight, look: Look, *, waits: bool) -> list[Line]:
    """All chapters before the first step: what comes, how long it usually takes, what it is for.

    `waits`: nothing can be begun yet, and a person is told what that is for.
    """
    right = line((f"about {minutes(round(whole(sight.guide)))} ", "quiet"))
    found = [spread(line((" The plan", "title")), right, look.width)]
    found += paragraph(
        "Every change is shown before it is made and asks first. Leaving loses nothing, at any moment.",
        look.width,
        indent=1,
    )
    if sight.deployed:
        found += paragraph(adopted(sight.deployed), look.width, indent=1, role="accent")
    found.append(())
    rows = [_planned(sight, screen, look) for screen in sight.guide.screens]
    # What is counted takes the room that it needs, the titles what is left.
    counted = [max(cell_len(row[column][0]) for row in rows) + 2 for column in (1, 2, 3)]
    widths = [max(look.width - 5 - sum(counted), 12), *counted]
    found += [(*line((f" {number:2} ", "quiet")), *columns(row, widths)) for number, row in enumerate(rows, start=1)]
    return [*found, *(_waiting(sight, look) if waits else [])]


def _planned(sight: Sight, screen: Screen, look: Look) -> list[Span]:
    """A row of the plan without its number."""
    state = _whole([_state(sight, step.id) for step in screen.steps])
    word = told(Entry(screen.id, "", screen.title, state, 0), look)
    return [
        (screen.title, "plain"),
        (f"{len(screen.steps)} steps", "quiet"),
        (minutes(round(sum(map(usual, screen.steps)))), "quiet"),
        (word, {"done": "pass", "failed": "fail", "skipped": "warn"}.get(state, "accent")),
    ]


def _waiting(sight: Sight, look: Look) -> list[Line]:
    target = sight.run.target if sight.run is not None else "the target"
    told = f"Connecting to {target}..." if sight.link is None else "Connected; looking at what is there..."
    return [(), *paragraph(told, look.width, indent=1, role="accent")]


def _chapter(number: int, screen: Screen, state: str, look: Look, *, current: bool) -> Line:
    """A chapter with its state, else its minutes."""
    name = line(
        (f" {look.glyphs.of(state)} ", _role(state)), (f"{number} {screen.title}", "title" if current else "plain")
    )
    word = {"running": "now", "skipped": "in part"}.get(state, _STATES.get(state, ""))
    return spread(name, line((word or minutes(round(sum(map(usual, screen.steps)))), _role(state)), " "), look.width)


def _step(title: str, state: str, look: Look, *, here: bool) -> Line:
    """A step with its state. The cursor is where you are, and says the word by itself."""
    mark = (look.glyphs.cursor, "accent") if here else (look.glyphs.of(state), _role(state))
    word = {"running": "", "not-applicable": "not here"}.get(state, _STATES.get(state, ""))
    name = line("   ", mark, " ", (title, "plain" if here or state else "quiet"))
    return spread(name, line((word, _role(state)), " " if word else ""), look.width)


def _role(state: str) -> str:
    return {"done": "pass", "failed": "fail", "skipped": "warn", "running": "accent"}.get(state, "quiet")


def _state(sight: Sight, step: str) -> str:
    """done, failed, skipped, running, or "" where nothing is known; of a step that repeats, the worst."""
    fits = [
        each
        for id_, each in sight.steps.items()
        if (id_ == step or id_.startswith(f"{step}.")) and (each.title or each.how)
    ]
    states = {_word(each.how, current=each.id == sight.current) for each in fits}
    return next((state for state in _WORST if state in states), "")


def _word(how: str, *, current: bool) -> str:
    if how in ("done", "already"):
        return "done"
    return how or ("running" if current else "")


def _whole(states: list[str]) -> str:
    worst = next((state for state in _WORST if state in states), "")
    if worst in ("done", "not-applicable"):
        return "running" if "" in states else "done"
    return worst
