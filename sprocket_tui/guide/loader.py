"""Loads a guide from its directory: the index, and the files that it names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui.errors import SprocketError
from sprocket_tui.files import whole
from sprocket_tui.guide.marks import Document, read
from sprocket_tui.guide.merge import Content, extend
from sprocket_tui.guide.model import Guide, Index
from sprocket_tui.guide.planning import SINGULAR, joined
from sprocket_tui.guide.problems import GuideError, Problem, unknown
from sprocket_tui.guide.shape import Shaper, dotted
from sprocket_tui.guide.words import BUNDLED, Vocabulary
from sprocket_tui.uncollected import uncollected

INDEX = "screens/index.yaml"
BASE = "bundled"
_FOLDERS = {"screens": "screens", "checklists": "checklists", "hints": "checklists/hints", "planning": "screens"}


def bundled_directory() -> Path:
    """Where the guide that belongs to this program lies: its package data, or the checkout of an editable install."""
    package = Path(__file__).resolve().parent.parent
    if (package / "data" / INDEX).is_file():
        return package / "data"
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / INDEX).is_file():
        return checkout
    raise SprocketError(
        f"the guide is missing: neither {package / 'data'} nor {checkout} has {INDEX}",
        remedy="install sprocket-tui again, or name a guide with --guide DIR",
    )


def load_guide(directory: Path | None = None, *, words: Vocabulary = BUNDLED) -> Guide:
    """The guide in `directory`, the bundled one without it.

    A guide that extends the bundled one takes it from its own directory `bundled/` where that exists (a kept copy),
    else from this program. Raises GuideError with every fault of every file.
    """
    with uncollected():
        source = _source(directory or bundled_directory())
        content = _content(source, words)
        if source.base is not None:
            content = extend(_content(source.base, words), content)
    return Guide(
        name=source.index.name,
        version=source.index.version,
        digest=_digest(source.all_files()),
        origin=BASE if directory is None else str(directory),
        vars=content.vars,
        screens=content.screens,
        checklists=content.checklists,
        hints=content.hints,
        planning=content.planning,
        places=dict(content.places),
        replaced=content.replaced,
    )


def guide_files(directory: Path | None = None) -> dict[str, bytes]:
    """Every file the guide is made of, by name; written under another directory they load as the same guide."""
    return _source(directory or bundled_directory()).all_files()


@dataclass(frozen=True)
class _Source:
    """The files of one guide, and of the one it extends. `documents` are the files named by each list of the index."""

    index: Index
    top: Document
    documents: Mapping[str, tuple[Document, ...]]
    files: Mapping[str, bytes]
    problems: tuple[Problem, ...]
    base: _Source | None = None

    def all_files(self) -> dict[str, bytes]:
        below = self.base.all_files() if self.base else {}
        return dict(self.files) | {f"{BASE}/{name}": content for name, content in below.items()}


def _source(directory: Path, *, extending: bool = True) -> _Source:
    try:
        files = {INDEX: whole(directory / INDEX)}
    except OSError as error:
        raise SprocketError(
            f"no guide in {directory}: {INDEX}: {error.strerror}", remedy=f"a guide is a directory that holds {INDEX}"
        ) from error
    top = read(INDEX, files[INDEX])
    if isinstance(top, list):
        raise GuideError(top)
    shaper = Shaper(BUNDLED)
    index = shaper.index(top)
    if index is None:
        raise GuideError(shaper.problems)
    problems: list[Problem] = []
    documents: dict[str, tuple[Document, ...]] = {}
    for kind, folder in _FOLDERS.items():
        found: list[Document] = []
        for number, name in enumerate(getattr(index, kind)):
            file = f"{folder}/{name}"
            try:
                files[file] = whole(directory / file)
            except OSError as error:
                there = [each.name for each in (directory / folder).glob("*.yaml")]
                said = unknown("file", name, there) if not (directory / file).exists() else str(error.strerror)
                problems.append(Problem(INDEX, top.line((kind, number)), dotted((kind, number)), said))
                continue
            document = read(file, files[file])
            if isinstance(document, Document):
                found.append(document)
            else:
                problems.extend(document)
        documents[kind] = tuple(found)
    base = None
    if index.extends:
        if not extending:
            raise GuideError([Problem(INDEX, top.line(("extends",)), "extends", "the guide below extends another")])
        kept = directory / BASE
        base = _source(kept if (kept / INDEX).is_file() else bundled_directory(), extending=False)
    return _Source(index, top, documents, files, tuple(problems), base)


def _content(source: _Source, words: Vocabulary) -> Content:
    shaper, places = Shaper(words), _Places()
    screens = [(document, shaper.screen(document)) for document in source.documents["screens"]]
    checklists = [(document, shaper.checklist(document)) for document in source.documents["checklists"]]
    hints = [(document, shaper.hints(document)) for document in source.documents["hints"]]
    planning = [(document, shaper.planning(document)) for document in source.documents["planning"]]
    for number, var in enumerate(source.index.vars):
        places.add("var", var.name, source.top, ("vars", number, "name"))
    for document, screen in screens:
        if screen:
            places.add("screen", screen.id, document, ("id",))
            for number, step in enumerate(screen.steps):
                places.add("step", step.id, document, ("steps", number, "id"))
    for document, checklist in checklists:
        if checklist:
            places.add("checklist", checklist.id, document, ("id",))
            for number, check in enumerate(checklist.checks):
                places.add("check", check.id, document, ("checks", number, "id"))
    for document, each in hints:
        for number, hint in enumerate(each):
            places.add("hint", hint.id, document, ("hints", number, "id"))
    for document, plan in planning:
        for name, number, part in plan.parts():
            places.add(SINGULAR[name], part.id, document, (name, number, "id"))
    problems = [*source.problems, *shaper.problems, *places.problems]
    if problems:
        raise GuideError(problems)
    return Content(
        vars=source.index.vars,
        screens=tuple(screen for _, screen in screens if screen),
        checklists=tuple(checklist for _, checklist in checklists if checklist),
        hints=tuple(hint for _, each in hints for hint in each),
        planning=joined(tuple(plan for _, plan in planning)),
        places=places.found,
    )


class _Places:
    """Where each element stands; an id that stands twice is a fault, since one of the two would be lost."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self.problems: list[Problem] = []

    def add(self, kind: str, name: str, document: Document, path: tuple[str | int, ...]) -> None:
        line, element = document.line(path), f"{kind} {name}"
        if element in self.found:
            said = f"{kind} {name!r} stands in {self.found[element]} already"
            self.problems.append(Problem(document.name, line, dotted(path), said))
        else:
            self.found[element] = f"{document.name}:{line}"


def _digest(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()
