"""What a team says of itself for every plan: `$XDG_CONFIG_HOME/sprocket-tui/plan.yaml`.

timezone: Europe/Berlin
country: DE
region: BE
business_hours: {opens: "09:00", closes: "17:00"}
days_off: [2026-12-24]
critical_periods: [{first: 2026-12-10, last: 2026-12-20, why: season finals}]
budget: {month: 150, once: 3000}
told: {backup-engineer: {holds: yes, who: Ana, said: 2026-11-20}}
"""

from __future__ import annotations

import os
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import holidays
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sprocket_tui import settings
from sprocket_tui.errors import SprocketError
from sprocket_tui.guide.planning import Day, Planning
from sprocket_tui.guide.problems import Problem, unknown
from sprocket_tui.guide.shape import problem, shaped
from sprocket_tui.guide.written import faulty, opened

_LOCALTIME = Path("/etc/localtime")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")


class Hours(_Model):
    """From when until when somebody is there, by the clock of the time zone."""

    opens: time = time(9)
    closes: time = time(17)

    @field_validator("opens", "closes", mode="before")
    @classmethod
    def _quoted(cls, given: object) -> object:
        if not isinstance(given, str | time):
            raise ValueError('a time stands in quotes: "09:00"')  # noqa: TRY004 pydantic reports only this one
        return given

    @model_validator(mode="after")
    def _ordered(self) -> Hours:
        if self.closes <= self.opens:
            raise ValueError("closes must be later than opens, on the same day")
        return self


class Period(_Model):
    """Days, both of them included, in which nothing is deployed."""

    first: date
    last: date
    why: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> Period:
        if self.last < self.first:
            raise ValueError("last is before first")
        return self


class Budget(_Model):
    """What may be spent, in US dollars."""

    month: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    once: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


class Told(_Model):
    """What a person says of a prerequisite, and on which day; `until` where it is known to end."""

    holds: bool
    said: date
    who: str = ""
    until: date | None = None


class Settings(_Model):
    """What is not said is None, and stays unknown; only the hours and the days of business have a usual value."""

    timezone: str = ""
    country: str = ""
    region: str = ""
    business_hours: Hours | None = None
    business_days: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri")
    days_off: tuple[date, ...] = ()
    critical_periods: tuple[Period, ...] | None = None
    budget: Budget = Budget()
    told: dict[str, Told] = {}

    @field_validator("timezone")
    @classmethod
    def _zone(cls, given: str) -> str:
        if _zone(given) is None:
            raise ValueError(f"{given!r} is no time zone, as in Europe/Berlin or America/New_York")
        return given

    @field_validator("business_days")
    @classmethod
    def _some(cls, given: tuple[Day, ...]) -> tuple[Day, ...]:
        if not given:
            raise ValueError("a week without a working day has no window")
        return given

    @model_validator(mode="after")
    def _country(self) -> Settings:
        if self.region and not self.country:
            raise ValueError("a region is one of a country, and none is given")
        if self.country:
            known = holidays.list_supported_countries()
            if self.country not in known:
                raise ValueError(f"{self.country!r} is no country here; it is two capital letters, as in DE or US")
            if self.region and self.region not in known[self.country]:
                raise ValueError(unknown("region", self.region, known[self.country]))
        return self

    def zone(self) -> ZoneInfo:
        """The time zone of the settings, else this machine's. Raises SprocketError where TZ is one without a name."""
        return (_zone(self.timezone) if self.timezone else None) or _machine()


def file() -> Path:
    """Where the settings of planning lie: beside the profiles."""
    return settings.file().with_name("plan.yaml")


def load(planning: Planning, now: datetime) -> Settings:
    """The settings, the usual ones where there is no file. Raises SprocketError with each line that is wrong.

    `planning` says which prerequisites somebody can tell of; nobody can have told anything later than `now`.
    """
    path = file()
    document = opened(path) if path.exists() else None
    if document is None:
        return Settings()
    problems: list[Problem] = []
    found = shaped(Settings, document, (), document.data, problems)
    names = [each.id for each in planning.prerequisites]
    for name, word in found.told.items() if found else ():
        if name not in names:
            problems.append(problem(document, ("told", name), unknown("prerequisite", name, names)))
        if found and word.said > now.astimezone(found.zone()).date():
            fault = f"{word.said} is in the future; write the day on which it was said"
            problems.append(problem(document, ("told", name, "said"), fault))
    if found is None or problems:
        raise faulty(problems)
    return found


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (OSError, KeyError, ValueError):
        return None


def _machine() -> ZoneInfo:
    """This machine's zone with its rules (not only today's offset): from TZ, else from what /etc/localtime is."""
    named = os.environ.get("TZ", "").lstrip(":")
    if named and not named.startswith("/"):
        zone = _zone(named)
        if zone is None:
            raise SprocketError(
                f"TZ={named} does not name a time zone",
                remedy=f"write it into {file()}, as in `timezone: Europe/Berlin`",
            )
        return zone
    _, _, linked = str(Path(named or _LOCALTIME).resolve()).partition("/zoneinfo/")
    return _zone(linked) or ZoneInfo("UTC")
