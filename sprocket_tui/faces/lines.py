"""Events as sentences: the words of the plain face."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TextIO, cast

from sprocket_tui import going_on
from sprocket_tui.faces import offered
from sprocket_tui.faces.known import known
from sprocket_tui.guide import templates
from sprocket_tui.guide.model import Guide
from sprocket_tui.journal.events import (
    Asked,
    AttemptEnded,
    AttemptFound,
    AttemptIntended,
    CardShown,
    ChapterBegun,
    Connected,
    DeploymentFound,
    Event,
    Held,
    Hinted,
    Judged,
    LinkDropped,
    RemedyPrinted,
    RepairFound,
    RunAttached,
    RunLeft,
    RunStarted,
    SkippedBefore,
    StepEnded,
    StepReopened,
    StepStarted,
    Waiting,
)
from sprocket_tui.journal.replay import RunState
from sprocket_tui.terminal import one_line, shortened
from sprocket_tui.values import JSON

_COMMAND = re.compile(r" +(runs?|(doing it|looking ahead|running the remedy|looking), attempt \d+:) ")
_LABEL = re.compile(
    r" {4}(\w+ {2,}|proven by |\d+ {2}\S+ +)| {2}(The guide says|We do|Because|pass|warn|fail|unknown|skipped|holds) +"
)
# What is shown of one line, in characters; it is stored whole.
_LONGEST = 600
# What is named at the end: the states that let a walk end, but not with 0; and how many lines it may take.
_OPEN, _MOST_OPEN = ("fail", "unknown", "warn"), 5
_STAGES = {
    "prepare": "looking ahead",
    "perform": "doing it",
    "repair": "repairing",
    "remedy": "running the remedy",
    "look": "looking",
}
_ENDS = {
    "done": "done",
    "already": "already done, nothing changed",
    "skipped": "skipped",
    "failed": "failed",
}


def adopted(services: Sequence[str]) -> str:
    """What it means that a deployment stands there already."""
    off = [one_line(each) for each in services if not each.endswith(" converged")]
    told = f"{len(services)} service{'s' * (len(services) != 1)}, {', '.join(off) or 'all running'}"
    return f"A deployment is there: {told}; what holds is passed over."


def of(  # noqa: PLR0911, PLR0912 one case an event is the table
    event: Event, guide: Guide, values: Mapping[str, JSON] = MappingProxyType({})
) -> list[str]:
    """The lines for one event, none where nothing is worth reading aloud; `values` are those that titles speak of."""
    match event.fact:
        case RunStarted() as fact:
            practice = ["PRACTICE: this run is a rehearsal; nothing it does is real."] if fact.practice else []
            return [*practice, f"Run {fact.run} of {fact.guide} {fact.version} on {fact.target}."]
        case RunAttached(who=who, dropped=dropped):
            note = f" {dropped} in the journal was dropped." if dropped else ""
            return [f"{who} takes the run up again.{note}"]
        case Connected() as fact:
            via = f" through {', '.join(fact.via)}" if fact.via else ""
            greeting = [f"  {line}" for line in map(one_line, fact.greeting.splitlines()) if line]
            return [f"Connected to {fact.user}@{fact.host}{via}.", *greeting]
        case DeploymentFound(services=services):
            return [adopted(services)]
        case LinkDropped(why=why):
            return [f"The connection was lost: {why}. Trying again; what runs on the target goes on."]
        case StepStarted() as fact:
            return _started(fact, guide)
        case StepEnded(step=step, how="not-applicable"):
            return ["", f"Does not apply here: {titled(step, guide, values)} ({step})."]
        case StepEnded() as fact:
            why = f": {one_line(fact.why)}" if fact.why else ""
            return [f"  {_ENDS[fact.how]}{why}"]
        case ChapterBegun(screen=screen, by=by):
            return [
                "",
                f"The walk begins at {titled(screen, guide, values)} ({by}); what comes before is measured, not done.",
            ]
        case StepReopened(step=step, by=by):
            return ["", f"Once more, as {by} asked: {titled(step, guide, values)} ({step})."]
        case Judged(verdict=verdict):
            return _verdict(verdict, guide, values)
        case Held(title=title, seen=seen):
            return [f"  holds    {one_line(title)}: {one_line(seen)}"]
        case CardShown() as fact:
            return _card(fact, cast("dict[str, Any]", fact.card), guide, values)
        case AttemptIntended() as fact:
            return [f"  {_STAGES[fact.stage]}, attempt {fact.number}: {shlex.join(fact.argv)}"]
        case AttemptFound(runs=runs):
            return ["  it still runs" if runs else "  it runs no longer; taking in what it did meanwhile"]
        case AttemptEnded() as fact:
            return _attempt(fact)
        case Waiting(text=text):
            return [f"  {text}"]
        case Hinted() as fact:
            command = [f"    run   {fact.command}"] if fact.command else []
            return [
                f"  hint {fact.hint}: {fact.title}",
                f"    cause {fact.cause}",
                f"    do    {fact.remedy}",
                *command,
            ]
        case SkippedBefore(skipped=skipped):
            return [f"  {told}" for told in skipped_before(skipped)]
        case Asked() as fact:
            return _offered(fact)
        case RemedyPrinted() as fact:
            # Its lines were said as they came.
            nothing = [] if fact.lines else ["  It printed nothing."]
            return [*nothing, *(["  It only looked; nothing was changed."] if fact.looked else [])]
        case RepairFound() as fact:
            blocked = [f"  {fact.blocked}"] if fact.blocked else []
            return ["  What was left behind:", *(f"    {finding}" for finding in fact.findings), *blocked]
        case RunLeft() as fact:
            return _left(fact)
        case _:
            return []


def titled(id_: str, guide: Guide, values: Mapping[str, JSON]) -> str:
    """What the guide calls a screen, a step (also one of a `for_each`) or a check; the id where it knows none."""
    written = {each.id: each.title for each in (*guide.screens, *guide.steps().values(), *guide.checks().values())}
    return one_line(
        templates.shown(written.get(id_) or written.get(id_.rpartition(".")[0]) or id_, known(guide, values))
    )


def ended(how: str) -> str:
    """How a step ended, in words."""
    return _ENDS.get(how, how)


def left_open(state: RunState, titles: dict[str, str]) -> list[str]:
    """What does not pass at the end of a walk and what was skipped, a line each; of many, how many more there are."""
    found = [
        f"  skipped  {one_line(titles.get(id_, id_))}: {one_line(step.why)}"
        for id_, step in state.steps.items()
        if step.how == "skipped"
    ]
    for word in _OPEN:
        found += [_judged(each) for each in state.verdicts.values() if each["state"] == word]
    more = [f"  and {len(found) - _MOST_OPEN + 1} more, named above"] if len(found) > _MOST_OPEN else []
    shown = found[: _MOST_OPEN - len(more)]
    return ["", "What did not pass, and does not keep the walk from its end:", *shown, *more] if shown else []


def skipped_before(skipped: Sequence[Sequence[str]]) -> list[str]:
    """What a failure may come of: each step that it builds on and that was skipped, with the reason."""
    return [f"skipped before: {one_line(title)} ({one_line(why)})" for title, why in skipped]


def progress(note: dict[str, Any]) -> str:
    """A progress note as a line, with the count where a total is known."""
    count = f"{note['done']:3} of {note['total']}  " if note["total"] else ""
    return f"    {count}{one_line(str(note['text']))}"


def prompt(asked: Asked) -> str:
    """What stands before the cursor: the last line of what is asked."""
    text = shortened(asked.text.splitlines()[-1] if asked.text.strip() else "", _LONGEST)
    if asked.sort == "name":
        return f"{text}:"
    if asked.sort == "yes-no":
        return f"{text.rstrip('.')}? [yes/No]"
    default = f" ({asked.default})" if asked.default else ""
    if asked.sort == "choice":
        # What is asked stands above its choices.
        return f"A number or its word{default}:"
    return f"{text}{default}:"


def about(asked: Asked, guide: Guide) -> str:
    """What the variable that is asked for is for, in the guide's words; "" for any other question."""
    name = asked.id.rpartition("/")[2]
    return next((var.why for var in guide.vars if var.name == name), "")


