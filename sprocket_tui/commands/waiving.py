"""`--waive ID --reason TEXT --until DATE` of `check`, and `waivers`, which lists and forgets what that kept."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sprocket_tui.checks import waivers
from sprocket_tui.checks.observation import Verdict
from sprocket_tui.checks.waivers import Waiver
from sprocket_tui.commands import targets
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.guide.model import Check, Guide
from sprocket_tui.guide.problems import unknown
from sprocket_tui.terminal import one_line


@dataclass(frozen=True)
class Wanted:
    """One waiver that a person asks for."""

    id: str
    reason: str
    until: date


def wanted(options: argparse.Namespace, guide: Guide) -> list[Wanted]:
    """The triples in the order given. Raises SprocketError for all that can be refused before anything is measured."""
    ids, reasons, untils = options.waive, options.reason, options.until
    if not len(ids) == len(reasons) == len(untils):
        raise SprocketError(
            "every --waive has its own --reason and --until",
            remedy='--waive ID --reason "why you answer for it" --until 2030-01-31',
        )
    every = guide.checks()
    found: list[Wanted] = []
    for id_, reason, until in zip(ids, reasons, untils, strict=True):
        check = _check(id_, every)
        if check is None:
            raise SprocketError(unknown("check", id_, every), remedy="give --waive the id that the report says")
        if not check.waivable:
            raise SprocketError(
                f"{id_} cannot be waived: {check.why}", remedy="do what the report says about it instead"
            )
        if not one_line(reason):
            raise SprocketError(f"the reason for waiving {id_} is empty", remedy="say why you answer for it")
        try:
            day = date.fromisoformat(until)
        except ValueError:
            raise SprocketError(f"{until!r} is no day", remedy="give --until a day as 2030-01-31") from None
        waivers.check_dates(id_, day, _today())
        found.append(Wanted(id_, one_line(reason), day))
    return found


def waived(
    target: str, verdicts: Sequence[Verdict], asked: Sequence[Wanted], guide: Guide
) -> tuple[tuple[Verdict, ...], dict[str, Waiver], SprocketError | None]:
    """The verdicts with what became of waivers, those that hold by id, and why the new ones were refused, if they were.

    The new ones are kept together or not at all; what keeps the file from being read or written is told like a refusal,
    since what was measured is not lost by that.
    """
    every, today = guide.checks(), _today()
    kept, given, refused = dict[str, Waiver](), dict[str, Waiver](), None
    try:
        kept = waivers.load(target)
        new = {
            each.id: waivers.give(
                verdicts, each.id, by=targets.driver(), reason=each.reason, until=each.until, today=today
            )
            for each in asked
        }
        if new:
            path = waivers.keep(target, new)
            sys.stderr.write(f"Kept {len(new)} waiver{'' if len(new) == 1 else 's'} in {path}\n")
        given = new
    except SprocketError as error:
        refused = error
    unwaivable = frozenset(each.id for each in verdicts if (check := _check(each.id, every)) and not check.waivable)
    told, holding = waivers.applied(verdicts, {**kept, **given}, unwaivable, today)
    return told, holding, refused


def readable() -> None:
    """Raises SprocketError for a file of waivers that cannot be read: before anything is measured."""
    waivers.everything()


def command(options: argparse.Namespace) -> int:
    """list, or forget ID."""
    if options.what == "forget":
        if not options.id:
            raise SprocketError("no check is named", remedy="sprocket-tui waivers forget ID --target URL")
        path = waivers.forget(targets.named(options), options.id)
        sys.stderr.write(f"The waiver of {options.id} is no more in {path}\n")
        return Exit.GO
    every, today = waivers.everything(), _today()
    if not every:
        sys.stdout.write("No waiver is kept.\n")
    for target, kept in every.items():
        for id_, each in kept.items():
            over = " (over)" if each.until < today else ""
            sys.stdout.write(one_line(f"{target} {id_} until {each.until}{over} by {each.by}: {each.reason}") + "\n")
    return Exit.GO


def _check(id_: str, every: Mapping[str, Check]) -> Check | None:
    """The check of that id, also where a list made it ("dns.layer-1.traefik")."""
    made = (check for each, check in every.items() if check.for_each and id_.startswith(f"{each}."))
    return every.get(id_) or next(made, None)


def _today() -> date:
    """The day where the person is who gives one."""
    return datetime.now(UTC).astimezone().date()
