"""A plan as one HTML file: nothing is loaded from elsewhere, it prints on paper and is read on a phone."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from sprocket_tui.planning.plan import Plan
from sprocket_tui.reports import states
from sprocket_tui.reports.planned import view


def html(plan: Plan) -> str:
    """The whole page; every text is escaped."""
    return _template().render(
        plan=plan,
        practice=view.PRACTICE if plan.practice else "",
        facts=view.facts(plan),
        better=view.better(plan),
        missing=view.rows(plan.missing),
        tables=[view.stages(plan), view.prices(plan), view.risks(plan), view.skills(plan)],
        chapters=view.chapters(plan),
        corrections=view.corrections(plan),
        counts=view.counts(plan),
        place=states.place,
        made=view.moment(plan.now),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("sprocket_tui.reports.planned", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("plan.html.jinja")
