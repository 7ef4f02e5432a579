"""What the Swarm's tasks do at a moment: it follows from when a service was made and what becomes of it."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from sprocket_tui.practice.world import Past, Service, State, age

# Seconds of the world's time.
STARTING, RUNNING = 1.2, 2.0
DELAY = 5.0
_REFUSED_AFTER = 0.3
_CRASH_BEGINS, _CRASHES = 0.5, 1.0
_UNHEALTHY_BEGINS, _SICK, _UNHEALTHY_ENDS = 1.0, 3.5, 13.0
# How many tasks of a slot the Swarm remembers.
_KEPT = 5
_NEVER_STARTED = "starting container failed"

Current = Literal["Preparing", "Starting", "Running", "Ready", "Pending", "Rejected", "Failed", "Shutdown"]


@dataclass(frozen=True)
class Task:
    """A task of a slot. `since` is how long it has been in its state, `made` how old it is, in the world's seconds."""

    id: str
    service: Service
    slot: int
    desired: str
    current: Current
    since: float
    made: float
    error: str = ""

    @property
    def name(self) -> str:
        """SERVICE.SLOT."""
        return f"{self.service['name']}.{self.slot}"

    @property
    def placed(self) -> bool:
        """Whether it was given to the node."""
        return self.current != "Pending"

    @property
    def up(self) -> bool:
        """Whether it counts as a running replica."""
        return self.desired == self.current == "Running"

    @property
    def health(self) -> str:
        """What its health check says while it starts: "", "starting" or "unhealthy"."""
        if self.service["fate"] != "unhealthy" or self.current != "Starting":
            return ""
        return "unhealthy" if self.since > _SICK - _UNHEALTHY_BEGINS else "starting"

    @property
    def diagnosed(self) -> str:
        """What its health check said last: Docker keeps "unhealthy" once the program has ended."""
        sick = self.service["fate"] == "unhealthy" and self.exit is not None
        return "unhealthy" if sick else self.health

    @property
    def container(self) -> str:
        """The id of its container."""
        return hashlib.sha256(self.id.encode()).hexdigest()

    @property
    def alive(self) -> bool:
        """Whether a program runs in its container."""
        return self.current == "Running" or self.health != ""

    @property
    def exit(self) -> int | None:
        """The exit status of its container; None where that did not start or still runs."""
        found = re.search(r"non-zero exit \((\d+)\)", self.error)
        if self.current == "Shutdown":
            return 137
        return int(found[1]) if self.current == "Failed" and found else None

    @property
    def contained(self) -> bool:
        """Whether there is a container for it."""
        made_early = self.current == "Ready" and self.service["fate"] != "rejected"
        return self.alive or self.exit is not None or made_early or _NEVER_STARTED in self.error


# Number, desired state, state, how long in it, age, error.
TaskMaker = Callable[..., Task]


def tasks(state: State, service: Service) -> list[Task]:
    """All tasks that the Swarm remembers, by slot, the newest first."""
    found: list[Task] = []
    replicas, past = service["replicas"], service.get("past", [])
    for slot in sorted({*range(1, replicas + 1), *(each["slot"] for each in past)}):
        now = list(_series(service, slot, age(state, _start(service, slot)))) if slot <= replicas else []
        found += [*now, *(_past(state, service, each) for each in past if each["slot"] == slot)][:_KEPT]
    return [replace(each, error=_named(each)) for each in found]


def running(state: State, service: Service) -> int:
    """How many replicas run."""
    return sum(task.up for task in tasks(state, service))


def restart(state: State, service: Service, *, wait: float = 0.0) -> None:
    """Ends the tasks and begins new ones after `wait` seconds of the world's time."""
    now = time.time()
    service["past"] = [_ended(state, task, now) for task in tasks(state, service) if _began(task)]
    service["updated"] = now + wait / state["speed"]
    service.pop("starts", None)
    _begin(service, range(1, service["replicas"] + 1))


def fail(state: State, service: Service, slot: int, error: str) -> None:
    """Lets the task of one slot fail; the next one starts after the usual delay."""
    now = time.time()
    first, *rest = [task for task in tasks(state, service) if task.slot == slot]
    others = [each for each in service.get("past", []) if each["slot"] != slot]
    failed: Past = {"id": first.id, "slot": slot, "state": "Failed", "since": now, "error": error}
    service["past"] = [failed, *(_ended(state, task, now) for task in rest), *others]
    starts = [_start(service, number) for number in range(1, service["replicas"] + 1)]
    starts[slot - 1] = now + DELAY / state["speed"]
    service["starts"] = starts
    service["updated"] = max(starts)
    _begin(service, [slot])


