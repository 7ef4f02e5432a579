"""`docker logs` and `docker service logs`: what the programs in the containers have said, and since when."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sprocket_tui.practice.standins import traefik
from sprocket_tui.practice.standins.docker import containers, find
from sprocket_tui.practice.standins.docker.find import managed
from sprocket_tui.practice.standins.docker.line import Command, Flag, Request
from sprocket_tui.practice.standins.docker.tasks import Task, tasks
from sprocket_tui.practice.standins.docker.words import Refused, from_daemon
from sprocket_tui.practice.world import State, age

_CRASH = "cannot read /vault.hcl"
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_SPAN = re.compile(rf"(\d+(?:\.\d+)?)({'|'.join(_SECONDS)})")
_ID_LENGTH = 12
# Seconds of the world's time between a last word and its program's end, at which the next container is made.
_NOTICED = 0.1
_FLAGS = (Flag("tail", "n", "text"), Flag("since", "", "text"))


@dataclass(frozen=True)
class _Line:
    """A line of a log; `old` is how long ago it was written, in the world's seconds."""

    text: str
    old: float
    to_stderr: bool


def _said(state: State, task: Task) -> list[_Line]:
    """Only what fails says anything, one line each; but for Traefik, what runs keeps its log to itself."""
    if task.service["fate"] == "fails" and task.exit is not None:
        return [_Line(_CRASH, task.since + _NOTICED, to_stderr=True)]
    if task.up and traefik.is_traefik(task.service):
        return [_Line(text, 0.0, to_stderr=False) for text in traefik.log(state)]
    return []


def _show(request: Request, state: State, shown: list[Task], *, named: bool) -> int:
    limit = _since(state, request.text("since")) if request.given.get("since") else None
    tail = request.text("tail", "all")
    for task in shown:
        lead = f"{task.name}.{task.id[:_ID_LENGTH]}@{state['node']['hostname']}    | " if named else ""
        lines = _said(state, task)
        if tail.isdecimal():
            lines = lines[max(len(lines) - int(tail), 0) :]
        for line in lines:
            if limit is None or line.old <= limit:
                stream = request.call.stderr if line.to_stderr else request.call.stdout
                stream.write(f"{lead}{line.text}\n")
    return 0


def _since(state: State, text: str) -> float:
    """How old a line may be. Raises Refused for what is neither a span, nor a date, nor seconds since the epoch."""
    if text == "0" or (text and not _SPAN.sub("", text.removeprefix("-"))):
        seconds = sum(float(number) * _SECONDS[unit] for number, unit in _SPAN.findall(text))
        return -seconds if text.startswith("-") else seconds
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return age(state, float(text))
    from datetime import UTC, datetime  # noqa: PLC0415 few ask by a date

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        wrong = f'invalid value for "since": failed to parse value as time or duration: "{text}"'
        raise Refused(wrong) from None
    return age(state, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _logs(request: Request) -> int:
    state = request.read()
    found = containers.found(containers.containers(state), request.words[0])
    if found is None:
        raise from_daemon(f"No such container: {request.words[0]}")
    return _show(request, state, [found.task], named=False)


def _service_logs(request: Request) -> int:
    state = request.read()
    word = request.words[0]
    managed(state)
    found = find.find(state["docker"]["services"], word)
    if len(found) > 1:
        raise find.ambiguous(word, len(found))
    every = [task for each in found or state["docker"]["services"] for task in tasks(state, each)]
    shown = every if found else [task for task in every if task.id.startswith(word)]
    if not shown and not found:
        raise Refused(f"no such task or service: {word}")
    return _show(request, state, shown, named=True)


COMMANDS = (
    Command("logs", "[OPTIONS] CONTAINER", 1, 1, _FLAGS, _logs),
    Command("service logs", "[OPTIONS] SERVICE|TASK", 1, 1, _FLAGS, _service_logs),
)
