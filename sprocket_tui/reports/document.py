"""Verdicts as a report, and reports as JSON. The texts were cleaned and redacted where they entered."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

from sprocket_tui.checks.observation import Verdict
from sprocket_tui.checks.rollup import verdict_of
from sprocket_tui.exits import ended
from sprocket_tui.guide.model import Check, Guide
from sprocket_tui.reports.schema import CheckRow, GuideRow, RemedyRow, Report, WaiverRow
from sprocket_tui.values import JSON


def report(
    target: str,
    verdicts: Sequence[Verdict],
    *,
    guide: Guide,
    started: datetime,
    seconds: float,
    recheck: Sequence[str] = ("sprocket-tui", "check"),
    waived: Mapping[str, WaiverRow] | None = None,
    practice: bool = False,
    left_out: Sequence[str] = (),
    stopped: int = 0,
) -> Report:
    """The report of a check run: `target` is the link's url, `started` an aware time, `seconds` how long it took.

    `recheck` is the command that measures this target again, without `--only ID`. `waived` says by a check's id who
    answers for it. `left_out` are the checklists that judge what a deployment has made, and were not asked for.
    `stopped` is the signal that cut it short, 0 without one.
    """
    waivers = waived or {}
    word, code = verdict_of(verdicts, waivers)
    homes = _homes(guide)
    return Report.model_validate(
        {
            "target": target,
            "practice": practice,
            "verdict": word,
            "exit": ended(code, stopped),
            "started": started.astimezone(UTC).replace(microsecond=0),
            "seconds": round(seconds, 3),
            "guide": GuideRow(name=guide.name, version=guide.version, digest=guide.digest),
            "left_out": tuple(left_out),
            "complete": not stopped,
            "checks": tuple(
                _row(verdict, _home(verdict.id, homes), recheck, waivers.get(verdict.id)) for verdict in verdicts
            ),
        }
    )


def as_json(reports: Sequence[Report]) -> str:
    """One report as its document, several as an array of documents."""
    documents = [cast("JSON", each.model_dump(mode="json", by_alias=True)) for each in reports]
    return json.dumps(documents[0] if len(documents) == 1 else documents, indent=2) + "\n"


def _homes(guide: Guide) -> dict[str, tuple[str, Check]]:
    """Each check of the guide with the id of its checklist."""
    return {check.id: (checklist.id, check) for checklist in guide.checklists for check in checklist.checks}


def _home(id_: str, homes: Mapping[str, tuple[str, Check]]) -> tuple[str, Check] | None:
    """The checklist of a check and the check, also of one that a list made ("dns.layer-1.traefik")."""
    made = (each for each, (_, check) in homes.items() if check.for_each and id_.startswith(f"{each}."))
    return homes.get(id_ if id_ in homes else next(made, ""))


def _row(
    verdict: Verdict, home: tuple[str, Check] | None, recheck: Sequence[str], waiver: WaiverRow | None
) -> CheckRow:
    observation, remedy = verdict.observation, verdict.remedy
    checklist, ttl, compared = (home[0], home[1].ttl, home[1].compared) if home else ("", 0, ())
    at = datetime.fromtimestamp(observation.at, UTC) if observation.at else None
    return CheckRow.model_validate(
        {
            "id": verdict.id,
            "title": verdict.title,
            "state": verdict.state.value,
            "observed": verdict.observed,
            "expected": verdict.expected,
            "why": verdict.why,
            "remedy": remedy
            and RemedyRow.model_validate({"text": remedy.text, "command": remedy.line, "where": remedy.where}),
            "blocking": verdict.blocking,
            "blocked_by": verdict.blocked_by,
            "value": observation.value,
            "compared": compared,
            "reason": observation.reason,
            "seconds": round(observation.seconds, 3),
            "guide": verdict.guide,
            "checklist": checklist,
            "measured_at": at,
            "valid_until": at + timedelta(seconds=ttl) if at and ttl and observation.measured else None,
            "ttl": ttl,
            "evidence": observation.evidence,
            "recheck": shlex.join([*recheck, "--only", verdict.id]),
            "waiver": waiver,
        }
    )
