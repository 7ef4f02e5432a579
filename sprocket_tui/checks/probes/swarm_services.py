"""Every service of the Swarm: which of them stand, which have stood for a while, and what the worst one lacks.

Value {count, settled, services: {name: state}, errors: {name: text}, stopped, unsteady, failed, name, state, desired,
running, error, image, previous, label, holder, path}. The states are those of `swarm_service`; `settled` counts the
converged, the complete and the stopped ones, since it takes a person to scale a service to none. `errors` has the
newest error of every other service, whole. `unsteady` lists the converged services with a task that began, or failed,
in the last `window` seconds, `failed` the failed tasks of that time by service; without a window, which a waiver would
not outlive, both are empty.

From `name` on the worst service is described, or the first one where all are alike: `image` without its digest,
`previous` says whether there is an earlier specification to go back to and nobody has gone back yet, `label` is
"key=value" of a label that it asks of its node, `holder` the service that has its port, and `path` the directory that
its error misses. Texts are empty where there is nothing to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes import swarm_specs, swarm_tasks
from sprocket_tui.checks.probes.base import Answers, Probe, ProbeError, as_object, as_text, documents
from sprocket_tui.checks.probes.swarm_specs import Wanted
from sprocket_tui.checks.probes.swarm_tasks import WORST_FIRST, Service
from sprocket_tui.guide.words.probes import SwarmServicesProbe
from sprocket_tui.target.batch import Command
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

# The environment of a service may hold what is nobody's business here, so that only some fields are asked for.
_FIELDS = """\
{"Spec":{"Name":{{json .Spec.Name}},"Mode":{{json .Spec.Mode}},"TaskTemplate":{\
"ContainerSpec":{"Image":{{json .Spec.TaskTemplate.ContainerSpec.Image}}},\
"Placement":{{json .Spec.TaskTemplate.Placement}}}},"Ports":{{json .Endpoint.Ports}},\
"UpdateStatus":{{json .UpdateStatus}},"PreviousSpec":{{not (not .PreviousSpec)}}}"""
_LIST = """\
command -v docker >/dev/null 2>&1 || { echo "docker was not found" >&2; exit 1; }
ids=$(docker service ls -q) || exit 1
if [ -n "$ids" ]; then
    docker service ls --format '{{json .}}' || exit 1
    docker service inspect --format 'FIELDS' $ids || exit 1
    docker service ps --no-trunc --format '{{json .}}' $ids || exit 1
fi
printf '{"complete": true, "now": %s}\\n' "$(date +%s)"
""".replace("FIELDS", _FIELDS)
_SETTLED = {"converged", "complete", "stopped"}
_MISSES = re.compile(r"bind source path does not exist: (/[^\s\",]+)")
_PORT_TAKEN = "host-mode port already in use"


def commands(words: SwarmServicesProbe) -> tuple[Command, ...]:
    """The services' rows, what they ask for, and their tasks, as one JSON document each."""
    return (Command("services", _LIST, words.timeout),)


def read(words: SwarmServicesProbe, answers: Answers) -> Observation:
    """See the module; raises ProbeError when the daemon did not answer, is no manager, or was cut short."""
    found = [as_object(document) for document in documents(answers.text("services"))]
    if not any(document.get("complete") is True for document in found):
        raise ProbeError("the answer was empty" if not found else "the list of services was cut short")
    asked = {as_text(as_object(each["Spec"]).get("Name")): swarm_specs.wanted(each) for each in found if "Spec" in each}
    services = sorted(swarm_tasks.services(found), key=_worst_first)
    unsettled = [each for each in services if each.state not in _SETTLED]
    unsteady = sorted(each.name for each in services if each.state == "converged" and each.unsteady(words.window))
    failed = {each.name: count for each in services if (count := each.failed_within(words.window))}
    value: dict[str, JSON] = {
        "count": len(services),
        "settled": len(services) - len(unsettled),
        "services": {each.name: each.state for each in sorted(services, key=lambda each: each.name)},
        "errors": {each.name: each.error for each in unsettled if each.error},
        "stopped": [each.name for each in services if each.state == "stopped"],
        "unsteady": [*unsteady],
        "failed": {**failed},
        **_described(services, asked),
    }
    told = [f"{len(services)} service{'' if len(services) == 1 else 's'}, {value['settled']} as wanted"]
    told += [each.told for each in unsettled]
    return Observation(value=value, seen=one_line("; ".join(told)), evidence="\n".join(each.told for each in services))


def _worst_first(service: Service) -> tuple[bool, int, str]:
    return service.state in _SETTLED, WORST_FIRST.index(service.state), service.name


def _described(services: Sequence[Service], asked: Mapping[str, Wanted]) -> dict[str, JSON]:
    if not services:
        nothing = dict.fromkeys(("name", "image", "error", "label", "holder", "path"), "")
        return {**nothing, "state": "absent", "desired": 0, "running": 0, "previous": False}
    worst = services[0]
    wants = asked[worst.name]
    misses = _MISSES.search(worst.error)
    return {
        "name": worst.name,
        "state": worst.state,
        "desired": worst.desired,
        "running": worst.running,
        "error": worst.error,
        "image": wants.image,
        # What was rolled back once would go forward again to what did not run.
        "previous": wants.previous and not worst.update.startswith("rollback"),
        "label": wants.label,
        "holder": _holder(worst, services, asked) if _PORT_TAKEN in worst.error else "",
        "path": misses[1] if misses else "",
    }


def _holder(worst: Service, services: Sequence[Service], asked: Mapping[str, Wanted]) -> str:
    """The service that runs and has a port of the node that `worst` wants too."""
    ports = asked[worst.name].ports
    others = (each.name for each in services if each is not worst and each.running and asked[each.name].ports & ports)
    return next(others, "")


PROBE = Probe[SwarmServicesProbe](kind="swarm-services", commands=commands, read=read)
