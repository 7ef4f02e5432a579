"""What Docker's own JSON documents say of a service: its row in `service ls`, `service inspect`, and `service ps`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sprocket_tui.checks.probes.base import as_object, as_text
from sprocket_tui.values import JSON

# What decides whatever the tasks do: a rollback leaves the old version running, which is not what was asked for.
_UPDATING = {
    "updating": "updating",
    "rollback_started": "updating",
    "paused": "paused",
    "rollback_paused": "paused",
    "rollback_completed": "rolled-back",
}
# A task younger than this after a failure is one more try, not yet a running service (Swarm's own monitor is 5 s).
_FRESH_SECONDS = 10
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2592000, "year": 31536000}


# The states of a service, the worst first; what a person or a program ended on purpose stands before what runs.
WORST_FIRST = ("absent", "failing", "paused", "rolled-back", "stopped", "updating", "starting", "complete", "converged")


@dataclass(frozen=True)
class Task:
    """One task: `slot` is its service's name and number, `age` the seconds since its state changed, when told."""

    slot: str
    desired: str
    current: str
    error: str
    age: float | None

    @property
    def wanted(self) -> bool:
        return self.desired in {"Running", "Ready"}

    @property
    def up(self) -> bool:
        return self.desired == "Running" and self.current == "Running"

    @property
    def failed(self) -> bool:
        return self.current in {"Failed", "Rejected"}


@dataclass(frozen=True)
class Service:
    """A service judged from its documents; the words are those of `swarm_service`."""

    name: str
    mode: str
    desired: int
    running: int
    state: str
    error: str
    failures: int
    ended: int
    update: str
    tasks: tuple[Task, ...] = ()

    @property
    def told(self) -> str:
        """The service in words, with the newest error whole."""
        told = f"{self.name} is {self.state}, {self.running} of {self.desired} running"
        if self.failures and self.state != "converged":
            told += f", {self.failures} failed lately"
        if self.ended and self.state == "failing" and not self.error:
            told += ", its program ends by itself or its health check fails"
        return told + (f": {self.error}" if self.error else "")

    def unsteady(self, window: float) -> bool:
        """Whether a task that runs began, or one failed, less than `window` seconds ago."""
        young = any(task.up and task.age is not None and task.age < window for task in self.tasks)
        return young or self.failed_within(window) > 0

    def failed_within(self, window: float) -> int:
        """How many of the remembered tasks failed less than `window` seconds ago."""
        return sum(task.failed and task.age is not None and task.age < window for task in self.tasks)


def services(documents: Iterable[Mapping[str, JSON]]) -> list[Service]:
    """Every inspected service, by name, from a mix of rows, specifications and tasks told apart by their keys.

    The document that says "complete" may say when that was, by the droplet's clock.
    """
    rows: dict[str, str] = {}
    specs: dict[str, Mapping[str, JSON]] = {}
    tasks: list[Task] = []
    now: JSON = None
    for document in documents:
        if document.get("complete") is True:
            now = document.get("now")
        elif "Replicas" in document:
            rows[as_text(document.get("Name"))] = as_text(document.get("Replicas"))
        elif "Spec" in document:
            specs[as_text(as_object(document.get("Spec")).get("Name"))] = document
        elif "DesiredState" in document:
            tasks.append(_task(document))
    return [
        _service(name, specs[name], rows.get(name, ""), [task for task in tasks if _belongs(task, name)], now)
        for name in sorted(specs)
    ]


def _task(document: Mapping[str, JSON]) -> Task:
    current, _, age = as_text(document.get("CurrentState")).partition(" ")
    return Task(
        slot=as_text(document.get("Name")),
        desired=as_text(document.get("DesiredState")),
        current=current,
        error=_unquoted(as_text(document.get("Error"))),
        age=_age(age),
    )


def _belongs(task: Task, service: str) -> bool:
    """A task is called SERVICE.NUMBER, or SERVICE.NODE in a global service."""
    return re.fullmatch(re.escape(service) + r"\.[A-Za-z0-9]+", task.slot) is not None


def _unquoted(error: str) -> str:
    """Docker puts quotes around a task's error."""
    return error[1:-1] if len(error) > 1 and error[0] == error[-1] == '"' else error


def _age(text: str) -> float | None:
    """ "less than a second ago", "37 seconds ago", "about a minute ago" in seconds."""
    match = re.match(r"(?:about |less than )?(\d+|an?) (\w+?)s? ago$", text.strip().lower())
    if not match or match[2] not in _SECONDS:
        return None
    return (int(match[1]) if match[1].isdecimal() else 1) * _SECONDS[match[2]]


