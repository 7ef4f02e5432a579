"""Working days, holidays and business hours of one place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import holidays

from sprocket_tui.planning.settings import Hours, Period, Settings
from sprocket_tui.planning.when import DAYS

# A run of days off that is longer than this is not looked at to its end.
_LONGEST_RUN = 14


class Calendar:
    """What the settings say of days. Without a country `knows_holidays` is false, and no day is one."""

    def __init__(self, settings: Settings, zone: ZoneInfo) -> None:
        self.zone = zone
        self.hours = settings.business_hours or Hours()
        self.hours_assumed = settings.business_hours is None
        self.knows_holidays = bool(settings.country)
        self.periods: tuple[Period, ...] | None = settings.critical_periods
        self._settings = settings
        self._holidays: Mapping[date, str] = (
            cast(
                "Mapping[date, str]",
                holidays.country_holidays(settings.country, subdiv=settings.region or None, language="en_US"),
            )
            if settings.country
            else {}
        )

    def holiday(self, day: date) -> str:
        """The holiday's name, or that the settings name it as a day off; empty for any other."""
        return self._holidays.get(day) or ("a day off" if day in self._settings.days_off else "")

    def off(self, day: date) -> str:
        """Why nobody works on that day; empty for a working day."""
        named = self.holiday(day)
        return named or ("" if DAYS[day.weekday()] in self._settings.business_days else f"{day:%A}")

    def days_off_from(self, day: date) -> int:
        """How many days without work begin with `day`."""
        return next((n for n in range(_LONGEST_RUN) if not self.off(day + timedelta(days=n))), _LONGEST_RUN)

    def opening(self, day: date) -> datetime:
        return datetime.combine(day, self.hours.opens, self.zone)

    def closing(self, day: date) -> datetime:
        return datetime.combine(day, self.hours.closes, self.zone)

    def day_minutes(self, day: date) -> float:
        """How long business lasts on that day; a change of the clocks counts."""
        return (self.closing(day).astimezone(UTC) - self.opening(day).astimezone(UTC)).total_seconds() / 60

    def next_opening(self, moment: datetime) -> datetime:
        """When the next working day after that of `moment` begins."""
        day = moment.date() + timedelta(days=1)
        while self.off(day):
            day += timedelta(days=1)
        return self.opening(day)

    def period(self, day: date) -> Period | None:
        """The critical period that the day lies in."""
        return next((each for each in self.periods or () if each.first <= day <= each.last), None)


def later(moment: datetime, minutes: float) -> datetime:
    """So many minutes of real time later, whatever the clocks do meanwhile."""
    return (moment.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(moment.tzinfo)
