"""Takes measurements: everything for the droplet in one batch, and at the same time what is measured here."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast

from sprocket_tui.checks import batched
from sprocket_tui.checks.batched import GRACE, Observed, Part, Target
from sprocket_tui.checks.excerpt import beginning, excerpt, masked_by
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.once import Once
from sprocket_tui.checks.pace import INTERRUPTED, Pace
from sprocket_tui.checks.pool import Pool
from sprocket_tui.checks.probes import PROBES
from sprocket_tui.checks.probes.base import Answers, Droplet, Here, Probe, ProbeError, Unreached, cleaned
from sprocket_tui.guide.model import ProbeWords, Where
from sprocket_tui.redaction import Redactor
from sprocket_tui.secret import Secret
from sprocket_tui.target.batch import Command
from sprocket_tui.target.link import Link
from sprocket_tui.target.local import LocalLink
from sprocket_tui.target.together import Together
from sprocket_tui.terminal import clean
from sprocket_tui.values import JSON

_EVIDENCE = 4096
_REASON = 1000
# A local shell looks once a second whether it is to end.
_ENDING = 1.5
_CONNECT = "Restore the connection to the target, then check this again."


@dataclass(frozen=True)
class Measurement:
    """One thing to measure: a probe's words, already expanded, and where."""

    words: ProbeWords
    where: Where

    @property
    def key(self) -> str:
        """The same for two checks that ask the same thing, so that it is asked once."""
        return f"{self.where} {self.words.kind} {self.words.model_dump_json()}"

    def asked(self, redact: Callable[[str], str]) -> str:
        """What is asked, as a JSON object; how long it may take changes nothing of that."""
        words = cast("JSON", self.words.model_dump(mode="json", exclude={"timeout"}))
        return json.dumps(_redacted(words, redact), sort_keys=True)


# Says what it observed, by key: some of it to the function that it is given, the rest by returning it.
_Task = Callable[[Callable[[Observed], None]], Observed]


@dataclass(eq=False)
class _Beforehand:
    """What a measurement at both ends asks in the batch, and what came of it."""

    asked: tuple[Command, ...]
    got: Answers | Observation = field(default_factory=lambda: Observation(reason="no answer came"))

    def have(self, got: Answers | Observation) -> Observed:
        self.got = got
        return {}


def measure(
    wanted: Sequence[Measurement],
    *,
    target: Target,
    secrets: Mapping[str, Secret],
    deadline: float,
    wall: Callable[[], float] = time.time,
    pace: Pace | None = None,
    once: Once[Observation] | None = None,
) -> Observed:
    """An observation for each measurement, by key, within about `deadline` seconds; what goes wrong is its reason.

    What is measured from here without a shell is taken from `once` where another target has it already. With a `pace`
    that ends it early the link is closed: nothing that was begun goes on behind it.
    """
    unique = {each.key: each for each in wanted}
    scripts, direct, observed = _sorted(unique)
    droplet = {key: each for key, each in scripts.items() if each.where == "droplet"}
    here = {key: each for key, each in scripts.items() if each.where == "here"}
    # Set once nothing of ours runs on the droplet any more.
    free = threading.Event()
    together = Together(target.link) if target.link else None
    redactor = Redactor(secrets.values())
    tasks: dict[str, _Task] = {}
    alike = Once[Any]()
    asks: list[Part] = []
    for key, each in direct.items():
        before = _Beforehand(_limited(_asks(each), deadline))
        if before.asked:
            asks.append(Part(before.asked, before.have))
        own = Here(secrets, partial(_lent, target, free, together, before), alike)
        tasks[key] = _measurer(key, each, own, redactor, deadline, wall, once or Once[Observation]())
    local = Target(LocalLink(), path=target.path)
    batches = (("droplet", droplet, asks, target, free), ("here", here, list[Part](), local, threading.Event()))
    # They go first: a batch holds most of what there is to wait for.
    first = {
        name: _batcher(each, parts, at, redactor, deadline, wall, over)
        for name, each, parts, at, over in batches
        if each or parts
    }
    if "droplet" not in first:
        free.set()
    pace = pace or Pace()
    began = time.monotonic()
    pool = Pool(first | tasks)
    for found in pool.results(min(pace.until, time.monotonic() + deadline + 2 * GRACE), pace.go_on):
        observed |= found
        if pace.teller:
            for key in found:
                pace.teller.measured(key)
    missing = [key for key in unique if key not in observed]
    if missing and (pace.stopped() or time.monotonic() >= pace.until):
        observed |= _end([at.link for at in (target, local) if at.link], pool)
    late = INTERRUPTED if pace.stopped() else f"no answer within {deadline:.0f} s"
    with masked_by(redactor):
        waited = time.monotonic() - began
        return {
            key: _safe(observed.get(key) or _late(each, late, waited), redactor.text) for key, each in unique.items()
        }


def _batcher(
    wanted: Mapping[str, Measurement],
    others: Sequence[Part],
    target: Target,
    redactor: Redactor,
    deadline: float,
    wall: Callable[[], float],
    over: threading.Event,
) -> _Task:
    """A batch to run, with `others` in it; `over` is set once it has ended, however it did."""

    def task(tell: Callable[[Observed], None]) -> Observed:
        refused: Observed = {}
        parts = [*others]
        try:
            for key, each in wanted.items():
                try:
                    parts.append(_part(key, each, redactor, deadline))
                except ProbeError as error:
                    refused[key] = Observation(reason=str(error))
            return refused | batched.run(parts, target, tell, wall)
        finally:
            over.set()

    return task


