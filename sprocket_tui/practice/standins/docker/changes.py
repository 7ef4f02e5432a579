"""`docker service` for those who change: create, update, scale, rm."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.docker import fates, find, tasks
from sprocket_tui.practice.standins.docker.line import Command, Flag, Request
from sprocket_tui.practice.standins.docker.progress import follow
from sprocket_tui.practice.standins.docker.words import Refused, from_daemon
from sprocket_tui.practice.world import Service, State, identifier

_NO_REGISTRY = """\
image {image} could not be accessed on a registry to record
its digest. Each node will access {image} independently,
possibly leading to different nodes running different
versions of the image.

"""
_INGRESS = "EndpointSpec: port published with ingress mode can't be used with dnsrr mode"
_MODES = ("vip", "dnsrr")
_SOCKET = "/var/run/docker.sock"
_DETACH = Flag("detach", "d")


def there(call: Call) -> Callable[[str], bool]:
    """Whether there is a source for a mount on the droplet; a volume is made where there is none."""
    return lambda source: not source.startswith("/") or source == _SOCKET or call.path(source).exists()


def _create(request: Request) -> int:
    endpoint = request.text("endpoint-mode", "vip")
    with request.change() as state:
        find.managed(state)
        if endpoint not in _MODES:
            raise from_daemon(f'invalid resolution mode: "{endpoint}"')
        made = _made(request, state, endpoint)
        if any(each["name"] == made["name"] for each in state["docker"]["services"]):
            conflict = f"name conflicts with an existing object: service {made['name']} already exists"
            raise from_daemon(f"rpc error: code = AlreadyExists desc = {conflict}")
        state["docker"]["services"].append(made)
        fates.decide(state, made, there(request.call))
    request.call.stderr.write(_NO_REGISTRY.format(image=made["image"]))
    request.call.say(made["id"])
    return 0 if request.on("detach") else follow(request, made["id"])


def _made(request: Request, state: State, endpoint: str) -> Service:
    now = time.time()
    published = [_port(each) for each in request.given.get("publish", [])]
    if endpoint == "dnsrr" and any(not host for host, _, _ in published):
        raise from_daemon(f"rpc error: code = InvalidArgument desc = {_INGRESS}")
    mounts = [_options(each) for each in request.given.get("mount", [])]
    mark = identifier(state)
    return {
        "id": mark,
        "name": request.text("name") or f"service_{mark[:6]}",
        "image": request.words[0],
        "created": now,
        "updated": now,
        "replicas": int(request.text("replicas", "1")),
        "ports": [port for _, port, _ in published],
        "targets": [inner for _, _, inner in published],
        "labels": {},
        "networks": request.given.get("network", []),
        "mounts": [each["source"] for each in mounts],
        "mounted": {each["source"]: each["target"] for each in mounts},
        "configs": request.given.get("config", []),
        "endpoint": endpoint,
        "fate": "runs",
        "error": "",
    }


def _port(text: str) -> tuple[bool, int, int]:
    """Whether it is published by the host itself, the port outside, and inside."""
    if "=" not in text:
        outer, _, inner = text.rpartition(":")
        return False, int(outer or inner), int(inner)
    given = _options(text)
    inner = int(given["target"])
    return given.get("mode") == "host", int(given.get("published", inner)), inner


def _options(text: str) -> dict[str, str]:
    """ "type=bind,src=/a,dst=/b" by the long names."""
    long = {"src": "source", "dst": "target", "destination": "target"}
    pairs = [each.partition("=") for each in text.split(",")]
    return {long.get(name, name): value for name, _, value in pairs}


def _update(request: Request) -> int:
    with request.change() as state:
        service = find.service(state, request.words[0])
        if request.on("force"):
            tasks.restart(state, service)
            service["forced"] = service.get("forced", 0) + 1
            service["update"] = {"started": time.time(), "ended": 0.0, "state": "", "task": ""}
            fates.decide(state, service, there(request.call))
            fates.settle(state, there(request.call))
    request.call.say(request.words[0])
    return 0 if request.on("detach") else follow(request, service["id"])


def _scale(request: Request) -> int:
    wanted = [_replicas(each) for each in request.words]
    errors: list[str] = []
    scaled: list[str] = []
    for name, number in wanted:
        try:
            if not number.isdecimal():
                broken = f'strconv.ParseUint: parsing "{number}": invalid syntax'
                raise Refused(f"invalid replicas value {number}: {broken}")
            with request.change() as state:
                service = find.service(state, name)
                stood = service["replicas"] == 0
                tasks.scale(state, service, int(number))
                if stood:
                    fates.decide(state, service, there(request.call))
                fates.settle(state, there(request.call))
                scaled.append(service["id"])
            request.call.say(f"{name} scaled to {number}")
        except Refused as refused:
            errors.append(f"{name}: {refused.text}")
    if not request.on("detach"):
        for mark in scaled:
            follow(request, mark)
    return request.call.fail("\n".join(errors)) if errors else 0


def _replicas(word: str) -> tuple[str, str]:
    match = re.fullmatch(r"([^=]+)=(.*)", word)
    if match is None:
        raise Refused(
            f"invalid scale specifier '{word}'.\nSee 'docker service scale --help'.\n\n"
            "Usage:  docker service scale SERVICE=REPLICAS [SERVICE=REPLICAS...]\n\n"
            "Scale one or multiple replicated services"
        )
    return match[1], match[2]


def _rm(request: Request) -> int:
    errors: list[str] = []
    for word in request.words:
        try:
            with request.change() as state:
                state["docker"]["services"].remove(find.service(state, word))
                fates.settle(state, there(request.call))
            request.call.say(word)
        except Refused as refused:
            errors.append(refused.text)
    return request.call.fail("\n".join(errors)) if errors else 0


COMMANDS = (
    Command(
        "service create",
        "[OPTIONS] IMAGE [COMMAND] [ARG...]",
        1,
        None,
        (
            _DETACH,
            Flag("quiet", "q"),
            Flag("name", "", "text"),
            Flag("publish", "p", "port"),
            Flag("endpoint-mode", "", "text"),
            Flag("replicas", "", "number"),
            Flag("network", "", "text"),
            Flag("config", "", "text"),
            Flag("mount", "", "mount"),
        ),
        _create,
        ends_at_word=True,
    ),
    Command("service update", "[OPTIONS] SERVICE", 1, 1, (_DETACH, Flag("force")), _update),
    Command("service scale", "SERVICE=REPLICAS [SERVICE=REPLICAS...]", 1, None, (_DETACH,), _scale),
    Command("service rm", "SERVICE [SERVICE...]", 1, None, (), _rm),
)
