"""A plan as JSON: schema 1, every line with what was found, when, and until when that holds."""

from __future__ import annotations

from datetime import datetime

from sprocket_tui.guide.planning import Range
from sprocket_tui.planning.costs import share
from sprocket_tui.planning.line import Line
from sprocket_tui.planning.plan import Plan
from sprocket_tui.planning.window import Window
from sprocket_tui.reports.planned.view import row
from sprocket_tui.values import JSON


def document(plan: Plan) -> dict[str, JSON]:
    """Times are ISO 8601 with offset, durations minutes, money US dollars."""
    planning = plan.guide.planning
    return {
        "schema": 1,
        "kind": "plan",
        "practice": plan.practice,
        "target": plan.target,
        "verdict": plan.word,
        "exit_code": int(plan.code),
        "sentence": plan.sentence,
        "made": plan.now.isoformat(timespec="seconds"),
        "timezone": plan.zone,
        "guide": {"name": plan.guide.name, "version": plan.guide.version, "digest": plan.guide.digest},
        "people": plan.crew.people,
        "experience": plan.crew.experience,
        "window": _window(plan.window),
        "latest_start": _moment(plan.latest),
        "next_window": _window(plan.better) if plan.better else None,
        "stages": [
            {
                "id": each.stage.id,
                "title": each.stage.title,
                "prepared": each.stage.prepared,
                "minutes": _range(each.minutes),
                **next(
                    (
                        {"starts": _moment(spot.starts), "ends": _moment(spot.ends)}
                        for spot in plan.window.spots
                        if spot.timed is each
                    ),
                    {"starts": None, "ends": None},
                ),
            }
            for each in plan.stages
        ],
        "costs": {
            "month": _range(plan.costs.month),
            "year": _range(plan.costs.year),
            "once": _range(plan.costs.once),
            "hours": _range(plan.costs.hours),
            "items": [
                {
                    "id": each.id,
                    "title": each.title,
                    "per": each.per,
                    "adds": _range(share(each, plan.costs.hours)),
                    "source": each.price.source,
                    "dated": each.price.dated.isoformat(),
                }
                for each in planning.costs
            ],
        },
        "risks": [
            {
                "id": each.risk.id,
                "title": each.risk.title,
                "likely": each.likely,
                "usually": each.usual,
                "impact": _range(each.risk.impact),
                "prevention": each.risk.prevention,
                "raised_by": [verdict.id for verdict in each.raised_by],
                "lowered_by": [verdict.id for verdict in each.lowered_by],
            }
            for each in plan.risks
        ],
        "lines": [_line(line) for line in plan.lines],
        "missing": [line.verdict.id for line in plan.missing],
        "weakest": plan.weakest.verdict.id if plan.weakest else None,
        "after": [{"id": each.id, "title": each.title, "work": list(each.work)} for each in planning.after],
    }


def _line(line: Line) -> dict[str, JSON]:
    said = row(line)
    return {
        "id": said.id,
        "chapter": line.chapter,
        "title": said.title,
        "state": said.state,
        "blocking": said.blocking,
        "observed": said.observed,
        "expected": said.expected,
        "why": said.why,
        "remedy": said.remedy,
        "source": line.source,
        "measured": _moment(line.measured),
        "valid_until": _moment(line.until),
        "guide": list(line.verdict.guide),
    }


def _window(window: Window) -> dict[str, JSON]:
    return {
        "said": str(window),
        "starts": _moment(window.starts),
        "soonest_end": _moment(window.soonest),
        "ends": _moment(window.ends),
    }


def _range(given: Range) -> dict[str, JSON]:
    return {"at_least": round(given.at_least, 2), "at_most": round(given.at_most, 2)}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="minutes") if moment else None
