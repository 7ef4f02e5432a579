"""What changed between two reports: by check id, in states and in what was measured. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from sprocket_tui.checks.observation import State
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.guide.conditions import Missing
from sprocket_tui.reports import states
from sprocket_tui.reports.differing import Found, differing
from sprocket_tui.reports.schema import CheckRow, Report, StateText
from sprocket_tui.values import JSON

SCHEMA = "sprocket-tui/report-diff/1"
Kind = Literal["new", "worse", "skipped", "better", "fixed", "changed", "added", "gone"]
KINDS: tuple[Kind, ...] = ("new", "worse", "skipped", "better", "fixed", "changed", "added", "gone")
_RANKS = {State.PASS: 0, State.SKIPPED: 0, State.WARN: 1, State.UNKNOWN: 2, State.FAIL: 3}


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True, populate_by_name=True)


class Side(_Row):
    """One of the two reports."""

    target: str
    started: AwareDatetime
    verdict: str
    guide: str


class Seen(_Row):
    """What one report says of the check; `state` is null where it does not have it."""

    state: StateText | None = None
    observed: str = ""
    value: JsonValue = None


class Differs(_Row):
    """A place in the value whose content is another one; of two lists what only one has. Null is also absent."""

    place: str
    before: JsonValue
    after: JsonValue


class Change(_Row):
    """A check that is not as it was.

    `kind`: new (passed or was not there, and does not pass), worse and better (neither passes), skipped (it
    does not apply any more, which mends nothing), fixed (passes), changed (what was seen and counts, not how it is
    judged), added and gone. `blocks` says that it keeps a deployment from going on now. `differs` is what
    made it changed.
    """

    id: str
    title: str
    kind: Kind
    blocks: bool
    before: Seen
    after: Seen
    differs: tuple[Differs, ...] = ()
    recheck: str = ""


class Difference(_Row):
    """Two reports of one target; `notes` say what else differs between them, so that they may not be comparable."""

    schema_: Annotated[Literal["sprocket-tui/report-diff/1"], Field(alias="schema")] = SCHEMA
    before: Side
    after: Side
    exit: int
    notes: tuple[str, ...]
    changes: tuple[Change, ...]


def differences(before: Sequence[Report], after: Sequence[Report]) -> tuple[Difference, ...]:
    """Pairs the reports of two files: the only ones with each other, several by their target."""
    if len(before) == len(after) == 1:
        return (difference(before[0], after[0]),)
    named = {report.target: report for report in before}
    pairs = [(named[report.target], report) for report in after if report.target in named]
    if not pairs:
        raise SprocketError("the two files have no target in common", remedy="compare reports of the same targets")
    known = {report.target for _, report in pairs}
    alone = [report.target for report in (*before, *after) if report.target not in known]
    notes = [f"only one of the files has {target}" for target in dict.fromkeys(alone)]
    # A host that is not measured any more has lost all that passed on it.
    gone = any(row.state == "pass" for each in before if each.target not in known for row in each.checks)
    first, *rest = (difference(*pair, notes if not at else ()) for at, pair in enumerate(pairs))
    if gone and first.exit == Exit.GO:
        first = first.model_copy(update={"exit": int(Exit.WARNINGS)})
    return (first, *rest)


def difference(before: Report, after: Report, notes: Sequence[str] = ()) -> Difference:
    """What is not as it was, worst first."""
    pairs = states.paired([before, after])
    changes = [change for id_, (old, new) in pairs.items() if (change := _change(id_, old, new))]
    lost = sum(map(_lost, changes))
    counted = "1 check that passed before is" if lost == 1 else f"{lost} checks that passed before are"
    unmeasured = [f"{counted} not measured now"] if lost else []
    changes.sort(key=lambda change: (KINDS.index(change.kind), not change.blocks))
    return Difference(
        before=_side(before),
        after=_side(after),
        exit=int(_exit(changes)),
        notes=(*notes, *_notes(before, after), *unmeasured),
        changes=tuple(changes),
    )


def summary(found: Difference) -> str:
    """ "Since Tuesday 2026-11-24 02:00 UTC: 2 fixed, 1 new." """
    counted = Counter(change.kind for change in found.changes)
    told = ", ".join(f"{counted[kind]} {kind}" for kind in KINDS if counted[kind]) or "nothing changed"
    return f"Since {found.before.started:%A %Y-%m-%d %H:%M} UTC: {told}."


def _change(id_: str, old: CheckRow | None, new: CheckRow | None) -> Change | None:
    kind = _kind(old, new)
    shown = new or old
    if kind is None or shown is None:
        return None
    blocks = new is not None and new.blocking and not new.waiver and _rank(new) > _RANKS[State.WARN]
    return Change(
        id=id_,
        title=shown.title,
        kind=kind,
        blocks=blocks,
        before=_seen(old),
        after=_seen(new),
        differs=_differs(old, new) if kind == "changed" and old and new else (),
        recheck=new.recheck if new else "",
    )


def _kind(old: CheckRow | None, new: CheckRow | None) -> Kind | None:
    if new is None:
        return "gone"
    if old is None:
        return "new" if _rank(new) else "added"
    if _skipped(new) and not _skipped(old):
        return "skipped"
    was, is_ = _rank(old), _rank(new)
    if was != is_:
        return "fixed" if not is_ else "new" if not was else "worse" if is_ > was else "better"
    return "changed" if old.state != new.state or _differs(old, new) else None


def _differs(old: CheckRow, new: CheckRow) -> tuple[Differs, ...]:
    """What of its value makes it another one."""
    references = new.compared or old.compared or ("value",)
    found = differing(cast("JSON", old.value), cast("JSON", new.value), references)
    return tuple(Differs(place=place, before=_json(was), after=_json(is_)) for place, was, is_ in found)


def _json(found: Found) -> JsonValue:
    return None if isinstance(found, Missing) else cast("JsonValue", found)


def _rank(row: CheckRow) -> int:
    """How bad it is; what is blocked was not measured, so that it counts as unknown."""
    return _RANKS[State.UNKNOWN if row.blocked_by else states.state(row)]


def _skipped(row: CheckRow) -> bool:
    return row.state == "skipped" and not row.blocked_by


def _seen(row: CheckRow | None) -> Seen:
    return Seen(state=row.state, observed=row.observed, value=row.value) if row else Seen()


def _side(report: Report) -> Side:
    guide = f"{report.guide.name} {report.guide.version} {report.guide.digest}"
    return Side(target=report.target, started=report.started, verdict=report.verdict, guide=guide)


def _notes(before: Report, after: Report) -> Iterator[str]:
    if before.target != after.target:
        yield f"another target: {before.target} before, {after.target} now"
    if before.guide.digest != after.guide.digest:
        yield f"another guide: {_named(before)} before, {_named(after)} now"
    for which, report in (("first", before), ("second", after)):
        if not report.complete:
            yield f"the {which} report was interrupted: what it did not measure by then is unknown in it"
    if before.practice != after.practice:
        yield "one of the two is a rehearsal's"
    if before.started > after.started:
        yield "the first report is the newer one"


def _named(report: Report) -> str:
    return f"{report.guide.name} {report.guide.version} (sha256 {report.guide.digest[:12]})"


def _exit(changes: Sequence[Change]) -> Exit:
    worse = [change for change in changes if change.kind in {"new", "worse"}]
    went = {None, "pass", "skipped", "warn"}
    if any(change.blocks and change.before.state in went for change in worse):
        return Exit.FAILED
    return Exit.WARNINGS if worse or any(map(_lost, changes)) else Exit.GO


def _lost(change: Change) -> bool:
    """Whether it passed and is not measured any more: nobody knows that it is still so."""
    return change.before.state == "pass" and change.after.state in {None, "skipped"} and change.kind != "new"
