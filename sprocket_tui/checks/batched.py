"""The one batch of a place: all that is asked there by commands, side by side in one channel, the same but once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Answers
from sprocket_tui.checks.rooted import rooted
from sprocket_tui.errors import LinkLost, SprocketError
from sprocket_tui.target.batch import Answer, Command, run_batch
from sprocket_tui.target.link import Link, Privilege

# Beyond the slowest command: connecting its answers back over a slow link.
GRACE = 20.0

Observed = dict[str, Observation]


@dataclass(frozen=True)
class Target:
    """Where droplet commands run. Without a link `why` says why there is none; `path` is the profile's."""

    link: Link | None
    why: str = "there is no connection to the target"
    path: tuple[str, ...] = ()
    privilege: Privilege = field(default_factory=Privilege)


@dataclass(eq=False)
class Part:
    """Commands that belong together. `have` takes their answers, or why there are none, and says what is observed."""

    commands: tuple[Command, ...]
    have: Callable[[Answers | Observation], Observed]
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])


def run(
    parts: Sequence[Part], target: Target, tell: Callable[[Observed], None], wall: Callable[[], float] = time.time
) -> Observed:
    """`tell` has what each part observes once its answers are here.

    Returns what those observe that have none; where the exchange ended early that is for the same reason.
    """
    if target.link is None:
        return _without(parts, Observation(reason=target.why, unreached=True))
    heirs: dict[tuple[str, float], list[tuple[Part, str]]] = {}
    for part in parts:
        for command in part.commands:
            heirs.setdefault((command.script, command.timeout), []).append((part, command.key))
    commands = [Command(str(number), *asked) for number, asked in enumerate(heirs)]
    by_number, waiting, started = list(heirs.values()), list(parts), wall()

    def on_answer(number: str, answer: Answer) -> None:
        for part, key in by_number[int(number)]:
            part.answers[key] = answer
            if len(part.answers) == len(part.commands):
                waiting.remove(part)
                tell(part.have(Answers(part.answers, started=started, ended=wall())))

    try:
        slowest = max((command.timeout for command in commands), default=0.0)
        link = rooted(target.link, target.privilege)
        run_batch(link, commands, deadline=slowest + GRACE, path=target.path, on_answer=on_answer)
    except LinkLost as error:
        return _without(waiting, Observation(reason=f"connection lost: {error.message}", unreached=True))
    except SprocketError as error:
        return _without(waiting, Observation(reason=error.message))
    return {}


def _without(parts: Iterable[Part], why: Observation) -> Observed:
    found: Observed = {}
    for part in parts:
        found |= part.have(why)
    return found