def choices(asked: Asked) -> str:
    """The answers that would be taken."""
    return "yes or no" if asked.sort == "yes-no" else f"1 to {len(asked.options)}, or {', '.join(asked.options)}"


def accept(asked: Asked, said: str) -> str | None:
    """The answer that `said` means, or None when it is none of those offered. An empty line is the safe answer."""
    if asked.sort == "yes-no":
        return {"": "no", "y": "yes", "yes": "yes", "n": "no", "no": "no"}.get(said.lower())
    if asked.sort == "choice":
        return _chosen(asked.options, said or asked.default)
    return said


def _chosen(options: Sequence[str], said: str) -> str | None:
    """The option that `said` is, else the one of that number, else the only one that begins so."""
    if said in options:
        return said
    numbered = {str(number): option for number, option in enumerate(options, start=1)}
    if said in numbered:
        return numbered[said]
    fits = [option for option in options if said and option.startswith(said)]
    return fits[0] if len(fits) == 1 else None


def skips(asked: Asked, said: str) -> bool:
    """Whether `said` asks to skip the step: `!skip` at any question of a step, `skip` where it can be no answer."""
    if not asked.step or asked.id.endswith(("/failed", "/reason")):
        return False
    chosen = asked.sort in ("yes-no", "choice", "name")
    return said == "!skip" or (said == "skip" and chosen and said not in (*asked.options, asked.expects))


def wrapped(line: str, width: int) -> list[str]:
    """`line` at a terminal's width, indented as it began; 0 is any width.

    A command stays whole, to be copied; of anything else no more is shown than a person reads.
    """
    if _COMMAND.match(line):
        return [line]
    line = shortened(line, _LONGEST)
    if not width or len(line) <= width:
        return [line]
    label = _LABEL.match(line)
    indent = " " * (len(label.group()) if label else len(line) - len(line.lstrip()))
    return textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def drop_typeahead(stream: TextIO) -> None:
    """Forgets what was typed before the question stood there."""
    import termios  # noqa: PLC0415 only at a terminal

    if stream.isatty():
        termios.tcflush(stream, termios.TCIFLUSH)