@contextmanager
def _lent(
    target: Target, free: threading.Event, together: Together | None, before: _Beforehand
) -> Generator[Droplet, None, None]:
    """The droplet once it is free, for one measurement among its like; raises ProbeError without a link to it."""
    if together is None:
        raise Unreached(target.why, to_do=_CONNECT)
    with together.joined(free) as link:
        yield Droplet(link, target.path, target.privilege, before.got)


def _end(links: Sequence[Link], pool: Pool[Observed]) -> Observed:
    """Closes the links and waits for a moment, so that no script of ours outlives the program; what was still seen."""
    for link in links:
        link.close()
    late: Observed = {}
    for found in pool.results(time.monotonic() + _ENDING):
        late |= {key: each for key, each in found.items() if each.measured}
    return late


def _late(measurement: Measurement, reason: str, waited: float) -> Observation:
    """What is said of a measurement that nobody waited for any longer, after so many seconds."""
    return Observation(reason="; ".join(each for each in (reason, measurement.words.leaves) if each), seconds=waited)


def _sorted(
    unique: Mapping[str, Measurement],
) -> tuple[dict[str, Measurement], dict[str, Measurement], Observed]:
    """What goes into a batch, what is measured here without a shell, and what cannot be measured at its place."""
    scripts: dict[str, Measurement] = {}
    direct: dict[str, Measurement] = {}
    refused: Observed = {}
    for key, each in unique.items():
        probe = PROBES[each.words.kind]
        if probe.measure and (each.where == "here" or not probe.needs_place):
            direct[key] = each
        elif probe.commands:
            scripts[key] = each
        else:
            refused[key] = Observation(reason=f"{probe.kind} is only measured from here, not on the droplet")
    return scripts, direct, refused


def _part(key: str, each: Measurement, redactor: Redactor, deadline: float) -> Part:
    """The commands of a measurement, none of them longer than the deadline."""
    commands = PROBES[each.words.kind].commands
    assert commands
    began = time.monotonic()

    def have(got: Answers | Observation) -> Observed:
        if isinstance(got, Observation):
            return {key: got}
        seen = observe(each.words, got, redactor)
        return {key: replace(seen, seconds=time.monotonic() - began, at=got.ended)}

    return Part(_limited(commands(each.words), deadline), have)


def _asks(each: Measurement) -> tuple[Command, ...]:
    asks: Probe[Any] = PROBES[each.words.kind]
    return asks.asks(each.words)


def _limited(commands: Sequence[Command], deadline: float) -> tuple[Command, ...]:
    return tuple(replace(command, timeout=min(command.timeout, deadline)) for command in commands)


def observe(words: ProbeWords, answers: Answers, redactor: Redactor | None = None) -> Observation:
    """What a probe reads from its commands' answers; whatever it cannot read is a reason, never an error.

    What it cuts holds no secret of `redactor`.
    """
    read = PROBES[words.kind].read
    assert read
    return _guarded(lambda: read(words, answers), redactor or Redactor())


def _measurer(
    key: str,
    each: Measurement,
    here: Here,
    redactor: Redactor,
    deadline: float,
    wall: Callable[[], float],
    once: Once[Observation],
) -> _Task:
    probe: Probe[Any] = PROBES[each.words.kind]
    limit = min(each.words.timeout, deadline)

    def made() -> Observation:
        assert probe.measure
        measurer, began = probe.measure, time.monotonic()
        observation = _guarded(lambda: measurer(each.words, here, limit), redactor)
        return replace(observation, seconds=time.monotonic() - began, at=wall())

    # What needs the droplet too says something of that droplet alone.
    own = probe.both_ends(each.words)
    return lambda _tell: {key: made() if own else once.get(key, made)}


def _guarded(work: Callable[[], Observation], redactor: Redactor) -> Observation:
    try:
        with masked_by(redactor):
            return work()
    except ProbeError as error:
        reason = str(error) or "it could not be measured"
        return Observation(reason=reason, to_do=error.to_do, unreached=isinstance(error, Unreached))
    except Exception as error:
        # Whatever a library raises: nothing may end the thread that measures, nor say its text unmasked.
        return Observation(reason=f"the answer could not be read ({type(error).__name__}: {error})")


def _safe(observation: Observation, redact: Callable[[str], str]) -> Observation:
    """The observation with every text cleaned and redacted; this is the one place where it enters."""

    def text(raw: str) -> str:
        return redact(clean(raw))

    return replace(
        observation,
        value=_redacted(cleaned(observation.value), redact),
        seen=text(observation.seen),
        reason=excerpt(observation.reason, _REASON),
        to_do=text(observation.to_do),
        evidence=beginning(observation.evidence, _EVIDENCE),
    )


def _redacted(value: JSON, redact: Callable[[str], str]) -> JSON:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [_redacted(each, redact) for each in value]
    if isinstance(value, dict):
        return {name: _redacted(each, redact) for name, each in value.items()}
    return value