def _service(name: str, document: Mapping[str, JSON], replicas: str, tasks: list[Task], now: JSON) -> Service:
    spec, status = as_object(document.get("Spec")), as_object(document.get("UpdateStatus"))
    mode, asked = _mode(as_object(spec.get("Mode")))
    update = as_text(status.get("State")) or "none"
    slots = {task.slot: [other for other in tasks if other.slot == task.slot] for task in tasks}
    running = sum(any(task.up for task in slot) for slot in slots.values())
    desired = asked if asked is not None else _global_desired(replicas, slots)
    failures = sum(task.failed for task in tasks)
    # A program that ends well on the signal of a failed health check leaves only Complete behind, and a successor.
    ended = 0 if mode.endswith("job") else sum(task.current == "Complete" for task in tasks)
    # Swarm forgets the earlier specification when it rolls back by itself; who asks for it gets what was asked for.
    asked_back = update == "rollback_completed" and bool(document.get("PreviousSpec"))
    state = "" if asked_back else _UPDATING.get(update, "")
    told, again = tasks, any(_trying_again(slot) for slot in slots.values())
    if state == "updating":
        lasts = _lasts(update, status, now)
        told = [task for slot in slots.values() for task in _hindering(slot, lasts)]
        state = "failing" if told and (again or running < desired) else state
    error = next((task.error for task in told if task.error), "")
    if not state and mode == "global" and not slots and not desired:
        state, error = "failing", _no_node(spec)
    state = state or _ended(mode, desired, slots)
    if not state and desired and running >= desired and not again:
        state = "converged"
    state = state or ("failing" if failures or ended or error else "starting")
    settled = state in {"converged", "complete"}
    error = "" if settled else error
    return Service(name, mode, desired, running, state, error, failures, ended, update, tuple(tasks))


def _lasts(update: str, status: Mapping[str, JSON], now: JSON) -> float | None:
    """For how many seconds an update has been going on, where that is told."""
    began = as_text(status.get("StartedAt"))
    if update != "updating" or not isinstance(now, int) or not began:
        return None
    try:
        return now - datetime.fromisoformat(began).timestamp()
    except ValueError:
        return None


def _hindering(slot: list[Task], lasts: float | None) -> list[Task]:
    """The tasks of a slot that keep an update from going on: that wait with an error, or failed since it began."""
    waiting = [task for task in slot if task.wanted and not task.up and task.error]
    failed = [task for task in slot if task.failed and lasts is not None and task.age is not None and task.age < lasts]
    # A single one may be the task of before, which did not end well when it was told to.
    several = len(failed) > 1 or any(task.current == "Rejected" for task in failed)
    return [*waiting, *(failed if several else [])]


def _no_node(spec: Mapping[str, JSON]) -> str:
    """The error of a global service without any task: Swarm makes none where no node fits, and says nothing of it."""
    listed = as_object(as_object(spec.get("TaskTemplate")).get("Placement")).get("Constraints")
    asked = ", ".join(map(as_text, listed)) if isinstance(listed, list) else ""
    return f"no node fits (scheduling constraints not satisfied: {asked})" if asked else "no node takes its tasks"


def _mode(mode: Mapping[str, JSON]) -> tuple[str, int | None]:
    """The mode's word, and how many tasks it asks for where the specification says so."""
    if "Replicated" in mode:
        asked = as_object(mode["Replicated"]).get("Replicas")
        return "replicated", asked if isinstance(asked, int) else 1
    if "ReplicatedJob" in mode:
        asked = as_object(mode["ReplicatedJob"]).get("TotalCompletions")
        return "replicated-job", asked if isinstance(asked, int) else 1
    return ("global-job" if "GlobalJob" in mode else "global"), None


def _global_desired(replicas: str, slots: Mapping[str, list[Task]]) -> int:
    """One a node; the row reads 0/0 while a global service keeps failing, so that its slots count as well."""
    row = re.match(r"\d+/(\d+)", replicas)
    return max(int(row[1]) if row else 0, sum(any(task.wanted for task in slot) for slot in slots.values()))


def _ended(mode: str, desired: int, slots: Mapping[str, list[Task]]) -> str:
    """complete when every slot's newest task ended well and (outside jobs) none follows; stopped when scaled to 0."""
    ended = bool(slots) and all(slot[0].current == "Complete" for slot in slots.values())
    if ended and (mode.endswith("job") or not any(task.wanted for slot in slots.values() for task in slot)):
        return "complete"
    return "stopped" if mode.startswith("replicated") and desired == 0 else ""


def _trying_again(slot: list[Task]) -> bool:
    """The running task has only just started, after others in its place had failed or ended."""
    fresh = any(task.current == "Running" and task.age is not None and task.age < _FRESH_SECONDS for task in slot)
    return fresh and any(task.failed or task.current == "Complete" for task in slot)
