"""What a guide says for somebody who plans: times, people, costs, risks, rules of the calendar, and what comes after.

Every part is an element with an id, so that a guide that extends another replaces single ones. Nothing here is a sum:
sums are computed. Money is US dollars, times are minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from sprocket_tui.guide.base import Correction, Id, Model, Row, Text

Experience = Literal["first", "experienced"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Likely = Literal["low", "medium", "high"]
RuleKind = Literal["weekday", "start", "before-days-off", "critical-period", "business-hours", "settled"]

# What each kind of rule takes beside what all of them have.
_TAKES: dict[str, tuple[set[str], set[str]]] = {
    "weekday": ({"days"}, {"after"}),
    "start": ({"after"}, set()),
    "before-days-off": ({"days_off"}, set()),
    "critical-period": (set(), set()),
    "business-hours": (set(), set()),
    "settled": ({"hours"}, {"checklists", "checks"}),
}


class Range(Model):
    """From the least to the most that is usual."""

    at_least: Annotated[float, Field(ge=0)]
    at_most: Annotated[float, Field(ge=0)]

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if self.at_most < self.at_least:
            raise ValueError(f"at_most ({self.at_most:g}) is less than at_least ({self.at_least:g})")
        return self


class Part(Model):
    """What every element of a planning file has. `guide` are the rows of the written guide that it carries."""

    id: Id
    title: Text
    guide: tuple[Row, ...] = ()
    corrects: Correction | None = None


class Stage(Part):
    """A stage of the work, in order. What is `prepared` is done on some day before, and is no part of the window."""

    why: Text
    first: Range
    experienced: Range
    prepared: bool = False


class Team(Part):
    """How many people are wise for each experience, and how much sooner `together` people are done than `alone`."""

    first: Annotated[int, Field(ge=1, le=2)]
    experienced: Annotated[int, Field(ge=1, le=2)]
    says: Text
    alone: Range
    together: Range
    second: Text


class Skill(Part):
    """What the people must know."""

    importance: Literal["critical", "high", "medium"]
    why: Text


class Price(Model):
    """Who said a price, and when; past `valid_days` it is old."""

    source: Text
    dated: date
    valid_days: Annotated[int, Field(ge=1)] = 365


class Cost(Part):
    """What is paid each month, each year or once: an amount, or a rate for every hour of work that the plan counts."""

    per: Literal["month", "year", "once"]
    amount: Range | None = None
    hourly: Range | None = None
    price: Price
    note: str = ""

    @model_validator(mode="after")
    def _one(self) -> Cost:
        if (self.amount is None) == (self.hourly is None):
            raise ValueError("a cost has either an amount or an hourly rate")
        if self.hourly is not None and self.per != "once":
            raise ValueError("an hourly rate is paid once, for the hours of the plan")
        return self


class Alternative(Part):
    """Another way to run the same, and what it is said to cost a month."""

    amount: Range
    price: Price
    note: Text


class Risk(Part):
    """What could make it longer. What `checklists` and `checks` come to raises or lowers how likely it is in a run."""

    likely: Likely
    experienced: Likely | None = None
    impact: Range
    prevention: Text
    checklists: tuple[Id, ...] = ()
    checks: tuple[Id, ...] = ()


class Prerequisite(Part):
    """What must be so before a date is set: measured by checks where they have been, else told by a person.

    `blocking` says whether one that is not so is a no-go. What a person told is asked for again after `valid_days`.
    """

    why: Text
    remedy: Text
    blocking: bool = False
    valid_days: Annotated[int, Field(ge=1)] = 30
    checklists: tuple[Id, ...] = ()
    checks: tuple[Id, ...] = ()


class Rule(Part):
    """A rule of the calendar: what is not so when the window touches what it names, and the sentence that says it.

    weekday          no part of the window on these `days`, from the time `after` on
    start            it begins at the time `after` at the latest
    before-days-off  the next day is no holiday, and does not begin `days_off` or more days without work
    critical-period  no part of the window in a period that the settings keep free
    business-hours   all of it on working days, inside the business hours of the settings
    settled          what `checklists` and `checks` measure has been right for `hours` when the window begins
    """

    kind: RuleKind
    state: Literal["fail", "warn"]
    says: Text
    remedy: Text
    days: tuple[Day, ...] = ()
    after: time | None = None
    days_off: Annotated[int, Field(ge=2)] | None = None
    hours: Annotated[float, Field(gt=0)] | None = None
    checklists: tuple[Id, ...] = ()
    checks: tuple[Id, ...] = ()

    @field_validator("after", mode="before")
    @classmethod
    def _clock(cls, given: object) -> object:
        """YAML 1.1 reads 12:30 as a number of base 60; it must stand in quotes."""
        if given is not None and not isinstance(given, str | time):
            raise ValueError('a time stands in quotes: "12:30"')
        return given

    @model_validator(mode="after")
    def _parameters(self) -> Rule:
        needed, more = _TAKES[self.kind]
        every = {name for pair in _TAKES.values() for names in pair for name in names}
        given = {name for name in every if getattr(self, name) not in (None, ())}
        if lacking := sorted(needed - given):
            raise ValueError(f"a rule of kind {self.kind} needs {', '.join(lacking)}")
        if strange := sorted(given - needed - more):
            raise ValueError(f"a rule of kind {self.kind} takes no {', '.join(strange)}")
        return self


class After(Part):
    """Work that is left after the deployment, within a time."""

    work: Annotated[tuple[Text, ...], Field(min_length=1)]


class Note(Part):
    """Something to know before planning."""

    text: Text


class Planning(Model):
    """A planning file, and what all of them together hold."""

    stages: tuple[Stage, ...] = ()
    teams: tuple[Team, ...] = ()
    skills: tuple[Skill, ...] = ()
    costs: tuple[Cost, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    risks: tuple[Risk, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
    rules: tuple[Rule, ...] = ()
    after: tuple[After, ...] = ()
    notes: tuple[Note, ...] = ()

    def parts(self) -> Iterator[tuple[str, int, Part]]:
        """Every element with the list it stands in and its place there."""
        for name in type(self).model_fields:
            part: Part
            for number, part in enumerate(getattr(self, name)):
                yield name, number, part


def joined(files: tuple[Planning, ...]) -> Planning:
    """What several files hold, one after the other."""
    return Planning(**{name: tuple(each for file in files for each in getattr(file, name)) for name in LISTS})


def over(base: Planning, upper: Planning) -> Planning:
    """`base` with the elements of `upper` in the place of those with the same id, and the others behind."""
    merged: dict[str, tuple[Part, ...]] = {}
    for name in LISTS:
        below: tuple[Part, ...] = getattr(base, name)
        above: dict[str, Part] = {part.id: part for part in getattr(upper, name)}
        known = {part.id for part in below}
        kept = tuple(above.get(part.id, part) for part in below)
        merged[name] = (*kept, *(part for part in above.values() if part.id not in known))
    return Planning.model_validate(merged)


LISTS = tuple(Planning.model_fields)
SINGULAR = {
    "stages": "stage",
    "teams": "team",
    "skills": "skill",
    "costs": "cost",
    "alternatives": "alternative",
    "risks": "risk",
    "prerequisites": "prerequisite",
    "rules": "rule",
    "after": "after",
    "notes": "note",
}
