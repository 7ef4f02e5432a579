"""What a person saw on a page that no program of ours can read: a dashboard, an account's limits, a redirect URI."""

from __future__ import annotations

import re
import time

from sprocket_tui.checks.excerpt import excerpt
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Here, Probe, ProbeError, lasting
from sprocket_tui.guide.words.probes import ToldProbe
from sprocket_tui.values import JSON

_WORDS: dict[str, JSON] = {"true": True, "false": False}


def measure(words: ToldProbe, here: Here, deadline: float) -> Observation:
    """The value as it was told, without the blanks around it; nothing at all tells nothing."""
    said = words.told.strip()
    if not said:
        raise ProbeError(f"nobody has told {words.var}")
    value = _canonical(said)
    if words.ends:
        value = {"told": value, **lasting(words.ends.get(said), time.time())}
    return Observation(value=value, seen=f"{excerpt(said, 200)} (as a person saw it)")


def _canonical(said: str) -> JSON:
    if re.fullmatch(r"-?\d{1,15}", said):
        return int(said)
    return float(said) if re.fullmatch(r"-?\d{1,15}\.\d{1,6}", said) else _WORDS.get(said, said)


PROBE = Probe[ToldProbe](kind="told", measure=measure, needs_place=False)
