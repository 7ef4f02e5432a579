"""`docker`, as far as the guide, its checks, its remedies and the jobs use it: client 28.2.2, one daemon, one node."""

from __future__ import annotations

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.docker import (
    changes,
    client,
    containers,
    disk,
    fates,
    images,
    info,
    logs,
    networks,
    node,
    services,
    things,
)
from sprocket_tui.practice.standins.docker.line import Command, parse, usage_error
from sprocket_tui.practice.standins.docker.words import Refused, unknown
from sprocket_tui.practice.standins.options import Flag
from sprocket_tui.practice.standins.rehearsed import NotRehearsed
from sprocket_tui.practice.standins.vault import start

_ALL = (client, info, node, networks, things, services, changes, containers, logs, images, disk)
COMMANDS: dict[str, Command] = {each.path: each for module in _ALL for each in module.COMMANDS}
TAKES = {
    "docker": {
        "": (Flag(("-v", "--version")),),
        **{
            path: tuple(
                Flag((f"--{flag.name}", *([f"-{flag.letter}"] if flag.letter else [])), flag.takes != "nothing")
                for flag in command.flags
            )
            for path, command in COMMANDS.items()
        },
    }
}
ENDS_AT_WORD = tuple(path for path, command in COMMANDS.items() if command.ends_at_word)
_GROUPS = {path.partition(" ")[0] for path in COMMANDS if " " in path}
_ALONE = Command("", "[OPTIONS] COMMAND [ARG...]", 0, None, (), containers.COMMANDS[0].run)


def main(call: Call) -> int:
    """Answers one command line."""
    argv = list(call.argv)
    try:
        if argv[:1] in (["--version"], ["-v"]):
            return client.short(call)
        command, rest = _command(argv)
        request = parse(call, command, rest)
        _settle(call)
        return command.run(request)
    except Refused as refused:
        return call.fail(refused.text, refused.status)


def _command(argv: list[str]) -> tuple[Command, list[str]]:
    if not argv:
        raise NotRehearsed("docker without a command")
    first = argv[0]
    if first.startswith("-"):
        raise _flag(_ALONE, first)
    if first not in _GROUPS:
        if first not in COMMANDS:
            raise unknown(first)
        return COMMANDS[first], argv[1:]
    path = " ".join(argv[:2])
    if path in COMMANDS:
        return COMMANDS[path], argv[2:]
    if path.startswith(f"{first} -"):
        raise _flag(Command(first, "", 0, None, (), _ALONE.run), argv[1])
    more = f"\n\nUsage:  docker {first}\n\nRun 'docker {first} --help' for more information"
    raise Refused(f"docker: unknown command: docker {path}{more}")


def _flag(command: Command, word: str) -> Refused:
    if word.startswith("--"):
        return usage_error(command, f"unknown flag: {word.partition('=')[0]}")
    return usage_error(command, f"unknown shorthand flag: '{word[1:2]}' in {word}")


def _settle(call: Call) -> None:
    """What the Swarm has done by itself since somebody last looked."""
    state = call.world.read()
    there = changes.there(call)
    if state["docker"]["running"] and state["docker"]["swarm"] == "active" and fates.settle(state, there):
        with call.world.change() as changed:
            fates.settle(changed, there)
    start.settle(call)
