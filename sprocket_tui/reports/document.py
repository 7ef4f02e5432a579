"""Verdicts as a JSON document. The texts in it were cleaned and redacted where they entered."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import cast

from sprocket_tui.checks.observation import Remedy, Verdict
from sprocket_tui.checks.rollup import verdict_of
from sprocket_tui.guide.model import Guide
from sprocket_tui.reports.schema import CheckRow, GuideRow, RemedyRow, Report
from sprocket_tui.values import JSON


def document(
    target: str,
    verdicts: Sequence[Verdict],
    *,
    guide: Guide,
    started: datetime,
    seconds: float,
    waived: Collection[str] = (),
    practice: bool = False,
    left_out: Sequence[str] = (),
) -> dict[str, JSON]:
    """The report of a check run: `target` is the link's url, `started` an aware time, `seconds` how long it took.

    `left_out` are the checklists that judge what a deployment has made, and were not asked for.
    """
    word, code = verdict_of(verdicts, waived)
    report = Report.model_validate(
        {
            "target": target,
            "practice": practice,
            "verdict": word,
            "exit": int(code),
            "started": started.astimezone(UTC).replace(microsecond=0),
            "seconds": round(seconds, 3),
            "guide": GuideRow(name=guide.name, version=guide.version, digest=guide.digest),
            "left_out": tuple(left_out),
            "checks": tuple(_row(verdict) for verdict in verdicts),
        }
    )
    return cast("dict[str, JSON]", report.model_dump(mode="json", by_alias=True))


def verdict_document(verdict: Verdict) -> dict[str, JSON]:
    """One row of `checks`."""
    return cast("dict[str, JSON]", _row(verdict).model_dump(mode="json"))


def command_line(remedy: Remedy) -> str:
    """The remedy's command as one line to paste, or nothing."""
    return shlex.join(remedy.command)


def _row(verdict: Verdict) -> CheckRow:
    observation, remedy = verdict.observation, verdict.remedy
    return CheckRow.model_validate(
        {
            "id": verdict.id,
            "title": verdict.title,
            "state": verdict.state.value,
            "observed": verdict.observed,
            "expected": verdict.expected,
            "why": verdict.why,
            "remedy": remedy
            and RemedyRow.model_validate({"text": remedy.text, "command": command_line(remedy), "where": remedy.where}),
            "blocking": verdict.blocking,
            "blocked_by": verdict.blocked_by,
            "value": observation.value,
            "reason": observation.reason,
            "seconds": round(observation.seconds, 3),
            "guide": verdict.guide,
        }
    )
