"""One step of the walk, whatever state it is in: title, what it is about, and what is known of it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sprocket_tui.engine import steps
from sprocket_tui.faces.tui.pages import card, running, trouble, verdicts
from sprocket_tui.faces.tui.pages.look import WHY, Look, clock
from sprocket_tui.faces.tui.pages.running import Note
from sprocket_tui.faces.tui.sight import Sight, StepSight
from sprocket_tui.faces.tui.spans import Line, Span, joined, labelled, line, paragraph, sentence, spread, width_of
from sprocket_tui.guide.model import Screen, Step
from sprocket_tui.guide.templates import shown
from sprocket_tui.guide.words.verbs import CheckVerb, ReadVerb
from sprocket_tui.journal.events import Asked

# Questions under which a command card stands.
_GATES = ("gate", "warnings", "repair", "second-person", "again")
_ENDS = {
    "done": ("done", "pass"),
    "already": ("already so, nothing changed", "pass"),
    "skipped": ("skipped", "warn"),
    "not-applicable": ("does not apply here", "quiet"),
    "failed": ("failed", "fail"),
}


def page(sight: Sight, step: StepSight, notes: Sequence[Note], look: Look) -> list[Line]:
    """All that is to be seen of a step."""
    written = sight.written(step.id)
    question = sight.question if sight.question and sight.question.step == step.id else None
    head = [_title(sight, step, written, question, look)]
    return [
        *head,
        *([] if step.text and not _busy(step, question) else [()]),
        *joined(
            (
                _passed(sight, step, question, look),
                _about(step, written, question, look),
                _body(sight, step, question, notes, look),
                _corrected(step, written, question, look),
                _end(step, written, look),
            )
        ),
    ]


def looked_at(sight: Sight, step: StepSight, look: Look) -> list[Line]:
    """Another step than the one under way: what the guide says of it, and what is known."""
    written = sight.written(step.id)
    if written is not None and not step.title:
        title, text = (shown(each, sight.known) for each in (written[1].title, written[1].text))
        step = replace(step, title=title, text=text)
    note = [line((" Looking; Esc returns to where the walk is.", "quiet"))]
    return [*note, *joined((page(sight, step, (), look), _ahead(sight, step, written, look)))]


def _ahead(sight: Sight, step: StepSight, written: tuple[Screen, Step] | None, look: Look) -> list[Line]:
    """What a step that is not begun would run and change, with what is known by now."""
    if written is None or step.how or step.card is not None or step.attempt is not None:
        return []
    told = steps.ahead(sight.guide, written[1].id, sight.known)
    if told is None:
        return []
    target = sight.run.target if sight.run else "the target"
    where = f"{sight.link.user}@{sight.link.host}" if sight.link else target
    note = "What is known now. In its turn the step shows its card, and asks before it changes anything."
    return [
        line((" What it will run", "title")),
        *card.ahead(told, where, sight.titles, look),
        *paragraph(note, look.width, indent=1, role="quiet"),
    ]


def failed(question: Asked | None) -> bool:
    """Whether a question asks what to do about something that failed."""
    return question is not None and question.id.endswith("/failed")


def _decides(question: Asked | None) -> bool:
    """The same, or which of the commands that may help is meant."""
    return failed(question) or (question is not None and question.id.endswith("/which"))


def position(sight: Sight, screen: Screen, step: str) -> str:
    """ "step 5 of 7" within its chapter."""
    ids = [each.id for each in screen.steps]
    base = next((each for each in ids if step == each or step.startswith(f"{each}.")), step)
    return f"step {ids.index(base) + 1} of {len(ids)}" if base in ids else ""


def _title(
    sight: Sight, step: StepSight, written: tuple[Screen, Step] | None, question: Asked | None, look: Look
) -> Line:
    between = look.glyphs.dot
    chapter = ""
    if written:
        chapter = f"{sight.guide.screens.index(written[0]) + 1} {written[0].title} {between} "
    left = line((f" {chapter}", "quiet"), (step.title, "title"))
    # While a person is asked, nothing is waited for but the answer.
    waits = question is not None and not step.running
    right = () if waits else line((running.status(step, written[1] if written else None, look), "accent"))
    if _decides(question):
        right = line(_stopped(step, question, look))
    elif question is not None and (step.running or step.checking):
        right = line(("waits for you", "accent"))
    elif not right and step.verdicts and written and isinstance(written[1].verb, CheckVerb):
        worst = min((str(each["state"]) for each in step.verdicts.values()), key=verdicts.rank)
        right = line((verdicts.counts(step.verdicts.values()), worst))
    elif not right and step.how and not (written and isinstance(written[1].verb, ReadVerb)):
        word, role = _ENDS.get(step.how, (step.how, "quiet"))
        right = line((f"{look.glyphs.of(step.how)} {word}{_took(step)}", role))
    elif not right and written:
        right = line((position(sight, written[0], step.id), "quiet"))
    if width_of(left) + width_of(right) + 2 > look.width:
        # The step's own name is what must be readable.
        left = line(" ", (step.title, "title"))
    return spread(left, (*right, (" ", "plain")), look.width)


def _stopped(step: StepSight, question: Asked | None, look: Look) -> Span:
    """How it came to a stop: by a failure, or by a person's no."""
    attempt = step.own
    if question is not None and question.refused:
        return ("nothing changed", "quiet")
    if not _busy(step, question):
        return ("stopped", "warn")
    if attempt is None or attempt.ended is None or attempt.how == "done":
        return (f"{look.glyphs.of('fail')} stopped", "fail")
    return (f"{look.glyphs.of('fail')} failed after {clock(attempt.ended - attempt.began)}", "fail")


