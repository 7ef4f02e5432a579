"""Short ways to make checks, probes' words and answers."""

from __future__ import annotations

from typing import Any

from sprocket_tui.checks.measure import observe
from sprocket_tui.checks.observation import Observation, Remedy, State, Verdict
from sprocket_tui.checks.probes import PROBES
from sprocket_tui.checks.probes.base import Answers
from sprocket_tui.guide import words
from sprocket_tui.guide.model import Check, ProbeWords
from sprocket_tui.target.batch import Answer

PASSES: list[dict[str, Any]] = [{"when": {"exists": "value"}, "state": "pass"}]


def probe(kind: str, **parameters: Any) -> ProbeWords:
    return words.PROBES[kind].model_validate({"kind": kind, **parameters})


def check(id_: str, asked: ProbeWords, outcomes: list[dict[str, Any]] | None = None, **fields: Any) -> Check:
    given = {"title": f"Title of {id_}", "why": "it matters", "expected": "something", "remedy": {"text": "mend it"}}
    return Check.model_validate({"id": id_, "probe": asked, "outcomes": outcomes or PASSES, **given, **fields})


def says(id_: str, text: str, outcomes: list[dict[str, Any]] | None = None, **fields: Any) -> Check:
    """A check of the droplet that sees `text`."""
    return check(id_, probe("command", argv=["printf", "%s", text]), outcomes, **fields)


def fails(id_: str, **fields: Any) -> Check:
    return says(id_, "no", [{"when": {"exists": "value"}, "state": "fail"}], **fields)


def answered(asked: ProbeWords, *answers: Answer | str, started: float = 0, ended: float = 0) -> Observation:
    """What a probe reads from these answers to its commands, in order; a text is stdout with status 0."""
    commands = PROBES[asked.kind].commands
    assert commands
    keys = [command.key for command in commands(asked)]
    given = [Answer(0, each.encode(), b"") if isinstance(each, str) else each for each in answers]
    return observe(asked, Answers(dict(zip(keys, given, strict=True)), started, ended))


def verdict(id_: str, state: State, **fields: Any) -> Verdict:
    given: dict[str, Any] = {
        "title": f"Title of {id_}",
        "observed": "what was seen",
        "expected": "what should be",
        "why": "it matters",
        "remedy": None,
        "blocking": True,
    }
    if state in {State.FAIL, State.UNKNOWN, State.WARN}:
        given["remedy"] = Remedy("mend it", ("systemctl", "stop", "a b"))
    return Verdict(id=id_, state=state, **{**given, **fields})
