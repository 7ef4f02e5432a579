"""`check`: a checklist-only dry run. It asks nothing, changes nothing, and says why when it cannot measure."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from sprocket_tui.checks.pace import INTERRUPTED
from sprocket_tui.commands import delivery, guides, targets, waiving
from sprocket_tui.commands.stopping import Stopping
from sprocket_tui.commands.targets import Goal
from sprocket_tui.engine.book import defaults
from sprocket_tui.engine.dry_run import conclude, dry_run
from sprocket_tui.errors import SprocketError, Unreachable
from sprocket_tui.faces import given
from sprocket_tui.faces.given import Given
from sprocket_tui.faces.progress import Progress
from sprocket_tui.guide.model import Check, Checklist, Guide
from sprocket_tui.guide.resolve import with_needs
from sprocket_tui.reports import document
from sprocket_tui.reports.formats import render
from sprocket_tui.reports.schema import WaiverRow
from sprocket_tui.target.link import Identity, Link
from sprocket_tui.target.ssh.asking import Headless
from sprocket_tui.values import JSON


def check(options: argparse.Namespace) -> int:
    """Measures, writes one document, returns the verdict's exit code."""
    documents = delivery.wanted(options)
    goal = targets.goal(options)
    guide = guides.chosen(options, runs_commands=True)
    known = given.load(Path(options.given), guide) if options.given is not None else Given()
    checks = _selected(guide, options.checklist, options.only, options.skip)
    left_out = [] if options.checklist or options.only else [each.id for each in guide.checklists if _judges(each)]
    asked = waiving.wanted(options, guide)
    started, begun = datetime.now(UTC), time.monotonic()
    profile = goal.profile
    met: list[Identity] = []

    stopping, progress = Stopping(), Progress(sys.stderr)

    def connect() -> Link:
        try:
            with stopping.raised():
                link = goal.connect(Headless())
        except KeyboardInterrupt:
            raise Unreachable(INTERRUPTED) from None
        met.append(link.identity)
        return link

    with stopping.heard():
        verdicts = dry_run(
            guide,
            checks,
            connect,
            {**_values(guide, goal), **known.values},
            known.secrets,
            path=profile.path,
            sudo=profile.sudo == "yes",
            stopped=lambda: stopping.number != 0,
            teller=progress,
        )
    progress.clear()
    seconds = time.monotonic() - begun
    # What was cut short is no observation that anybody can answer for.
    asked = [] if stopping.number else asked
    verdicts, waived, refused = waiving.waived(goal.url, verdicts, asked, guide)
    word, code = conclude(verdicts, waived)
    practice = profile.practice or any(host.practice for host in met)
    report = document.report(
        goal.url,
        verdicts,
        guide=guide,
        started=started,
        seconds=seconds,
        recheck=_again(options),
        waived={id_: WaiverRow(by=each.by, reason=each.reason, until=each.until) for id_, each in waived.items()},
        practice=practice,
        left_out=left_out,
        complete=stopping.number == 0,
    )
    delivery.deliver(documents, lambda name, style: render(name, [report], style))
    files = [each.output for each in documents if each.output is not None]
    if files:
        sys.stderr.write(f"{word}: {', '.join(files)}\n")
    if stopping.number:
        sys.stderr.write("sprocket-tui: interrupted; what was not measured by then is unknown\n")
        return 128 + stopping.number
    if refused:
        raise refused
    return code


def _values(guide: Guide, goal: Goal) -> dict[str, JSON]:
    """What is known without asking: defaults, and the profile's fields where one was given."""
    known = goal.profile.values()
    return defaults(guide.vars) | {var.name: known[var.profile] for var in guide.vars if var.profile in known}


def _selected(guide: Guide, checklists: Sequence[str], only: Sequence[str], skip: Sequence[str]) -> list[Check]:
    """The checks that the arguments name, with what `--only` needs, in the guide's order.

    Without a name those that judge what a deployment has made are not among them.
    """
    lists = {each.id: each for each in guide.checklists}
    every = guide.checks()
    only, skip = ([_base(each, every) for each in given] for given in (only, skip))
    _known(checklists, lists, "checklist")
    _known([*only, *skip], every, "check")
    meant = [each for each in guide.checklists if (each.id in checklists if checklists else not _judges(each))]
    chosen = with_needs(only, every) if only else [check.id for each in meant for check in each.checks]
    left = [every[each] for each in every if each in set(chosen) - set(skip)]
    if not left:
        raise SprocketError("no check is left to be measured", remedy="name fewer in --skip, or more in --only")
    return left


def _base(given: str, every: Mapping[str, Check]) -> str:
    """The check that an id belongs to: its own, or the one whose list made it ("dns.layer-1.traefik")."""
    made = (each for each, check in every.items() if check.for_each and given.startswith(f"{each}."))
    return given if given in every else next(made, given)


def _known(given: Sequence[str], valid: Mapping[str, object], what: str) -> None:
    for name in given:
        if name not in valid:
            near = get_close_matches(name, list(valid), 1)
            hint = f"did you mean {near[0]}" if near else f"known are {', '.join(valid)}"
            raise SprocketError(f"there is no {what} {name}", remedy=hint)


def _judges(checklist: Checklist) -> bool:
    """Whether it judges what a deployment has made, and so has nothing to say before one."""
    return checklist.moment == "after"


def _again(options: argparse.Namespace) -> list[str]:
    """The command that measures one check again, up to its id."""
    options_of = ("target", "profile", "ssh_config", "given")
    named = {f"--{name.replace('_', '-')}": getattr(options, name) for name in options_of}
    return ["sprocket-tui", "check", *(word for name, value in named.items() if value for word in (name, value))]
