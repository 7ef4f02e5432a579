"""The runs whose journals a droplet keeps, read from outside: whoever is inside may have put anything there."""

from __future__ import annotations

import heapq
import re
from contextlib import suppress
from pathlib import Path

from sprocket_tui.errors import SprocketError
from sprocket_tui.journal.file import events_of, longest_chain
from sprocket_tui.journal.replay import RunState, replay
from sprocket_tui.practice import reading

# What is told to a person and typed by them is a run's id and nothing else.
_RUN = re.compile(r"[0-9a-f]{8}")
# The bytes of the longest journal, and how many are looked at; any others are passed over.
_LONGEST, _MOST = 16 << 20, 40


def journals(home: Path) -> list[Path]:
    """Newest first; `home` is the login's home."""
    found = list[tuple[float, Path]]()
    for each in (home / ".sprocket" / "runs").glob("*/journal.jsonl"):
        # Another may go, or be shut, at any time.
        with suppress(OSError):
            found.append((each.lstat().st_mtime, each))
    return [each for _, each in heapq.nlargest(_MOST, found)]


def state(journal: Path, home: Path) -> RunState | None:
    """Where that run stands; None where somebody took its journal away or wrote anything to it."""
    try:
        return replay(events_of(longest_chain(_plain_file(journal, home))))
    except (OSError, SprocketError, RecursionError, ValueError, TypeError, LookupError, AttributeError):
        return None


def cut_off(home: Path, but: set[str]) -> str:
    """The newest run but those, where something it had begun on the droplet never ended; "" for none."""
    for journal in journals(home):
        if journal.parent.name in but or not _RUN.fullmatch(journal.parent.name):
            continue
        run = state(journal, home)
        if run is not None and any(step.open() for step in run.steps.values()):
            return journal.parent.name
    return ""


def under_way(home: Path) -> bool:
    """Whether a run that was begun on the droplet has not come to its end."""
    known = (state(journal, home) for journal in journals(home))
    return any(run is not None and (run.left is None or run.left.how not in ("done", "refused")) for run in known)


def _plain_file(path: Path, below: Path) -> bytes:
    """What is in it, where it is a file of the droplet. Raises OSError."""
    if not path.resolve().is_relative_to(below.resolve()):
        return b""
    return reading.whole(path, _LONGEST)
