"""`plan`: go or no-go for one date, with its window, people, costs and risks. It changes nothing."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sprocket_tui.checks.observation import Verdict
from sprocket_tui.commands import delivery, guides, targets
from sprocket_tui.engine.book import defaults
from sprocket_tui.engine.dry_run import dry_run
from sprocket_tui.errors import SprocketError
from sprocket_tui.faces import given
from sprocket_tui.faces.given import Given
from sprocket_tui.guide.model import Guide
from sprocket_tui.planning import settings
from sprocket_tui.planning.plan import Plan
from sprocket_tui.planning.plan import plan as planned
from sprocket_tui.planning.settings import Hours
from sprocket_tui.planning.when import parse
from sprocket_tui.planning.window import Crew
from sprocket_tui.reports.planned.document import document
from sprocket_tui.reports.planned.html import html
from sprocket_tui.reports.planned.markdown import markdown
from sprocket_tui.reports.planned.table import table
from sprocket_tui.reports.table import Style
from sprocket_tui.target.link import Identity, Link
from sprocket_tui.target.ssh.asking import Headless

_FORMATS: dict[str, Callable[[Plan, Style], str]] = {
    "table": table,
    "json": lambda plan, _: json.dumps(document(plan), indent=2) + "\n",
    "markdown": lambda plan, _: markdown(plan),
    "html": lambda plan, _: html(plan),
}


def plan(options: argparse.Namespace) -> int:
    """Judges a date, with what a target or profile measures where one is given; returns the verdict's exit code."""
    documents = delivery.wanted(options)
    measures = bool(options.target or options.profile)
    guide = guides.chosen(options, runs_commands=measures)
    if not guide.planning.stages:
        raise SprocketError(
            f"the guide {guide.name} says nothing of planning",
            remedy="name a file with stages under planning: in its index (docs/writing-guides.md)",
        )
    own = settings.load(guide.planning)
    opens = (own.business_hours or Hours()).opens
    at = parse(options.at, datetime.now(UTC), own.zone(), opens)
    target, verdicts, practice = _measured(options, guide) if measures else ("", (), False)
    found = planned(
        guide,
        own,
        Crew(options.team, options.experience),
        at,
        datetime.now(UTC),
        verdicts,
        target=target,
        practice=practice,
    )
    delivery.deliver(documents, lambda name, style: _FORMATS[name](found, style))
    if all(each.output for each in documents):
        sys.stderr.write(f"{found.sentence}\n")
    return found.code


def _measured(options: argparse.Namespace, guide: Guide) -> tuple[str, tuple[Verdict, ...], bool]:
    """The target, what the checks of before a deployment came to there, and whether it is a rehearsal's."""
    goal = targets.goal(options)
    known = given.load(Path(options.given), guide) if options.given is not None else Given()
    fields = goal.profile.values()
    values = defaults(guide.vars) | {var.name: fields[var.profile] for var in guide.vars if var.profile in fields}
    met: list[Identity] = []

    def connect() -> Link:
        link = goal.connect(Headless())
        met.append(link.identity)
        return link

    verdicts = dry_run(
        guide,
        [check for each in guide.checklists if each.moment == "before" for check in each.checks],
        connect,
        {**values, **known.values},
        known.secrets,
        path=goal.profile.path,
        sudo=goal.profile.sudo == "yes",
    )
    return goal.url, verdicts, goal.profile.practice or any(host.practice for host in met)
