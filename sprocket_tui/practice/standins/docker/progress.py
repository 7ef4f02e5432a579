"""What Docker shows while it waits for a service to do as it was told."""

from __future__ import annotations

from sprocket_tui.practice.standins.docker import find
from sprocket_tui.practice.standins.docker.line import Request
from sprocket_tui.practice.standins.docker.specification import message, update_status
from sprocket_tui.practice.standins.docker.tasks import tasks
from sprocket_tui.practice.world import Service, State, pause

# Seconds of the world's time.
_EVERY, _VERIFIED = 0.2, 5.0


def follow(request: Request, mark: str) -> int:
    """Waits until as many tasks run as are wanted, and go on running; the exit status. Ends early when paused."""
    state = request.read()
    service = find.service(state, mark)
    # What there is already is counted with the second look.
    shown, steady = _text(service, 0, dict.fromkeys(range(1, service["replicas"] + 1), "")), 0.0
    request.call.stdout.write(shown)
    while True:
        state = request.read()
        service = find.service(state, mark)
        update = update_status(state, service)
        if update is not None and update[1] == "paused":
            return request.call.fail(f"service update paused: {message(update[0])}")
        up, lines = _lines(state, service)
        wanted = service["replicas"]
        if lines != shown and not steady:
            request.call.stdout.write(lines)
            shown = lines
        if up < wanted:
            steady = 0.0
        elif steady >= _VERIFIED:
            request.call.say(f"verify: Service {service['name']} converged")
            return 0
        else:
            left = int(_VERIFIED - steady + 0.999)
            request.call.say(f"verify: Waiting {left} seconds to verify that tasks are stable...")
            steady += _EVERY
        request.call.stdout.flush()
        pause(state, _EVERY)


def _lines(state: State, service: Service) -> tuple[int, str]:
    newest = {task.slot: task for task in reversed(tasks(state, service)) if task.slot <= service["replicas"]}
    up = sum(task.up for task in newest.values())
    return up, _text(service, up, {slot: task.error for slot, task in newest.items() if not task.up})


def _text(service: Service, up: int, errors: dict[int, str]) -> str:
    wanted = service["replicas"]
    lines = [f"{slot}/{wanted}: {error or ' '}\n" for slot, error in sorted(errors.items())]
    return f"overall progress: {up} out of {wanted} tasks\n" + "".join(lines)