def _started(fact: StepStarted, guide: Guide) -> list[str]:
    head = ["", f"{fact.screen}: {fact.title} ({fact.step})", *(f"  {line}" for line in fact.text.splitlines())]
    step = next((each for id_, each in guide.steps().items() if fact.step in (id_, f"{id_}.")), None)
    if step is None or step.corrects is None:
        return head
    wrong = step.corrects
    told = {"The guide says": wrong.says, "We do": wrong.true, "Because": wrong.why}
    return [*head, *(f"  {label:15} {one_line(text)}" for label, text in told.items())]


def _verdict(verdict: dict[str, JSON], guide: Guide, values: Mapping[str, JSON]) -> list[str]:
    head = _judged(verdict)
    if verdict["blocked_by"]:
        needed = titled(str(verdict["blocked_by"]), guide, values)
        return [f'  {verdict["state"]!s:7}  {verdict["title"]}: blocked by "{needed}"']
    if verdict["state"] not in ("fail", "unknown"):
        return [head]
    remedy = verdict["remedy"]
    do = [f"    do        {remedy['text']}"] if isinstance(remedy, dict) else []
    run = [f"    run       {remedy['command']}"] if isinstance(remedy, dict) and remedy["command"] else []
    return [head, f"    expected  {verdict['expected']}", f"    why       {verdict['why']}", *do, *run]


def _offered(asked: Asked) -> list[str]:
    """What stands above the question: of a choice what is asked, and a number, a word and its meaning each."""
    told = [f"  {shortened(each, _LONGEST)}" for each in asked.text.splitlines()]
    if asked.sort != "choice":
        return told[:-1]
    widest = max(map(len, asked.options), default=0)
    rows: list[str] = []
    for number, option in enumerate(asked.options, start=1):
        label, detail = offered.called(asked, option)
        means = f"{label}{f' ({detail})' if label and detail else detail}"
        rows.append(f"    {number}  {option:{widest}}  {means}".rstrip())
    return [*told, *rows]


def _judged(verdict: dict[str, JSON]) -> str:
    return f"  {verdict['state']!s:7}  {verdict['title']}: {verdict['observed'] or verdict['state']}"


def _card(fact: CardShown, card: dict[str, Any], guide: Guide, values: Mapping[str, JSON]) -> list[str]:
    name = {"perform": "Command card", "remedy": "Remedy card", "look": "Looking card"}.get(fact.stage, "Repair card")
    rows = [f"    runs      {shlex.join(argv)}" for argv in card.get("commands") or [card["argv"]]]
    rows += [f"    on        {card['user']} at {card['host']}, in {card['directory']}"]
    rows += [f"    for       {card['why']}"] if card.get("why") else []
    rows += [f"    changes   {change}" for change in card["changes"]]
    rows += [f"    plan      {each['op']:8} {each['kind']} {each['name']}" for each in card["plan"]]
    rows += [f"    warning   {warning}" for warning in card["warnings"]]
    rows += [f"    agrees    {card['agrees']}"] if card.get("agrees") else []
    rows += [f"    undo      {undo(card['undo'])}"] if card["undo"] else []
    if card["minutes"]:
        usual, most = card["minutes"]
        rows.append(f"    usually   {_minutes(usual)}, at most {_minutes(most)}")
    rows += (
        [f"    proven by {', '.join(titled(each, guide, values) for each in card['proven_by'])}"]
        if card["proven_by"]
        else []
    )
    return [f"  {name}:", *rows]


def undo(written: str) -> str:
    """How a change is undone, with what a person has to know of that first."""
    kind, _, how = written.partition(": ")
    return {"reversible": how, "compensable": f"in part: {how}", "irreversible": f"cannot be undone: {how}"}.get(
        kind, written
    )


def _minutes(minutes: float) -> str:
    return f"{minutes:g} min" if minutes >= 1 else f"{minutes * 60:.0f} s"


def _attempt(fact: AttemptEnded) -> list[str]:
    if fact.how == "done":
        return []
    if fact.how == "fenced":
        return [f"  attempt {fact.number} never started"]
    ended = "without an exit status" if fact.status is None else f"with exit status {fact.status}"
    return [
        f"  attempt {fact.number} {fact.how}, {ended}: {fact.first_error}",
        *(f"    {each}" for each in fact.details),
    ]


def _left(fact: RunLeft) -> list[str]:
    if fact.how == "done":
        return ["", "The walk is complete."]
    why = f": {one_line(fact.why)}" if fact.why else ""
    if fact.how == "refused":
        return ["", f"Not begun{why}"]
    # Who left says that by itself.
    said = f"{one_line(fact.why)}." if fact.how == "detached" and fact.why else f"Left, {fact.how}{why}"
    return ["", said, f"Go on with: {going_on.command()}"]
