"""What of a deployment stands on a target: the services that the guide judges after one, measured and no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sprocket_tui.checks.measure import Measurement
from sprocket_tui.checks.observation import Observation, State
from sprocket_tui.checks.runner import Cache, run_checks
from sprocket_tui.checks.vars import expanded
from sprocket_tui.guide import templates
from sprocket_tui.guide.model import Check, Guide
from sprocket_tui.guide.resolve import with_needs
from sprocket_tui.guide.words.probes import SwarmServiceProbe
from sprocket_tui.target.link import Link, Privilege
from sprocket_tui.values import JSON


@dataclass(frozen=True)
class Standing:
    """The services that are there, each with its state; else `why` there can be none, where that is known.

    With `unknown` it could not be measured, and `why` says what was in the way.
    """

    services: tuple[str, ...] = ()
    why: str = ""
    unknown: bool = False

    @property
    def told(self) -> str:
        """The same as a sentence without its end."""
        if self.services:
            return f"a deployment is there already: {', '.join(self.services)}"
        if self.unknown:
            return f"whether something is deployed there is not known: {self.why}"
        return f"nothing deployed runs there ({self.why})" if self.why else "nothing is deployed there"


def watched(guide: Guide) -> list[Check]:
    """The checks whose services make a deployment."""
    return [
        check
        for each in guide.checklists
        for check in each.checks
        if each.moment == "after" and isinstance(check.probe, SwarmServiceProbe) and not check.for_each
    ]


def glance(
    guide: Guide,
    link: Link,
    values: Mapping[str, JSON],
    *,
    path: tuple[str, ...],
    privilege: Privilege,
    deadline: float,
) -> Standing:
    """Measures the services, and what they need, in one batch of about `deadline` seconds; changes nothing."""
    services, every = watched(guide), guide.checks()
    needs = [every[each] for each in with_needs([check.id for check in services], every) if every[each] not in services]
    cache: Cache = {}
    verdicts = run_checks(
        [*needs, *services],
        link=link,
        values=values,
        secrets={},
        variables=guide.vars,
        path=path,
        privilege=privilege,
        deadline=deadline,
        cache=cache,
    )
    seen = [found for check in services if (found := _seen(check, values, cache)) is not None]
    there = [value for value in (each.value for each in seen) if isinstance(value, dict) and value.get("count")]
    if there:
        return Standing(tuple(f"{value['name']} {value['state']}" for value in there))
    if len(seen) == len(services):
        return Standing()
    needed = {check.id for check in needs}
    for verdict in verdicts:
        if verdict.id in needed and verdict.state is State.FAIL:
            return Standing(why=f"{verdict.title}: {verdict.state}, {verdict.observed}")
    unmeasured = next((each for each in verdicts if each.state is State.UNKNOWN), None)
    return Standing(why=unmeasured.observed if unmeasured else "it could not be measured", unknown=True)


def _seen(check: Check, values: Mapping[str, JSON], cache: Cache) -> Observation | None:
    """What was measured of a check's service, whatever its verdict made of that."""
    try:
        measured = cache.get(Measurement(expanded(check.probe, values), check.where).key)
    except templates.MissingVar:
        return None
    return measured.observation if measured else None
