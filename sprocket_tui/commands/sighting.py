"""What stands on a target: who drives a run there, what can be resumed, what is deployed; and what to say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sprocket_tui.commands.runs import standing
from sprocket_tui.engine.glance import glance, watched
from sprocket_tui.engine.mirror import Copy, NothingKept, fetch
from sprocket_tui.faces.tui.offer import Found
from sprocket_tui.faces.tui.spans import sentence
from sprocket_tui.guide.model import Guide
from sprocket_tui.guide.resolve import defaults
from sprocket_tui.journal.file import events_of
from sprocket_tui.journal.replay import RunState, replay
from sprocket_tui.settings import Profile
from sprocket_tui.target import lock
from sprocket_tui.target.link import Link, Privilege
from sprocket_tui.target.lock import Holder
from sprocket_tui.values import JSON

_ADOPTS = "Enter begins a walk that takes it over: every step is measured first, and what holds is passed over."
_BEGINS = "Enter begins a walk; every change is shown and asks first."


@dataclass(frozen=True)
class Sighting:
    """What is on a target: who drives a run there, the newest run that it keeps, and what is deployed, told."""

    holder: Holder | None
    run: str
    state: RunState | None
    deployment: str
    adopts: bool


def sight(guide: Guide, profile: Profile, link: Link, says: Callable[[str], None], *, deadline: float) -> Sighting:
    """Measures, and changes nothing; `says` is told what is under way, `deadline` is for a measurement, in seconds."""
    says("asking who drives a run there")
    holder = lock.holder(link)
    says("asking what runs it keeps")
    copy = _newest(link)
    says("measuring what is deployed")
    known = {**defaults(guide.vars), **_values(guide, profile)}
    sudo = profile.sudo == "yes" and link.identity.user != "root"
    privilege = Privilege("sudo") if sudo else Privilege()
    state = replay(events_of(copy.journal)) if copy else None
    run = copy.run if copy else ""
    if not watched(guide):
        return Sighting(holder, run, state, "", adopts=False)
    seen = glance(guide, link, known, path=profile.path, privilege=privilege, deadline=deadline)
    return Sighting(holder, run, state, seen.told, adopts=bool(seen.services))


def told(seen: Sighting, resumes: Callable[[str], tuple[str, ...]]) -> Found:
    """The sentences about a sighting, and what Enter stands for after it."""
    deployment = [sentence(seen.deployment)] if seen.deployment else []
    if seen.holder is not None and not seen.holder.stale:
        return Found((f"Driven now: {seen.holder}.", *deployment, "Enter is refused until that run is left."))
    held = [f"Locked by {seen.holder}: that driver is gone."] if seen.holder is not None else []
    if seen.state is not None and not (seen.state.left and seen.state.left.how == "done"):
        why = f": {seen.state.left.why}" if seen.state.left and seen.state.left.why else ""
        run = f"It keeps run {seen.run}, {standing(seen.state, driven=False)}{why}."
        return Found((*held, run, *deployment, "Enter goes on with it."), resumes(seen.run))
    done = [f"Run {seen.run} came to its end there."] if seen.state is not None else []
    asks = ["Enter asks before it takes the lock over."] if held else []
    return Found((*held, *done, *deployment, *asks, _ADOPTS if seen.adopts else _BEGINS))


def _newest(link: Link) -> Copy | None:
    try:
        return fetch(link, "")
    except NothingKept:
        return None


def _values(guide: Guide, profile: Profile) -> dict[str, JSON]:
    known = profile.values()
    return {var.name: known[var.profile] for var in guide.vars if var.profile in known}
