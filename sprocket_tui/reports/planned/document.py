"""A plan as its document: every line with what was found, when, and until when that holds."""

from __future__ import annotations

import json
from datetime import datetime

from sprocket_tui.exits import ended
from sprocket_tui.guide.planning import Range
from sprocket_tui.planning.costs import share
from sprocket_tui.planning.line import Line
from sprocket_tui.planning.plan import Plan
from sprocket_tui.planning.window import Window
from sprocket_tui.reports.planned.schema import (
    AfterRow,
    CostRow,
    CostsRow,
    LineRow,
    PlanDocument,
    RangeRow,
    RiskRow,
    StageRow,
    WindowRow,
)
from sprocket_tui.reports.planned.view import row, waived
from sprocket_tui.reports.schema import GuideRow


def as_json(plan: Plan) -> str:
    """The document as text."""
    return json.dumps(document(plan).model_dump(mode="json", by_alias=True), indent=2) + "\n"


def document(plan: Plan) -> PlanDocument:
    """See `PlanDocument`."""
    planning = plan.guide.planning
    return PlanDocument.model_validate(
        {
            "practice": plan.practice,
            "target": plan.target,
            "verdict": plan.word,
            "exit_code": ended(plan.code, plan.stopped),
            "complete": not plan.stopped,
            "sentence": plan.sentence,
            "made": _second(plan.now),
            "timezone": plan.zone,
            "guide": GuideRow(name=plan.guide.name, version=plan.guide.version, digest=plan.guide.digest),
            "people": plan.crew.people,
            "experience": plan.crew.experience,
            "understood": plan.understood,
            "window": _window(plan.window),
            "latest_start": _minute(plan.latest.moment),
            "next_window": _window(plan.better) if plan.better else None,
            "stages": _stages(plan),
            "costs": _costs(plan),
            "risks": tuple(
                RiskRow(
                    id=each.risk.id,
                    title=each.risk.title,
                    likely=each.likely,
                    usually=each.usual,
                    impact=_range(each.risk.impact),
                    prevention=each.risk.prevention,
                    raised_by=tuple(verdict.id for verdict in each.raised_by),
                    lowered_by=tuple(verdict.id for verdict in each.lowered_by),
                )
                for each in plan.risks
            ),
            "lines": tuple(_line(line) for line in plan.lines),
            "missing": tuple(line.verdict.id for line in plan.missing),
            "weakest": plan.weakest.verdict.id if plan.weakest else None,
            "after": tuple(AfterRow(id=each.id, title=each.title, work=tuple(each.work)) for each in planning.after),
        }
    )


def _stages(plan: Plan) -> tuple[StageRow, ...]:
    spots = {id(spot.timed): spot for spot in plan.window.spots}
    return tuple(
        StageRow(
            id=each.stage.id,
            title=each.stage.title,
            prepared=each.stage.prepared,
            minutes=_range(each.minutes),
            starts=_minute(spots[id(each)].starts) if id(each) in spots else None,
            ends=_minute(spots[id(each)].ends) if id(each) in spots else None,
        )
        for each in plan.stages
    )


def _costs(plan: Plan) -> CostsRow:
    items = tuple(
        CostRow(
            id=each.id,
            title=each.title,
            per=each.per,
            adds=_range(share(each, plan.costs.hours)),
            source=each.price.source,
            dated=each.price.dated,
        )
        for each in plan.guide.planning.costs
    )
    costs = plan.costs
    return CostsRow(
        month=_range(costs.month),
        year=_range(costs.year),
        once=_range(costs.once),
        hours=_range(costs.hours),
        items=items,
    )


def _line(line: Line) -> LineRow:
    said = row(line)
    return LineRow.model_validate(
        {
            "id": said.id,
            "chapter": line.chapter,
            "title": said.title,
            "state": said.state,
            "blocking": said.blocking,
            "observed": said.observed,
            "expected": said.expected,
            "why": said.why,
            "remedy": said.remedy,
            "command": said.command,
            "where": said.where,
            "source": line.source,
            "measured": _second(line.measured),
            "valid_until": _second(line.until),
            "guide": tuple(line.verdict.guide),
            "waiver": waived(line),
        }
    )


def _window(window: Window) -> WindowRow:
    return WindowRow(
        said=str(window),
        starts=window.starts.replace(second=0, microsecond=0),
        soonest_end=window.soonest.replace(second=0, microsecond=0),
        ends=window.ends.replace(second=0, microsecond=0),
    )


def _range(given: Range) -> RangeRow:
    return RangeRow(at_least=round(given.at_least, 2), at_most=round(given.at_most, 2))


def _minute(moment: datetime | None) -> datetime | None:
    return moment.replace(second=0, microsecond=0) if moment else None


def _second(moment: datetime | None) -> datetime | None:
    return moment.replace(microsecond=0) if moment else None
