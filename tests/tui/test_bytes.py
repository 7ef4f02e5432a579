"""What a key press costs the line at 80x24, in bytes that reach a real terminal: at most 2 kB on every page of a walk.

True colour is the dearest: every change of a look takes some 17 bytes there, and 5 with the terminal's own colours.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sprocket_tui.faces.tui.running import drive
from tests.lab.terminal import Terminal
from tests.pictures import scenes
from tests.tui.kit import note

REPOSITORY = Path(__file__).parents[2]
BUDGET = 2000
# A terminal that got no more than what a clock costs for so long, in seconds, has got all of it.
QUIET, CLOCK = 0.5, 150
# What stands there once the question of a scene can be answered.
ANSWERED = {"gate": "Ctrl-C leave", "jump": "▸ n", "failure": "▸ r"}
LINES = 400
# A job that printed many lines of other words each, as wide as the terminal.
CHANCE = random.Random(5)
WORDS = [
    "service",
    "traefik",
    "creating",
    "network",
    "overlay",
    "attach",
    "waiting",
    "for",
    "the",
    "task",
    "image",
    "pulled",
    "config",
    "volume",
]
SAID = [f"{n:6} {' '.join(CHANCE.choices(WORDS, k=20))}"[:79] for n in range(LINES)]
FULL = scenes.Scene(
    scenes.walk_of(
        *scenes.RUNS,
        seen=3,
        notes=[note(each) for each in SAID],
    )
)

# By page: the keys, each with what then stands there.
PRESSES: dict[str, tuple[tuple[str, str], ...]] = {
    "plan": (("right", "Looking; Esc returns"), ("right", "Looking; Esc returns"), ("escape", "The plan")),
    "checklist": (
        ("w", "Names"),
        ("w", "DNS"),
        ("/", "Search the guide"),
        ("s", "steps"),
        ("w", "Initialise Swarm"),
        ("escape", "DNS"),
    ),
    "gate": (("tab", "Tab answer"), ("p", "create"), ("pagedown", "plan"), ("tab", "Ctrl-C"), ("x", "x")),
    "running": (("w", "why"), ("w", "running"), ("left", "Looking; Esc returns"), ("escape", "running")),
    "failure": (("down", "▸ t"), ("w", "why"), ("w", "What now?"), ("q", "Leave the walk?"), ("escape", "What now?")),
    "jump": (
        ("g", "The checkout"),
        ("pagedown", "Where to look"),
        ("home", "▸ Access"),
        ("escape", "Yes, do exactly that"),
        ("f", "help"),
        ("escape", "Yes, do exactly that"),
        ("down", "▸ y"),
        ("?", "This question"),
        ("escape", "Yes, do exactly that"),
    ),
    "complete": (("left", "Looking; Esc returns"), ("escape", "The walk is complete")),
    "log": (("pageup", SAID[LINES - 30][:60]), ("home", SAID[0][:60]), ("pagedown", SAID[20][:60])),
}


@contextmanager
def shown(scene: str, tmp_path: Path, **env: str) -> Iterator[Terminal]:
    told = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", **env}
    program = [sys.executable, "-c", "from tests.tui.test_bytes import main; main()", scene]
    with Terminal(program, told, cwd=tmp_path) as terminal:
        # A question can be answered once it stood there for a while, and is drawn anew then.
        terminal.wait_for(ANSWERED.get(scene, "help"))
        settle(terminal)
        if scene == "log":
            terminal.press("l")
            terminal.wait_for(f"{LINES:,} lines")
            settle(terminal)
        yield terminal


def settle(terminal: Terminal) -> None:
    """Until nothing comes but what a clock that runs costs."""
    while terminal.idle(QUIET) > CLOCK:
        pass


def costs(terminal: Terminal, presses: tuple[tuple[str, str], ...]) -> dict[str, int]:
    """The bytes of each press, by its place and key."""
    found: dict[str, int] = {}
    for number, (key, then) in enumerate(presses):
        before = terminal.bytes
        terminal.press(key)
        terminal.wait_for(then)
        settle(terminal)
        found[f"{number} {key}"] = terminal.bytes - before
    return found


@pytest.mark.parametrize("scene", PRESSES)
def test_a_key_press_costs_at_most_2_kb_in_true_colour(scene: str, tmp_path: Path):
    with shown(scene, tmp_path, COLORTERM="truecolor") as terminal:
        found = costs(terminal, PRESSES[scene])
    print(scene, found)
    assert max(found.values()) <= BUDGET, found


def test_with_the_colours_of_the_terminal_a_full_page_costs_no_more_than_2_kb_either(tmp_path: Path):
    with shown("checklist", tmp_path) as terminal:
        found = costs(terminal, PRESSES["checklist"])
    print(found)
    assert max(found.values()) <= BUDGET, found


def main() -> None:
    scene = FULL if sys.argv[1] == "log" else scenes.SCENES[sys.argv[1]]
    sys.exit(drive(scene.make("")))
