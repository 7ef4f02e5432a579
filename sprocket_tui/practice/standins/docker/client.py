"""`docker version`: the client, whose words all of this is, and the daemon that it talks to."""

from __future__ import annotations

from typing import Any

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.docker.line import Command, Flag, Request
from sprocket_tui.practice.standins.docker.template import Shape, Template
from sprocket_tui.practice.standins.docker.words import NO_DAEMON, Refused
from sprocket_tui.practice.world import State

VERSION = "28.2.2"
_COMMIT, _API = "e6534b4", "1.50"
_CLIENT = {
    "Version": VERSION,
    "ApiVersion": _API,
    "DefaultAPIVersion": _API,
    "GitCommit": _COMMIT,
    "GoVersion": "go1.24.3",
    "Os": "linux",
    "Arch": "amd64",
    "BuildTime": "Fri May 30 12:07:14 2025",
    "Context": "default",
}
_PARTS = {
    "containerd": ("1.6.20~ds1", "1.6.20~ds1-1+deb12u3"),
    "runc": ("1.1.5+ds1", "1.1.5+ds1-1+deb12u1"),
    "docker-init": ("0.19.0", ""),
}
_SERVER_GO, _SERVER_COMMIT = "go1.19.8", "5d6db84"
_SERVER_BUILT, _SERVER_BUILD_TIME = "Thu May  7 21:09:36 2026", "2026-05-07T21:09:36.000000000+00:00"
_SHAPE = Shape({"": "system.versionInfo", "Client": "system.clientVersion", "Server": "types.Version"})


def short(call: Call) -> int:
    """`docker --version`."""
    call.say(f"Docker version {VERSION}, build {_COMMIT}")
    return 0


def about() -> dict[str, Any]:
    """The client, as `docker info` tells it."""
    known = {name: value for name, value in _CLIENT.items() if name != "ApiVersion"}
    return {"Debug": False, **known, "Plugins": list[str](), "Warnings": None}


def _version(request: Request) -> int:
    state, wanted = request.call.world.read(), request.text("format")
    running = state["docker"]["running"]
    known: dict[str, Any] = {"Client": _client(state), "Server": _server(state) if running else None}
    if not wanted:
        request.call.stdout.write(_text(known))
    elif wanted == "json" or running or ".Server." not in wanted:
        return _formatted(request, known, wanted) or (0 if running else request.call.fail(NO_DAEMON))
    else:
        # There is no server whose field could be told.
        request.call.say("")
    return 0 if running else request.call.fail(NO_DAEMON)


def _formatted(request: Request, known: dict[str, Any], wanted: str) -> int:
    """By a format, whose mistakes are told in words of its own."""
    try:
        template = Template("{{json .}}" if wanted == "json" else wanted)
    except Refused as refused:
        return request.call.fail(_named(refused.text), 64)
    try:
        request.call.say(template.render(known, _SHAPE))
    except Refused as refused:
        request.call.say("")
        return request.call.fail(_named(refused.text).removeprefix("template parsing error: "))
    return 0


def _named(error: str) -> str:
    return error.replace("template: :", "template: version:").replace('executing ""', 'executing "version"')


def _client(state: State) -> dict[str, str]:
    """A newer client speaks the daemon's version of the API."""
    spoken = min(_API, state["docker"]["api"], key=_number) if state["docker"]["running"] else _API
    return {**_CLIENT, "ApiVersion": spoken}


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _server(state: State) -> dict[str, Any]:
    docker = state["docker"]
    details = {
        "ApiVersion": docker["api"],
        "Arch": "amd64",
        "BuildTime": _SERVER_BUILT,
        "Experimental": "false",
        "GitCommit": _SERVER_COMMIT,
        "GoVersion": _SERVER_GO,
        "KernelVersion": state["node"]["kernel"],
        "MinAPIVersion": docker["oldest_api"],
        "Os": "linux",
    }
    parts = [{"Name": name, "Version": version, "Details": {"GitCommit": it}} for name, (version, it) in _PARTS.items()]
    return {
        "Platform": {"Name": ""},
        "Components": [{"Name": "Engine", "Version": docker["version"], "Details": details}, *parts],
        "Version": docker["version"],
        "ApiVersion": docker["api"],
        "MinAPIVersion": docker["oldest_api"],
        "GitCommit": _SERVER_COMMIT,
        "GoVersion": _SERVER_GO,
        "Os": "linux",
        "Arch": "amd64",
        "KernelVersion": state["node"]["kernel"],
        "BuildTime": _SERVER_BUILD_TIME,
    }


def _text(known: dict[str, Any]) -> str:
    client, server = known["Client"], known["Server"]
    spoken = client["ApiVersion"] + (f" (downgraded from {_API})" if client["ApiVersion"] != _API else "")
    lines = [
        "Client:",
        f" Version:           {client['Version']}",
        f" API version:       {spoken}",
        f" Go version:        {client['GoVersion']}",
        f" Git commit:        {client['GitCommit']}",
        f" Built:             {client['BuildTime']}",
        " OS/Arch:           linux/amd64",
        " Context:           default",
    ]
    if server:
        lines += [
            "",
            "Server:",
            " Engine:",
            f"  Version:          {server['Version']}",
            f"  API version:      {server['ApiVersion']} (minimum version {server['MinAPIVersion']})",
            f"  Go version:       {server['GoVersion']}",
            f"  Git commit:       {server['GitCommit']}",
            f"  Built:            {_SERVER_BUILT}",
            "  OS/Arch:          linux/amd64",
            "  Experimental:     false",
        ]
        for name, (version, commit) in _PARTS.items():
            lines += [f" {name}:", f"  Version:          {version}", f"  GitCommit:        {commit}"]
    return "\n".join(lines) + "\n"


COMMANDS = (Command("version", "[OPTIONS]", 0, 0, (Flag("format", "f", "text"),), _version),)
