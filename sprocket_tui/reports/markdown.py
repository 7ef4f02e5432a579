"""Reports as Markdown for a ticket, in GitHub's flavour (github.github.com/gfm): no text is taken for markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from sprocket_tui.reports import states
from sprocket_tui.reports.schema import CheckRow, Report
from sprocket_tui.terminal import clean, one_line

# What could be markup within a line; a backslash makes each of them literal.
_MARKUP = re.compile(r"([\\`*_{}\[\]#|~$])")
# GitHub looks for names, numbers and addresses in what is rendered: nothing but an empty comment keeps it from that.
_REFERENCES = re.compile(r"(?<=[@#])(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_LONG = 200


def markdown(reports: Sequence[Report]) -> str:
    """The verdict, a table of all checks (a column for each target), and below it what needs attention."""
    return "\n".join(_several(reports) if len(reports) > 1 else _single(reports[0])) + "\n"


def _single(report: Report) -> Iterator[str]:
    yield f"## {_title(report)}"
    yield ""
    yield from _facts(report)
    yield from rows(["State", "Check", "Observed", "Valid until"], [_line(row) for row in report.checks])
    yield from _attention(report, "###")


def _several(reports: Sequence[Report]) -> Iterator[str]:
    for report in reports:
        yield f"## {_title(report)}"
        yield ""
        yield from _facts(report)
    cells = [
        [literal(next(row.title for row in each if row)), *_beside(each)] for each in states.paired(reports).values()
    ]
    yield from rows(["Check", *(literal(report.target) for report in reports)], cells)
    for report in reports:
        if any(states.state(row) in states.OPENED for row in report.checks):
            yield f"### {code(report.target)}"
            yield ""
            yield from _attention(report, "####")


def _beside(each: Sequence[CheckRow | None]) -> Iterator[str]:
    """The states, with what was seen where it is not the same everywhere."""
    differ = states.differ(each)
    for row in each:
        seen = f": {literal(_cut(row.observed))}" if row and differ and row.observed else ""
        yield f"{_state(row)}{seen}" if row else ""


def _title(report: Report) -> str:
    practice = "PRACTICE, " if report.practice else ""
    return f"{practice}{code(report.target)}: {states.sentence(report.verdict)}"


def _facts(report: Report) -> Iterator[str]:
    if report.practice:
        yield f"**{literal(states.PRACTICE)}**"
        yield ""
    yield f"{literal(states.counts(report))}. {literal(states.rests_on(report))}"
    yield ""
    guide = f"{report.guide.name} {report.guide.version}"
    yield literal(f"Began at {states.moment(report.started)}, took {report.seconds:.1f} s; guide {guide}") + (
        f", sha256 {code(report.guide.digest)}."
    )
    yield ""
    if report.left_out:
        yield literal(states.left_out(report))
        yield ""


def _line(row: CheckRow) -> list[str]:
    until = states.moment(row.valid_until) if row.valid_until else ""
    return [_state(row), literal(row.title), literal(_cut(row.observed)), until]


def rows(head: Sequence[str], cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table of cells that are markup already."""
    for row in (head, ["---"] * len(head), *cells):
        yield f"| {' | '.join(row)} |"
    yield ""


def _attention(report: Report, level: str) -> Iterator[str]:
    for row in report.checks:
        if states.state(row) not in states.OPENED:
            continue
        yield f"{level} {_state(row)}: {literal(row.title)}"
        yield ""
        said = [
            ("Observed", row.observed),
            ("Expected", row.expected),
            ("Why", row.why),
            ("Waived", states.waived(row)),
        ]
        if row.remedy:
            said.append(("Do", row.remedy.text))
        for label, text in said:
            if text:
                yield f"- {label}: {literal(text)}"
        if row.remedy and row.remedy.command:
            yield f"- Run {states.where(row)}:{command(row.remedy.command)}"
        if row.recheck:
            yield f"- Check again:{command(row.recheck)}"
        if row.measured_at:
            yield f"- {literal(states.sentence(states.measured(row)))}"
        yield ""
        if row.evidence:
            yield from _folded(row.evidence)


def _folded(evidence: str) -> Iterator[str]:
    """What was printed, as it was; in HTML, so that no fence in it can end it."""
    lines = clean(evidence).splitlines()
    yield f"<details><summary>What was printed ({len(lines)} line{'' if len(lines) == 1 else 's'})</summary>"
    yield ""
    yield f"<pre>{escape(chr(10).join(lines))}</pre>"
    yield ""
    yield "</details>"
    yield ""


def _state(row: CheckRow) -> str:
    glyph = states.GLYPHS[states.state(row)]
    return f"{glyph} {row.state}{' (waived)' if row.waiver else ''}"


def _cut(text: str) -> str:
    flat = one_line(text)
    return flat if len(flat) <= _LONG else f"{flat[: _LONG - 1]}…"


def literal(text: str) -> str:
    """Literal text on one line, in a cell too; it links to nothing and calls nobody."""
    return _REFERENCES.sub("<!-- -->", _MARKUP.sub(r"\\\1", escape(one_line(text), quote=False)))


def code(text: str) -> str:
    """A code span that holds any text: its fence is longer than any in it."""
    flat = one_line(text)
    fence = "`" * (_backticks(flat) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def command(text: str) -> str:
    """A command at the end of a list's item, to be copied as it is: a span shows spaces beside each other as one."""
    exact = clean(text)
    if one_line(exact) == exact:
        return f" {code(exact)}"
    fence = "`" * max(3, _backticks(exact) + 1)
    return "\n\n" + "\n".join(f"  {line}" for line in (f"{fence}sh", *exact.split("\n"), fence))


def _backticks(text: str) -> int:
    """How many stand beside each other at most."""
    return max(map(len, re.findall("`+", text)), default=0)
