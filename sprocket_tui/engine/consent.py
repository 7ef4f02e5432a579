"""What a person is asked before anything changes: the card that is journaled, and the name that is typed."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
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
    agrees: str = "",
) -> None:
    """Journals all a person needs to say yes or no, with a digest that the answer is bound to."""
    told = session.identity
    surroundings = {
        "host": told.host,
        "user": told.user if session.privilege().kind == "login" else f"root, by sudo of {told.user}",
        "directory": directory,
        "minutes": minutes,
        "proven_by": list(proven_by),
        **({"agrees": agrees} if agrees else {}),
    }
    document: dict[str, JSON] = json.loads(json.dumps({**asdict(card), **surroundings}))
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]
    record(CardShown(step, stage, document, digest))


def deployment(values: Mapping[str, JSON], session: Session) -> str:
    """What is typed to agree to a change: the deployment's domain, else the host."""
    return str(values.get("hostname") or session.identity.host)


def named(desk: Desk, question: str, step: str, what: str, name: str) -> bool:
    """Whether the name was typed: in production nothing shorter agrees to a change."""
    asked = Question(question, "name", f"{what}. Type {name} to go on", step, expects=name)
    return desk.ask_text(asked) == name


def proven_by(step: Step, measures: str) -> tuple[str, ...]:
    """What proves that the step is done: ids of checks, and the title of what its own action `measures`."""
    if step.verify is not None:
        return step.verify.checks
    references = sorted(step.done_when.references()) if step.done_when is not None else []
    checks = [each.removeprefix("check.") for each in references if each.startswith("check.")]
    own = [measures] if measures and any(each.startswith("self.") for each in references) else []
    return (*checks, *own)


def agrees(step: Step) -> str:
    """Who has to agree besides the driver, and what that is worth; "" where nobody has to."""
    if step.gate != "two-person":
        return ""
    return "you, then a second person by name: a statement that is kept in the journal, not a proof of who typed it"


def plain_name(name: str) -> str:
    """A person's name as it is compared: without case, spaces and a machine after it."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(folded.partition("@")[0].split())


def minutes(step: Step) -> list[float] | None:
    """Usual and longest time, in minutes, where the guide says one."""
    return [step.minutes.usual, step.minutes.at_most] if step.minutes else None
