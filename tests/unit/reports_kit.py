"""Short ways to make reports, and texts that try to be markup."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sprocket_tui.checks.observation import Observation, Remedy, State, Verdict
from sprocket_tui.guide.model import Guide
from sprocket_tui.reports.document import report
from sprocket_tui.reports.schema import Report
from tests.unit.checks_kit import verdict

GUIDE = Guide(
    name="sprocket", version="1.0", digest="ab" * 32, origin="bundled", vars=(), screens=(), checklists=(), hints=()
)
STARTED = datetime(2026, 11, 24, tzinfo=UTC)
FOUND = Observation(value={"count": 1}, seen="1 processor", seconds=0.25, at=STARTED.timestamp() + 1)

ONE_OF_EACH = [
    verdict("node.cpus", State.PASS, observation=FOUND, guide=("G001",)),
    verdict("node.swap", State.WARN, blocking=False),
    verdict("ports.http", State.FAIL),
    verdict("swarm.active", State.UNKNOWN, observation=Observation(reason="no daemon"), observed="no daemon"),
    verdict("swarm.vault", State.SKIPPED, blocked_by="swarm.active", observed="blocked by swarm.active"),
]
HOSTILE = "<script>alert('x')</script> & \"q\" `code` | *bold* [a](http://evil.test) @root #1 ]]> {{ 7*7 }}"


def made(verdicts: Sequence[Verdict], target: str = "ssh://root@droplet:22", **fields: Any) -> Report:
    return report(target, verdicts, **{"guide": GUIDE, "started": STARTED, "seconds": 1.5, **fields})


def hostile(text: str = HOSTILE) -> Report:
    """A report all of whose free texts are `text`."""
    told = {"title": text, "observed": text, "expected": text, "why": text, "remedy": Remedy(text, ("echo", text))}
    seen = Observation(value=text, seen=text, evidence=f"{text}\n\n{text}", at=STARTED.timestamp())
    return made([verdict("a.b", State.FAIL, observation=seen, **told)], target=text)
