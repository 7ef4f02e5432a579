"""From what was measured on a target to its report: waivers are put over it, and a word and an exit code are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sprocket_tui.checks.rollup import CODES
from sprocket_tui.commands import waiving
from sprocket_tui.commands.measuring import Found
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit, worst
from sprocket_tui.guide.model import Guide
from sprocket_tui.reports import document
from sprocket_tui.reports.schema import Report, WaiverRow


@dataclass(frozen=True)
class Judged:
    """The report of one target, the exit code of what was found, and why new waivers were refused, if they were."""

    report: Report
    code: Exit
    refused: SprocketError | None = None


@dataclass(frozen=True)
class Judging:
    """What does not change from target to target. `recheck` is the command that measures again, up to `--target`."""

    guide: Guide
    recheck: Sequence[str]
    left_out: Sequence[str]
    asked: Sequence[waiving.Wanted] = ()

    def judged(self, found: Found, stopped: int) -> Judged:
        """Its report; `stopped` is the signal that came, 0 without one.

        What was cut short is no observation that anybody can answer for.
        """
        asked = () if stopped else self.asked
        url = found.goal.url
        verdicts, waived, refused = waiving.waived(url, found.verdicts, asked, self.guide)
        report = document.report(
            url,
            verdicts,
            guide=self.guide,
            started=found.started,
            seconds=found.seconds,
            recheck=[*self.recheck, *(["--target", url] if found.goal.named else [])],
            waived={id_: WaiverRow(by=each.by, reason=each.reason, until=each.until) for id_, each in waived.items()},
            practice=found.practice,
            left_out=self.left_out,
            stopped=stopped,
        )
        return Judged(report, worst([CODES[report.verdict], found.code]), refused)
