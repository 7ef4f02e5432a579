"""The guide as typed, frozen data: index, variables, checks, screens with their steps, hints.

Verbs and probes are open registries (`guide/words/`): a step holds `verb` (its name and parameter model), a check
holds `probe` likewise, so that a new kind is one parameter model and one module, and this file stays as it is.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, SerializeAsAny

from sprocket_tui.guide.base import Correction, Id, InValue, Model, Row, Text
from sprocket_tui.guide.conditions import Condition, Scalar
from sprocket_tui.guide.planning import Planning

Where = Literal["here", "droplet"]
ForEach = Annotated[dict[str, str | tuple[str, ...]], Field(max_length=1)]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.yaml$")]
StateWord = Literal["pass", "warn", "fail", "skipped"]


class Var(Model):
    """A named value: asked for, taken from the profile field `profile`, or measured by a check (`measured_by`).

    `measured` is the reference into that check's observation ("value.out"); text that it leads to is stripped.
    `fits` says in words what `pattern` asks for. A secret that cannot be mended once it is used is typed `twice`.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Text
    type: Literal["text", "int", "bool", "hostname", "address", "path", "url", "names"] = "text"
    secret: bool = False
    why: str = ""
    default: Scalar | tuple[str, ...] = None
    choices: tuple[str, ...] = ()
    pattern: str = ""
    fits: str = ""
    twice: bool = False
    profile: str = ""
    measured_by: Id | None = None
    measured: str = "value"


class RemedyText(Model):
    """What to do about a failure. `command` is the exact argv, run on `where`; templates as in commands.

    One that `asks` wants somebody at its terminal; one that `reads` changes nothing. Of any other, `changes` and `undo`
    say for a person what it changes, and what takes that back.
    """

    text: Text
    command: tuple[str, ...] = ()
    where: Where = "droplet"
    asks: bool = False
    reads: bool = False
    changes: str = ""
    undo: str = ""

    @property
    def runs(self) -> bool:
        """Whether the walk can run it on the target by itself."""
        return bool(self.command) and self.where == "droplet" and not self.asks


class Outcome(Model):
    """A rule from observation to state. References start at the observation: "value", "value.cores", "seen".

    Names of variables may stand as operands ("${address}") and in texts. `observed` says what was seen in words, where
    the probe's own would not be understood.
    """

    when: Condition
    state: StateWord
    observed: str = ""
    why: str = ""
    remedy: RemedyText | None = None


class Words(Model):
    """Base of every probe's and every verb's parameters; subclasses live in `guide/words/`."""


class ProbeWords(Words):
    """Parameters of a probe; `kind` names it, `timeout` is in seconds; `secrets` are the fields that name a secret."""

    secrets: ClassVar[tuple[str, ...]] = ()
    kind: str
    timeout: Annotated[float, Field(gt=0, le=600)] = 10

    @property
    def leaves(self) -> str:
        """What may stay behind where it is cut short, as a clause; empty for one that looks and changes nothing."""
        return ""


class VerbWords(Words):
    """Parameters of a verb; `verb` names it. In YAML the verb is the step's key: `pulumi: {operation: up}`.

    `mutates` says that a step with this verb changes something: it needs changes, undo, minutes and verify.
    """

    mutates: ClassVar[bool] = False
    verb: str


class Check(Model):
    """Something that can be measured and judged. The first outcome whose `when` holds decides."""

    id: Id
    title: Text
    why: Text
    where: Where = "droplet"
    needs: tuple[Id, ...] = ()
    probe: SerializeAsAny[ProbeWords]
    outcomes: Annotated[tuple[Outcome, ...], Field(min_length=1)]
    expected: Text
    remedy: RemedyText
    blocking: bool = True
    waivable: bool = True
    ttl: Annotated[float, Field(gt=0)] = 300
    canonical: tuple[InValue, ...] = ()
    when: Condition | None = None
    for_each: ForEach = Field(default_factory=dict[str, str | tuple[str, ...]])
    guide: tuple[Row, ...] = ()
    corrects: Correction | None = None

    @property
    def compared(self) -> tuple[str, ...]:
        """References to what of a value counts when reports are compared: as declared, else what the outcomes judge."""
        read = {name for outcome in self.outcomes for name in outcome.when.references()}
        return self.canonical or tuple(sorted(name for name in read if name.partition(".")[0] == "value"))


