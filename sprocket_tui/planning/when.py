"""What somebody means by a date: `tomorrow 10:00`, `friday`, `next friday`, `2026-12-01 09:00`, an ISO date-time."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# How many years from now on anything can be said of a day: holidays and prices are not known further ahead.
_YEARS = 5
_FORMS = 'now, "tomorrow 10:00", "friday 09:30", "2026-12-01 09:00", or 2026-12-01T09:00+01:00'


def parse(text: str, now: datetime, zone: ZoneInfo, opens: time) -> datetime:
    """The moment that `text` means, in `zone`; a day without a time begins when business `opens`.

    Raises SprocketError (USAGE) for what is no date, has passed, is years ahead, or does not exist because clocks go
    forward then.
    """
    said = " ".join(text.lower().split())
    here = now.astimezone(zone)
    if said == "now":
        return here
    found = _iso(said, zone) or _named(said, here, opens)
    if found is None:
        raise _refused(f"{text!r} is no date and time that is understood")
    # Before any arithmetic: that of the first and the last year that there is overflows.
    if found.year < here.year - 1:
        raise _refused(f"{found:%Y-%m-%d %H:%M} has passed")
    if found.year > here.year + _YEARS:
        ahead = f"is more than {_YEARS} years ahead; holidays and prices are not known so far"
        raise _refused(f"{found:%Y-%m-%d %H:%M} {ahead}")
    # Only a time that no clock shows comes back as another one.
    if found.astimezone(UTC).astimezone(found.tzinfo).replace(fold=0) != found.replace(fold=0):
        raise _refused(f"{found:%Y-%m-%d %H:%M} does not exist in {zone.key}: clocks go forward then")
    if found < now - timedelta(minutes=1):
        raise _refused(f"{found.astimezone(zone):%a %d %b %Y %H:%M} has passed")
    return found.astimezone(zone)


def understood(text: str, at: datetime, now: datetime) -> str:
    """Which day was taken for the one that `text` names; empty where the text itself is a date, or now."""
    if re.fullmatch(r"(now|\d.*)?", text.strip().lower()):
        return ""
    days = (at.date() - now.astimezone(at.tzinfo).date()).days
    away = ("today", "tomorrow")[days] if days < 2 else f"in {days} days"
    return f'"{" ".join(text.split())}" is {at:%A} {at.day} {at:%B %Y %H:%M}, {away}'


def _refused(said: str) -> SprocketError:
    return SprocketError(f"--at: {said}", remedy=f"give it as {_FORMS}", code=Exit.USAGE)


def _iso(said: str, zone: ZoneInfo) -> datetime | None:
    """A date with a time; without a zone of its own it is one of `zone`."""
    if not re.match(r"\d{4}-\d{2}-\d{2}[t ]\d", said):
        return None
    try:
        found = datetime.fromisoformat(said.upper())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _named(said: str, here: datetime, opens: time) -> datetime | None:
    """A day by its date or its name, with a time or without.

    A weekday's name is the first such moment that has not passed, today's too; with `next` before it, never today's.
    """
    following = said.startswith("next ")
    word, _, rest = said.removeprefix("next ").partition(" ")
    clock = _clock(rest) if rest else opens
    if clock is None:
        return None
    today = here.date()
    number = next((place for place, name in enumerate(_NAMES) if len(word) > 2 and name.startswith(word)), None)
    if number is not None:
        found = _at(today + timedelta(days=(number - today.weekday()) % 7), clock, here)
        over = found < here or (following and found.date() == today)
        return _at(found.date() + timedelta(days=7), clock, here) if over else found
    if following:
        return None
    if word in {"today", "tomorrow"}:
        return _at(today + timedelta(days=word == "tomorrow"), clock, here)
    try:
        return _at(date.fromisoformat(word), clock, here) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", word) else None
    except ValueError:
        return None


def _clock(said: str) -> time | None:
    """A time as in 9:30 or 09:30."""
    try:
        return time.fromisoformat(f"{said:0>5}") if re.fullmatch(r"\d{1,2}:\d{2}", said) else None
    except ValueError:
        return None


def _at(day: date, at: time, here: datetime) -> datetime:
    return datetime.combine(day, at, here.tzinfo)
