"""The copy of a run on its target: what another machine needs to go on with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sprocket_tui.errors import SprocketError
from sprocket_tui.journal.file import longest_chain
from sprocket_tui.target import shell
from sprocket_tui.target.job import ASK_DEADLINE
from sprocket_tui.target.link import Link
from sprocket_tui.terminal import clean_bytes

_ID = re.compile(r"[0-9a-f]{8}")


class NothingKept(SprocketError):
    """The target keeps no such run."""


@dataclass(frozen=True)
class Copy:
    """A run as its target keeps it: id, the files of its guide as JSON, its journal."""

    run: str
    guide: str
    journal: bytes


def runs_on(link: Link) -> tuple[str, ...]:
    """The ids of the runs that the target keeps, the newest first."""
    script = 'ls -1t "$HOME/.sprocket/runs" 2>/dev/null; exit 0'
    names = clean_bytes(shell.run(link, script, deadline=ASK_DEADLINE).stdout).split()
    return tuple(name for name in names if _ID.fullmatch(name))


def fetch(link: Link, run: str) -> Copy:
    """The run whose id begins with `run` (the newest when empty). Raises NothingKept when there is none."""
    found = [each for each in runs_on(link) if each.startswith(run)]
    if not found:
        what = f"no run {run}" if run else "no run"
        raise NothingKept(f"{link.identity.host} keeps {what}", remedy="`sprocket-tui run` begins one")
    place = f'"$HOME/.sprocket/runs/{found[0]}"'
    guide = shell.run(link, f"cat {place}/guide.json", deadline=ASK_DEADLINE)
    journal = shell.run(link, f"cat {place}/journal.jsonl", deadline=ASK_DEADLINE, limit=256 << 20)
    kept = longest_chain(journal.stdout)
    if guide.status != 0 or not kept:
        raise SprocketError(f"the copy of run {found[0]} on {link.identity.host} is not whole")
    return Copy(found[0], guide.stdout.decode(), kept)