def scale(state: State, service: Service, replicas: int) -> None:
    """Ends the tasks of the slots that go, begins those of the slots that come."""
    now, before = time.time(), service["replicas"]
    starts = [_start(service, number) for number in range(1, before + 1)]
    service["starts"] = [*starts[:replicas], *[now] * (replicas - before)]
    service["replicas"] = replicas
    _begin(service, range(before + 1, replicas + 1))
    if before == 0:
        service["updated"] = now


def _start(service: Service, slot: int) -> float:
    starts = service.get("starts", [])
    return starts[slot - 1] if slot <= len(starts) else service["updated"]


def _begin(service: Service, slots: Iterable[int]) -> None:
    """Counts that tasks of these slots begin anew, by which they are told from those before, whatever the time."""
    begun = service.get("begun", [])
    for slot in slots:
        begun += [0] * (slot - len(begun))
        begun[slot - 1] += 1
    service["begun"] = begun


def _begun(service: Service, slot: int) -> int:
    begun = service.get("begun", [])
    return begun[slot - 1] if slot <= len(begun) else 0


def _series(service: Service, slot: int, old: float) -> Iterator[Task]:
    def task(number: int, desired: str, current: Current, since: float, made: float, error: str = "") -> Task:
        mark = f"{service['id']} {slot} {number} {_begun(service, slot)}"
        return Task(identifier(mark), service, slot, desired, current, max(since, 0.0), max(made, 0.0), error)

    if old < 0:
        yield task(0, "Ready", "Ready", old + DELAY, old + DELAY)
        return
    match service["fate"]:
        case "pending":
            yield task(0, "Running", "Pending", old, old, service["error"])
        case "runs" if old < RUNNING:
            begun = old >= STARTING
            yield task(0, "Running", "Starting" if begun else "Preparing", old - STARTING * begun, old)
        case "runs":
            yield task(0, "Running", "Running", old - RUNNING, old)
        case "rejected" if old < _REFUSED_AFTER:
            yield task(0, "Running", "Preparing", old, old)
        case "rejected":
            # The first is refused twice at once: its successor before the delay as well as after it.
            newest = 1 + int((old - _REFUSED_AFTER) // DELAY)
            for number in range(newest, max(newest - _KEPT, -1), -1):
                since = old - _REFUSED_AFTER - DELAY * max(number - 1, 0)
                desired = "Ready" if number == newest else "Shutdown"
                yield task(number, desired, "Rejected", since, since, service["error"])
        case "fails":
            yield from _loop(service, old, _CRASH_BEGINS, _CRASHES, task)
        case "unhealthy":
            yield from _loop(service, old, _UNHEALTHY_BEGINS, _UNHEALTHY_ENDS, task)


def _loop(service: Service, old: float, begins: float, ends: float, task: TaskMaker) -> Iterator[Task]:
    """Tasks that start, end after `ends` seconds, and are followed by the next one after the delay."""
    period = ends + DELAY
    number, phase = int(old // period), old % period
    # Seconds since this try began; the container of a later one was made while the one before failed.
    made = phase + (DELAY if number else 0)
    if phase < begins and not number:
        yield task(number, "Running", "Preparing", phase, made)
    elif phase < ends:
        yield task(number, "Running", "Starting", phase - (0 if number else begins), made)
    else:
        yield task(number + 1, "Ready", "Ready", phase - ends, phase - ends)
        yield task(number, "Shutdown", "Failed", phase - ends, made, service["error"])
    for earlier in range(number - 1, max(number - _KEPT, -1), -1):
        since = old - period * earlier - ends
        yield task(earlier, "Shutdown", "Failed", since, since + ends, service["error"])


def _past(state: State, service: Service, past: Past) -> Task:
    since = max(age(state, past["since"]), 0.0)
    return Task(past["id"], service, past["slot"], "Shutdown", past["state"], since, since, past["error"])


def _began(task: Task) -> bool:
    """Whether it is remembered; one that waits for its turn or for a node is the one that starts then."""
    return task.current not in ("Ready", "Pending")


def _ended(state: State, task: Task, now: float) -> Past:
    before = now - task.since / state["speed"]
    if task.current in ("Failed", "Rejected", "Shutdown"):
        return {"id": task.id, "slot": task.slot, "state": task.current, "since": before, "error": task.error}
    return {"id": task.id, "slot": task.slot, "state": "Shutdown", "since": now, "error": ""}


def _named(task: Task) -> str:
    return task.error.replace("{task}", task.id).replace("{container}", task.container)


def identifier(mark: str) -> str:
    """An id as the Swarm makes them, the same for the same mark."""
    number = int.from_bytes(hashlib.sha256(mark.encode()).digest(), "big")
    letters = "0123456789abcdefghijklmnopqrstuvwxyz"
    return "".join(letters[number // 36**place % 36] for place in range(25))
