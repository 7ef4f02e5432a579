"""`plan`: go or no-go for one date, with its window, people, costs and risks. It changes nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sprocket_tui.checks.observation import Verdict
from sprocket_tui.checks.waivers import Waiver, Waivers
from sprocket_tui.commands import delivery, guides, measuring, targets, waiving
from sprocket_tui.commands.measuring import CUT_SHORT, Measuring
from sprocket_tui.commands.stopping import Stopping
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import ended
from sprocket_tui.faces.progress import Progress
from sprocket_tui.guide.model import Guide
from sprocket_tui.planning import settings
from sprocket_tui.planning.plan import Plan
from sprocket_tui.planning.plan import plan as planned
from sprocket_tui.planning.settings import Hours
from sprocket_tui.planning.when import parse, understood
from sprocket_tui.planning.window import Crew
from sprocket_tui.reports.planned.document import as_json
from sprocket_tui.reports.planned.html import html
from sprocket_tui.reports.planned.markdown import markdown
from sprocket_tui.reports.planned.table import table
from sprocket_tui.reports.style import Style

_FORMATS: dict[str, Callable[[Plan, Style], str]] = {
    "table": table,
    "json": lambda plan, _: as_json(plan),
    "markdown": lambda plan, _: markdown(plan),
    "html": lambda plan, _: html(plan),
}


def plan(options: argparse.Namespace) -> int:
    """Judges a date, with what a target or profile measures where one is given; returns the verdict's exit code."""
    documents = delivery.wanted(options)
    measures = bool(options.target or options.profile)
    for name, value in (("--given", options.given), ("--ssh-config", options.ssh_config)):
        if value is not None and not measures:
            raise SprocketError(
                f"{name} is for what is measured, and nothing is",
                remedy=f"name what with --target or --profile, or leave {name} out",
            )
    guide = guides.chosen(options, runs_commands=measures)
    if not guide.planning.stages:
        raise SprocketError(
            f"the guide {guide.name} says nothing of planning",
            remedy="name a file with stages under planning: in its index (docs/writing-guides.md)",
        )
    asked = datetime.now(UTC)
    own = settings.load(guide.planning, asked)
    opens = (own.business_hours or Hours()).opens
    at = parse(options.at, asked, own.zone(), opens)
    measured = _measured(options, guide) if measures else _Measured()
    found = planned(
        guide,
        own,
        Crew(options.team, options.experience),
        at,
        datetime.now(UTC),
        measured.verdicts,
        target=measured.target,
        practice=measured.practice,
        waivers=measured.waivers,
        stopped=measured.stopped,
        understood=understood(options.at, at, asked),
    )
    try:
        delivery.deliver(documents, lambda name, style: _FORMATS[name](found, style))
    except SprocketError:
        # A document is lost, and the verdict is not.
        sys.stderr.write(f"{found.sentence}\n")
        raise
    if all(each.output for each in documents):
        sys.stderr.write(f"{found.sentence}\n")
    if found.stopped:
        sys.stderr.write(CUT_SHORT)
    elif measured.unread:
        raise measured.unread
    return ended(found.code, found.stopped)


@dataclass(frozen=True)
class _Measured:
    """What the checks of before a deployment came to; `stopped` is the signal that cut them short, 0 without one.

    `unread` says why the waivers could not be read meanwhile.
    """

    target: str = ""
    verdicts: tuple[Verdict, ...] = ()
    practice: bool = False
    waivers: Waivers = field(default_factory=dict[str, Waiver])
    unread: SprocketError | None = None
    stopped: int = 0


def _measured(options: argparse.Namespace, guide: Guide) -> _Measured:
    goal = targets.goal(options)
    waiving.readable()
    checks = [check for each in guide.checklists if each.moment == "before" for check in each.checks]
    stopping = Stopping()
    wanted = Measuring(guide, checks, [goal], measuring.known(options, guide), stopping, Progress(sys.stderr))
    with stopping.heard():
        (found,) = wanted.found()
    verdicts, waivers, unread = waiving.waived(goal.url, found.verdicts, (), guide)
    return _Measured(goal.url, verdicts, found.practice, waivers, unread, stopping.number)