def _took(step: StepSight) -> str:
    """From the start of its job until it was seen to hold."""
    attempt = step.attempt
    return f" in {clock(step.over - attempt.began)}" if attempt and attempt.ended and step.how == "done" else ""


def _passed(sight: Sight, step: StepSight, question: Asked | None, look: Look) -> list[Line]:
    """What was passed over on the way here, so that nobody looks for the steps between."""
    if _busy(step, question) or step.card is not None:
        return []
    told = [
        f"{each.title} ({'does not apply' if each.how == 'not-applicable' else 'known already'})"
        for each in sight.passed(step.id)
    ]
    return paragraph(f"Passed over: {', '.join(told)}.", look.width, indent=1, role="quiet") if told else []


def _about(step: StepSight, written: tuple[Screen, Step] | None, question: Asked | None, look: Look) -> list[Line]:
    """What the step is about; while it runs or fails there is room for that alone."""
    found: list[Line] = []
    if WHY in look.unfolded and written:
        found += paragraph(written[0].why, look.width, indent=1, role="quiet")
    if _busy(step, question) and WHY not in look.unfolded:
        return found
    for each in step.text.splitlines():
        found += paragraph(each, look.width, indent=1)
    return found


def _corrected(step: StepSight, written: tuple[Screen, Step] | None, question: Asked | None, look: Look) -> list[Line]:
    """Where the guide is wrong about this step: what it says, what we do, and why."""
    wrong = written[1].corrects if written else None
    if wrong is None or _busy(step, question) or (step.how and step.attempt is not None):
        return []
    told = (("The guide says", wrong.says), ("We do", wrong.true), ("Because", wrong.why))
    return [part for label, text in told for part in labelled(label, text, look.width, column=16)]


def _busy(step: StepSight, question: Asked | None) -> bool:
    """Whether what happens takes the room: a job that runs, or something that went wrong."""
    if question is not None and question.refused:
        return False
    attempt = step.attempt
    running = attempt is not None and attempt.ended is None and attempt.stage != "prepare"
    went_wrong = step.hints or step.repair or any(each["state"] == "fail" for each in step.verdicts.values())
    lost = step.own is not None and step.own.how in ("failed", "interrupted")
    repairs = step.repair is not None and question is not None and question.id.endswith("/repair")
    return running or step.checking or repairs or (_decides(question) and bool(went_wrong or lost))


def _body(sight: Sight, step: StepSight, question: Asked | None, notes: Sequence[Note], look: Look) -> list[Line]:
    if question is not None and question.refused:
        return trouble.refused(step, step.trouble, look)
    if _decides(question):
        return trouble.trouble(step, step.trouble, look, bad=_busy(step, question), practice=sight.practice)
    if step.running:
        return running.live(step, notes, look)
    if question is not None and step.card is not None and question.id.partition("/")[2] in _GATES:
        left = trouble.repair(step.repair, look) if step.repair else []
        return joined((left, card.card(step.card, sight.titles, look)))
    if question is not None and step.remedy is not None and question.id.endswith("/remedy"):
        return card.card(step.remedy, sight.titles, look)
    groups: list[list[Line]] = []
    if step.changed and notes:
        groups.append(running.resources(notes, look))
    if step.waiting:
        groups.append(paragraph(sentence(step.waiting), look.width, indent=1))
    groups.append(trouble.printed(step.printed, look) if step.printed else [])
    # While it is waited for, what was measured last is from before, and would stand against the sentence.
    old = step.checking or _holds(step, sight.written(step.id))
    groups.append([] if old else verdicts.table(step.verdicts.values(), look))
    return joined(groups)


def _end(step: StepSight, written: tuple[Screen, Step] | None, look: Look) -> list[Line]:
    """What was measured to hold now, once a change is done; what was answered where the step only asks."""
    if _holds(step, written):
        seen: list[verdicts.Verdict] = [
            {"title": title, "state": "pass", "observed": told, "blocked_by": ""} for title, told in step.held.items()
        ]
        return [line((" What now holds", "title")), *verdicts.table([*seen, *step.verdicts.values()], look)]
    if step.how and step.why and not step.verdicts:
        return paragraph(step.why, look.width, indent=1, role="quiet")
    return []


def _holds(step: StepSight, written: tuple[Screen, Step] | None) -> bool:
    """Whether the step was to change something, and it was measured that what it is for is there."""
    changes = written is not None and bool(written[1].changes)
    return changes and step.how in ("done", "already") and bool(step.held or step.verdicts)
