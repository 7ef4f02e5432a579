"""A step that failed: the one line that explains it, why, and what may help."""

from __future__ import annotations

import re
import shlex

from sprocket_tui import going_on
from sprocket_tui.faces.lines import skipped_before
from sprocket_tui.faces.tui.pages import verdicts
from sprocket_tui.faces.tui.pages.look import ALL, Look
from sprocket_tui.faces.tui.sight import StepSight
from sprocket_tui.faces.tui.spans import Line, joined, labelled, line, paragraph, sentence
from sprocket_tui.journal.events import Hinted, RemedyPrinted, RepairFound

# So many details are shown until a person asks for all.
_DETAILS = 4
# What a tool puts between its columns, which do not stay columns on a page.
_GAPS = re.compile(r" {3,}")


def trouble(step: StepSight, why: str, look: Look, *, bad: bool, practice: bool) -> list[Line]:
    """What failed, first cause first; then the likeliest hints, and checks that fail beside it.

    Without `bad` nothing failed: it could not be told how things are.
    """
    failing = [each for each in step.verdicts.values() if each["state"] in ("fail", "unknown", "warn")]
    groups = [paragraph(sentence(why), look.width, indent=1, role="fail" if bad else "plain")]
    attempt = step.own
    if attempt is not None and attempt.ended is not None and attempt.how in ("failed", "interrupted"):
        groups.append(_details(attempt.details, look))
    groups.append(
        [part for each in skipped_before(step.skipped) for part in paragraph(each, look.width, indent=1, role="warn")]
    )
    groups += [printed(step.printed, look)] if step.printed else []
    groups += [repair(step.repair, look)] if step.repair else []
    groups += [_hint(hint, look) for hint in step.hints]
    return joined([*groups, verdicts.table(failing, look), _rehearsed(look) if practice else []])


def refused(step: StepSight, why: str, look: Look) -> list[Line]:
    """A person said no: there is nothing to be mended, and what was left behind before is there as it was."""
    way = "Leaving keeps the run as it is. Going back asks again."
    left = repair(step.repair, look) if step.repair else []
    return joined(
        (
            paragraph(sentence(why), look.width, indent=1, role="title"),
            left,
            paragraph(way, look.width, indent=1, role="quiet"),
        )
    )


def _rehearsed(look: Look) -> list[Line]:
    """In a rehearsal somebody else's part is a command too."""
    command = going_on.own()
    if not command:
        return []
    told = (
        f"In practice, `{command} faults` in another terminal names what is wrong, and `{command} mend ID` does what "
        "is done elsewhere."
    )
    return paragraph(told, look.width, indent=1, role="quiet")


def repair(found: RepairFound, look: Look) -> list[Line]:
    """What was left half done, and why nothing can be done about it yet, if so."""
    lines = [line((" What was left behind", "title"))]
    for finding in found.findings:
        lines += paragraph(finding, look.width, indent=3)
    return lines + (paragraph(found.blocked, look.width, indent=3, role="warn") if found.blocked else [])


def printed(found: RemedyPrinted, look: Look) -> list[Line]:
    """What a remedy printed last, under its command."""
    lines = paragraph(shlex.join(found.argv), look.width, indent=1, role="accent")
    if found.more:
        lines.append(line((f"   {found.more} more line{'s' * (found.more != 1)} before these (l shows them)", "quiet")))
    for each in found.lines or ["It printed nothing."]:
        lines += paragraph(_GAPS.sub("  ", each), look.width, indent=3)
    return lines + (paragraph(f"It ended with {found.why}.", look.width, indent=3, role="warn") if found.why else [])


def remedy_command(step: StepSight) -> str:
    """The command that may help most: of the first hint that has one, else of the first failing check."""
    for hint in step.hints:
        if hint.command:
            return hint.command
    for verdict in step.verdicts.values():
        remedy = verdict["remedy"]
        if verdict["state"] == "fail" and isinstance(remedy, dict) and remedy["command"]:
            return str(remedy["command"])
    return ""


def _details(details: list[str], look: Look) -> list[Line]:
    shown = details if ALL in look.unfolded else details[:_DETAILS]
    lines = [part for each in shown for part in paragraph(each, look.width, indent=3)]
    more = len(details) - len(shown)
    return lines + ([line((f"   {more} more (a shows them)", "quiet"))] if more else [])


def _hint(hint: Hinted, look: Look) -> list[Line]:
    lines = paragraph(hint.title, look.width, indent=1, role="title")
    lines += labelled("cause", hint.cause, look.width, indent=3, column=8)
    lines += labelled("do", hint.remedy, look.width, indent=3, column=8)
    return lines + (
        labelled("run", hint.command, look.width, indent=3, column=8, role="accent") if hint.command else []
    )
