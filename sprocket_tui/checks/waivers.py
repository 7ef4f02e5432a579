"""Waivers: a person answers for a check until a day, for what was asked and seen, and for nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import cast

from pydantic import BaseModel, ConfigDict, JsonValue

from sprocket_tui import settings
from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.checks.rollup import effective
from sprocket_tui.errors import SprocketError
from sprocket_tui.guide.problems import Problem
from sprocket_tui.guide.shape import problem, shaped
from sprocket_tui.guide.written import faulty, opened
from sprocket_tui.terminal import shortened
from sprocket_tui.values import JSON

LONGEST = 90


class Waiver(BaseModel):
    """Who answers for it, why, and the last day on which that holds; `saw` is the observation that it is bound to."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    by: str
    reason: str
    given: date
    until: date
    saw: dict[str, JsonValue]


# By a check's id, that of the element where a list made it.
Waivers = Mapping[str, Waiver]


def bound(verdict: Verdict) -> dict[str, JSON]:
    """What a waiver of this verdict is bound to.

    What was asked, the state (one that is better is answered for as well), and what counts of the value, or why there
    is none.
    """
    seen = verdict.observation
    asked = cast("JSON", json.loads(verdict.asked or "{}"))
    found: dict[str, JSON] = {"value": verdict.counted()} if seen.measured else {"reason": seen.reason}
    return {"title": verdict.title, "asked": asked, "state": effective(verdict).value, **found}


def give(verdicts: Sequence[Verdict], id_: str, *, by: str, reason: str, until: date, today: date) -> Waiver:
    """A waiver of the check `id_` as it was seen now. Raises SprocketError, with what to do, where it cannot be had."""
    check_dates(id_, until, today)
    verdict = next((each for each in verdicts if each.id == id_), None)
    if verdict is None:
        made = [each.id for each in verdicts if each.id.startswith(f"{id_}.")]
        raise SprocketError(
            f"{id_} cannot be waived: it was not measured by itself",
            remedy=f"waive one of {', '.join(made)}" if made else "measure it in the same run",
        )
    if not _needs(verdict):
        raise SprocketError(
            f"{id_} is not waived: its state is {verdict.state.value}", remedy=f"leave --waive {id_} out"
        )
    cause = next((each for each in verdicts if each.id == verdict.blocked_by), verdict)
    if cause.observation.unreached:
        raise SprocketError(
            f"{id_} cannot be waived: nothing was measured there ({cause.observation.reason})",
            remedy="reach the target first, and answer for what is seen then",
        )
    return Waiver(by=by, reason=reason, given=today, until=until, saw=cast("dict[str, JsonValue]", bound(verdict)))


def check_dates(id_: str, until: date, today: date) -> None:
    """Raises SprocketError for a day that is over, or too far away for anybody to answer for."""
    if until < today:
        raise SprocketError(
            f"{id_} cannot be waived until {until}: that day is over", remedy="give --until a later day"
        )
    last = today + timedelta(days=LONGEST)
    if until > last:
        raise SprocketError(
            f"{id_} cannot be waived until {until}: {LONGEST} days are the most",
            remedy=f"give --until {last} at the latest, and look at it again then",
        )


def applied(
    verdicts: Sequence[Verdict], kept: Waivers, unwaivable: frozenset[str], today: date
) -> tuple[tuple[Verdict, ...], dict[str, Waiver]]:
    """The verdicts, those whose waiver is void with why, and the waivers that hold, by id."""
    told: list[Verdict] = []
    holding: dict[str, Waiver] = {}
    for verdict in verdicts:
        waiver = kept.get(verdict.id) if _needs(verdict) else None
        void = _void(verdict, waiver, verdict.id in unwaivable, today) if waiver else ""
        if waiver and not void:
            holding[verdict.id] = waiver
        told.append(replace(verdict, observed=f"{verdict.observed} ({void})") if void else verdict)
    return tuple(told), holding


def load(target: str) -> dict[str, Waiver]:
    """The waivers kept for a target, by the check's id. Raises SprocketError with the line of all that is wrong."""
    return everything().get(target, {})


