"""Signals, time, and programs that become another: `kill`, `sleep`, `timeout`, `setsid`, `nohup`, `env`."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence

from sprocket_tui.practice.interpreter import options
from sprocket_tui.practice.interpreter.system import Run
from sprocket_tui.practice.interpreter.unknown import NotKnown

_TIMED_OUT = 124
_KNOWN = {
    each.name.removeprefix("SIG"): int(each)
    for each in (
        *(signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL, signal.SIGTERM, signal.SIGPIPE),
        *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGCHLD),
    )
}


def signal_number(name: str) -> int:
    """The signal of a name or a number, 0 among them. Raises NotKnown for any other."""
    if name.isdecimal() and int(name) in (0, *_KNOWN.values()):
        return int(name)
    try:
        return _KNOWN[name.upper().removeprefix("SIG")]
    except KeyError as error:
        raise NotKnown(f"signal {name}") from error


def kill(run: Run) -> int:
    """`kill [-s NAME|-NAME] PID...`, of processes of the droplet; there are no others."""
    match run.words:
        case ["-s", name, *rest]:
            number = signal_number(name)
        case [first, *rest] if re.fullmatch(r"-([A-Z][A-Z0-9]*|\d+)", first) and rest:
            number = signal_number(first[1:])
        case rest:
            number = int(signal.SIGTERM)
    rest = rest[1:] if rest[:1] == ["--"] else rest
    if not rest or not all(re.fullmatch(r"-?\d{1,9}", word) for word in rest):
        raise NotKnown(" ".join(run.argv))
    status = 0
    for word in rest:
        found = list(run.system.table.named(int(word), run.process))
        if not found:
            status = run.complain(f"({word}) - No such process")
        for each in found:
            each.signal(number)
    run.process.alive()
    return status


def sleep(run: Run) -> int:
    """Waits."""
    if not run.words:
        raise NotKnown(run.name)
    run.process.pause(sum(options.seconds(run, word) for word in run.words))
    return 0


def timeout(run: Run) -> int:
    """`timeout [-k SECONDS] SECONDS COMMAND...`: TERM, later KILL, for everything in its group."""
    given, rest = options.read(run, "k:s:", first=True)
    if len(rest) < 2:
        raise NotKnown(" ".join(run.argv))
    limit, grace = options.seconds(run, rest[0]), options.seconds(run, given.get("k", "0"))
    number = signal_number(given.get("s", "TERM"))
    run.system.program(rest[1], run.process.environ, run.directory)
    table, process = run.system.table, run.process
    process.group = process.pid
    child = table.start(process, rest[1:], process.environ)
    run.system.beside(child, lambda: run.system.become(child, rest[1:], process.environ))
    # What ends its own group must not end it.
    process.handlers[number] = None
    if process.pause(limit or None, lambda: child.status is not None):
        status = child.ended.result()
        return status if status >= 0 else 128 - status
    for each in table.named(-process.group):
        each.signal(number)
    if not process.pause(grace or None, lambda: child.status is not None):
        for each in table.named(-process.group):
            if each is not process:
                each.signal(signal.SIGKILL)
        return 128 + signal.SIGKILL
    return _TIMED_OUT


def setsid(run: Run) -> int:
    """`setsid COMMAND...`: in a session of its own."""
    _, rest = options.read(run, first=True)
    if not rest:
        raise NotKnown(run.name)
    run.process.session = run.process.group = run.process.pid
    return _exec(run, rest)


def nohup(run: Run) -> int:
    """`nohup COMMAND...`: not ended when the line is dropped."""
    _, rest = options.read(run, first=True)
    if not rest:
        raise NotKnown(run.name)
    run.process.handlers[signal.SIGHUP] = None
    return _exec(run, rest)


def env(run: Run) -> int:
    """`env [NAME=VALUE]... [COMMAND...]`."""
    _, rest = options.read(run, first=True)
    environ = dict(run.process.environ)
    while rest and "=" in rest[0]:
        name, _, environ[name] = rest.pop(0).partition("=")
    if rest:
        return _exec(run, rest, environ)
    run.out("".join(f"{name}={value}\n" for name, value in environ.items()))
    return 0


def _exec(run: Run, argv: Sequence[str], environ: dict[str, str] | None = None) -> int:
    run.system.program(argv[0], run.process.environ, run.directory)
    return run.system.become(run.process, argv, run.process.environ if environ is None else environ)