class Checklist(Model):
    """A named pause point and its checks. One of the moment "after" judges what a deployment has made.

    A dry run that names no checklist leaves it out: before a deployment there is nothing to judge yet.
    """

    id: Id
    title: Text
    why: Text
    pause_point: Text
    moment: Literal["before", "after"] = "before"
    checks: Annotated[tuple[Check, ...], Field(min_length=1)]


class Undo(Model):
    """How a change is taken back: reversible (exactly), compensable (something stays), irreversible."""

    kind: Literal["nothing", "reversible", "compensable", "irreversible"]
    how: Text


class Minutes(Model):
    """Usual time, and the deadline after which the wait is given up (the job is not)."""

    usual: Annotated[float, Field(gt=0)]
    at_most: Annotated[float, Field(gt=0)]


class Verify(Model):
    """Checks that must hold together for `stable` seconds, measured again until `within` seconds have passed.

    A failure whose observation has not changed for `patience` seconds is taken as final.
    """

    checks: Annotated[tuple[Id, ...], Field(min_length=1)]
    within: Annotated[float, Field(gt=0)] = 60
    stable: Annotated[float, Field(ge=0)] = 0
    patience: Annotated[float, Field(gt=0)] = 60


class Step(Model):
    """One thing a person is walked through. A verb that changes something must say changes, undo, minutes, verify.

    One that is not `skippable` is passed by no reason, no answers file and no start at a later chapter.
    """

    id: Id
    title: Text
    text: str = ""
    verb: SerializeAsAny[VerbWords]
    where: Where = "droplet"
    directory: str = ""
    changes: tuple[str, ...] = ()
    undo: Undo | None = None
    minutes: Minutes | None = None
    done_when: Condition | None = None
    verify: Verify | None = None
    on_failure: tuple[Id, ...] = ()
    gate: Literal["none", "confirm", "type-name", "two-person"] = "none"
    again: bool = False
    skippable: bool = True
    when: Condition | None = None
    for_each: ForEach = Field(default_factory=dict[str, str | tuple[str, ...]])
    vars: tuple[str, ...] = ()
    guide: tuple[Row, ...] = ()
    corrects: Correction | None = None


class Screen(Model):
    """A chapter of the walk."""

    id: Id
    title: Text
    why: Text
    chapter: Text
    needs: tuple[Id, ...] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    guide: tuple[Row, ...] = ()


class Hint(Model):
    """A symptom (regular expressions over a failure's output), its cause, and the remedy."""

    id: Id
    title: Text
    cause: Text
    symptoms: Annotated[tuple[str, ...], Field(min_length=1)]
    remedy: RemedyText
    guide: tuple[Row, ...] = ()


class Index(Model):
    """`index.yaml`: what the guide is and which files it is made of, in order."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: Text
    version: Text
    extends: Literal["bundled"] | None = None
    vars: tuple[Var, ...] = ()
    screens: tuple[FileName, ...] = ()
    checklists: tuple[FileName, ...] = ()
    hints: tuple[FileName, ...] = ()
    planning: tuple[FileName, ...] = ()


class Guide(Model):
    """A loaded guide. `digest` is the sha256 over its files; `origin` is "bundled" or the directory it came from.

    `places` says where an element stands ("check node.cpus" -> "checklists/node.yaml:12"), `replaced` which elements
    of the bundled guide an extending one took the place of ("check node.cpus").
    """

    name: str
    version: str
    digest: str
    origin: str
    vars: tuple[Var, ...]
    screens: tuple[Screen, ...]
    checklists: tuple[Checklist, ...]
    hints: tuple[Hint, ...]
    planning: Planning = Planning()
    places: dict[str, str] = Field(default_factory=dict[str, str])
    replaced: tuple[str, ...] = ()

    def checks(self) -> dict[str, Check]:
        """Every check by id."""
        return {check.id: check for checklist in self.checklists for check in checklist.checks}

    def steps(self) -> dict[str, Step]:
        """Every step by id, in the order of the walk."""
        return {step.id: step for screen in self.screens for step in screen.steps}

    def skippable(self, step: str) -> bool:
        """Whether the step may be skipped with a reason; one of a `for_each` as the step that it repeats."""
        known = self.steps()
        fits = [each for id_, each in known.items() if step.startswith(f"{id_}.")]
        written = known.get(step) or next(iter(fits), None)
        return written is None or written.skippable
