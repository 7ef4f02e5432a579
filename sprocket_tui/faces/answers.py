"""A file of answers by screen and step, for a run that nobody attends.

    layer-1:
      layer1.config: {docker_username: lab, docker_access_token: {file: /run/user/1000/token}}
      layer1.up: {gate: sprocket.example}
    connection: {sudo.password: {file: /run/user/1000/sudo}}

A secret is read from the file named, or stands in the answers file itself when only its owner may read that.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from sprocket_tui.errors import SprocketError
from sprocket_tui.guide.model import Guide
from sprocket_tui.guide.problems import unknown
from sprocket_tui.journal.events import Asked
from sprocket_tui.secret import Secret

# What any step may ask, besides the variables it asks for.
_QUESTIONS = ("gate", "confirm", "repair", "again", "warnings", "changed", "failed", "reason")


@dataclass(frozen=True)
class AnswerBook:
    """Answers by question id ("step/name"); a list answers the same question once an entry, then with its last."""

    path: Path
    private: bool
    answers: Mapping[str, list[Any]]
    given: dict[str, int]

    def answer(self, asked: Asked) -> str | Secret | None:
        """The file's answer to a question, or None. Raises SprocketError when it cannot be used."""
        entries = self.answers.get(asked.id)
        # A file is one person's; the second one answers at the terminal.
        if not entries or asked.id.endswith("/second-person"):
            return None
        turn = self.given.get(asked.id, 0)
        self.given[asked.id] = turn + 1
        entry = entries[min(turn, len(entries) - 1)]
        return self._secret(asked, entry) if asked.sort == "secret" else _text(self.path, asked.id, entry)

    def _secret(self, asked: Asked, entry: object) -> Secret:
        name = asked.id.rpartition("/")[2]
        if isinstance(entry, dict):
            fields = cast("dict[str, object]", entry)
            if set(fields) != {"file"}:
                raise SprocketError(f"{self.path}: {asked.id}: a secret is given as text or as {{file: PATH}}")
            file = Path(str(fields["file"])).expanduser()
            try:
                return Secret(file.read_text(encoding="utf-8").removesuffix("\n"), name)
            except (OSError, ValueError) as error:
                raise SprocketError(f"{self.path}: {asked.id}: {file} cannot be read: {_reason(error)}") from error
        if not self.private:
            raise SprocketError(
                f"{self.path} holds the secret {asked.id} and can be read by others",
                remedy=f"chmod 600 {self.path}, or give the secret as {{file: PATH}}",
            )
        return Secret(_text(self.path, asked.id, entry), name)


def load(path: Path, guide: Guide) -> AnswerBook:
    """Reads an answers file. Raises SprocketError with the file and the key that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
        document: object = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 both are safe
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SprocketError(
            f"{path}: {' '.join(_reason(error).split())}", remedy="give --answers a YAML file"
        ) from error
    screens = {screen.id: {step.id for step in screen.steps} for screen in guide.screens}
    answers: dict[str, list[Any]] = {}
    for screen, steps in _mapping(path, "", document or {}).items():
        if screen == "connection":
            answers |= {f"connection/{name}": _list(value) for name, value in _mapping(path, screen, steps).items()}
            continue
        if screen not in screens:
            raise SprocketError(f"{path}: {screen}: no such screen", remedy=f"screens are {', '.join(screens)}")
        for step, entries in _mapping(path, screen, steps).items():
            if not any(step == known or step.startswith(f"{known}.") for known in screens[screen]):
                raise SprocketError(
                    f"{path}: {screen}: {step}: no such step",
                    remedy=f"its steps are {', '.join(sorted(screens[screen]))}",
                )
            named = _mapping(path, f"{screen}: {step}", entries)
            _known(path, step, named, guide)
            answers |= {f"{step}/{name}": _list(value) for name, value in named.items()}
    mode = stat.S_IMODE(path.stat().st_mode)
    return AnswerBook(path, mode & 0o077 == 0, answers, {})


def _known(path: Path, step: str, named: Mapping[str, object], guide: Guide) -> None:
    """Raises SprocketError for an answer to a question that the step never asks."""
    verb = next(each.verb for known, each in guide.steps().items() if step == known or step.startswith(f"{known}."))
    valid = [*getattr(verb, "vars", ()), *_QUESTIONS, *(var.name for var in guide.vars if var.secret)]
    for name in named:
        if name not in valid:
            raise SprocketError(f"{path}: {step}: {unknown('answer', name, valid)}")


def _mapping(path: Path, where: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SprocketError(f"{path}: {where or 'the file'}: must map names to answers")
    return {str(name): each for name, each in cast("dict[object, Any]", value).items()}


def _list(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _text(path: Path, name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    raise SprocketError(f"{path}: {name}: the answer must be text, a number, or yes or no")


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
