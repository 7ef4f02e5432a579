"""Whether a secret has been given: value {present}. Its text is never looked at beyond that."""

from __future__ import annotations

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Here, Probe
from sprocket_tui.guide.words.probes import SecretProbe


def measure(words: SecretProbe, here: Here, deadline: float) -> Observation:
    """Present when the variable holds a text that is not empty; one that was not given cannot be judged."""
    here.secret(words.var)
    return Observation(value={"present": True}, seen=f"{words.var} is given")


PROBE = Probe[SecretProbe](kind="secret", measure=measure, needs_place=False)
