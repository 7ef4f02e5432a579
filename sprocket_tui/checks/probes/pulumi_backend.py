"""Pulumi's backend: who we are there, its organisations, and of the stacks which are there, held, or cut off.

Value {state, kind, user, organisations, member, present, missing, locks, locked, holders, running, pending, operations,
pending_in, pending_projects}. `state` is one of
  ok        it let us in           refused   Pulumi Cloud does not know the token
  closed    a backend of one's own did not open; all but `state` and `kind` is null or empty then, as for refused
  old       the same of one whose stacks are of the layout without projects, which no newer Pulumi makes
`kind` is cloud or own; `member` whether `organisation` is among ours. Stacks are named in whole. `locks` and `pending`
are numbers, `locks` null where a bucket does not show them to us; `running` is how many of their holders still run
on the droplet. `operations` are kinds and URNs; no value of a state is ever among what is seen.
"""

from __future__ import annotations

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes import pulumi_cloud, pulumi_own
from sprocket_tui.checks.probes.base import Here, Probe, ProbeError
from sprocket_tui.guide.words.probes import PulumiBackendProbe


def measure(words: PulumiBackendProbe, here: Here, deadline: float) -> Observation:
    """Asks the service from here, or pulumi on the droplet; raises ProbeError as those do."""
    if words.backend.startswith(("https://", "http://")):
        return pulumi_cloud.ask(words, here, deadline)
    if _own(words):
        return pulumi_own.ask(words, here, deadline)
    raise ProbeError("the backend is neither https://, s3:// nor file:///")


def _own(words: PulumiBackendProbe) -> bool:
    return words.backend.startswith(("s3://", "file:///"))


PROBE = Probe[PulumiBackendProbe](kind="pulumi-backend", measure=measure, needs_place=False, both_ends=_own)
