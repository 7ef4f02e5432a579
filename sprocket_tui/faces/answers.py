"""A file of answers by screen and step, for a run that nobody attends.

    layer-1:
      layer1.config: {docker_username: lab, docker_access_token: {file: /run/user/1000/token}}
      layer1.up: {gate: sprocket.example}
    connection: {sudo.password: {file: /run/user/1000/sudo}}

A secret is read from the file named, or stands in the answers file itself when only its owner may read that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sprocket_tui.faces import filed
from sprocket_tui.guide.marks import Document
from sprocket_tui.guide.model import Guide
from sprocket_tui.guide.problems import Problem, unknown
from sprocket_tui.guide.shape import problem
from sprocket_tui.guide.written import faulty, opened
from sprocket_tui.journal.events import Asked
from sprocket_tui.secret import Secret

# What any step may ask, besides the variables it asks for.
_QUESTIONS = ("gate", "confirm", "repair", "again", "warnings", "changed", "failed", "reason", "which", "remedy")


@dataclass(frozen=True)
class AnswerBook:
    """Answers by question id ("step/name"); a list answers the same question once an entry, then with its last.

    `warnings` are sentences about the files of secrets.
    """

    path: Path
    private: bool
    answers: Mapping[str, list[Any]]
    given: dict[str, int]
    warnings: tuple[str, ...] = ()

    def answer(self, asked: Asked) -> str | Secret | None:
        """The file's answer to a question, or None. Raises SprocketError when it cannot be used."""
        entries = self.answers.get(asked.id)
        # A file is one person's; the second one answers at the terminal.
        if not entries or asked.id.endswith("/second-person"):
            return None
        turn = self.given.get(asked.id, 0)
        self.given[asked.id] = turn + 1
        entry = entries[min(turn, len(entries) - 1)]
        where = f"{self.path}: {asked.id}"
        if asked.sort == "secret":
            return filed.secret(self.path, where, asked.id, entry, private=self.private)
        return filed.text(where, entry)


def load(path: Path, guide: Guide) -> AnswerBook:
    """Reads an answers file. Raises SprocketError with the line and the key of all that is wrong."""
    document = opened(path, remedy="give --answers a YAML file")
    reading = _Reading(document, guide) if document else None
    answers = reading.answers() if reading else {}
    if reading and reading.problems:
        raise faulty(reading.problems)
    warnings = [warning for id_, entries in answers.items() for each in entries for warning in filed.exposed(each, id_)]
    return AnswerBook(path, filed.is_private(path), answers, {}, tuple(dict.fromkeys(warnings)))


class _Reading:
    """One pass over the file; what is wrong gathers in `problems`."""

    def __init__(self, document: Document, guide: Guide) -> None:
        self.problems: list[Problem] = []
        self._document, self._guide = document, guide
        self._screens = {screen.id: {step.id: step for step in screen.steps} for screen in guide.screens}

    def answers(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for screen, steps in self._document.data.items():
            if screen == "connection":
                entries = self._mapping((screen,), steps)
                found |= {f"connection/{name}": _list(value) for name, value in entries.items()}
            elif screen not in self._screens:
                self._report((str(screen),), unknown("screen", str(screen), [*self._screens, "connection"]))
            else:
                for step, entries in self._mapping((screen,), steps).items():
                    found |= self._step(screen, step, entries)
        return found

    def _step(self, screen: str, name: str, entries: object) -> dict[str, list[Any]]:
        steps = self._screens[screen]
        step = next((each for known, each in steps.items() if name == known or name.startswith(f"{known}.")), None)
        if step is None:
            self._report((screen, name), unknown("step", name, steps))
            return {}
        # Only what the step may ask has an answer.
        secret = (var.name for var in self._guide.vars if var.secret)
        valid = [*getattr(step.verb, "vars", ()), *_QUESTIONS, *secret]
        given = self._mapping((screen, name), entries)
        for each in given:
            if each not in valid:
                self._report((screen, name, each), unknown("answer", each, valid))
        return {f"{name}/{each}": _list(value) for each, value in given.items()}

    def _mapping(self, place: tuple[str, ...], value: object) -> dict[str, Any]:
        if isinstance(value, dict):
            return {str(name): each for name, each in cast("dict[object, Any]", value).items()}
        self._report(place, "must map names to answers")
        return {}

    def _report(self, place: tuple[str, ...], message: str) -> None:
        self.problems.append(problem(self._document, place, message))


def _list(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]
