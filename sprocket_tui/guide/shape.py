"""From a file's plain data to a guide model: verbs and probes bound, every fault with its line."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sprocket_tui.guide.marks import Document
from sprocket_tui.guide.model import Checklist, Hint, Index, Model, ProbeWords, Screen, Step, VerbWords
from sprocket_tui.guide.planning import Planning
from sprocket_tui.guide.problems import Problem, unknown
from sprocket_tui.guide.words import Vocabulary

Path = tuple[str | int, ...]
Kind = TypeVar("Kind", bound=BaseModel)

# What pydantic says in Python's words, in those of somebody who writes YAML.
_SAID = {
    "missing": "missing",
    "string_too_short": "says nothing",
    "string_type": "must be text; put it in quotes when it looks like a number, a date, yes or no",
    "bool_type": "must be a single value: text, a number, yes or no",
    "bool_parsing": "must be yes or no",
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "model_attributes_type": "must be a mapping of keys to values",
    "too_short": "is empty",
    "too_long": "has more than one entry",
    "invalid_key": "a key here is not text; put it in quotes",
}


class HintFile(Model):
    """A file of `checklists/hints/`."""

    hints: tuple[Hint, ...]


class Shaper:
    """Shapes documents; the faults of all of them gather in `problems`."""

    def __init__(self, words: Vocabulary) -> None:
        self._words = words
        self.problems: list[Problem] = []

    def index(self, document: Document) -> Index | None:
        return self._model(Index, document, (), document.data)

    def screen(self, document: Document) -> Screen | None:
        for number, step in _mappings(document.data.get("steps")):
            self._bind_verb(document, ("steps", number), step)
        return self._model(Screen, document, (), document.data)

    def checklist(self, document: Document) -> Checklist | None:
        for number, check in _mappings(document.data.get("checks")):
            if isinstance(check.get("probe"), dict):
                check["probe"] = self._probe(document, ("checks", number, "probe"), check["probe"])
        return self._model(Checklist, document, (), document.data)

    def hints(self, document: Document) -> tuple[Hint, ...]:
        found = self._model(HintFile, document, (), document.data)
        return found.hints if found else ()

    def planning(self, document: Document) -> Planning:
        return self._model(Planning, document, (), document.data) or Planning()

    def _probe(self, document: Document, path: Path, data: dict[str, Any]) -> ProbeWords:
        kind = data.get("kind")
        model = self._words.probes.get(kind) if isinstance(kind, str) else None
        if model is not None:
            return self._model(model, document, path, data) or ProbeWords(kind="")
        missing = "missing; a probe names its kind"
        said = missing if kind is None else unknown("probe", str(kind), self._words.probes)
        self._report(document, (*path, "kind"), said)
        return ProbeWords(kind="")

    def _bind_verb(self, document: Document, path: Path, step: dict[str, Any]) -> None:
        """Moves the step's one verb key to `verb`; the step's other keys stay."""
        used = [key for key in step if key in self._words.verbs]
        valid = {*Step.model_fields, *self._words.verbs} - {"verb"}
        strange = [key for key in step if key not in valid]
        for key in strange:
            self._report(document, (*path, key), unknown("key", str(key), valid))
            del step[key]
        if len(used) > 1:
            self._report(document, (*path, used[1]), f"a step has one verb; {used[0]} stands here already")
        elif not used and not strange:
            self._report(document, path, f"no verb; a step has one of {', '.join(sorted(self._words.verbs))}")
        bound: VerbWords | None = None
        for verb in used:
            data = step.pop(verb)
            if data is None or isinstance(data, dict):
                words = {**cast("dict[str, Any]", data or {}), "verb": verb}
                bound = self._model(self._words.verbs[verb], document, (*path, verb), words)
            else:
                self._report(document, (*path, verb), "a verb's parameters are a mapping")
        step["verb"] = bound or VerbWords(verb="")

    def _model(self, model: type[Kind], document: Document, path: Path, data: Mapping[str, Any]) -> Kind | None:
        return shaped(model, document, path, data, self.problems)

    def _report(self, document: Document, path: Path, message: str) -> None:
        self.problems.append(problem(document, path, message))


def shaped(model: type[Kind], document: Document, path: Path, data: object, problems: list[Problem]) -> Kind | None:
    """`data`, which stands at `path` in the document, as a model; None with every fault added to `problems`."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        told = set[tuple[int, str]]()
        faults = error.errors(include_url=False)
        for fault in faults:
            # A list whose items were refused counts as empty; the items say what is wrong.
            if fault["type"] == "too_short" and any(_inside(each["loc"], fault["loc"]) for each in faults):
                continue
            whole = (*path, *fault["loc"])
            missing = fault["type"] in {"missing", "extra_forbidden"}
            place = whole if missing else document.known(whole)
            key = (document.line(place), dotted(place))
            # A union says one fault for every one of its types; the first is enough.
            if key not in told:
                told.add(key)
                problems.append(problem(document, place, sentence(fault, model, whole[len(path) :])))
        return None


def problem(document: Document, path: Path, message: str) -> Problem:
    """A fault at its line of the document."""
    return Problem(document.name, document.line(path), dotted(path), message)


def dotted(path: Sequence[str | int]) -> str:
    """`checks[2].probe.fact` for ("checks", 2, "probe", "fact")."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _mappings(items: object) -> list[tuple[int, dict[str, Any]]]:
    if not isinstance(items, list):
        return []
    return [(number, each) for number, each in enumerate(cast("list[Any]", items)) if isinstance(each, dict)]


def _inside(path: Path, outer: Path) -> bool:
    return len(path) > len(outer) and path[: len(outer)] == outer


def sentence(fault: ErrorDetails, model: type[BaseModel], path: Path) -> str:
    """The fault in our words; pydantic's own where nothing shorter says more."""
    name, context = str(path[-1]) if path else "", fault.get("ctx", {})
    if fault["type"] in _SAID:
        return _SAID[fault["type"]]
    match fault["type"]:
        case "extra_forbidden":
            return unknown("key", name, _keys_at(model, path[:-1]))
        case "literal_error":
            return unknown("value", str(fault["input"]), _literals(str(context["expected"])))
        case "string_pattern_mismatch":
            return f"{fault['input']!r} does not fit {context['pattern']}"
        case "value_error":
            return str(context["error"])
        case _:
            said = str(fault["msg"]).replace("Input should", "must")
            return said[:1].lower() + said[1:]


def _literals(expected: str) -> list[str]:
    return [each.strip(" '") for each in expected.replace(" or ", ",").split(",")]


def _keys_at(model: type[BaseModel], path: Path) -> set[str]:
    """The keys that a mapping at `path` inside `model` may have."""
    here = model
    for part in path:
        fields = here.model_fields.items()
        here = next((_inner(info.annotation) or here for key, info in fields if part in {key, info.alias}), here)
    return {info.alias or key for key, info in here.model_fields.items()}


def _inner(annotation: object) -> type[BaseModel] | None:
    """The model that an annotation is about: itself, or inside an optional or a tuple."""
    if get_origin(annotation) in {Annotated, Union, types.UnionType, tuple}:
        return next((found for part in get_args(annotation) if (found := _inner(part))), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