def everything() -> dict[str, dict[str, Waiver]]:
    """All waivers that are kept, by target and check."""
    document = opened(file()) if file().exists() else None
    if document is None:
        return {}
    problems: list[Problem] = []
    found: dict[str, dict[str, Waiver]] = {}
    for target, checks in document.data.items():
        if not isinstance(checks, dict):
            problems.append(problem(document, (target,), "must map checks to their waivers"))
            continue
        for id_, fields in cast("dict[str, object]", checks).items():
            waiver = shaped(Waiver, document, (target, id_), fields, problems)
            if waiver:
                found.setdefault(target, {})[id_] = waiver
    if problems:
        raise faulty(problems)
    return found


def keep(target: str, given: Waivers) -> Path:
    """Adds or replaces waivers of a target, atomically; the others stay as they are, also where two do it at once."""
    with settings.alone(file()):
        known = everything()
        return _write({**known, target: {**known.get(target, {}), **given}})


def forget(target: str, id_: str) -> Path:
    """Removes one waiver. Raises SprocketError where there is none."""
    if id_ not in load(target):
        raise SprocketError(f"no waiver of {id_} is kept for {target}", remedy="sprocket-tui waivers")
    with settings.alone(file()):
        left = {
            each: {name: one for name, one in kept.items() if (each, name) != (target, id_)}
            for each, kept in everything().items()
        }
        return _write(left)


def file() -> Path:
    """Beside the profiles."""
    return settings.file().with_name("waivers.yaml")


def _write(waivers: Mapping[str, Waivers]) -> Path:
    document: dict[str, JSON] = {
        target: {id_: cast("JSON", each.model_dump(mode="json")) for id_, each in kept.items()}
        for target, kept in waivers.items()
        if kept
    }
    return settings.write(file(), document)


def _needs(verdict: Verdict) -> bool:
    """Whether there is anything to answer for."""
    return effective(verdict) in {State.FAIL, State.UNKNOWN, State.WARN}


def _void(verdict: Verdict, waiver: Waiver, unwaivable: bool, today: date) -> str:
    """Why a waiver does not hold, or nothing."""
    if unwaivable:
        return "the waiver is void: this check cannot be waived"
    if waiver.until < today:
        return f"the waiver of {waiver.by} ended on {waiver.until}"
    if waiver.until > waiver.given + timedelta(days=LONGEST):
        return (
            f"the waiver is void: it was given on {waiver.given} until {waiver.until}, and {LONGEST} days are the most"
        )
    saw, now = cast("dict[str, JSON]", waiver.saw), bound(verdict)
    if not {"asked", "state"} <= saw.keys():
        return "the waiver is void: an earlier version gave it, which kept neither state nor what was asked; waive anew"
    if saw.get("title") != now["title"]:
        was, is_ = saw.get("title"), now["title"]
    elif saw["asked"] and now["asked"] and saw["asked"] != now["asked"]:
        was, is_ = _without(saw["asked"], now["asked"]), _without(now["asked"], saw["asked"])
    elif (saw.get("value"), saw.get("reason")) != (now.get("value"), now.get("reason")):
        was, is_ = saw.get("value", saw.get("reason")), now.get("value", now.get("reason"))
    elif saw["asked"] != now["asked"]:
        was, is_ = _asked(saw["asked"]), _asked(now["asked"])
    elif _rank(now["state"]) < _rank(saw["state"]):
        was, is_ = saw["state"], now["state"]
    else:
        return ""
    return f"the waiver is void: waived while it was {_said(was)}; now it is {_said(is_)}"


def _asked(asked: JSON) -> JSON:
    return asked or "not asked"


def _without(asked: JSON, other: JSON) -> JSON:
    """What of it was not asked alike."""
    if not isinstance(asked, dict) or not isinstance(other, dict):
        return asked
    return {name: part for name, part in asked.items() if other.get(name) != part}


def _rank(state: JSON) -> int:
    """The worst is 0; a state that is none, as a file may have it, is better than any."""
    return next((place for place, each in enumerate(State) if each == state), len(State))


def _said(shown: JSON) -> str:
    """One side in few words, for a person to see the difference."""
    if isinstance(shown, dict) and list(shown) == ["value"]:
        # All of it counts, so that its name says nothing.
        shown = shown["value"]
    return shortened(shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False), 120)
