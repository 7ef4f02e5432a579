"""Does a guide fit this program: references, templates, mutations, texts, and the rows of the written guide covered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, cast

from pydantic import BaseModel

from sprocket_tui.guide.conditions import Condition
from sprocket_tui.guide.model import Check, Guide, Hint, RemedyText, Step
from sprocket_tui.guide.planning import SINGULAR, Part
from sprocket_tui.guide.problems import unknown
from sprocket_tui.guide.templates import names_in
from sprocket_tui.guide.words.probes import SoftwareProbe, ToldProbe
from sprocket_tui.guide.words.verbs import AskVerb, CheckVerb, ConfirmVerb, PulumiVerb

ROWS = tuple(f"G{number:03}" for number in range(1, 250))
_LONGEST = 160
_SHELLS = {"sh", "bash", "dash"}
_TEXTS = {"why", "expected", "text", "cause", "statement", "says", "true", "how", "pause_point", "observed"}


@dataclass(frozen=True)
class Finding:
    """One thing to know about a guide. `place` is FILE:LINE, `element` what it is about ("check node.cpus")."""

    severity: Literal["error", "warning", "note"]
    place: str
    element: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.element}: {self.message}"


@dataclass(frozen=True)
class Coverage:
    """The rows of the written guide that checks, steps, screens, hints and planning name, and those that none names."""

    covered: tuple[str, ...]
    missing: tuple[str, ...]


def lint(guide: Guide) -> list[Finding]:
    """Everything that can be said about the guide without running it: errors first, then warnings, then notes."""
    found = list(_Linter(guide).findings())
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda finding: order[finding.severity])


def coverage(guide: Guide) -> Coverage:
    """Which rows of the written guide are covered."""
    planned = (part for _, _, part in guide.planning.parts())
    parts = (*guide.checks().values(), *guide.screens, *guide.steps().values(), *guide.hints, *planned)
    named = {row for part in parts for row in part.guide}
    return Coverage(
        covered=tuple(row for row in ROWS if row in named), missing=tuple(row for row in ROWS if row not in named)
    )


def report(guide: Guide) -> str:
    """The findings, one a line, with a summary and the coverage; ends with a newline."""
    findings = lint(guide)
    count = {word: sum(finding.severity == word for finding in findings) for word in ("error", "warning", "note")}
    rows = coverage(guide)
    lines = [str(finding) for finding in findings]
    lines.append(
        f"{guide.name} {guide.version}: {len(guide.screens)} screens, {len(guide.steps())} steps, "
        f"{len(guide.checks())} checks, {len(guide.hints)} hints"
    )
    lines.append(", ".join(f"{number} {word}{'' if number == 1 else 's'}" for word, number in count.items()))
    lines.append(f"guide rows covered: {len(rows.covered)} of {len(ROWS)}")
    if rows.missing:
        lines.append(f"guide rows not covered: {_ranges(rows.missing)}")
    return "\n".join(lines) + "\n"


def mutating_steps(guide: Guide) -> int:
    """How many steps run something that changes a server."""
    return sum(step.verb.mutates for step in guide.steps().values())


def _ranges(rows: tuple[str, ...]) -> str:
    spans: list[list[int]] = []
    for number in (int(row[1:]) for row in rows):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"G{low:03}" if low == high else f"G{low:03}-G{high:03}" for low, high in spans)


class _Linter:
    def __init__(self, guide: Guide) -> None:
        self._guide = guide
        self._checks, self._steps = guide.checks(), guide.steps()
        self._vars = {var.name: var for var in guide.vars}
        self._secret = {var.name for var in guide.vars if var.secret}

    def findings(self) -> Iterator[Finding]:
        checklists = {checklist.id for checklist in self._guide.checklists}
        screens = {screen.id for screen in self._guide.screens}
        for var in self._guide.vars:
            if var.measured_by:
                yield from self._known(f"var {var.name}", "measured_by", "check", [var.measured_by], self._checks)
            yield from self._compiles(f"var {var.name}", "pattern", var.pattern)
        for checklist in self._guide.checklists:
            yield from self._texts(f"checklist {checklist.id}", checklist, skip="checks")
        for check in self._checks.values():
            yield from self._check(f"check {check.id}", check)
        for screen in self._guide.screens:
            yield from self._known(f"screen {screen.id}", "needs", "screen", screen.needs, screens)
            yield from self._rows(f"screen {screen.id}", screen.guide)
            yield from self._texts(f"screen {screen.id}", screen, skip="steps")
        for step in self._steps.values():
            yield from self._step(f"step {step.id}", step, checklists)
        for hint in self._guide.hints:
            yield from self._rows(f"hint {hint.id}", hint.guide)
            yield from self._hint(f"hint {hint.id}", hint)
        for name, _, part in self._guide.planning.parts():
            yield from self._planned(f"{SINGULAR[name]} {part.id}", part, checklists)
        yield from self._cycles("check", {check.id: check.needs for check in self._checks.values()})
        yield from self._cycles("screen", {screen.id: screen.needs for screen in self._guide.screens})
        for element in self._guide.replaced:
            yield self._finding("note", element, "takes the place of the bundled one")

    def _check(self, element: str, check: Check) -> Iterator[Finding]:
        yield from self._known(element, "needs", "check", check.needs, self._checks)
        yield from self._element(element, check, {"value", "seen"})
        for number, outcome in enumerate(check.outcomes):
            yield from self._references(
                element, f"outcomes[{number}].when", outcome.when, {"value", "seen", "evidence"}
            )
        yield from self._reads(element, check)
        if isinstance(check.probe, ToldProbe):
            plain = self._vars.keys() - self._secret
            yield from self._known(element, "probe.var", "variable that is not secret", [check.probe.var], plain)
        for field in check.probe.secrets:
            named = [name for name in (getattr(check.probe, field),) if name]
            yield from self._known(element, f"probe.{field}", "secret variable", named, self._secret)
        if isinstance(check.probe, SoftwareProbe):
            yield from self._compiles(element, "probe.pattern", check.probe.pattern)

    def _hint(self, element: str, hint: Hint) -> Iterator[Finding]:
        yield from self._texts(element, hint, skip="symptoms", own={"match"})
        for symptom in hint.symptoms:
            yield from self._compiles(element, "symptoms", symptom)
        yield from self._reads(element, hint)
        used = {name for text in hint.remedy.command for name in names_in(text) if name.startswith("match.")}
        for name in sorted(used):
            if not all(f"(?P<{name.removeprefix('match.')}>" in symptom for symptom in hint.symptoms):
                yield self._finding("error", element, f"remedy.command: not every symptom has a group for {name}")

    def _planned(self, element: str, part: Part, checklists: set[str]) -> Iterator[Finding]:
        yield from self._rows(element, part.guide)
        yield from self._texts(element, part)
        lists: tuple[str, ...] = getattr(part, "checklists", ())
        checks: tuple[str, ...] = getattr(part, "checks", ())
        yield from self._known(element, "checklists", "checklist", lists, checklists)
        yield from self._known(element, "checks", "check", checks, self._checks)

    def _reads(self, element: str, part: Check | Hint) -> Iterator[Finding]:
        for field, remedy in _remedies(part):
            if remedy.reads and not remedy.command:
                yield self._finding("error", element, f"{field}.reads: it is said of a command, and there is none")

    def _step(self, element: str, step: Step, checklists: set[str]) -> Iterator[Finding]:
        yield from self._known(element, "verify", "check", step.verify.checks if step.verify else (), self._checks)
        yield from self._known(element, "on_failure", "check", step.on_failure, self._checks)
        yield from self._known(element, "vars", "variable", step.vars, self._vars)
        yield from self._element(element, step, set())
        yield from self._references(element, "done_when", step.done_when, {"self", *step.for_each})
        match step.verb:
            case CheckVerb(checklists=lists, checks=checks):
                yield from self._known(element, "check", "checklist", lists, checklists)
                yield from self._known(element, "check", "check", checks, self._checks)
            case AskVerb(vars=names):
                yield from self._known(element, "ask", "variable", names, self._vars)
            case ConfirmVerb() if step.gate == "two-person":
                yield self._finding("error", element, "gate: a confirm asks one person; it takes confirm or type-name")
            case PulumiVerb(keys=keys):
                yield from self._known(element, "pulumi.keys", "variable", [key.var for key in keys], self._vars)
            case _:
                pass
        if step.verb.mutates:
            yield from self._mutation(element, step)

    def _mutation(self, element: str, step: Step) -> Iterator[Finding]:
        given = {"changes": step.changes, "undo": step.undo, "minutes": step.minutes}
        for field in (name for name, value in given.items() if not value):
            yield self._finding("error", element, f"{field}: missing; {step.verb.verb} changes something")
        if not (step.verify and step.verify.checks) and step.done_when is None:
            yield self._finding("error", element, "verify: missing; without it or done_when success cannot be told")
        if step.undo and step.undo.kind == "irreversible" and step.gate not in {"type-name", "two-person"}:
            yield self._finding("error", element, "gate: an irreversible step needs type-name or two-person")

    def _element(self, element: str, part: Check | Step, own: set[str]) -> Iterator[Finding]:
        """What checks and steps have in common."""
        yield from self._rows(element, part.guide)
        for source in part.for_each.values():
            yield from self._known(
                element, "for_each", "variable", [source] if isinstance(source, str) else [], self._vars
            )
        yield from self._references(element, "when", part.when, set(part.for_each))
        yield from self._texts(element, part, own=own | set(part.for_each))
        for field, argv in _commands(part):
            for number, script in enumerate(argv[2:], 2):
                shell, flag = PurePosixPath(argv[number - 2]).name, argv[number - 1]
                if shell in _SHELLS and re.fullmatch(r"-[a-z]*c", flag) and names_in(script):
                    said = "a template inside a shell script; pass it as an argument after the script and use $1"
                    yield self._finding("error", element, f"{field}[{number}]: {said}")

    def _texts(
        self, element: str, part: BaseModel, *, skip: str = "", own: set[str] | None = None
    ) -> Iterator[Finding]:
        for field, text in _strings(part):
            if skip and field.startswith(skip):
                continue
            last = re.split(r"\.|\[", field)[-1 if field[-1:] != "]" else -2]
            yield from self._templates(element, field, text, own or set())
            if last in _TEXTS and any(len(line) > _LONGEST for line in text.splitlines()):
                yield self._finding("warning", element, f"{field}: a line is longer than two lines of 80 columns")

    def _templates(self, element: str, field: str, text: str, own: set[str]) -> Iterator[Finding]:
        for name in names_in(text):
            head = name.split(".")[0]
            if head in self._secret:
                yield self._finding(
                    "error", element, f"{field}: {name} is secret; a secret never stands in a text or argv"
                )
            elif head not in self._vars and head not in own:
                yield self._finding("error", element, f"{field}: {unknown('variable', head, {*self._vars, *own})}")

    def _references(self, element: str, field: str, condition: Condition | None, own: set[str]) -> Iterator[Finding]:
        for reference in sorted(condition.references()) if condition else ():
            head, _, rest = reference.partition(".")
            if head == "check" and rest:
                yield from self._known(element, field, "check", [rest], self._checks)
            elif head in self._secret:
                yield self._finding("error", element, f"{field}: {head} is secret; nothing may depend on its text")
            elif head not in own and head not in self._vars:
                yield self._finding("error", element, f"{field}: {unknown('reference', head, {*own, *self._vars})}")

    def _known(
        self,
        element: str,
        field: str,
        what: str,
        names: tuple[str, ...] | list[str],
        valid: Mapping[str, object] | set[str],
    ) -> Iterator[Finding]:
        for name in names:
            if name not in valid:
                yield self._finding("error", element, f"{field}: {unknown(what, name, valid)}")

    def _rows(self, element: str, rows: tuple[str, ...]) -> Iterator[Finding]:
        for row in rows:
            if row not in ROWS:
                yield self._finding("error", element, f"guide: no row {row}; the rows are {ROWS[0]} to {ROWS[-1]}")

    def _compiles(self, element: str, field: str, pattern: str) -> Iterator[Finding]:
        try:
            re.compile(pattern)
        except re.error as error:
            yield self._finding("error", element, f"{field}: {pattern!r} is not a regular expression: {error}")

    def _cycles(self, kind: str, needs: Mapping[str, tuple[str, ...]]) -> Iterator[Finding]:
        done: set[str] = set()
        for start in needs:
            way = _circle(start, lambda name: needs.get(name, ()), done)
            if way:
                yield self._finding("error", f"{kind} {way[0]}", f"needs: goes in a circle: {' > '.join(way)}")

    def _finding(self, severity: Literal["error", "warning", "note"], element: str, message: str) -> Finding:
        return Finding(severity, self._guide.places.get(element, self._guide.name), element, message)


def _circle(start: str, needs: Callable[[str], tuple[str, ...]], done: set[str]) -> list[str]:
    """The first circle that `start` leads into; names in `done` are known to lead into none."""
    way: list[str] = []
    waiting = [(start, False)]
    while waiting:
        name, leaving = waiting.pop()
        if leaving:
            way.pop()
            done.add(name)
        elif name in way:
            done.update(way)
            return [*way[way.index(name) :], name]
        elif name not in done:
            way.append(name)
            waiting.append((name, True))
            waiting.extend((each, False) for each in reversed(needs(name)))
    return []


def _strings(value: object, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a model with its path; conditions are left out, their operands are references."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, Condition):
        return
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _strings(getattr(value, name), f"{field}.{name}" if field else name)
    elif isinstance(value, tuple):
        for number, each in enumerate(cast("tuple[object, ...]", value)):
            yield from _strings(each, f"{field}[{number}]")


def _remedies(part: Check | Hint) -> Iterator[tuple[str, RemedyText]]:
    """Every remedy of a check or hint."""
    yield "remedy", part.remedy
    for number, outcome in enumerate(part.outcomes if isinstance(part, Check) else ()):
        if outcome.remedy:
            yield f"outcomes[{number}].remedy", outcome.remedy


def _commands(part: Check | Step) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every argv of a check or step."""
    inner = part.probe if isinstance(part, Check) else part.verb
    argv: object = getattr(inner, "argv", ())
    if isinstance(argv, tuple):
        yield "argv", cast("tuple[str, ...]", argv)
    if isinstance(part, Check):
        for field, remedy in _remedies(part):
            yield f"{field}.command", remedy.command
