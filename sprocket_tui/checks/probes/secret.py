"""Whether a secret has been given: value {present}. Its text is never looked at beyond that."""

from __future__ import annotations

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Here, Probe
from sprocket_tui.guide.words import SecretProbe


def measure(words: SecretProbe, here: Here, deadline: float) -> Observation:
    """True when the variable holds a text that is not empty."""
    present = bool(here.secrets.get(words.var))
    return Observation(value={"present": present}, seen=f"{words.var} is {'given' if present else 'not given'}")


PROBE = Probe[SecretProbe](kind="secret", measure=measure, needs_place=False)
