"""How long each stage takes for these people, and when it is that time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sprocket_tui.guide.planning import Experience, Planning, Range, Stage
from sprocket_tui.planning.calendar import Calendar, later


@dataclass(frozen=True)
class Crew:
    """How many people, and whether it is their first time."""

    people: int = 1
    experience: Experience = "first"


@dataclass(frozen=True)
class Timed:
    """A stage and the minutes that these people need for it."""

    stage: Stage
    minutes: Range


@dataclass(frozen=True)
class Spot:
    """When a stage begins and ends, if everything before it and itself takes as long as it may."""

    timed: Timed
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Window:
    """From `starts` to between `soonest` and `ends`; `stretches` are its parts without a night between."""

    starts: datetime
    soonest: datetime
    ends: datetime
    spots: tuple[Spot, ...]
    stretches: tuple[tuple[datetime, datetime], ...]

    def __str__(self) -> str:
        """ "Mon 30 Nov 09:00-15:00"; with the year where that is another one than the start's."""
        same = self.starts.date() == self.ends.date()
        return (
            f"{said(self.starts)}{'-' if same else ' to '}{self.ends:%H:%M}"
            if same
            else (f"{said(self.starts)} to {said(self.ends)}")
        )


def said(moment: datetime) -> str:
    """ "Mon 30 Nov 09:00"."""
    return f"{moment:%a} {moment.day} {moment:%b %H:%M}"


def timed(planning: Planning, crew: Crew) -> tuple[Timed, ...]:
    """Every stage with its minutes; two who do it for the first time are done sooner, as the guide's team says."""
    team = next(iter(planning.teams), None)
    low = high = 1.0
    if team and crew.people > 1 and crew.experience == "first":
        low = team.together.at_least / team.alone.at_least
        high = team.together.at_most / team.alone.at_most
    return tuple(Timed(stage, _scaled(getattr(stage, crew.experience), low, high)) for stage in planning.stages)


def total(stages: Sequence[Timed]) -> Range:
    """All of them together, in minutes."""
    return Range(
        at_least=sum(each.minutes.at_least for each in stages), at_most=sum(each.minutes.at_most for each in stages)
    )


def window(stages: Sequence[Timed], starts: datetime, calendar: Calendar) -> Window:
    """The stages that are not prepared, one after the other from `starts` on.

    What fits into one business day is not parted, even if it then ends too late; what does not goes on when the next
    working day opens, each stage whole.
    """
    changing = [each for each in stages if not each.stage.prepared]
    spots = tuple(
        Spot(each, *moments)
        for each, moments in zip(
            changing, _placed([each.minutes.at_most for each in changing], starts, calendar), strict=True
        )
    )
    soonest = _placed([each.minutes.at_least for each in changing], starts, calendar)
    stretches: list[tuple[datetime, datetime]] = []
    for spot in spots:
        if stretches and stretches[-1][1] == spot.starts:
            stretches[-1] = (stretches[-1][0], spot.ends)
        else:
            stretches.append((spot.starts, spot.ends))
    last = spots[-1].ends if spots else starts
    return Window(starts, soonest[-1][1] if soonest else starts, last, spots, tuple(stretches) or ((starts, starts),))


def ending(stages: Sequence[Timed], ends: datetime) -> datetime:
    """When to begin, so that all that is not prepared has ended at `ends`, even if it takes as long as it may."""
    return later(ends, -total([each for each in stages if not each.stage.prepared]).at_most)


def _placed(minutes: Sequence[float], starts: datetime, calendar: Calendar) -> list[tuple[datetime, datetime]]:
    parted = sum(minutes) > calendar.day_minutes(starts.date())
    found: list[tuple[datetime, datetime]] = []
    moment = starts
    for each in minutes:
        if parted and found and later(moment, each) > calendar.closing(moment.date()):
            moment = calendar.next_opening(moment)
        found.append((moment, later(moment, each)))
        moment = found[-1][1]
    return found


def _scaled(minutes: Range, low: float, high: float) -> Range:
    ends = sorted((minutes.at_least * low, minutes.at_most * high))
    return Range(at_least=round(ends[0]), at_most=round(ends[1]))
