"""What every format says alike: the signs of the states, the summary of a report, and what its verdict rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from sprocket_tui.checks.observation import State
from sprocket_tui.reports.schema import CheckRow, Report, WaiverRow
from sprocket_tui.terminal import one_line, shortened

GLYPHS = {State.PASS: "✓", State.WARN: "!", State.FAIL: "✗", State.UNKNOWN: "?", State.SKIPPED: "-"}
ORDER = (State.PASS, State.WARN, State.FAIL, State.UNKNOWN, State.SKIPPED)
OPENED = {State.FAIL, State.UNKNOWN, State.WARN}
_SHORT = 60
PRACTICE = "PRACTICE: a rehearsal's droplet was measured; this says nothing about a real one."


def state(row: CheckRow) -> State:
    return State(row.state)


def glyph(row: CheckRow) -> str:
    return GLYPHS[state(row)]


def opened(row: CheckRow) -> bool:
    """Whether it needs attention, so that all of it is shown."""
    return state(row) in OPENED


def counts(report: Report) -> str:
    """ "12 checks: 9 pass, 2 fail, 1 skipped; 1 waived", with "interrupted" where a signal cut them short."""
    counted = Counter(state(row) for row in report.checks)
    told = ", ".join(f"{counted[each]} {each}" for each in ORDER if counted[each])
    told += counted_waived(sum(row.waiver is not None for row in report.checks))
    plural = "" if len(report.checks) == 1 else "s"
    cut = "" if report.complete else ", interrupted"
    return f"{len(report.checks)} check{plural}{cut}" + (f": {told}" if told else "")


def counted_waived(number: int) -> str:
    """What ends a count of states: how many of them somebody answers for; nothing where it is none."""
    return f"; {number} waived" if number else ""


def summary(report: Report) -> str:
    """ "12 checks: 9 pass, 2 fail, 1 skipped. No-go." """
    return f"{counts(report)}. {sentence(report.verdict)}."


def sentence(text: str) -> str:
    """`text` with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def left_out(report: Report) -> str:
    """The sentence about checklists that were not measured; nothing where all were."""
    if not report.left_out:
        return ""
    named = ", ".join(map(one_line, report.left_out))
    return f"Left out: {named}. What they judge is made by a deployment; name them to measure it."


def weakest(report: Report) -> CheckRow | None:
    """The check that the verdict rests on: the worst that nobody answers for, or the pass that expires first.

    A blocked check is passed over: what blocks it is worse. Nothing where nothing was measured.
    """
    rows = [row for row in report.checks if not row.blocked_by and state(row) is not State.SKIPPED]
    return min(rows, key=_strength, default=None)


def rests_on(report: Report) -> str:
    """The sentence that ends a verdict: its weakest evidence, and until when it counts."""
    row = weakest(report)
    if row is None:
        return "Nothing was measured."
    said = f"Its weakest evidence: {one_line(row.title)} ({row.state}): {one_line(row.observed) or 'nothing was said'}"
    end = "" if said.endswith((".", "?", "!", "…")) else "."
    return f"{said}{end} {sentence(measured(row))}."


def measured(row: CheckRow) -> str:
    """When it was measured, and until when that counts."""
    at = f"measured at {moment(row.measured_at)}" if row.measured_at else "never measured"
    return f"{at}, valid until {moment(row.valid_until)}" if row.valid_until else at


def moment(at: datetime) -> str:
    """ "2026-11-24 02:00:05 UTC" """
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def where(row: CheckRow) -> str:
    """Where the remedy's command runs."""
    return place(row.remedy.where if row.remedy else "here")


def place(where: str) -> str:
    """ "on the droplet" or "here" """
    return "on the droplet" if where == "droplet" else "here"


def waived(row: CheckRow) -> str:
    """Who answers for it, as words; nothing where nobody does."""
    return answered(row.waiver) if row.waiver else ""


def answered(waiver: WaiverRow) -> str:
    """ "by ann@laptop until 2026-12-01: it is a lab" """
    by = f"by {one_line(waiver.by)} " if waiver.by else ""
    return f"{by}until {waiver.until}: {one_line(waiver.reason)}"


def paired(reports: Sequence[Report]) -> dict[str, list[CheckRow | None]]:
    """Each check id with its row in every report, in the order of the first report that has it."""
    ids = dict.fromkeys(row.id for report in reports for row in report.checks)
    rows = [{row.id: row for row in report.checks} for report in reports]
    return {id_: [each.get(id_) for each in rows] for id_ in ids}


def differ(rows: Sequence[CheckRow | None]) -> bool:
    """Whether a check came out differently on the targets that have it: another state, or something else seen."""
    return len({(row.state, row.observed) for row in rows if row}) > 1


def beside(rows: Sequence[CheckRow | None]) -> str:
    """What was observed on several targets: once where it is the same on all, else shortly by their numbers."""
    said = {number: one_line(row.observed) for number, row in enumerate(rows, 1) if row}
    if len(set(said.values())) == 1:
        return next(iter(said.values()))
    return "  ".join(f"[{number}] {shortened(text, _SHORT)}" for number, text in said.items())


def _strength(row: CheckRow) -> tuple[int, int, float]:
    """Weakest first: what decides the verdict, what else did not pass, what is waived, what expires first."""
    found = state(row)
    decides = row.blocking and found in {State.FAIL, State.UNKNOWN}
    rank = 3 if found is State.PASS else 2 if row.waiver else 0 if decides else 1
    return rank, list(State).index(found), row.valid_until.timestamp() if row.valid_until else 0.0
