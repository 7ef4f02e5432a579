"""A plan as Markdown for a ticket, in GitHub's flavour; no text of it is taken for markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sprocket_tui.planning.plan import Plan
from sprocket_tui.reports import states
from sprocket_tui.reports.markdown import command
from sprocket_tui.reports.planned import view
from sprocket_tui.terminal import one_line

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$])")


def markdown(plan: Plan) -> str:
    """The verdict first, then what is missing, the window, costs, risks, every line, and what comes after."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    yield f"## {_text(plan.sentence)}"
    yield ""
    if plan.practice:
        yield f"**{_text(view.PRACTICE)}**"
        yield ""
    for label, text in view.facts(plan):
        yield f"- **{label}**: {_text(text)}"
    yield ""
    if plan.missing:
        yield "### Missing"
        yield ""
        for row in view.rows(plan.missing):
            run = f" Run {states.place(row.where)}:{command(row.command)}" if row.command else ""
            found = row.observed if row.observed.endswith((".", "?", "!", "…")) else f"{row.observed}."
            yield f"- [ ] **{row.state}** {_text(row.title)}: {_text(found)} {_text(row.remedy)}".rstrip() + run
        yield ""
    for table in (view.stages(plan), view.prices(plan), view.risks(plan), view.skills(plan)):
        yield from _table(table.title, table.head, table.rows)
        if table.note:
            yield _text(table.note)
            yield ""
    for title, rows in view.chapters(plan):
        cells = [(row.state, row.title, row.found, row.measured, row.until) for row in rows]
        yield from _table(title, ("State", "What", "Found", "When", "Valid until"), cells)
    for each in plan.guide.planning.after:
        yield f"### After: {_text(each.title)}"
        yield ""
        yield from (f"- [ ] {_text(work)}" for work in each.work)
        yield ""
    yield from _table("Where the written guide is wrong", ("About", "It says", "True", "Why"), view.corrections(plan))


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"### {_text(title)}"
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for cells in rows:
        yield f"| {' | '.join(_text(cell) for cell in cells)} |"
    yield ""


def _text(text: str) -> str:
    """Text that is nothing but text; an @ that would call somebody is parted from the name."""
    return _MARKUP.sub(r"\\\1", one_line(text)).replace("@", "@<!-- -->")
