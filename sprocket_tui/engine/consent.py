"""What a person is asked before anything changes: the card that is journaled, and the name that is typed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

from sprocket_tui.actions.base import Card
from sprocket_tui.engine.desk import Desk, Question
from sprocket_tui.engine.session import Session
from sprocket_tui.guide.model import Step
from sprocket_tui.journal.events import CardShown, Fact
from sprocket_tui.values import JSON


def show(
    record: Callable[[Fact], None],
    session: Session,
    step: str,
    stage: str,
    card: Card,
    directory: str,
    *,
    minutes: Sequence[float] | None,
    proven_by: Sequence[str],
) -> None:
    """Journals all a person needs to say yes or no, with a digest that the answer is bound to."""
    told = session.identity
    surroundings = {
        "host": told.host,
        "user": told.user if session.privilege().kind == "login" else f"root, by sudo of {told.user}",
        "directory": directory,
        "minutes": minutes,
        "proven_by": list(proven_by),
    }
    document: dict[str, JSON] = json.loads(json.dumps({**asdict(card), **surroundings}))
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]
    record(CardShown(step, stage, document, digest))


def named(desk: Desk, question: str, step: str, what: str, name: str) -> bool:
    """Whether the name was typed: in production nothing shorter agrees to a change."""
    asked = Question(question, "name", f"{what}. Type {name} to go on", step, expects=name)
    return desk.ask_text(asked) == name


def minutes(step: Step) -> list[float] | None:
    """Usual and longest time, in minutes, where the guide says one."""
    return [step.minutes.usual, step.minutes.at_most] if step.minutes else None
