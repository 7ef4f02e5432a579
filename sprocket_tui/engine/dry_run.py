"""The checklist-only dry run: connects, measures, changes nothing, asks nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing, nullcontext

from sprocket_tui.checks.observation import Observation, Verdict
from sprocket_tui.checks.once import Once
from sprocket_tui.checks.pace import Pace, Teller
from sprocket_tui.checks.rollup import verdict_of
from sprocket_tui.checks.runner import Cache, run_checks
from sprocket_tui.engine.explaining import by_sudo, explained
from sprocket_tui.errors import LinkLost, Unreachable
from sprocket_tui.exits import Exit
from sprocket_tui.guide.model import Check, Guide
from sprocket_tui.guide.resolve import Elements, measurers, with_needs
from sprocket_tui.secret import Secret
from sprocket_tui.target.link import Link, Privilege
from sprocket_tui.values import JSON

# For everything together: whatever hangs, a report is there within 50 s of the connection.
DEADLINE = 44.0
# A command that is killed at the deadline still answers.
_LAST = 2.0
# What SSH listens on where nobody says otherwise.
_SSH = 22


def dry_run(
    guide: Guide,
    checks: Sequence[Check],
    connect: Callable[[], Link],
    values: Mapping[str, JSON],
    secrets: Mapping[str, Secret],
    *,
    path: tuple[str, ...],
    sudo: bool,
    stopped: Callable[[], bool] = lambda: False,
    teller: Teller | None = None,
    cache: Cache | None = None,
    once: Once[Observation] | None = None,
    elements: Elements | None = None,
) -> tuple[Verdict, ...]:
    """The verdicts of `checks`; what measures their variables is measured too, and not reported unless it is of them.

    `secrets` are what probes may use, by variable; they are masked in all that was seen. An unreachable host makes what
    is measured there unknown; a host key question is raised. Once `stopped` says so, what was not measured by then is
    unknown; `teller` hears how far it is. `cache`, `once` and `elements` are those of `run_checks`.
    """
    link, unreachable = _connected(connect)
    values = {**_port_of(link, guide), **values}
    with closing(link) if link else nullcontext():
        root = sudo and link is not None and link.identity.user != "root"
        privilege = Privilege("sudo") if root else Privilege()
        verdicts = run_checks(
            checks,
            beside=_measurers(checks, guide),
            elements=elements,
            link=link,
            values=values,
            secrets=secrets,
            variables=guide.vars,
            path=path,
            privilege=privilege,
            deadline=DEADLINE,
            unreachable=unreachable,
            cache=cache,
            # As the reports say until when a measurement counts; a laptop that sleeps stops other clocks.
            clock=time.time,
            once=once,
            pace=Pace(time.monotonic() + DEADLINE + _LAST, stopped, teller),
        )
    return by_sudo(explained(verdicts, guide.hints, values), privilege) if link else verdicts


def conclude(verdicts: Sequence[Verdict], waived: Collection[str] = ()) -> tuple[str, Exit]:
    """The verdict of the whole as a word, and the exit code; `waived` holds the ids that a person answers for."""
    return verdict_of(verdicts, waived)


def _port_of(link: Link | None, guide: Guide) -> dict[str, JSON]:
    """What stands for the profile's port where it has none: the connection's, which an SSH configuration may name."""
    port = (link.identity.port if link else 0) or _SSH
    return {var.name: port for var in guide.vars if var.profile == "port"}


def _measurers(checks: Sequence[Check], guide: Guide) -> list[Check]:
    """The checks that measure variables of `checks`, with what they need, as far as they are not among them."""
    every, asked = guide.checks(), {check.id for check in checks}
    wanted, left = set[str](), list(checks)
    while left:
        new = set(with_needs(measurers(left.pop(), guide.vars), every)) - wanted
        wanted |= new
        left += [every[each] for each in new]
    return [every[each] for each in every if each in wanted - asked]


def _connected(connect: Callable[[], Link]) -> tuple[Link | None, str]:
    try:
        return connect(), ""
    except (Unreachable, LinkLost) as error:
        return None, f"{error.message}; {error.remedy}" if error.remedy else error.message
