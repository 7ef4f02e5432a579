"""How a Swarm service really stands; "accepted" is not "running", and replicas alone tell neither.

Value {name, count, mode, desired, running, state, error, failures, update}. `count` is how many services match; with
several (an orphan beside its successor) the numbers are sums and the state is the worst. `error` is the newest failed
task's own words, empty once the service has converged. `failures` counts the failed tasks that Swarm still remembers
(five a slot); `update` is the update's own state, or "none". `state` is one of
  converged    as many tasks run as are wanted, and none of them is a fresh try after a failure
  starting     not yet, and nothing has failed
  failing      tasks fail, are refused, end by themselves, or find no node, also while an update waits for them
  updating     an update or a rollback is under way       paused       an update stopped and waits for a person
  rolled-back  the update failed, the old version runs    stopped      scaled to none
  complete     its program ended well and is not wanted again                   absent       there is no such service
"""

from __future__ import annotations

from shlex import quote

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes import swarm_tasks
from sprocket_tui.checks.probes.base import Answers, Probe, ProbeError, as_object, documents
from sprocket_tui.guide.words.probes import SwarmServiceProbe
from sprocket_tui.target.batch import Command
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

_HEX = "[0-9a-f]" * 7
# The filter matches the beginning of a name, so that the name itself is compared here.
_LIST = """\
command -v docker >/dev/null 2>&1 || {{ echo "docker was not found" >&2; exit 1; }}
services=$(docker service ls --filter name={name} --format '{{{{.ID}}}} {{{{.Name}}}}') || exit 1
ids=
while read -r id name; do
    case "$name" in {pattern}) ids="$ids $id" ;; esac
done <<END_OF_SERVICES
$services
END_OF_SERVICES
if [ -n "$ids" ]; then
    docker service ls --filter name={name} --format '{{{{json .}}}}' || exit 1
    docker service inspect --format '{{{{json .}}}}' $ids || exit 1
    docker service ps --no-trunc --format '{{{{json .}}}}' $ids || exit 1
fi
printf '{{"complete": true, "now": %s}}\\n' "$(date +%s)"
"""


def commands(words: SwarmServiceProbe) -> tuple[Command, ...]:
    """The service's row, its specification and its tasks, as one JSON document each."""
    name = quote(words.name or words.prefix)
    script = _LIST.format(name=name, pattern=name if words.name else f"{name}-{_HEX}")
    return (Command("service", script, words.timeout),)


def read(words: SwarmServiceProbe, answers: Answers) -> Observation:
    """The state; raises ProbeError when the daemon did not answer, is no manager, or was cut short."""
    found = [as_object(document) for document in documents(answers.text("service"))]
    if not any(document.get("complete") is True for document in found):
        raise ProbeError("the answer was empty" if not found else "the list of services was cut short")
    services = swarm_tasks.services(found)
    wanted = words.name or f"{words.prefix}-*"
    if not services:
        absent: dict[str, JSON] = {"name": "", "count": 0, "mode": "", "desired": 0, "running": 0, "state": "absent"}
        return Observation(
            value={**absent, "error": "", "failures": 0, "update": "none"}, seen=f"there is no service {wanted}"
        )
    worst = min(services, key=lambda service: swarm_tasks.WORST_FIRST.index(service.state))
    value: dict[str, JSON] = {
        "name": worst.name,
        "count": len(services),
        "mode": worst.mode,
        "desired": sum(service.desired for service in services),
        "running": sum(service.running for service in services),
        "state": worst.state,
        "error": worst.error,
        "failures": sum(service.failures for service in services),
        "update": worst.update,
    }
    return Observation(
        value=value,
        seen=one_line(worst.told + (f" ({len(services)} services match)" if len(services) > 1 else "")),
        evidence=worst.error,
    )


PROBE = Probe[SwarmServiceProbe](kind="swarm-service", commands=commands, read=read)
