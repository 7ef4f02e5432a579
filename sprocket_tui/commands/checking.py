"""What `check` does once its targets are known: it measures, writes the documents, and ends with the verdict's code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from sprocket_tui.checks.rollup import CODES, WORDS
from sprocket_tui.commands import delivery, guides, measuring, waiving
from sprocket_tui.commands.delivery import Wanted
from sprocket_tui.commands.judging import Judged, Judging
from sprocket_tui.commands.measuring import Measuring
from sprocket_tui.commands.stopping import Stopping
from sprocket_tui.commands.targets import Goal
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import ended, worst
from sprocket_tui.faces.progress import Progress
from sprocket_tui.guide.model import Check, Checklist, Guide
from sprocket_tui.guide.resolve import Elements, expand_for_each, with_needs
from sprocket_tui.reports.formats import render


def checked(options: argparse.Namespace, documents: Sequence[Wanted], goals: Sequence[Goal]) -> int:
    """The verdict's exit code; the worst one of several targets."""
    guide = guides.chosen(options, runs_commands=True)
    known = measuring.known(options, guide)
    checks, elements = _selected(guide, options.checklist, options.only, options.skip)
    left_out = [] if options.checklist or options.only else [each.id for each in guide.checklists if _judges(each)]
    asked = waiving.wanted(options, guide)
    waiving.readable()
    if asked and len(goals) > 1:
        raise SprocketError("a waiver is of one target, and several are given", remedy="waive with one --target alone")
    stopping = Stopping()
    judging = Judging(guide, _again(options), left_out, asked)
    wanted = Measuring(
        guide, checks, goals, known, stopping, Progress(sys.stderr), several=len(goals) > 1, elements=elements
    )
    with stopping.heard():
        judged = _watched(wanted, judging, documents) if options.watch else _measured(wanted, judging)
    _found(elements, judged)
    reports = [each.report for each in judged]
    code = worst(each.code for each in judged)
    whole = all(each.complete for each in reports)
    verdict = WORDS[worst(CODES[each.verdict] for each in reports)]
    if not (options.watch and whole):
        try:
            delivery.deliver(documents, lambda name, style: render(name, reports, style))
        except SprocketError:
            # A document is lost, and what was found is not.
            sys.stderr.write(f"{verdict}\n")
            raise
    files = [each.output for each in documents if each.output is not None]
    if files:
        sys.stderr.write(f"{verdict}: {', '.join(files)}\n")
    if not whole:
        sys.stderr.write(measuring.CUT_SHORT)
        return ended(code, stopping.number)
    for each in judged:
        if each.refused:
            raise each.refused
    return code


def _measured(wanted: Measuring, judging: Judging) -> list[Judged]:
    found = wanted.found()
    stopped = wanted.stopping.number
    return [judging.judged(each, stopped) for each in found]


def _watched(wanted: Measuring, judging: Judging, documents: Sequence[Wanted]) -> list[Judged]:
    from sprocket_tui.commands import watching  # noqa: PLC0415 what compares reports costs time to load

    return watching.watch(wanted, judging, documents)


def _found(elements: Elements, judged: Sequence[Judged]) -> None:
    """Raises SprocketError where nothing is left, or for an element that `--only` names and a variable's list lacks."""
    seen = {row.id for each in judged for row in each.report.checks}
    if not seen:
        raise _nothing_left()
    for base, named in elements.only.items():
        for each in named:
            if base not in seen and each not in seen:
                raise SprocketError(
                    f"there is no check {each}", remedy=f"`--only {base}` measures the whole list of it"
                )


def _selected(
    guide: Guide, checklists: Sequence[str], only: Sequence[str], skip: Sequence[str]
) -> tuple[list[Check], Elements]:
    """The checks that the arguments name, with what `--only` needs, in the guide's order, and which elements of them.

    Without a name those that judge what a deployment has made are not among them.
    """
    lists = {each.id: each for each in guide.checklists}
    every = guide.checks()
    elements = Elements(_of_lists(only, every), frozenset(skip) - set(every))
    named, only = only, [_base(each, every) for each in only]
    _known([*only, *(_base(each, every) for each in skip)], every, "check")
    _there([*named, *skip], every)
    _known(checklists, lists, "checklist")
    _among(only, [lists[each] for each in checklists])
    meant = [each for each in guide.checklists if (each.id in checklists if checklists else not _judges(each))]
    chosen = with_needs(only, every) if only else [check.id for each in meant for check in each.checks]
    left = [every[each] for each in every if each in set(chosen) - set(skip)]
    if not left:
        raise _nothing_left()
    return left, elements


def _nothing_left() -> SprocketError:
    return SprocketError("no check is left to be measured", remedy="name fewer in --skip, or more in --only")


def _of_lists(only: Sequence[str], every: Mapping[str, Check]) -> dict[str, frozenset[str]]:
    """By the id of a list the elements of it that are named, where the list itself is not."""
    bases = {each: _base(each, every) for each in only}
    return {
        base: frozenset(each for each in only if bases[each] == base)
        for base in dict.fromkeys(bases.values())
        if base not in only
    }


def _base(given: str, every: Mapping[str, Check]) -> str:
    """The check that an id belongs to: its own, or the one whose list made it ("dns.layer-1.traefik")."""
    made = (each for each, check in every.items() if check.for_each and given.startswith(f"{each}."))
    return given if given in every else next(made, given)


def _there(named: Sequence[str], every: Mapping[str, Check]) -> None:
    """Raises SprocketError for an element that a list of the guide's own does not have."""
    for each in named:
        made = expand_for_each(every[base := _base(each, every)], {})
        ids = [item.element.id for item in made]
        if each != base and not any(item.missing for item in made) and each not in ids:
            raise SprocketError(f"there is no check {each}", remedy=f"{base} has {', '.join(ids)}")


def _among(only: Sequence[str], named: Sequence[Checklist]) -> None:
    """Raises SprocketError for a check that none of the checklists has that are named beside it."""
    held = {check.id for each in named for check in each.checks}
    for each in only:
        if named and each not in held:
            raise SprocketError(
                f"{each} is not of {' or '.join(one.id for one in named)}",
                remedy="--only measures the check alone, of whichever checklist: leave one of them out",
            )


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
    """The command that measures one check again, up to its target and its id: with every option that decides what."""
    options_of = ("profile", "ssh_config", "given", "guide", "trust_guide")
    named = [(f"--{name.replace('_', '-')}", getattr(options, name)) for name in options_of]
    # What is left out is no need of another check either.
    named += [("--skip", each) for each in options.skip]
    return ["sprocket-tui", "check", *(word for name, value in named if value for word in (name, value))]
